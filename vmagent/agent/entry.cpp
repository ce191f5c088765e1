// Where does HotSpot enter the library? The three symbols that it looks up.
//
// libjvm exports the same names; HotSpot finds ours because it asks our handle. Everything else is
// hidden (exports.map).
#include <jni.h>

#include <cstring>
#include <mutex>

#include "vmagent/agent/upcalls.h"
#include "vmagent/jvmci/env.h"
#include "vmagent/jvmci/table.h"
#include "vmagent/log/log.h"

using namespace jitfarm::vmagent;

extern "C" {

JNIEXPORT jint JNI_CreateJavaVM(JavaVM** vm, void** env, void* arguments) {
  static std::once_flag once;
  std::call_once(once, agent::bind_upcalls);
  jvmci::Runtime& runtime = jvmci::Runtime::create(&jvmci::invoke_interface());
  const auto* init = static_cast<const JavaVMInitArgs*>(arguments);
  for (jint i = 0; init && i < init->nOptions; ++i)
    if (init->options[i].optionString &&
        std::strcmp(init->options[i].optionString, "_javavm_id") == 0 && init->options[i].extraInfo)
      *static_cast<jlong*>(init->options[i].extraInfo) = runtime.id();
  JF_AGENT_LOG(debug, "compiler runtime {} made", runtime.id());
  *vm = runtime.vm();
  *env = &jvmci::Env::of(jvmci::Runtime::find(runtime.vm()));
  return JNI_OK;
}

JNIEXPORT jint JNI_GetCreatedJavaVMs(JavaVM**, jsize, jsize* count) {
  *count = 0;
  return JNI_OK;
}

JNIEXPORT jint JNI_GetDefaultJavaVMInitArgs(void*) { return JNI_OK; }

}  // extern "C"
