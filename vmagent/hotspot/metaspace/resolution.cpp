#include "vmagent/hotspot/metaspace/resolution.h"

#include <cstring>

#include "common/code/code_image.h"
#include "vmagent/hotspot/metaspace/opcodes.h"

namespace jitfarm::vmagent::hotspot::metaspace {
namespace {

constexpr std::uint32_t kAccPrivate = 0x2, kAccStatic = 0x8, kAccFinal = 0x10, kAccVolatile = 0x40,
                        kAccNative = 0x100;

bool is_pointer(Address a) { return a != nullptr && reinterpret_cast<std::uintptr_t>(a) % 8 == 0; }

/// The method at vtable slot `slot` of the class that the constant names.
Address dispatched(const Layout& layout, const PoolView& pool, int index, std::uint64_t slot) {
  if (slot > 0xffff) return nullptr;
  const Address klass = pool.resolved_class(pool.low(index));
  if (klass == nullptr) return nullptr;
  const ClassView view(layout, klass);
  // A method of Object called through an interface: the slot is one of Object's, which is an
  // interface's super class.
  if (pool.tag(index) == kTagInterfaceMethod) {
    const Address object = view.super();
    return object == nullptr ? nullptr
                             : ClassView(layout, object).vtable(static_cast<int>(slot));
  }
  return view.vtable(static_cast<int>(slot));
}

/// nullopt: no method that may be called now.
std::optional<PoolMethod> describe(const Layout& layout, Address method) {
  if (!is_pointer(method)) return std::nullopt;
  const MethodView view(layout, method);
  if (!view || view.is_old() || !is_pointer(view.holder())) return std::nullopt;
  PoolMethod answer;
  answer.is_static = (view.access_flags() & kAccStatic) != 0;
  // While the initialiser runs the VM checks at each entry who calls, of compiled code, too.
  const ClassView holder(layout, view.holder());
  if (answer.is_static && !holder.is_initialized() && !holder.is_being_initialized())
    return std::nullopt;
  answer.method = method_ref(method);
  answer.holder = klass_ref(view.holder());
  answer.is_method_handle_intrinsic = is_signature_polymorphic(layout, view);
  answer.can_be_statically_bound = can_be_statically_bound(layout, view);
  return answer;
}

/// What an entry of a method handle's call or of an invokedynamic leads to: an adapter of a hidden
/// class, or invokeBasic.
std::optional<PoolMethod> linked(const Layout& layout, const ResolvedCall& call) {
  auto answer = describe(layout, call.method);
  if (!answer || (!answer->is_static && !answer->is_method_handle_intrinsic)) return std::nullopt;
  answer->has_appendix = call.has_appendix;
  if (answer->has_appendix) {
    if (call.index > code::kReferenceIndexMax) return std::nullopt;
    answer->appendix = static_cast<std::uint32_t>(call.index);
  }
  return answer;
}

}  // namespace

bool can_be_statically_bound(const Layout& layout, const MethodView& method) {
  if (method.access_flags() & (kAccPrivate | kAccStatic | kAccFinal)) return true;
  if (method.name().starts_with('<')) return true;
  const Address holder = method.holder();
  return holder != nullptr && (ClassView(layout, holder).access_flags() & kAccFinal) != 0;
}

bool is_signature_polymorphic(const Layout& layout, const MethodView& method) {
  if ((method.access_flags() & kAccNative) == 0 || method.holder() == nullptr) return false;
  return ClassView(layout, method.holder()).name() == "java/lang/invoke/MethodHandle";
}

std::optional<PoolClass> read_pool_class(const Layout& layout, const ClassView& klass, int index) {
  const Address resolved = klass.pool().resolved_class(index);
  if (!is_pointer(resolved)) return std::nullopt;
  const ClassView view(layout, resolved);
  const bool is_array = view.is_array();
  return PoolClass{.klass = klass_ref(resolved),
                   .is_array = is_array,
                   .is_initialized = is_array || view.is_initialized(),
                   .instance_size = view.instance_size(),
                   .super_check_offset = view.super_check_offset()};
}

namespace {

/// The field that a class declares itself, by name and descriptor.
std::optional<PoolField> own_static_field(const ClassView& klass, const PoolView& pool,
                                          int index) {
  const Address named = pool.resolved_class(pool.low(index));
  if (named != klass.address()) return std::nullopt;
  const std::string_view name = pool.member_name(index);
  const std::string_view descriptor = pool.member_descriptor(index);
  const auto fields = klass.fields();
  if (!fields) return std::nullopt;
  for (const FieldRow& field : *fields) {
    if (pool.text(field.name) != name || pool.text(field.descriptor) != descriptor) continue;
    if ((field.flags & kAccStatic) == 0 || !field.offset || descriptor.empty()) return std::nullopt;
    return PoolField{.holder = klass_ref(klass.address()),
                     .offset = *field.offset,
                     .type = descriptor.front(),
                     .is_static = true,
                     .is_volatile = (field.flags & kAccVolatile) != 0,
                     .is_final = (field.flags & kAccFinal) != 0};
  }
  return std::nullopt;
}

}  // namespace

std::optional<PoolField> read_pool_field(const Layout& layout, const ClassView& klass, int index,
                                         int opcode) {
  const PoolView pool = klass.pool();
  if (pool.tag(index) != kTagField) return std::nullopt;
  const bool is_put = opcode == kOpPutfield || opcode == kOpPutstatic;
  const auto entry = layout.dialect->field(pool, index, opcode);
  // While a class initialises itself the VM resolves none of its static fields. Its own code may use them, but
  // for a final one that it writes: that is its initialiser's business.
  const bool is_static = opcode == kOpGetstatic || opcode == kOpPutstatic;
  if (!entry && is_static && klass.is_being_initialized()) {
    auto own = own_static_field(klass, pool, index);
    return own && !(is_put && own->is_final) ? own : std::nullopt;
  }
  if (!entry || !is_pointer(entry->holder) || entry->offset == 0 || entry->offset > INT32_MAX)
    return std::nullopt;
  const std::string_view descriptor = pool.member_descriptor(index);
  if (descriptor.empty()) return std::nullopt;
  PoolField field;
  field.holder = klass_ref(entry->holder);
  field.offset = static_cast<std::int32_t>(entry->offset);
  field.type = descriptor.front();
  field.is_static = opcode == kOpGetstatic || opcode == kOpPutstatic;
  field.is_volatile = entry->is_volatile;
  field.is_final = entry->is_final;
  if (field.is_static && !ClassView(layout, entry->holder).is_initialized()) return std::nullopt;
  return field;
}

std::optional<PoolMethod> read_pool_method(const Layout& layout, const ClassView& klass, int index,
                                           int opcode) {
  const PoolView pool = klass.pool();
  const int tag = pool.tag(index);
  if (tag != kTagMethod && tag != kTagInterfaceMethod) return std::nullopt;
  const auto call = layout.dialect->call(pool, index, opcode);
  if (!call) return std::nullopt;
  if (call->kind == ResolvedCall::Kind::linked) return linked(layout, *call);
  const Address method = call->kind == ResolvedCall::Kind::dispatched
                             ? dispatched(layout, pool, index, call->index)
                             : call->method;
  auto answer = describe(layout, method);
  if (!answer) return std::nullopt;
  const MethodView view(layout, method);
  // Entry and constant are found by different ways: the same text proves that the entry was
  // understood. The VM makes linkToStatic and its like once per erased descriptor.
  if (view.name() != pool.member_name(index) ||
      (!answer->is_method_handle_intrinsic && view.descriptor() != pool.member_descriptor(index)) ||
      answer->is_static != (opcode == kOpInvokestatic))
    return std::nullopt;
  // A final method of Object, called through an interface, is the VM's to call.
  if (opcode == kOpInvokeinterface)
    answer->can_be_statically_bound &= (view.access_flags() & kAccPrivate) != 0;
  return answer;
}

std::optional<PoolMethod> read_call_site(const Layout& layout, const ClassView& klass,
                                         const MethodView& method, int bci) {
  constexpr int kBytes = 5;
  if (bci < 0 || bci > method.code_size() - kBytes || !klass.is_rewritten()) return std::nullopt;
  if (load<std::uint8_t>(method.code(), bci) != kOpInvokedynamic) return std::nullopt;
  std::int32_t operand = 0;
  std::memcpy(&operand, method.code() + bci + 1, sizeof operand);
  const PoolView pool = klass.pool();
  const auto call = layout.dialect->call_site(pool, operand);
  if (!call || pool.tag(call->pool_index) != kTagInvokeDynamic) return std::nullopt;
  return linked(layout, *call);
}

bool may_be_signature_polymorphic(const PoolView& pool, int index) {
  if (pool.tag(index) != kTagMethod) return false;
  const std::string_view holder = pool.class_name(pool.low(index));
  return holder == "java/lang/invoke/MethodHandle" || holder == "java/lang/invoke/VarHandle";
}

std::optional<int> reference_index(const PoolView& pool, int index) {
  const ArrayView map = pool.reference_map();
  for (int i = 0; i < map.length(); ++i)
    if (map.u2(i) == index) return i;
  return std::nullopt;
}

}  // namespace jitfarm::vmagent::hotspot::metaspace
