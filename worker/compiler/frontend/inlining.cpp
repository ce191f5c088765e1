#include "worker/compiler/frontend/inlining.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "common/facts/inline_policy.h"
#include "worker/compiler/frontend/decide.h"
#include "worker/compiler/frontend/speculation.h"

namespace jitfarm::worker::compiler::frontend {
namespace {

using bytecode::Opcode;
using facts::FactKind;

constexpr std::uint32_t kAccStatic = 0x0008;
constexpr std::uint32_t kAccNativeOrAbstract = 0x0100 | 0x0400;

class CalleePlanner {
 public:
  CalleePlanner(Plans& plans, const code::CompileTask& task, FactReader& facts,
                const Limits& limits)
      : plans_(plans), task_(task), facts_(facts), limits_(limits) {}

  void run() {
    std::vector<Plan*> level{&plans_.root};
    for (std::size_t depth = 0; depth < facts::kInlineDepthMax && !level.empty(); ++depth) {
      std::vector<Plan*> next;
      for (Plan* plan : level)
        for (const bytecode::Block& block : plan->graph.blocks)
          for (std::uint32_t i = block.first; i <= block.last; ++i) consider(*plan, i, next);
      level = std::move(next);
    }
  }

 private:
  /// New callees go to `next`.
  void consider(Plan& plan, std::uint32_t i, std::vector<Plan*>& next) {
    const bytecode::Instruction& at = plan.code.list[i];
    if (plan.stops(i)) return;
    if (names_handle(plan.shape, at)) {
      const auto field = facts_.ask<FactKind::resolved_field>(
          plan.info.holder.value, static_cast<std::uint32_t>(at.value),
          static_cast<std::uint32_t>(at.op));
      if (field.state != FactState::known || !field.value.has_value) return;
      plan_targets({FactKind::constant_object, plan.info.holder.value,
                    static_cast<std::uint32_t>(at.value), facts::kInStaticField},
                   facts::kHotInlineBytesMax, next);
      return;
    }
    if (at.op < Opcode::invokevirtual || at.op > Opcode::invokedynamic) return;
    const auto resolved =
        called_by(facts_, plan.method_id, plan.info.holder, at);
    if (resolved.state != FactState::known || resolved.value.is_method_handle_intrinsic) return;
    if (resolved.value.is_static != (at.op == Opcode::invokestatic))
      return consider_adapter(plan, i, resolved.value, next);
    // Mostly this is the callee and its holder: both questions in one wave.
    if (facts_.ask<FactKind::method_info>(resolved.value.method.value).state == FactState::missing)
      facts_.ask<FactKind::class_info>(resolved.value.holder.value);
    if (at.op == Opcode::invokespecial && is_object_constructor(resolved.value.method))
      plan.object_constructors.insert(i);
    const auto counted = plan.calls.find(static_cast<std::uint32_t>(at.bci));
    const facts::CallProfile* profile = counted == plan.calls.end() ? nullptr : &counted->second;
    const std::uint32_t bytes_max =
        profile == nullptr ? facts::kInlineBytesMax
                           : facts::inline_bytes_max(profile->count, plan.invocations);
    if (bytes_max == 0) return;
    const bool is_certain = at.op == Opcode::invokestatic || at.op == Opcode::invokespecial ||
                            resolved.value.can_be_statically_bound;
    if (const Intrinsic* intrinsic =
            intrinsic_of(facts_, plan.vm, resolved.value.method, is_certain)) {
      plan.intrinsics.emplace(i, intrinsic);
      return;
    }
    const std::size_t misses = facts_.misses();
    if (std::optional<InlineCall> call = only_callee(at, resolved.value, bytes_max)) {
      if (is_planned(call->callees.front().method, bytes_max, next))
        plan.inlines.emplace(i, std::move(*call));
    } else if (profile != nullptr && !resolved.value.is_static && facts_.misses() == misses) {
      InlineCall guess = seen_callees(*profile, bytes_max, next);
      if (!guess.callees.empty()) plan.inlines.emplace(i, std::move(guess));
    }
  }

  /// What the VM linked for a method handle's call or an invokedynamic. It ends in calls that name
  /// nothing: what they reach follows from the object that is called.
  void consider_adapter(Plan& plan, std::uint32_t i, const facts::ResolvedMethod& adapter,
                        std::vector<Plan*>& next) {
    const auto counted = plan.calls.find(static_cast<std::uint32_t>(plan.code.list[i].bci));
    const std::uint32_t bytes_max =
        counted == plan.calls.end()
            ? facts::kInlineBytesMax
            : facts::inline_bytes_max(counted->second.count, plan.invocations);
    if (bytes_max == 0) return;
    if (is_planned(adapter.method, facts::kFormBytesMax, next))
      plan.inlines.emplace(i, InlineCall{{{adapter.method, {}}}, std::nullopt, false});
    if (adapter.has_appendix)
      plan_targets({FactKind::constant_object, plan.info.holder.value, adapter.appendix,
                    facts::kInReferences},
                   bytes_max, next);
  }

  /// Everything that may be called through the objects that the code names.
  void plan_targets(const facts::FactKey& key, std::uint32_t bytes_max, std::vector<Plan*>& next) {
    const auto found =
        facts_.ask<FactKind::constant_object>(key.subject, key.index, key.detail);
    for (const facts::ConstantObject& object : found.value.objects) {
      if (object.form) is_planned(object.form, facts::kFormBytesMax, next);
      if (object.member) is_planned(object.member, bytes_max, next);
    }
  }

