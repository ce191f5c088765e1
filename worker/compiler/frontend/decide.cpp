#include "worker/compiler/frontend/decide.h"

#include "worker/compiler/bytecode/descriptor.h"
#include "worker/compiler/bytecode/frame.h"

namespace jitfarm::worker::compiler::frontend {
namespace {

using bytecode::Opcode;
using bytecode::PoolTag;
using code::BailoutReason;
using facts::FactKind;

constexpr std::uint32_t kAccStatic = 0x0008;
constexpr std::int32_t kFieldOffsetMax =
    1 << 24;  // far beyond the largest object that HotSpot lays out

Decision bail(BailoutReason reason, const bytecode::Instruction& at, std::string_view what = {}) {
  std::string detail =
      std::string(bytecode::info(at.op).mnemonic) + " at bci " + std::to_string(at.bci);
  if (!what.empty()) detail += ": " + std::string(what);
  return {Action::bail, false, {reason, std::move(detail)}};
}

/// The decision for anything but a known answer.
Decision unresolved(FactState state) {
  return {state == FactState::missing ? Action::unknown : Action::trap, false, {}};
}

struct Asker {
  FactReader& facts;
  const facts::VmConfig& vm;
  MethodId caller;
  ClassId holder;
  const bytecode::ClassShape& shape;
  const bytecode::Instruction& at;
  std::uint32_t index = static_cast<std::uint32_t>(at.value);

  Decision constant() const {
    const bytecode::PoolEntry* entry = shape.entry(index);
    if (entry == nullptr) return bail(BailoutReason::malformed_bytecode, at);
    switch (entry->tag) {
      case PoolTag::integer:
      case PoolTag::float_:
      case PoolTag::long_:
      case PoolTag::double_:
        return {};
      case PoolTag::string:
      case PoolTag::class_:
      case PoolTag::method_handle:
      case PoolTag::method_type:
      case PoolTag::dynamic: {
        const auto answer = facts.ask<FactKind::resolved_object>(holder.value, index);
        if (answer.state != FactState::known) return unresolved(answer.state);
        return answer.value.is_null && entry->tag != PoolTag::dynamic
                   ? bail(BailoutReason::malformed_bytecode, at, "a constant that is null")
                   : Decision{};
      }
      default:
        return bail(BailoutReason::unsupported_constant, at);
    }
  }

  Decision field() const {
    const auto answer =
        facts.ask<FactKind::resolved_field>(holder.value, index, static_cast<std::uint32_t>(at.op));
    if (answer.state != FactState::known) return unresolved(answer.state);
    const facts::ResolvedField& field = answer.value;
    const bool is_static = at.op == Opcode::getstatic || at.op == Opcode::putstatic;
    const bool is_put = at.op == Opcode::putfield || at.op == Opcode::putstatic;
    const char type = field_type(shape, at);
    if (!field.holder || field.is_static != is_static || field.type != type ||
        field.offset <= 0 || field.offset > kFieldOffsetMax)
      return bail(BailoutReason::malformed_bytecode, at, "the resolved field is another");
    if (reads_referent(vm, shape, at) && vm.referent_offset == 0)
      return bail(BailoutReason::vm_special, at, "the collector must see it");
    if (is_put && bytecode::slot_type(type) == bytecode::SlotType::a && !vm.knows_barriers)
      return bail(BailoutReason::reference_store, at);
    // Of other classes the VM resolves static fields when they are initialised.
    return is_static && vm.knows_class_init && field.holder == holder ? uses(holder) : Decision{};
  }

  Decision invoke() const {
    const auto answer = called_by(facts, caller, holder, at);
    if (answer.state != FactState::known) return unresolved(answer.state);
    const facts::ResolvedMethod& method = answer.value;
    // A method handle's call goes to a static adapter, which may take one argument more, as an
    // invokedynamic does.
    const bool is_adapter =
        at.op == Opcode::invokedynamic || (at.op == Opcode::invokevirtual && method.is_static);
    if (!method.method || method.is_static != (is_adapter || at.op == Opcode::invokestatic) ||
        (method.has_appendix && (!is_adapter || method.appendix > code::kReferenceIndexMax)))
      return bail(BailoutReason::malformed_bytecode, at, "the resolved method is another");
    return {};
  }

  /// Compiles what uses `klass` when that is initialised. Before that only the thread that initialises it may use it,
  /// and only that thread is in a static method of the class itself: its entry sees to that.
  Decision uses(ClassId klass) const {
    const auto state = facts.ask<FactKind::class_state>(klass.value);
    if (state.state == FactState::known) return {};
    if (state.state == FactState::unknown && vm.knows_class_init && klass == holder) {
      const auto method = facts.ask<FactKind::method_info>(caller.value);
      if (method.state == FactState::known && (method.value.access_flags & kAccStatic) != 0)
        return {};
    }
    return unresolved(state.state);
  }

