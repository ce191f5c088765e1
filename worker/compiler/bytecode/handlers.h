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

/// Whether compiled code may throw at the instruction when it throws implicit exceptions, too. Those
/// of a monitorexit it leaves to the interpreter.
inline bool throws_in_code(Opcode op) {
  return (throws_itself(op) || (info(op).effects & may_trap) != 0) && op != Opcode::monitorexit;
}

/// Which exceptions count: those that compiled code has in its hands, those and the implicit ones
/// that it throws, or all.
enum class Thrown : std::uint8_t { by_itself, in_code, by_anything };

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
  /// Whether compiled code may have to leave the method with an exception of the instruction.
  bool may_leave(Opcode op) const {
    return thrown_ == Thrown::in_code ? throws_in_code(op) : throws_itself(op);
  }
  /// Behind these comes one whose class is not resolved: only the interpreter can go on.
  bool are_cut_short(std::uint32_t instruction) const { return cut_short_[instruction]; }

 private:
  Thrown thrown_ = Thrown::by_itself;
  std::vector<std::uint32_t> begin_;  // by instruction, and one more
  std::vector<std::uint16_t> entries_;
  std::vector<bool> cut_short_;
};

}  // namespace jitfarm::worker::compiler::bytecode
