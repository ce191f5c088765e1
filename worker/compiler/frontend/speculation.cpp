#include "worker/compiler/frontend/speculation.h"

#include <algorithm>
#include <functional>
#include <set>

#include "common/facts/inline_policy.h"

namespace jitfarm::worker::compiler::frontend {

using bytecode::Instruction;
using bytecode::Opcode;
using bytecode::Ways;

namespace {

// Of one reason, in code of one root method. Guesses that do not fail at their own bci of the root
// failed in a callee, or came from a method whose behaviour changes all the time.
constexpr std::uint32_t kFailuresMax = 6;

constexpr std::uint32_t kTrapsMax = 4;  // HotSpot's PerBytecodeTrapLimit

// Such code is cheaper than the trap in its place, and lets the optimiser select instead of branch.
constexpr std::uint32_t kCheapInstructionsMax = 8;

bool is_conditional(const Instruction& at) {
  const std::uint32_t effects = bytecode::info(at.op).effects;
  return (effects & bytecode::branches) != 0 && (effects & bytecode::ends) == 0;
}

bool is_cheap(Opcode op) {
  if (op == Opcode::tableswitch || op == Opcode::lookupswitch || op == Opcode::jsr ||
      op == Opcode::ret)
    return false;
  return op < Opcode::invokevirtual || op == Opcode::arraylength || op == Opcode::goto_w;
}

/// Straight code that soon joins what runs instead of it, goes elsewhere or returns.
bool begins_cheap_code(const Plan& plan, std::uint32_t first, std::uint32_t instead) {
  for (std::uint32_t i = first; i < first + kCheapInstructionsMax && i < plan.code.list.size();
       ++i) {
    const Instruction& at = plan.code.list[i];
    if (i == instead) return true;
    if (!is_cheap(at.op) || is_conditional(at)) return false;
    if ((bytecode::info(at.op).effects & bytecode::ends) != 0) return true;
  }
  return false;
}

/// From branch `i` to `target` is a jump forward over the back edge of a loop that it is in, or one
/// that closes a loop.
bool may_leave_loop(const Plan& plan, std::uint32_t i, std::uint32_t target) {
  if (target <= i) return true;
  for (std::uint32_t j = i + 1; j < target; ++j) {
    bool goes_back = false;
    plan.code.for_each_target(plan.code.list[j],
                              [&](std::int32_t bci) { goes_back |= plan.code.at(bci) <= i; });
    if (goes_back) return true;
  }
  return false;
}

}  // namespace

std::uint32_t traps_so_far(const code::CompileTask& task, std::uint32_t reason) {
  return reason < task.trap_history.size() ? task.trap_history[reason] : 0;
}

bool may_guess(const code::CompileTask& task, std::uint32_t reason, std::uint32_t traps) {
  return reason != 0 && traps != reason && traps != facts::kManyTraps &&
         traps_so_far(task, reason) < kFailuresMax;
}

std::uint32_t trap_reason(const facts::VmConfig& vm, code::ImplicitException exception) {
  using enum code::ImplicitException;
  switch (exception) {
    case null_pointer:
      return vm.reason_null_check;
    case array_index:
      return vm.reason_range_check;
    case arithmetic:
      return vm.reason_div0_check;
    case class_cast:
      return vm.reason_class_check;
    case array_store:
      return vm.reason_array_check;
    case kCount:
      break;
  }
  return 0;
}

bool happens(const code::CompileTask& task, std::uint32_t reason) {
  return traps_so_far(task, reason) >= kTrapsMax;
}

Ways ways_by_profile(const Plan& plan, const code::CompileTask& task, std::uint32_t instruction) {
  const Instruction& at = plan.code.list[instruction];
  if (!is_conditional(at) || instruction + 1 >= plan.code.list.size()) return Ways::all;
  const auto found = plan.branches.find(static_cast<std::uint32_t>(at.bci));
  if (found == plan.branches.end()) return Ways::all;
  const facts::BranchProfile& branch = found->second;
  if ((branch.taken == 0) == (branch.not_taken == 0) ||
      std::max(branch.taken, branch.not_taken) < facts::kMatureCount ||
      !may_guess(task, plan.vm.reason_unreached, branch.traps) ||
      may_leave_loop(plan, instruction, plan.code.at(at.value)))
    return Ways::all;
  const bool jumps = branch.taken != 0;
  const std::uint32_t next = instruction + 1;
  const std::uint32_t target = plan.code.at(at.value);
  if (jumps ? begins_cheap_code(plan, next, target) : begins_cheap_code(plan, target, next))
    return Ways::all;
  return jumps ? Ways::target : Ways::next;
}

std::vector<bool> cases_by_profile(const Plan& plan, const code::CompileTask& task,
                                   std::uint32_t instruction) {
  const Instruction& at = plan.code.list[instruction];
  const auto found = plan.switches.find(static_cast<std::uint32_t>(at.bci));
  if (found == plan.switches.end() || !facts::tells_unseen_cases(found->second) ||
      !may_guess(task, plan.vm.reason_unreached, found->second.traps))
    return {};
  const bytecode::Switch& all = plan.code.switches[static_cast<std::size_t>(at.extra)];
  const std::vector<std::uint32_t>& counts = found->second.counts;
  std::set<std::int32_t> seen;  // targets: cases may share one
  if (counts[0] != 0) seen.insert(all.default_target);
  for (std::size_t c = 0; c < all.cases.size(); ++c)
    if (counts[c + 1] != 0) seen.insert(all.cases[c].second);
  const auto counts_in = [&](std::int32_t bci) {
    const std::uint32_t target = plan.code.at(bci);
    return seen.contains(bci) || may_leave_loop(plan, instruction, target) ||
           begins_cheap_code(plan, target, bytecode::kNone);
  };
  std::vector<bool> counted;
  for (const auto& [key, target] : all.cases) counted.push_back(counts_in(target));
  counted.push_back(counts_in(all.default_target));
  if (std::ranges::all_of(counted, std::identity{})) counted.clear();
  return counted;
}

TestGuess guess_of_test(const Plan& plan, const code::CompileTask& task, const Instruction& at,
                        bool has_display) {
  const auto found = plan.tests.find(static_cast<std::uint32_t>(at.bci));
  if (found == plan.tests.end()) return {};
  const facts::TestProfile& test = found->second;
  TestGuess guess;
  if (facts::saw_only_null(test)) {
    guess.objects_trap = plan.invocations >= facts::kMatureCount &&
                         may_guess(task, plan.vm.reason_unreached, test.traps);
    return guess;
  }
  const std::size_t compared = facts::classes_to_compare(test);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < compared; ++i) {
    const facts::TestedClass& tested = test.classes[i];
    if (!tested.klass || (at.op == Opcode::checkcast && !tested.passes)) continue;
    guess.classes.push_back(tested);
    seen += tested.count;
  }
  guess.others_trap = !guess.classes.empty() && test.is_complete && seen >= test.count &&
                      may_guess(task, plan.vm.reason_receiver, test.traps);
  guess.saw_null = test.saw_null;
  if (!guess.others_trap && has_display) return {};
  return guess;
}

}  // namespace jitfarm::worker::compiler::frontend
