// Where may an exception be caught? The exception table by instruction.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "worker/compiler/bytecode/checked.h"
#include "worker/compiler/bytecode/class_shape.h"
#include "worker/compiler/bytecode/instructions.h"

namespace jitfarm::worker::compiler::bytecode {

/// Whether compiled code has an exception in its hands when the instruction throws. Everything
/// else that throws does so in the interpreter.
inline bool throws_itself(Opcode op) {
  return (info(op).effects & (calls | allocates)) != 0 || op == Opcode::athrow;
}

/// Which exceptions count: those that compiled code has in its hands, or all.
enum class Thrown : std::uint8_t { by_itself, by_anything };

/// The entries of the exception table that each instruction that throws
/// itself may reach, in the order in which
/// they are tried.
class Handlers {
 public:
  /// `is_known[h]`: the class that entry h catches is resolved. What comes behind one that is not
  /// is not listed. Bail-out method_too_large when there are too many entries for too many
  /// instructions.
  static Checked<Handlers> find(const MethodShape& method, const Instructions& code,
                                const std::vector<bool>& is_known,
                                Thrown thrown = Thrown::by_itself);

  /// Indices in MethodShape::handlers. The last may catch anything; none behind it is listed.
  std::span<const std::uint16_t> at(std::uint32_t instruction) const {
    return {entries_.data() + begin_[instruction], begin_[instruction + 1] - begin_[instruction]};
  }
  /// Behind these comes one whose class is not resolved: only the interpreter can go on.
  bool are_cut_short(std::uint32_t instruction) const { return cut_short_[instruction]; }

 private:
  std::vector<std::uint32_t> begin_;  // by instruction, and one more
  std::vector<std::uint16_t> entries_;
  std::vector<bool> cut_short_;
};

}  // namespace jitfarm::worker::compiler::bytecode
