// What did LLVM's code generator write?
#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/code/bailout.h"

namespace llvm {
class Module;
class TargetMachine;
}  // namespace llvm

namespace jitfarm::worker::compiler::emit {

enum class RelocationType : std::uint8_t { pc32, abs64 };

/// A relocation of the object file: `type` at `offset` of text or rodata.
struct ObjectRelocation {
  enum class Place : std::uint8_t { text, rodata, undefined };
  RelocationType type{};
  bool in_rodata = false;      ///< where the bytes are
  std::uint32_t offset = 0;
  Place target{};              ///< what they refer to
  std::int64_t addend = 0;     ///< text and rodata: includes the symbol's place
  std::string symbol;          ///< undefined: its name
};

/// The sections of an object file that matter here, read-only data laid out in one piece.
struct ObjectCode {
  Bytes text;
  Bytes rodata;
  std::vector<ObjectRelocation> relocations;  ///< of text and rodata
  Bytes stack_maps;        ///< .llvm_stackmaps, empty: no statepoints
  Bytes exception_table;   ///< .gcc_except_table, empty: no landing pads
};

/// Runs the code generator; `module` is used up. A section or relocation that the image format cannot express is
/// an internal error.
std::expected<ObjectCode, code::Bailout> generate(llvm::Module& module, llvm::TargetMachine& machine);

}  // namespace jitfarm::worker::compiler::emit
