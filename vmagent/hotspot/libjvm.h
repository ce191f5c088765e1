// Where are the VM's own library and its own JNI, as opposed to our side of the table?
#pragma once
#include <jni.h>

namespace jitfarm::vmagent::hotspot {

/// dlopen handle of the libjvm that we run in, found by the address of one of its natives: our
/// library exports some of the same names. Null before CompilerToVM.registerNatives.
void* libjvm();

/// The application's JNIEnv of this thread; null on a thread that is not attached and while the VM
/// starts (JNI_GetCreatedJavaVMs lists no VM until create_vm returns, though compilations begin
/// before).
JNIEnv* application_jni();

}  // namespace jitfarm::vmagent::hotspot
