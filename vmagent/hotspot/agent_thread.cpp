#include "vmagent/hotspot/agent_thread.h"

#include <jvmti.h>
#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "vmagent/hotspot/libjvm.h"

namespace jitfarm::vmagent::hotspot {

namespace {

/// JNI references die at its end, and no exception is left behind.
class LocalRefs {
 public:
  explicit LocalRefs(JNIEnv* jni) : jni_(jni->PushLocalFrame(8) == JNI_OK ? jni : nullptr) {
    if (!jni_) jni->ExceptionClear();
  }
  ~LocalRefs() {
    if (!jni_) return;
    if (jni_->ExceptionCheck()) jni_->ExceptionClear();
    jni_->PopLocalFrame(nullptr);
  }
  LocalRefs(const LocalRefs&) = delete;
  LocalRefs& operator=(const LocalRefs&) = delete;
  explicit operator bool() const { return jni_; }

 private:
  JNIEnv* jni_;
};

/// An environment without capabilities and events: HotSpot then only keeps it in a list. Made once.
Result<jvmtiEnv*> environment(JavaVM* vm) {
  static std::atomic<jvmtiEnv*> made{nullptr};
  if (jvmtiEnv* jvmti = made.load()) return jvmti;
  jvmtiEnv* jvmti = nullptr;
  const jint answer = vm->GetEnv(reinterpret_cast<void**>(&jvmti), JVMTI_VERSION_11);
  if (answer == JNI_EVERSION) return fail(Errc::vm_unsupported, "a VM without JVMTI");
  if (answer != JNI_OK || !jvmti)
    return fail(Errc::vm_exception, "GetEnv(JVMTI) answered " + std::to_string(answer));
  jvmtiEnv* none = nullptr;
  if (!made.compare_exchange_strong(none, jvmti)) {
    jvmti->DisposeEnvironment();
    return none;
  }
  return jvmti;
}

/// A java.lang.Thread that no constructor has seen: those run Java code, which a compiler thread
/// must not, and count in what the application sees (thread ids, its group's unstarted threads).
/// HotSpot fills in the rest. It is in the group of the calling thread: "system".
Result<jobject> make_thread(JNIEnv* jni, jvmtiEnv* jvmti, const char* name) {
  jthread self = nullptr;
  if (jvmti->GetCurrentThread(&self) != JVMTI_ERROR_NONE || !self)
    return fail(Errc::vm_exception, "no current thread");
  // Not FindClass: that asks the application's class loader.
  jclass klass = jni->GetObjectClass(self);
  jfieldID name_field = jni->GetFieldID(klass, "name", "Ljava/lang/String;");
  jfieldID group_field =
      name_field ? jni->GetFieldID(klass, "group", "Ljava/lang/ThreadGroup;") : nullptr;
  if (!group_field) return fail(Errc::vm_unsupported, "a java.lang.Thread of another form");
  jobject thread = jni->AllocObject(klass);
  jstring text = thread ? jni->NewStringUTF(name) : nullptr;
  if (!text) return fail(Errc::vm_exception, "no memory for a java.lang.Thread");
  jni->SetObjectField(thread, name_field, text);
  jni->SetObjectField(thread, group_field, jni->GetObjectField(self, group_field));
  return thread;
}

void JNICALL run_body(jvmtiEnv*, JNIEnv*, void* argument) {
  const std::unique_ptr<std::function<void()>> body(static_cast<std::function<void()>*>(argument));
  (*body)();
}

}  // namespace

Status run_agent_thread(const char* name, std::function<void()> body) {
  JNIEnv* const jni = application_jni();
  JavaVM* vm = nullptr;
  if (!jni || jni->GetJavaVM(&vm) != JNI_OK)
    return fail(Errc::vm_exception, "not a thread of the VM");
  const LocalRefs refs(jni);
  if (!refs) return fail(Errc::vm_exception, "no memory for local references");
  JF_TRY(jvmtiEnv* const jvmti, environment(vm));
  JF_TRY(jobject const thread, make_thread(jni, jvmti, name));
  auto argument = std::make_unique<std::function<void()>>(std::move(body));
  const jvmtiError error =
      jvmti->RunAgentThread(thread, run_body, argument.get(), JVMTI_THREAD_NORM_PRIORITY);
  if (error != JVMTI_ERROR_NONE)
    return fail(Errc::vm_exception, "RunAgentThread answered " + std::to_string(error));
  static_cast<void>(argument.release());  // run_body's
  return {};
}

std::size_t stack_bytes_left() {
  pthread_attr_t attributes;
  if (::pthread_getattr_np(::pthread_self(), &attributes) != 0) return 0;
  void* lowest = nullptr;
  std::size_t bytes = 0;
  const int error = ::pthread_attr_getstack(&attributes, &lowest, &bytes);
  ::pthread_attr_destroy(&attributes);
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  const auto end = reinterpret_cast<std::uintptr_t>(lowest);
  return error == 0 && here > end ? here - end : 0;
}

}  // namespace jitfarm::vmagent::hotspot
