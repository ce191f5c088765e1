// What does the JVM specification say that a method does? A plain interpreter, to compare compiled code with.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/compiler/support/world.h"
#include "worker/compiler/bytecode/frame.h"

namespace jitfarm::tests::compiler {

using worker::compiler::bytecode::SlotType;

/// A typed value. Floats and ints use the low half of `bits`, which is then zero-extended.
struct Slot {
  SlotType type = SlotType::top;
  std::uint64_t bits = 0;
  friend bool operator==(const Slot&, const Slot&) = default;
};
Slot int_slot(std::int32_t v);
Slot long_slot(std::int64_t v);
Slot float_slot(float v);
Slot double_slot(double v);
Slot reference_slot(Address v);

/// What a method ended with: a value (`top` for void), or an exception.
struct Ending {
  Slot value;
  std::string exception;  ///< class name; empty: none
  Address thrown = 0;     ///< the object; implicit exceptions have one too
  friend bool operator==(const Ending& a, const Ending& b) { return a.value == b.value && a.exception == b.exception; }
};

struct InterpreterFrame {
  LoadedMethod* method = nullptr;
  std::int32_t bci = 0;
  worker::compiler::bytecode::Frame<Slot> state;
};

/// Runs methods. Registers its frames, so that a moving collector finds their references.
class Interpreter {
 public:
  explicit Interpreter(World& world) : world_(world) {}
  virtual ~Interpreter() = default;

  /// Calls a method; here it is interpreted. A machine may run compiled code instead.
  virtual Ending invoke(LoadedMethod& method, const std::vector<Slot>& arguments);
  Ending interpret(LoadedMethod& method, const std::vector<Slot>& arguments);
  /// Goes on in the middle of a method, as after a deoptimisation.
  Ending resume(InterpreterFrame frame);
  /// Goes on with an exception that a call at `frame.bci` ended with.
  Ending resume_with_exception(InterpreterFrame frame, const std::string& name, Address thrown);
  /// The same for a frame and those that called it, outermost first. `exception` is empty when the
  /// innermost one runs on.
  Ending resume_all(std::vector<InterpreterFrame> frames, const std::string& exception, Address thrown);

  Ending throw_new(const std::string& class_name);
  /// What the VM does with monitors: counted in the object's mark word, unless compiled code has put
  /// the address of its slot there.
  static void lock(Address object);
  static void unlock(Address object);
  static bool is_locked(Address object);
  /// From compiled code's way to that of lock().
  static void inflate(Address object);
  World& world() { return world_; }
  /// Interpreted instructions so far, over all frames. Past a limit every method returns at once, and `gave_up` says so.
  std::uint64_t steps = 0;
  bool gave_up = false;

 protected:
  /// Adds `distance` to the references in interpreted frames.
  void forward_frames(std::int64_t distance);

 private:
  struct Step;
  Ending run(InterpreterFrame& frame);
  Ending leave(InterpreterFrame& frame, Ending ending);
  std::optional<std::int32_t> find_handler(const InterpreterFrame& frame, const std::string& name) const;

  World& world_;
  std::vector<InterpreterFrame*> frames_;
};

}  // namespace jitfarm::tests::compiler
