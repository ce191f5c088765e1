#include "worker/compiler/frontend/plan.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "worker/compiler/frontend/decide.h"
#include "worker/compiler/frontend/speculation.h"

namespace jitfarm::worker::compiler::frontend {
namespace {

using bytecode::Opcode;
using bytecode::Ways;
using code::Bailout;
using code::BailoutReason;
using facts::FactKind;

constexpr std::uint32_t kAccStatic = 0x0008;
constexpr std::uint32_t kAccSynchronized = 0x0020;
constexpr std::uint32_t kAccNativeOrAbstract = 0x0100 | 0x0400;

// Each trap at something unresolved throws the code away, too, and resolves what it met. More than
// this and some entry stays unresolved, however often it runs, such as those of a class whose
// initialiser has failed: then the traps keep the code, or we would compile for ever.
constexpr std::uint32_t kUnresolvedTrapsMax = 40;

class Planner {
 public:
  Planner(const code::CompileTask& task, FactReader& facts, const Limits& limits)
      : task_(task), facts_(facts), limits_(limits) {}

  PlanOutcome run() {
    if (!find_method()) return give_up();
    if (auto status = check_method(); !status) return std::move(status).error();
    const bool has_profile = find_profile();
    find_throws(true);
    if (!find_reachable() || !has_profile) return give_up();
    auto status = analyse();
    if (!status && plan_.may_throw && status.error().reason == BailoutReason::monitor) {
      // An implicit exception would leave with a monitor: that is the interpreter's business.
      find_throws(false);
      if (!find_reachable()) return give_up();
      status = analyse();
    }
    if (!status) return std::move(status).error();
    return std::move(plan_);
  }

 private:
  PlanOutcome give_up() {
    if (!facts_.malformed().empty())
      return Bailout{BailoutReason::malformed_bytecode, facts_.malformed()};
    if (bailout_) return std::move(*bailout_);
    return facts_.missing();
  }
  bool bail(BailoutReason reason, std::string detail) {
    bailout_ = Bailout{reason, std::move(detail)};
    return false;
  }

  bool find_method() {
    const auto vm = facts_.ask<FactKind::vm_config>(0);
    const auto info = facts_.ask<FactKind::method_info>(task_.method.value);
    if (vm.state == FactState::unknown || info.state == FactState::unknown)
      return bail(BailoutReason::facts_missing, "no VM configuration, or the method is gone");
    if (info.state == FactState::missing) return false;
    plan_.vm = vm.value;
    plan_.method_id = task_.method;
    plan_.info = info.value;
    const ClassId holder = plan_.info.holder;
    if (!holder) return bail(BailoutReason::malformed_bytecode, "a method of no class");
    const auto klass = facts_.ask<FactKind::class_info>(holder.value);
    if (klass.state == FactState::unknown)
      return bail(BailoutReason::class_changed, "the class is not linked or gone");
    if (klass.state == FactState::missing) {
      // The shape comes with the class info when nobody has it.
      facts_.ask<FactKind::class_shape>(holder.value);
      return false;
    }
    const ByteView bytes = facts_.shape(holder, klass.value.shape);
    if (vm.state == FactState::missing || bytes.empty()) return false;
    auto shape = bytecode::ClassShape::parse(bytes);
    if (!shape) {
      bailout_ = std::move(shape).error();
      return false;
    }
    plan_.shape = std::move(*shape);
    plan_.method = plan_.shape.find_method(plan_.info.name, plan_.info.descriptor);
    if (plan_.method == nullptr)
      return bail(BailoutReason::malformed_bytecode, "the shape does not have the method");
    // Whether its entry must see who comes.
    return (plan_.info.access_flags & kAccStatic) == 0 || !plan_.vm.knows_class_init ||
           facts_.ask<FactKind::class_state>(holder.value).state != FactState::missing;
  }

