// What is taken for granted because it never happened? Each guess ends in an uncommon trap that
// throws the code away, and is not made again where it has failed.
//
// HotSpot writes traps down in the root method's MethodData, by bci, whichever inlined body they are
// in. So a guess in the root method ends where its own bci has trapped; all guesses in callees end
// after a few traps of the same reason.
#pragma once
#include <cstdint>
#include <vector>

#include "worker/compiler/frontend/plan.h"

namespace jitfarm::worker::compiler::frontend {

/// Traps of compiled code of the task's method so far, by reason; saturating.
std::uint32_t traps_so_far(const code::CompileTask& task, std::uint32_t reason);

/// Whether a guess that fails with `reason` may be made. `traps`: where it would be made, as
/// facts::BranchProfile::traps.
bool may_guess(const code::CompileTask& task, std::uint32_t reason, std::uint32_t traps);

/// Deoptimization::DeoptReason of the trap in place of the exception.
std::uint32_t trap_reason(const facts::VmConfig& vm, code::ImplicitException exception);

/// Whether traps of this reason are no exception any more. HotSpot throws code away after four traps
/// at one bci (PerBytecodeTrapLimit), then it is compiled with this.
bool happens(const code::CompileTask& task, std::uint32_t reason);

/// The ways that the conditional branch was ever seen to go; all for any other instruction, and
/// where both ways cost little. An exit of a loop is a way whether it was seen or not: loops run
/// long before they end. `plan` has code and profile.
bytecode::Ways ways_by_profile(const Plan& plan, const code::CompileTask& task,
                               std::uint32_t instruction);

/// Of a switch, whether each case, and at the end its default, was ever seen to run; empty for any
/// other instruction, and where all count, as cases do whose code costs little and those that leave a
/// loop. `plan` as above.
std::vector<bool> cases_by_profile(const Plan& plan, const code::CompileTask& task,
                                   std::uint32_t instruction);

/// What a checkcast or instanceof asks first, and what it takes for impossible.
struct TestGuess {
  std::vector<facts::TestedClass> classes;  ///< to compare with; of a checkcast all pass
  bool others_trap = false;  ///< objects of other classes, and with !saw_null nulls, were never seen
  bool objects_trap = false;  ///< nothing but null was ever seen; no `classes` then
  bool saw_null = true;
};

/// Nothing where the profile says nothing, and where the usual test is as cheap as a comparison:
/// `has_display`, the wanted class has a place of its own in the classes that extend it.
TestGuess guess_of_test(const Plan& plan, const code::CompileTask& task,
                        const bytecode::Instruction& at, bool has_display);

}  // namespace jitfarm::worker::compiler::frontend