  /// The class of new objects. While it is not initialised the interpreter makes them, and
  /// initialises it.
  Decision new_object() const {
    const auto answer = facts.ask<FactKind::resolved_class>(holder.value, index);
    if (answer.state != FactState::known) return unresolved(answer.state);
    if (!vm.has_vm_entries) return bail(BailoutReason::allocation, at);
    if (answer.value.is_array || !answer.value.klass)
      return bail(BailoutReason::malformed_bytecode, at, "the resolved class is an array");
    if (answer.value.initialized) return {};
    return uses(answer.value.klass);
  }

  Decision new_array() const {
    if (at.op == Opcode::newarray)
      return vm.has_vm_entries ? array_class(0, index) : bail(BailoutReason::allocation, at);
    const auto answer = facts.ask<FactKind::resolved_class>(holder.value, index);
    if (answer.state != FactState::known) return unresolved(answer.state);
    if (!vm.has_vm_entries) return bail(BailoutReason::allocation, at);
    if (!answer.value.klass) return bail(BailoutReason::malformed_bytecode, at, "no class");
    if (at.op == Opcode::anewarray) return array_class(answer.value.klass.value, 0);
    if (!answer.value.is_array)
      return bail(BailoutReason::malformed_bytecode, at, "the resolved class is no array");
    return {};
  }

  /// The VM makes the class of an array with the first array.
  Decision array_class(std::uint64_t element, std::uint32_t code) const {
    const auto answer = facts.ask<FactKind::array_class>(element, code);
    if (answer.state != FactState::known) return unresolved(answer.state);
    return answer.value.klass ? Decision{}
                              : bail(BailoutReason::malformed_bytecode, at, "no array class");
  }

  /// checkcast and instanceof look at the class only when the reference is not null (JVMS 6.5).
  Decision type_test() const {
    const auto answer = facts.ask<FactKind::resolved_class>(holder.value, index);
    if (answer.state == FactState::missing) return {Action::unknown, false, {}};
    if (answer.state == FactState::known && !answer.value.klass)
      return bail(BailoutReason::type_check, at, "a class without a name");
    return {Action::compile, answer.state == FactState::unknown, {}};
  }
};

}  // namespace

Answer<facts::ResolvedMethod> called_by(FactReader& facts, MethodId caller, ClassId holder,
                                        const bytecode::Instruction& at) {
  if (at.op != Opcode::invokedynamic)
    return facts.ask<FactKind::resolved_method>(holder.value, static_cast<std::uint32_t>(at.value),
                                                static_cast<std::uint32_t>(at.op));
  const auto site =
      facts.ask<FactKind::call_site>(caller.value, static_cast<std::uint32_t>(at.bci));
  return {site.state,
          {.method = site.value.method,
           .holder = site.value.holder,
           .is_static = true,
           .has_appendix = site.value.has_appendix,
           .can_be_statically_bound = true,
           .appendix = site.value.appendix}};
}

char field_type(const bytecode::ClassShape& shape, const bytecode::Instruction& instruction) {
  const auto member = shape.member(static_cast<std::uint32_t>(instruction.value));
  const auto type = member ? bytecode::parse_field_descriptor(member->descriptor) : std::nullopt;
  return type.value_or('?');
}

bool names_handle(const bytecode::ClassShape& shape, const bytecode::Instruction& at) {
  if (at.op != Opcode::getstatic) return false;
  const auto member = shape.member(static_cast<std::uint32_t>(at.value));
  return member && member->descriptor == "Ljava/lang/invoke/MethodHandle;";
}

bool reads_referent(const facts::VmConfig& vm, const bytecode::ClassShape& shape,
                    const bytecode::Instruction& at) {
  if (vm.gc != facts::GcKind::g1 || at.op != Opcode::getfield) return false;
  const auto member = shape.member(static_cast<std::uint32_t>(at.value));
  return member && member->name == "referent" && field_type(shape, at) == 'L';
}

Decision decide(FactReader& facts, const facts::VmConfig& vm, MethodId method, ClassId holder,
                const bytecode::ClassShape& shape, const bytecode::Instruction& instruction) {
  const Asker asker{facts, vm, method, holder, shape, instruction};
  switch (instruction.op) {
    case Opcode::ldc:
    case Opcode::ldc_w:
    case Opcode::ldc2_w:
      return asker.constant();
    case Opcode::getstatic:
    case Opcode::putstatic:
    case Opcode::getfield:
    case Opcode::putfield:
      return asker.field();
    case Opcode::invokevirtual:
    case Opcode::invokespecial:
    case Opcode::invokestatic:
    case Opcode::invokeinterface:
    case Opcode::invokedynamic:
      return asker.invoke();
    case Opcode::monitorenter:
    case Opcode::monitorexit:
      return vm.knows_monitors ? Decision{} : bail(BailoutReason::monitor, instruction);
    case Opcode::aastore:
      return vm.knows_barriers ? Decision{} : bail(BailoutReason::reference_store, instruction);
    case Opcode::new_:
      return asker.new_object();
    case Opcode::newarray:
    case Opcode::anewarray:
    case Opcode::multianewarray:
      return asker.new_array();
    case Opcode::checkcast:
    case Opcode::instanceof:
      return asker.type_test();
    default:
      if (const auto& reason = bytecode::info(instruction.op).bailout)
        return bail(*reason, instruction);
      return {};
  }
}

}  // namespace jitfarm::worker::compiler::frontend
