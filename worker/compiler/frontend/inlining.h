// Whose code may stand in place of a call? Callees that are complete, and small for how often the
// call runs: the only one that the class hierarchy has, or those of the classes that were seen.
//
// A callee that would meet something unresolved, or that is not compiled at all, stays a call:
// inlined, its trap would throw away the code of its callers too. Its calls are looked at in turn.
// The agent foresees the same callees (vmagent/facts), so that their facts come with the request.
#pragma once
#include <map>
#include <variant>

#include "worker/compiler/frontend/plan.h"

namespace jitfarm::worker::compiler::frontend {

/// The method, and every callee that a call of `inlines` names: in the root or in another callee.
/// How deep, and how often, is the translator's choice.
struct Plans {
  Plan root;
  std::map<MethodId, Plan> callees;
};

using PlansOutcome = std::variant<Plans, MissingFacts, code::Bailout>;

/// As plan(), for the task's method; a callee never is a reason to bail out. What is missing for
/// all callees of one depth is listed together.
PlansOutcome plan_with_callees(const code::CompileTask& task, FactReader& facts,
                               const Limits& limits);

}  // namespace jitfarm::worker::compiler::frontend