  bytecode::Checked<void> check_method() {
    const bytecode::MethodShape& method = *plan_.method;
    if (plan_.info.is_method_handle_intrinsic)
      return bytecode::bail(BailoutReason::method_handle, "a method-handle intrinsic");
    if ((method.access_flags & kAccNativeOrAbstract) != 0 || method.code.empty())
      return bytecode::bail(BailoutReason::native_or_abstract, "");
    plan_.registers_finalizers =
        plan_.shape.name() == "java/lang/Object" && plan_.info.name == "<init>";
    if (plan_.registers_finalizers && plan_.vm.class_has_finalizer == 0)
      return bytecode::bail(BailoutReason::vm_special, "registers finalizers");
    if ((method.access_flags & kAccSynchronized) != 0 && !plan_.vm.knows_monitors)
      return bytecode::bail(BailoutReason::monitor, "a synchronized method");
    if (method.code.size() > limits_.bytecode_bytes)
      return bytecode::bail(BailoutReason::method_too_large,
                            std::to_string(method.code.size()) + " bytes of bytecode");
    auto descriptor = bytecode::parse_method_descriptor(method.descriptor);
    if (!descriptor) return bytecode::malformed("bad method descriptor");
    plan_.descriptor = std::move(*descriptor);
    auto code = bytecode::decode(method);
    if (!code) return std::unexpected(std::move(code).error());
    plan_.code = std::move(*code);
    for (const bytecode::Instruction& at : plan_.code.list)
      if (at.op == Opcode::jsr || at.op == Opcode::jsr_w || at.op == Opcode::ret)
        return bytecode::bail(BailoutReason::subroutine, "at bci " + std::to_string(at.bci));
    if (task_.entry_bci == code::kNormalEntry) return {};
    if (task_.entry_bci < 0 || static_cast<std::size_t>(task_.entry_bci) >= method.code.size() ||
        plan_.code.index_of_bci[static_cast<std::size_t>(task_.entry_bci)] < 0)
      return bytecode::bail(BailoutReason::osr_entry, "no instruction at the entry's bci");
    plan_.entry = plan_.code.at(task_.entry_bci);
    return {};
  }

  /// Nothing is known of a method that was not profiled.
  bool find_profile() {
    const auto answer = facts_.ask<FactKind::method_profile>(task_.method.value);
    if (answer.state == FactState::missing) return false;
    plan_.invocations = answer.value.invocations;
    for (const facts::BranchProfile& branch : answer.value.branches)
      plan_.branches.emplace(branch.bci, branch);
    for (const facts::CallProfile& call : answer.value.calls) plan_.calls.emplace(call.bci, call);
    for (const facts::TestProfile& test : answer.value.tests) plan_.tests.emplace(test.bci, test);
    for (const facts::SwitchProfile& cases : answer.value.switches) keep(cases);
    return true;
  }

  /// If it is about a switch of this code.
  void keep(const facts::SwitchProfile& cases) {
    if (cases.bci >= plan_.code.index_of_bci.size() || plan_.code.index_of_bci[cases.bci] < 0) return;
    const bytecode::Instruction& at = plan_.code.list[plan_.code.at(static_cast<std::int32_t>(cases.bci))];
    if ((at.op == Opcode::tableswitch || at.op == Opcode::lookupswitch) &&
        cases.counts.size() == plan_.code.switches[static_cast<std::size_t>(at.extra)].cases.size() + 1)
      plan_.switches.emplace(cases.bci, cases);
  }

  void find_throws(bool may_throw) {
    plan_.may_throw = plan_.vm.throws_implicit && may_throw;
    for (std::size_t i = 0; i < plan_.throws.size(); ++i)
      plan_.throws[i] = plan_.may_throw &&
                        happens(task_, trap_reason(plan_.vm, static_cast<code::ImplicitException>(i)));
  }

  void find_ways() {
    plan_.ways.assign(plan_.code.list.size(), Ways::all);
    plan_.counted_cases.clear();
    for (std::uint32_t i = 0; i < plan_.code.list.size(); ++i) {
      plan_.ways[i] = ways_by_profile(plan_, task_, i);
      if (auto counted = cases_by_profile(plan_, task_, i); !counted.empty())
        plan_.counted_cases.emplace(i, std::move(counted));
    }
  }

