#include "vmagent/hotspot/adapter.h"

#include <dlfcn.h>

#include <utility>

#include "vmagent/hotspot/jdk17/adapter17.h"
#include "vmagent/jvmci/natives.h"

namespace jitfarm::vmagent::hotspot {

ObjectConstant::ObjectConstant(const Adapter& adapter, jvmci::Env& env, jvmci::Object* constant)
    : adapter_(&adapter), env_(&env), constant_(jvmci::Ref::share(constant)) {}

ObjectConstant::ObjectConstant(ObjectConstant&& other) noexcept
    : adapter_(other.adapter_), env_(other.env_), constant_(std::exchange(other.constant_, jvmci::Ref())) {}

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

namespace {

/// libjvm, found by the address of one of its functions: our own library exports some of the same names.
Result<void*> libjvm() {
  void* const native = jvmci::World::get().find_native(jvmci::kCompilerToVm, "readConfiguration");
  Dl_info info;
  if (native == nullptr || dladdr(native, &info) == 0) return fail(Errc::vm_unsupported, "libjvm is not found");
  void* const handle = dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD);
  if (handle == nullptr) return fail(Errc::vm_unsupported, std::string("cannot open ") + info.dli_fname);
  return handle;
}

}  // namespace

Result<std::unique_ptr<Adapter>> create(jvmci::Env& env) {
  JF_TRY(void* const handle, libjvm());
  JF_TRY(const VmTables tables, VmTables::load(handle));
  JF_TRY(const void* const current, tables.address("JDK_Version", "_current"));
  JF_TRY(const std::int32_t major, tables.offset("JDK_Version", "_major"));
  const int feature = static_cast<const std::uint8_t*>(current)[major];
  if (feature != 17) return fail(Errc::vm_unsupported, "JDK " + std::to_string(feature) + " is not supported, JDK 17 is");
  JF_TRY(Configuration configuration, Configuration::read(env));
  return jdk17::create(env, tables, std::move(configuration));
}

}  // namespace jitfarm::vmagent::hotspot
