#include "worker/compiler/bytecode/opcodes.h"

#include <array>

namespace jitfarm::worker::compiler::bytecode {
namespace {

using Support = std::optional<code::BailoutReason>;

// The names that the `support` column may use: every bail-out reason, and:
namespace support_names {
constexpr Support compiled = std::nullopt;
#define JF_BAILOUT(reason, text) constexpr Support reason = code::BailoutReason::reason;
#include "common/code/bailouts.def"
#undef JF_BAILOUT
}  // namespace support_names

constexpr std::string_view without_underscore(std::string_view name) {
  if (name.ends_with('_')) name.remove_suffix(1);  // C++ keywords
  return name;
}

constexpr std::array<OpcodeInfo, kOpcodeCount> kTable = {{
#define JF_OP(code, name, operands, pops, pushes, effects, support)                     \
  OpcodeInfo{without_underscore(#name), OperandKind::operands, pops, pushes, (effects), \
             support_names::support},
#include "worker/compiler/bytecode/opcodes.def"
#undef JF_OP
}};

}  // namespace

const OpcodeInfo* find_opcode(std::uint8_t code) {
  return code < kOpcodeCount ? &kTable[code] : nullptr;
}

const OpcodeInfo& info(Opcode op) { return kTable[static_cast<std::uint8_t>(op)]; }

}  // namespace jitfarm::worker::compiler::bytecode
