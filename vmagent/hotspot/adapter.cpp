#include "vmagent/hotspot/adapter.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <string>
#include <utility>

#include "vmagent/hotspot/jdk17/adapter17.h"
#include "vmagent/hotspot/jdk25/adapter25.h"
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

namespace {

struct JdkAdapter {
  int feature;
  bool is_proved;  ///< else only for those who ask for it
  Result<std::unique_ptr<Adapter>> (*create)(jvmci::Env&, const VmTables&, Configuration);
};
constexpr JdkAdapter kAdapters[] = {{17, true, jdk17::create}, {25, false, jdk25::create}};

Result<std::unique_ptr<Adapter>> create_any(jvmci::Env& env, bool any) {
  void* const handle = libjvm();
  if (handle == nullptr) return fail(Errc::vm_unsupported, "libjvm is not found");
  JF_TRY(const VmTables tables, VmTables::load(handle));
  // The VM is of the JDK's feature release since JDK 9.
  JF_TRY(const void* const version, tables.address("Abstract_VM_Version", "_vm_major_version"));
  std::int32_t feature = 0;
  std::memcpy(&feature, version, sizeof feature);
  const auto known =
      std::ranges::find(kAdapters, feature, [](const JdkAdapter& jdk) { return jdk.feature; });
  if (known == std::end(kAdapters) || !(known->is_proved || any)) {
    std::string all;
    for (const JdkAdapter& jdk : kAdapters)
      if (jdk.is_proved) all += (all.empty() ? "" : ", ") + std::to_string(jdk.feature);
    return fail(Errc::vm_unsupported,
                "JDK " + std::to_string(feature) + " is not supported; these are: " + all);
  }
  JF_TRY(Configuration configuration, Configuration::read(env));
  return known->create(env, tables, std::move(configuration));
}

}  // namespace

Result<std::unique_ptr<Adapter>> create(jvmci::Env& env) { return create_any(env, false); }

Result<std::unique_ptr<Adapter>> create_unproved(jvmci::Env& env) { return create_any(env, true); }

}  // namespace jitfarm::vmagent::hotspot
