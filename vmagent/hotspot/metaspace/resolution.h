// What does the VM already know about an entry of a constant pool?
//
// Everything comes from state that the VM has published; nothing is resolved by looking. Several
// cache entries may belong to one constant (invokespecial of an interface method has its own): the
// one that is resolved for the opcode answers.
#pragma once
#include "vmagent/hotspot/adapter.h"
#include "vmagent/hotspot/metaspace/views.h"

namespace jitfarm::vmagent::hotspot::metaspace {

inline KlassRef klass_ref(Address a) { return {reinterpret_cast<std::uintptr_t>(a)}; }
inline MethodRef method_ref(Address a) { return {reinterpret_cast<std::uintptr_t>(a)}; }
inline Address address_of(KlassRef r) { return reinterpret_cast<Address>(r.address); }
inline Address address_of(MethodRef r) { return reinterpret_cast<Address>(r.address); }

std::optional<PoolClass> read_pool_class(const Layout& layout, const ClassView& klass, int index);
std::optional<PoolField> read_pool_field(const Layout& layout, const ClassView& klass, int index,
                                         int opcode);
std::optional<PoolMethod> read_pool_method(const Layout& layout, const ClassView& klass, int index,
                                           int opcode);

/// `method` is of the class that `klass` views. The VM has a cache entry for each invokedynamic
/// instruction, also where several share a constant.
std::optional<PoolMethod> read_call_site(const Layout& layout, const ClassView& klass,
                                         const MethodView& method, int bci);

/// Whether a call of this constant goes to what the VM links: its class is one of those that have
/// signature-polymorphic methods (JVMS 2.9.3).
bool may_be_signature_polymorphic(const PoolView& pool, int index);

/// Index into the resolved references of an object constant, nullopt when the class' code names no
/// such object.
std::optional<int> reference_index(const PoolView& pool, int index);

/// final, private, static, a constructor, or of a final class: no dispatch is needed.
bool can_be_statically_bound(const Layout& layout, const MethodView& method);

/// invokeBasic, linkToStatic and their like: MethodHandle has no other native methods.
bool is_signature_polymorphic(const Layout& layout, const MethodView& method);

}  // namespace jitfarm::vmagent::hotspot::metaspace
