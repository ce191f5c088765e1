// Which functions stand in the JNI tables that HotSpot gets?
#pragma once
#include <jni.h>

namespace jitfarm::vmagent::jvmci {

/// Filled once. A slot that HotSpot has not been seen to need answers with a logged InternalError
/// and null, never a crash.
const JNINativeInterface_& native_interface();
const JNIInvokeInterface_& invoke_interface();

}  // namespace jitfarm::vmagent::jvmci
