// What does each bytecode look like and do? The table of opcodes.def as values.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/code/bailout.h"

namespace jitfarm::worker::compiler::bytecode {

enum class Opcode : std::uint8_t {
#define JF_OP(code, name, operands, pops, pushes, effects, support) name = code,
#include "worker/compiler/bytecode/opcodes.def"
#undef JF_OP
};

/// The bytes behind an opcode. `wide` in front of `local` and `iinc` doubles the size of each
/// operand.
enum class OperandKind : std::uint8_t {
  none,
  byte,             ///< s1
  short_,           ///< s2
  cp8,              ///< u1 constant-pool index
  cp16,             ///< u2 constant-pool index
  cp16_interface,   ///< u2 index, u1 argument slots, u1 zero
  cp16_dynamic,     ///< u2 index, u2 zero
  cp16_dimensions,  ///< u2 index, u1 dimensions
  local,            ///< u1 local
  local_0,          ///< nothing; the local is in the opcode
  local_1,
  local_2,
  local_3,
  iinc,        ///< u1 local, s1 constant
  array_type,  ///< u1, 4 to 11
  branch16,    ///< s2 from the opcode
  branch32,    ///< s4 from the opcode
  table_switch,
  lookup_switch,
  wide_prefix,
};

/// What an opcode may do beside its stack effect; flags.
enum Effect : std::uint16_t {
  plain = 0,
  may_trap = 1,  ///< an implicit exception
  resolves = 2,  ///< needs its constant-pool entry resolved
  calls = 4,
  reads_local = 8,
  writes_local = 16,
  branches = 32,
  ends = 64,  ///< control never falls through
  returns = 128,
  allocates = 256,  ///< may run a safepoint, and out of memory
};

struct OpcodeInfo {
  std::string_view mnemonic;  ///< as in JVMS: "goto", "new"
  OperandKind operands{};
  std::string_view pops;
  std::string_view pushes;
  std::uint16_t effects = 0;
  std::optional<code::BailoutReason> bailout;  ///< empty: compiled
};

inline constexpr unsigned kOpcodeCount = 0xca;

/// Null for a number that is no opcode.
const OpcodeInfo* find_opcode(std::uint8_t code);
const OpcodeInfo& info(Opcode op);

}  // namespace jitfarm::worker::compiler::bytecode
