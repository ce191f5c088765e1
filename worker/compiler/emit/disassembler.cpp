#include "worker/compiler/emit/disassembler.h"

#include <llvm/MC/MCAsmInfo.h>
#include <llvm/MC/MCContext.h>
#include <llvm/MC/MCDisassembler/MCDisassembler.h>
#include <llvm/MC/MCInst.h>
#include <llvm/MC/MCInstrInfo.h>
#include <llvm/MC/MCRegisterInfo.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>

namespace jitfarm::worker::compiler::emit {

Disassembler::Disassembler(const llvm::TargetMachine& machine)
    : machine_(machine),
      context_(std::make_unique<llvm::MCContext>(machine.getTargetTriple(), machine.getMCAsmInfo(),
                                                 machine.getMCRegisterInfo(), machine.getMCSubtargetInfo())),
      decoder_(machine.getTarget().createMCDisassembler(*machine.getMCSubtargetInfo(), *context_)) {}

Disassembler::~Disassembler() = default;

std::uint32_t Disassembler::decode(ByteView text, std::uint32_t offset, llvm::MCInst& instruction) const {
  std::uint64_t size = 0;
  const llvm::ArrayRef<std::uint8_t> bytes(text.data() + offset, text.size() - offset);
  const auto status = decoder_->getInstruction(instruction, size, bytes, offset, llvm::nulls());
  return status == llvm::MCDisassembler::Success ? static_cast<std::uint32_t>(size) : 0;
}

const llvm::MCInstrInfo& Disassembler::instructions() const { return *machine_.getMCInstrInfo(); }
const llvm::MCRegisterInfo& Disassembler::registers() const { return *machine_.getMCRegisterInfo(); }

}  // namespace jitfarm::worker::compiler::emit