  /// Asks the classes that are caught where something may throw.
  bool find_handlers(bool with_missing) {
    const std::vector<bytecode::ExceptionHandler>& table = plan_.method->handlers;
    std::vector<bool> is_known(table.size(), true);
    for (std::size_t h = 0; h < table.size(); ++h) {
      if (table[h].catch_type == 0) continue;
      const auto answer =
          facts_.ask<FactKind::resolved_class>(plan_.info.holder.value, table[h].catch_type);
      is_known[h] = answer.state == FactState::known ? static_cast<bool>(answer.value.klass)
                                                     : answer.state == FactState::missing && with_missing;
    }
    auto handlers = bytecode::Handlers::find(
        *plan_.method, plan_.code, is_known,
        std::ranges::any_of(plan_.throws, std::identity{}) ? bytecode::Thrown::in_code
                                                           : bytecode::Thrown::by_itself);
    if (!handlers) return bailout_ = std::move(handlers).error(), false;
    plan_.handlers = std::move(*handlers);
    return true;
  }

  /// Walks control flow from the entry. An instruction whose facts are missing ends the
  /// walk, or does not, as `beyond_missing` says. Returns the first bail-out, and whether it met
  /// missing facts.
  std::optional<Bailout> walk(bool beyond_missing, bool& met_missing) {
    const bytecode::Instructions& code = plan_.code;
    find_ways();
    std::vector<bool> seen(code.list.size(), false);
    std::vector<std::uint32_t> work{plan_.entry};
    std::optional<Bailout> bailout;
    while (!work.empty()) {
      const std::uint32_t i = work.back();
      work.pop_back();
      if (seen[i]) continue;
      seen[i] = true;
      const bytecode::Instruction& at = code.list[i];
      Decision decision = decide(facts_, plan_.vm, task_.method, plan_.info.holder, plan_.shape, at);
      met_missing |= decision.action == Action::unknown;
      if (decision.action == Action::trap) plan_.ways[i] = Ways::none;
      plan_.has_unresolved |= plan_.stops(i) || decision.traps_unless_null;
      if (decision.action == Action::bail && !bailout) bailout = std::move(decision.bailout);
      const bool goes_on = decision.action == Action::compile ||
                           (decision.action == Action::unknown && beyond_missing);
      if (!goes_on) continue;
      if (plan_.ways[i] != Ways::next)
        bytecode::for_each_counted_target(
            code, plan_.counted_cases, i,
            [&](std::int32_t bci) { work.push_back(code.at(bci)); });
      if ((bytecode::info(at.op).effects & bytecode::ends) == 0 && plan_.ways[i] != Ways::target)
        work.push_back(i + 1);
      plan_.has_unresolved |= plan_.handlers.are_cut_short(i);
      for (const std::uint16_t h : plan_.handlers.at(i))
        work.push_back(code.at(plan_.method->handlers[h].handler));
    }
    return bailout;
  }

  bool find_reachable() {
    bool met_missing = false;
    const std::size_t misses = facts_.misses();
    if (!find_handlers(false)) return false;
    bailout_ = walk(false, met_missing);
    if (bailout_ || !facts_.malformed().empty()) return false;
    if (!met_missing && facts_.misses() == misses) {
      plan_.stays_unresolved =
          traps_so_far(task_, plan_.vm.reason_unresolved) > kUnresolvedTrapsMax;
      return true;
    }
    if (find_handlers(true)) walk(true, met_missing);  // lists what else could be needed
    return false;
  }

