// How does the VM throw an exception that a bytecode throws by itself?
#pragma once
#include <cstdint>

namespace jitfarm::vmagent::hotspot::writer {

/// Entries of JVMCIRuntime, from readConfiguration; each transitions into the VM and leaves a pending
/// exception.
struct ThrowEntries {
  std::uint64_t by_name = 0;     ///< throw_and_post_jvmti_exception(thread, class, message or null)
  std::uint64_t class_cast = 0;  ///< throw_class_cast_exception(thread, class, Klass*, Klass*)
  std::uint64_t by_class = 0;    ///< throw_klass_external_name_exception(thread, class, Klass*)
};

/// Once per VM, before the function is used.
void set_throw_entries(const ThrowEntries& entries);

/// code::Target::throw_implicit: (JavaThread*, code::ImplicitException, two arguments). Called by its
/// stub from compiled code: thread in Java, last Java frame set.
std::uint64_t throw_implicit_address();

}  // namespace jitfarm::vmagent::hotspot::writer
