// Which locals may still be read? The interpreter needs only those when it takes over a frame.
#pragma once
#include <cstdint>
#include <vector>

#include "worker/compiler/bytecode/checked.h"
#include "worker/compiler/bytecode/class_shape.h"
#include "worker/compiler/bytecode/instructions.h"

namespace jitfarm::worker::compiler::bytecode {

/// Live locals before each instruction, over all of the method's code: the interpreter may run into
/// the exception handlers, and on into code that is not compiled.
class Liveness {
 public:
  /// `keeps_all`: somebody else may read every local at any time. `returns_read_receiver`: as java.lang.Object's constructor does, which registers finalizers. Bail-out
  /// method_too_large when the sets would take too much memory.
  static Checked<Liveness> analyse(const MethodShape& method, const Instructions& code,
                                   bool returns_read_receiver = false, bool keeps_all = false);

  bool is_live(std::uint32_t instruction, std::size_t local) const {
    return keeps_all_ || (row(instruction)[local / 64] >> (local % 64) & 1) != 0;
  }

 private:
  std::uint64_t* row(std::size_t instruction) { return sets_.data() + instruction * words_; }
  const std::uint64_t* row(std::size_t instruction) const {
    return sets_.data() + instruction * words_;
  }

  bool keeps_all_ = false;
  std::size_t words_ = 0;
  std::vector<std::uint64_t> sets_;
};

}  // namespace jitfarm::worker::compiler::bytecode
