// What is compiled, and which facts does that take? Finds the code that may run and everything it
// needs to know.
#pragma once
#include <array>
#include <map>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "common/code/code_image.h"
#include "common/code/compile_task.h"
#include "worker/compiler/bytecode/class_shape.h"
#include "worker/compiler/bytecode/descriptor.h"
#include "worker/compiler/bytecode/flow_graph.h"
#include "worker/compiler/bytecode/handlers.h"
#include "worker/compiler/bytecode/liveness.h"
#include "worker/compiler/bytecode/types.h"
#include "worker/compiler/frontend/fact_reader.h"
#include "worker/compiler/frontend/intrinsics.h"

namespace jitfarm::worker::compiler::frontend {

/// A callee whose own code may stand for a call.
struct InlineCallee {
  MethodId method;
  ClassId receiver;  ///< for objects of exactly this class; 0: for all
  const Intrinsic* intrinsic = nullptr;  ///< then code does it itself; with a receiver only
};
/// A call whose callees' code may stand for it.
struct InlineCall {
  std::vector<InlineCallee> callees;  ///< one for all receivers, or some for one class each
  std::optional<code::Assumption> assumption;  ///< without it the call may reach others
  bool others_trap = false;  ///< receivers of other classes were never seen
};

/// A method that checks and whose facts are all there. `shape` and `method` point into the fact
/// source.
struct Plan {
  facts::VmConfig vm;
  MethodId method_id;
  facts::MethodInfo info;
  bytecode::ClassShape shape;
  const bytecode::MethodShape* method = nullptr;  ///< in `shape`
  bytecode::MethodDescriptor descriptor;
  bytecode::Instructions code;
  std::vector<bytecode::Ways> ways;  ///< by instruction: not resolved, or never seen to run
  bytecode::CountedCases counted_cases;  ///< of switches with cases that were never seen to run
  std::map<std::uint32_t, facts::BranchProfile> branches;  ///< by bci; what is known of them
  std::map<std::uint32_t, facts::CallProfile> calls;       ///< same
  std::map<std::uint32_t, facts::TestProfile> tests;       ///< same
  std::map<std::uint32_t, facts::SwitchProfile> switches;  ///< same; as many counts as cases
  std::uint32_t invocations = 0;                           ///< same
  std::uint32_t entry = 0;  ///< instruction; not 0 or not a call's: on-stack replacement
  bytecode::Handlers handlers;
  bytecode::FlowGraph graph;
  std::vector<bytecode::TypeFrame> entry_types;  ///< by block
  bytecode::Liveness liveness;
  /// Exceptions of bytecodes that have happened often: compiled code throws them. Others are traps, as
  /// all are in a method that one could leave with a monitor.
  std::array<bool, static_cast<std::size_t>(code::ImplicitException::kCount)> throws{};
  bool may_throw = false;  ///< the method, when it has seen enough of them
  bool stops(std::uint32_t instruction) const {
    return ways[instruction] == bytecode::Ways::none;
  }
  /// java.lang.Object's constructor: its return hands objects that have a finalizer to the VM.
  bool registers_finalizers = false;
  bool has_unresolved = false;  ///< may leave through a trap that throws the code away
  bool stays_unresolved = false;  ///< it did so too often: such a trap keeps the code
  std::map<std::uint32_t, InlineCall> inlines;  ///< by instruction; filled by plan_with_callees()
  std::map<std::uint32_t, const Intrinsic*> intrinsics;  ///< same: calls that code does itself
  std::set<std::uint32_t> object_constructors;  ///< same: calls of java.lang.Object's
};

using PlanOutcome = std::variant<Plan, MissingFacts, code::Bailout>;

/// Never asks for one fact at a time: what is missing is listed with everything that the code could
/// need whatever the answers are. Bails out as early as no answer could change that.
PlanOutcome plan(const code::CompileTask& task, FactReader& facts, const Limits& limits);

}  // namespace jitfarm::worker::compiler::frontend