  /// What the interpreter has in its frame at the entry of an on-stack replacement: the types of the
  /// locals that may still be read. All code may have run before, and thrown anywhere.
  bytecode::Checked<bytecode::TypeFrame> interpreter_frame() {
    const bytecode::MethodShape& method = *plan_.method;
    auto handlers =
        bytecode::Handlers::find(method, plan_.code, std::vector<bool>(method.handlers.size(), true),
                                 bytecode::Thrown::by_anything);
    if (!handlers) return std::unexpected(std::move(handlers).error());
    const std::vector<Ways> ways(plan_.code.list.size(), Ways::all);
    auto graph = bytecode::build_flow_graph(method, plan_.code, *handlers, ways, {}, 0);
    if (!graph) return std::unexpected(std::move(graph).error());
    auto types = bytecode::verify_types(plan_.shape, method, plan_.descriptor, plan_.code, *handlers,
                                        *graph);
    if (!types) return std::unexpected(std::move(types).error());
    const bytecode::BlockIndex block = graph->block_at[plan_.entry];
    if (block == bytecode::kNone)
      return bytecode::bail(BailoutReason::osr_entry, "the entry does not begin a block");
    bytecode::TypeFrame frame = std::move((*types)[block]);
    if (!frame.stack.empty())
      return bytecode::bail(BailoutReason::osr_entry, "with operands on the stack");
    for (std::size_t i = 0; i < frame.locals.size(); ++i) {
      if (frame.locals[i].type == bytecode::SlotType::high ||
          plan_.liveness.is_live(plan_.entry, i))
        continue;
      if (bytecode::is_wide(frame.locals[i].type)) frame.locals[i + 1] = {};
      frame.locals[i] = {};
    }
    return frame;
  }

  /// An on-stack replacement in a loop of a finally block comes to the loop around it from behind, and
  /// through the handlers that the block's copies share: a cycle with two entries.
  bytecode::Checked<void> leave_handlers_to_interpreter() {
    auto handlers = bytecode::Handlers::find(
        *plan_.method, plan_.code, std::vector<bool>(plan_.method->handlers.size(), false),
        std::ranges::any_of(plan_.throws, std::identity{}) ? bytecode::Thrown::in_code
                                                           : bytecode::Thrown::by_itself);
    if (!handlers) return std::unexpected(std::move(handlers).error());
    plan_.handlers = std::move(*handlers);
    return {};
  }

  bytecode::Checked<void> analyse() {
    auto liveness = bytecode::Liveness::analyse(*plan_.method, plan_.code,
                                                plan_.registers_finalizers, plan_.vm.keeps_locals);
    if (!liveness) return std::unexpected(std::move(liveness).error());
    plan_.liveness = std::move(*liveness);
    std::optional<bytecode::TypeFrame> entry;
    if (task_.entry_bci != code::kNormalEntry) {
      auto frame = interpreter_frame();
      if (!frame) return std::unexpected(std::move(frame).error());
      if (!frame->locks.empty() && !plan_.vm.knows_monitors)
        return bytecode::bail(BailoutReason::monitor, "held at the entry");
      entry = std::move(*frame);
    }
    auto graph = bytecode::build_flow_graph(*plan_.method, plan_.code, plan_.handlers, plan_.ways,
                                            plan_.counted_cases, plan_.entry);
    if (!graph && entry && graph.error().reason == BailoutReason::irreducible_control_flow) {
      if (auto status = leave_handlers_to_interpreter(); !status) return status;
      graph = bytecode::build_flow_graph(*plan_.method, plan_.code, plan_.handlers, plan_.ways,
                                         plan_.counted_cases, plan_.entry);
    }
    if (!graph) return std::unexpected(std::move(graph).error());
    plan_.graph = std::move(*graph);
    auto types = bytecode::verify_types(plan_.shape, *plan_.method, plan_.descriptor, plan_.code,
                                        plan_.handlers, plan_.graph, entry ? &*entry : nullptr);
    if (!types) return std::unexpected(std::move(types).error());
    plan_.entry_types = std::move(*types);
    return {};
  }

  const code::CompileTask& task_;
  FactReader& facts_;
  const Limits& limits_;
  Plan plan_;
  std::optional<Bailout> bailout_;
};

}  // namespace

PlanOutcome plan(const code::CompileTask& task, FactReader& facts, const Limits& limits) {
  return Planner(task, facts, limits).run();
}

}  // namespace jitfarm::worker::compiler::frontend
