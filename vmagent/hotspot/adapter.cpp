#include "vmagent/hotspot/adapter.h"

#include <utility>

#include "vmagent/hotspot/jdk17/adapter17.h"
#include "vmagent/hotspot/libjvm.h"
#include "vmagent/jvmci/natives.h"

namespace jitfarm::vmagent::hotspot {

ObjectConstant::ObjectConstant(const Adapter& adapter, jvmci::Env& env, jvmci::Object* constant)
    : adapter_(&adapter), env_(&env), constant_(jvmci::Ref::share(constant)) {}

ObjectConstant::ObjectConstant(ObjectConstant&& other) noexcept
    : adapter_(other.adapter_),
      env_(other.env_),
      constant_(std::exchange(other.constant_, jvmci::Ref())) {}

ObjectConstant& ObjectConstant::operator=(ObjectConstant&& other) noexcept {
  if (this != &other) {
    reset();
    adapter_ = other.adapter_;
    env_ = other.env_;
    constant_ = std::exchange(other.constant_, jvmci::Ref());
  }
  return *this;
}

void ObjectConstant::reset() {
  if (!constant_) return;
  adapter_->delete_handle(*env_, *constant_.get());
  constant_ = jvmci::Ref();
}

ClassHold::~ClassHold() {
  if (global_ == nullptr) return;
  // A thread that the VM does not know cannot give it back: then the class stays, which is safe.
  if (JNIEnv* const env = application_jni()) env->DeleteGlobalRef(global_);
}

Result<std::unique_ptr<Adapter>> create(jvmci::Env& env) {
  void* const handle = libjvm();
  if (handle == nullptr) return fail(Errc::vm_unsupported, "libjvm is not found");
  JF_TRY(const VmTables tables, VmTables::load(handle));
  JF_TRY(const void* const current, tables.address("JDK_Version", "_current"));
  JF_TRY(const std::int32_t major, tables.offset("JDK_Version", "_major"));
  const int feature = static_cast<const std::uint8_t*>(current)[major];
  if (feature != 17)
    return fail(Errc::vm_unsupported,
                "JDK " + std::to_string(feature) + " is not supported, JDK 17 is");
  JF_TRY(Configuration configuration, Configuration::read(env));
  return jdk17::create(env, tables, std::move(configuration));
}

}  // namespace jitfarm::vmagent::hotspot