  /// The one method that the call can reach, if there is but one.
  std::optional<InlineCall> only_callee(const bytecode::Instruction& at,
                                        const facts::ResolvedMethod& resolved,
                                        std::uint32_t bytes_max) {
    if (at.op == Opcode::invokespecial || resolved.is_static || resolved.can_be_statically_bound)
      return InlineCall{{{resolved.method, {}}}, std::nullopt, false};
    if (at.op == Opcode::invokeinterface) return std::nullopt;
    // A large method is not inlined, whether something overrides it or not.
    const auto method = facts_.ask<FactKind::method_info>(resolved.method.value);
    if (method.state == FactState::known && method.value.code_bytes != 0 &&
        !facts::may_inline(method.value.code_bytes, bytes_max))
      return std::nullopt;
    const auto unique = facts_.ask<FactKind::unique_target>(
        resolved.method.value, 0, static_cast<std::uint32_t>(resolved.holder.value));
    if (unique.state != FactState::known || !unique.value.method ||
        resolved.holder.value > UINT32_MAX)
      return std::nullopt;
    return InlineCall{{{unique.value.method, {}}},
                      code::Assumption{.kind = code::AssumptionKind::concrete_method,
                                       .klass = resolved.holder,
                                       .context_method = resolved.method,
                                       .method = unique.value.method},
                      false};
  }

  /// What the call reached nearly always, by the receiver's class.
  InlineCall seen_callees(const facts::CallProfile& profile, std::uint32_t bytes_max,
                          std::vector<Plan*>& next) {
    InlineCall call;
    const std::size_t guessed = facts::receivers_to_guess(profile);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < guessed; ++i) {
      const facts::ReceiverProfile& receiver = profile.receivers[i];
      if (!receiver.klass || !receiver.method) continue;
      const Intrinsic* intrinsic =
          intrinsic_of(facts_, plans_.root.vm, receiver.method, /*is_certain=*/true);
      if (intrinsic == nullptr && !is_planned(receiver.method, bytes_max, next)) continue;
      call.callees.push_back({receiver.method, receiver.klass, intrinsic});
      seen += receiver.count;
    }
    call.others_trap = seen >= profile.count &&
                       may_guess(task_, plans_.root.vm.reason_receiver, profile.traps);
    return call;
  }

  /// Whether the callee has a plan, made now if it has none yet.
  bool is_planned(MethodId callee, std::uint32_t bytes_max, std::vector<Plan*>& next) {
    if (const auto known = plans_.callees.find(callee); known != plans_.callees.end())
      return facts::may_inline(static_cast<std::uint32_t>(known->second.method->code.size()),
                               bytes_max);
    if (refused_.contains(callee) || plans_.callees.size() >= facts::kInlineCalleesMax)
      return false;
    const std::size_t misses = facts_.misses();
    std::optional<Plan> planned;
    bool is_too_large = false;
    if (is_worth_it(callee, bytes_max, is_too_large)) {
      code::CompileTask task;
      task.method = callee;
      task.trap_history = task_.trap_history;
      PlanOutcome outcome = plan(task, facts_, limits_);
      if (auto* complete = std::get_if<Plan>(&outcome)) planned = std::move(*complete);
    }
    if (facts_.misses() != misses) return false;  // the next run will tell
    if (is_too_large) return false;  // another call of it may run more often
    if (!planned || planned->has_unresolved) {
      refused_.insert(callee);
      return false;
    }
    next.push_back(&plans_.callees.emplace(callee, std::move(*planned)).first->second);
    return true;
  }

  bool is_object_constructor(MethodId callee) {
    const auto method = facts_.ask<FactKind::method_info>(callee.value);
    if (method.state != FactState::known || method.value.name != "<init>" ||
        method.value.code_bytes != 1)
      return false;
    const auto holder = facts_.ask<FactKind::class_info>(method.value.holder.value);
    return holder.state == FactState::known && holder.value.name == "java/lang/Object";
  }

  bool is_worth_it(MethodId callee, std::uint32_t bytes_max, bool& is_too_large) {
    const auto method = facts_.ask<FactKind::method_info>(callee.value);
    if (method.state != FactState::known) return false;
    const facts::MethodInfo& info = method.value;
    is_too_large = info.code_bytes > bytes_max;
    if (!facts::may_inline(info.code_bytes, bytes_max) || info.dont_inline ||
        info.is_method_handle_intrinsic ||
        (info.access_flags & kAccNativeOrAbstract) != 0)
      return false;
    // Who calls a static method of a class that is not initialised yet initialises it.
    if ((info.access_flags & kAccStatic) != 0 &&
        facts_.ask<FactKind::class_state>(info.holder.value).state == FactState::unknown)
      return false;
    return facts_.ask<FactKind::class_info>(info.holder.value).state != FactState::unknown;
  }

  Plans& plans_;
  const code::CompileTask& task_;
  FactReader& facts_;
  const Limits& limits_;
  std::set<MethodId> refused_;
};

}  // namespace

PlansOutcome plan_with_callees(const code::CompileTask& task, FactReader& facts,
                               const Limits& limits) {
  PlanOutcome root = plan(task, facts, limits);
  if (auto* missing = std::get_if<MissingFacts>(&root)) return std::move(*missing);
  if (auto* bailout = std::get_if<code::Bailout>(&root)) return std::move(*bailout);
  Plans plans{.root = std::move(std::get<Plan>(root)), .callees = {}};
  CalleePlanner(plans, task, facts, limits).run();
  if (facts.is_missing()) return facts.missing();
  return plans;
}

}  // namespace jitfarm::worker::compiler::frontend
