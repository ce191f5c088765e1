// Which instructions is a method made of? Decoding of untrusted code, with every bound checked.
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "worker/compiler/bytecode/checked.h"
#include "worker/compiler/bytecode/class_shape.h"
#include "worker/compiler/bytecode/opcodes.h"

namespace jitfarm::worker::compiler::bytecode {

struct Instruction {
  Opcode op{};             ///< never `wide`: the widened instruction itself
  std::int32_t bci = 0;    ///< of the first byte, a wide prefix included
  std::int32_t value = 0;  ///< constant, constant-pool index, local, array type, or target bci
  std::int32_t extra =
      0;  ///< iinc: constant; multianewarray: dimensions; switches: index in switches
};

struct Switch {
  std::int32_t default_target = 0;                           ///< bci
  std::vector<std::pair<std::int32_t, std::int32_t>> cases;  ///< key, target bci; ascending keys
};

/// The decoded code of one method. Branch targets are starts of instructions, locals are below
/// max_locals, the last instruction does not fall through.
struct Instructions {
  std::vector<Instruction> list;
  std::vector<Switch> switches;
  std::vector<std::int32_t> index_of_bci;  ///< -1: not the start of an instruction

  std::uint32_t at(std::int32_t bci) const {
    return static_cast<std::uint32_t>(index_of_bci[static_cast<std::size_t>(bci)]);
  }
  /// Calls `visit(target bci)` for every branch target of `instruction`.
  template <class Visit>
  void for_each_target(const Instruction& instruction, Visit visit) const {
    if ((info(instruction.op).effects & branches) == 0) return;
    if (instruction.op == Opcode::tableswitch || instruction.op == Opcode::lookupswitch) {
      const Switch& cases = switches[static_cast<std::size_t>(instruction.extra)];
      visit(cases.default_target);
      for (const auto& [key, target] : cases.cases) visit(target);
    } else {
      visit(instruction.value);
    }
  }
};

/// Slots that a value of this type takes in locals and on the stack: 2 for J and D.
inline unsigned slots(char type) { return type == 'J' || type == 'D' ? 2 : 1; }

Checked<Instructions> decode(const MethodShape& method);

}  // namespace jitfarm::worker::compiler::bytecode
