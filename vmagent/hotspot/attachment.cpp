#include "vmagent/hotspot/attachment.h"

#include <dlfcn.h>

#include "vmagent/hotspot/libjvm.h"

namespace jitfarm::vmagent::hotspot {

namespace {

/// The application's VM; null while it starts.
JavaVM* application_vm() {
  void* library = libjvm();
  if (!library) return nullptr;
  auto created = reinterpret_cast<jint (*)(JavaVM**, jsize, jsize*)>(
      ::dlsym(library, "JNI_GetCreatedJavaVMs"));
  JavaVM* vm = nullptr;
  jsize count = 0;
  if (!created || created(&vm, 1, &count) != JNI_OK || count == 0) return nullptr;
  return vm;
}

}  // namespace

Status attach_thread(const char* name) {
  JavaVM* vm = application_vm();
  if (!vm) return fail(Errc::vm_unsupported, "no VM to attach to");
  JavaVMAttachArgs args{
      .version = JNI_VERSION_10, .name = const_cast<char*>(name), .group = nullptr};
  void* env = nullptr;
  if (vm->AttachCurrentThreadAsDaemon(&env, &args) != JNI_OK)
    return fail(Errc::vm_exception, "AttachCurrentThreadAsDaemon");
  return {};
}

void detach_thread() {
  if (JavaVM* vm = application_vm()) vm->DetachCurrentThread();
}

}  // namespace jitfarm::vmagent::hotspot
