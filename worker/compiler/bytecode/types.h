// Which types do locals and stack have where control flow meets? A structural verifier of what the
// translator relies on.
#pragma once
#include <string>
#include <vector>

#include "worker/compiler/bytecode/class_shape.h"
#include "worker/compiler/bytecode/descriptor.h"
#include "worker/compiler/bytecode/flow_graph.h"
#include "worker/compiler/bytecode/frame.h"

namespace jitfarm::worker::compiler::bytecode {

struct TypeSlot {
  SlotType type = SlotType::top;
  friend bool operator==(const TypeSlot&, const TypeSlot&) = default;
};
using TypeFrame = Frame<TypeSlot>;

/// What an instruction takes from the stack and leaves there; types I J F D A, deepest first.
struct StackEffect {
  std::string pops;
  std::string pushes;
};

/// Malformed when the constant-pool entry does not fit the opcode. Not for dup*, pop*, swap.
Checked<StackEffect> stack_effect(const ClassShape& shape, const Instruction& instruction);

/// The frame at the start of each block. The JVM has verified the code, but the bytes come from a
/// client that may lie: afterwards the translator may rely on depths, types I J F D A and pairs,
/// and on nothing else. Monitors are checked, too, since the JVM does not: they nest, every path to a
/// place holds as many, a return or an exception leaves none but that of a synchronized method; else
/// bail-out monitor. `entry`: the frame at the start; null: that of a call.
Checked<std::vector<TypeFrame>> verify_types(const ClassShape& shape, const MethodShape& method,
                                             const MethodDescriptor& descriptor,
                                             const Instructions& code, const Handlers& handlers,
                                             const FlowGraph& graph,
                                             const TypeFrame* entry = nullptr);

}  // namespace jitfarm::worker::compiler::bytecode
