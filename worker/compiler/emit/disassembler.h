// Which instruction is at this offset? LLVM's disassembler for the target of a TargetMachine.
#pragma once
#include <cstdint>
#include <memory>

#include "common/base/bytes.h"

namespace llvm {
class MCContext;
class MCDisassembler;
class MCInst;
class MCInstrInfo;
class MCRegisterInfo;
class TargetMachine;
}  // namespace llvm

namespace jitfarm::worker::compiler::emit {

/// Used by one thread; `machine` outlives it.
class Disassembler {
 public:
  explicit Disassembler(const llvm::TargetMachine& machine);
  ~Disassembler();

  /// Size of the instruction at `offset`, 0 when there is none.
  std::uint32_t decode(ByteView text, std::uint32_t offset, llvm::MCInst& instruction) const;
  const llvm::MCInstrInfo& instructions() const;
  const llvm::MCRegisterInfo& registers() const;
  const llvm::TargetMachine& machine() const { return machine_; }

 private:
  const llvm::TargetMachine& machine_;
  std::unique_ptr<llvm::MCContext> context_;
  std::unique_ptr<llvm::MCDisassembler> decoder_;
};

}  // namespace jitfarm::worker::compiler::emit
