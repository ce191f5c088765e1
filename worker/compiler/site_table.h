// What does each statepoint in the IR stand for? Written by translate/, read by emit/.
#pragma once
#include <cstdint>
#include <vector>

#include "common/base/id.h"
#include "common/code/code_image.h"

namespace jitfarm::worker::compiler {

/// A frame whose values are operands of the statepoint's deopt bundle.
struct PlannedFrame {
  MethodId method;
  std::int32_t bci = 0;
  bool during_call = false;
  bool rethrows = false;
  std::vector<code::ValueKind> locals;  ///< illegal: dead, or second half; has no operand
  std::vector<code::ValueKind> stack;   ///< same
  std::size_t locks = 0;
};

/// One call, trap or poll. The index in the SiteTable is the "statepoint-id" of the call in IR.
/// Deopt bundle of the call: [i32 1, ptr %rescue_slot, (ptr %thread_slot when VmConfig asks for one), then for each frame,
/// outermost first, every value of locals then stack whose kind is not illegal, in order, then owner and slot (an alloca) of
/// every lock, outermost first].
struct PlannedSite {
  code::SiteKind kind{};
  MethodId method;            ///< callee
  code::Target target{};      ///< runtime_call
  std::vector<PlannedFrame> frames;
};

using SiteTable = std::vector<PlannedSite>;

/// An undefined global in the IR that the emitter turns into a relocation. Names in the IR:
///   @ret_stub.N, @unwind_stub.N   functions (one per prototype)  -> Target::return_stub, unwind_stub
///   @jf.load_cell.N               oop functions, opaque          -> rel32_cell to constants[N]
///   @jf.load_klass_cell.N         Klass* functions              -> rel32_cell to constants[N]
///   @leaf.NAME                    C functions                    -> abs64_target
using ConstantTable = std::vector<code::Constant>;

}  // namespace jitfarm::worker::compiler
