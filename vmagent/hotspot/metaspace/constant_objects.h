// What is a method handle made of? Its final fields, and what the VM calls for it.
//
// Objects are read through the VM's own JNI, and as objects of JVMCI where JNI has no name for what they
// hold. Their local handles keep them, and with them their classes, as long as the tree exists.
#pragma once
#include <functional>
#include <optional>

#include "vmagent/hotspot/metaspace/views.h"
#include "vmagent/hotspot/metaspace/vm_calls.h"

namespace jitfarm::vmagent::hotspot::metaspace {

/// Offset of the Method* in a java.lang.invoke.ResolvedMethodName, whose class is `klass`; 0: none.
std::int32_t find_vmtarget(const ClassView& klass);

/// What is needed besides the object; outlives the call.
struct ObjectReading {
  const Adapter& adapter;
  const Layout& layout;
  const VmCalls& calls;
  std::function<KlassRef(jvmci::Object& type)> klass_of_type;
  std::int32_t vmtarget = 0;  ///< find_vmtarget
};

/// An element of the resolved references of the class; as
/// Adapter::constant_objects.
std::optional<ConstantTree> read_referenced(jvmci::Env& env, const ObjectReading& reading,
                                            const ClassView& klass, std::uint32_t index);
/// The value of a static final field of type MethodHandle that entry `index` of the class names; as
/// Adapter::constant_objects.
std::optional<ConstantTree> read_static_handle(jvmci::Env& env, const ObjectReading& reading,
                                               const ClassView& klass, std::uint32_t index);

}  // namespace jitfarm::vmagent::hotspot::metaspace
