#include "vmagent/hotspot/libjvm.h"

#include <dlfcn.h>

#include <atomic>

#include "vmagent/jvmci/natives.h"

namespace jitfarm::vmagent::hotspot {

void* libjvm() {
  static std::atomic<void*> known{nullptr};
  if (void* const handle = known.load(std::memory_order_acquire)) return handle;
  void* const native = jvmci::World::get().find_native(jvmci::kCompilerToVm, "readConfiguration");
  Dl_info info;
  if (native == nullptr || dladdr(native, &info) == 0) return nullptr;
  void* const handle =
      dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD);  // counts once more; libjvm is never unloaded
  known.store(handle, std::memory_order_release);
  return handle;
}

JNIEnv* application_jni() {
  static std::atomic<JavaVM*> known{nullptr};
  JavaVM* vm = known.load(std::memory_order_acquire);
  if (vm == nullptr) {
    void* const handle = libjvm();
    if (handle == nullptr) return nullptr;
    using CreatedVms = jint (*)(JavaVM**, jsize, jsize*);
    const auto created = reinterpret_cast<CreatedVms>(dlsym(handle, "JNI_GetCreatedJavaVMs"));
    jsize count = 0;
    if (created == nullptr || created(&vm, 1, &count) != JNI_OK || count == 0) return nullptr;
    known.store(vm, std::memory_order_release);
  }
  void* env = nullptr;
  return vm->GetEnv(&env, JNI_VERSION_10) == JNI_OK ? static_cast<JNIEnv*>(env) : nullptr;
}

}  // namespace jitfarm::vmagent::hotspot
