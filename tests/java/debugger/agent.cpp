// What does a debugger see of a program? Exceptions, steps and breakpoints in the class that asks for
// them, and its locals. The class gets it all as text. Frames cannot be popped: HotSpot 17 gives nobody
// that capability while JVMCI is on.
//
// Loaded with -agentpath: what debuggers need of the VM they can have at its start only.
#include <jvmti.h>

#include <atomic>
#include <cstring>
#include <mutex>
#include <string>

namespace {

constexpr const char* kClass = "Ldebugger/Debugged;";

jvmtiEnv* jvmti = nullptr;
std::mutex mutex;
std::string text;  // guarded
std::atomic<jint> breaks{0};

/// "method:location" of a method of the class, empty of others.
std::string place(jmethodID method, jlocation location) {
  jclass holder = nullptr;
  char* name = nullptr;
  char* signature = nullptr;
  std::string result;
  if (method != nullptr && jvmti->GetMethodDeclaringClass(method, &holder) == JVMTI_ERROR_NONE &&
      jvmti->GetClassSignature(holder, &signature, nullptr) == JVMTI_ERROR_NONE &&
      jvmti->GetMethodName(method, &name, nullptr, nullptr) == JVMTI_ERROR_NONE &&
      std::strcmp(signature, kClass) == 0)
    result = std::string(name) + ":" + std::to_string(location);
  jvmti->Deallocate(reinterpret_cast<unsigned char*>(name));
  jvmti->Deallocate(reinterpret_cast<unsigned char*>(signature));
  return result;
}

void add(const char* what, const std::string& where, const std::string& more = "") {
  if (where.empty()) return;
  const std::lock_guard lock(mutex);
  text += std::string(what) + " " + where + more + "\n";
}

void JNICALL on_exception(jvmtiEnv*, JNIEnv*, jthread, jmethodID method, jlocation location, jobject,
                          jmethodID catching, jlocation at) {
  add("thrown", place(method, location), ", to be caught at " + place(catching, at));
}
void JNICALL on_catch(jvmtiEnv*, JNIEnv*, jthread, jmethodID method, jlocation location, jobject) {
  add("caught", place(method, location));
}
void JNICALL on_step(jvmtiEnv*, JNIEnv*, jthread, jmethodID method, jlocation location) {
  add("step", place(method, location));
}
void JNICALL on_breakpoint(jvmtiEnv*, JNIEnv*, jthread, jmethodID, jlocation) { ++breaks; }

void notify(jboolean on, jvmtiEvent event, jthread thread) {
  jvmti->SetEventNotificationMode(on ? JVMTI_ENABLE : JVMTI_DISABLE, event, thread);
}

jthread current() {
  jthread thread = nullptr;
  jvmti->GetCurrentThread(&thread);
  return thread;
}

}  // namespace

extern "C" {

JNIEXPORT jint JNICALL Agent_OnLoad(JavaVM* vm, char*, void*) {
  if (vm->GetEnv(reinterpret_cast<void**>(&jvmti), JVMTI_VERSION_11) != JNI_OK) return 1;
  jvmtiCapabilities wanted{};
  wanted.can_generate_exception_events = 1;
  wanted.can_generate_single_step_events = 1;
  wanted.can_generate_breakpoint_events = 1;
  wanted.can_access_local_variables = 1;
  if (jvmti->AddCapabilities(&wanted) != JVMTI_ERROR_NONE) return 1;
  jvmtiEventCallbacks callbacks{};
  callbacks.Exception = on_exception;
  callbacks.ExceptionCatch = on_catch;
  callbacks.SingleStep = on_step;
  callbacks.Breakpoint = on_breakpoint;
  return jvmti->SetEventCallbacks(&callbacks, sizeof callbacks) == JVMTI_ERROR_NONE ? 0 : 1;
}

JNIEXPORT void JNICALL Java_debugger_Debugged_exceptions(JNIEnv*, jclass, jboolean on) {
  notify(on, JVMTI_EVENT_EXCEPTION, current());
  notify(on, JVMTI_EVENT_EXCEPTION_CATCH, current());
}

JNIEXPORT void JNICALL Java_debugger_Debugged_steps(JNIEnv*, jclass, jboolean on) {
  notify(on, JVMTI_EVENT_SINGLE_STEP, current());
}

/// At the first bytecode of the static method of type (I)I, in all threads.
JNIEXPORT void JNICALL Java_debugger_Debugged_breakpoint(JNIEnv* jni, jclass klass, jstring name,
                                                         jboolean set) {
  const char* chars = jni->GetStringUTFChars(name, nullptr);
  const jmethodID method = jni->GetStaticMethodID(klass, chars, "(I)I");
  jni->ReleaseStringUTFChars(name, chars);
  if (method == nullptr) return;
  notify(set, JVMTI_EVENT_BREAKPOINT, nullptr);
  if (set)
    jvmti->SetBreakpoint(method, 0);
  else
    jvmti->ClearBreakpoint(method, 0);
}

JNIEXPORT jint JNICALL Java_debugger_Debugged_breaks(JNIEnv*, jclass) { return breaks; }

/// An int of the caller. The JVMTI error, negative, when it cannot be read.
JNIEXPORT jint JNICALL Java_debugger_Debugged_local(JNIEnv*, jclass, jint slot) {
  jint value = 0;
  const jvmtiError error = jvmti->GetLocalInt(current(), 1, slot, &value);
  return error == JVMTI_ERROR_NONE ? value : -static_cast<jint>(error);
}

/// Everything since the last call.
JNIEXPORT jstring JNICALL Java_debugger_Debugged_seen(JNIEnv* jni, jclass) {
  const std::lock_guard lock(mutex);
  const jstring result = jni->NewStringUTF(text.c_str());
  text.clear();
  return result;
}

}  // extern "C"
