// What does a JNI function do that HotSpot has not been seen to need?
#pragma once
#include <jni.h>

namespace jitfarm::vmagent::jvmci {

/// Gives every function of `table` a body that logs the function's name, leaves an InternalError
/// pending and returns zero. Each body has the very type of its slot: calling a function through
/// another type is undefined.
void fill_not_implemented(JNINativeInterface_& table);

}  // namespace jitfarm::vmagent::jvmci
