#include "vmagent/hotspot/jdk17/natives17.h"

#include "vmagent/hotspot/agent_thread.h"
#include "vmagent/jvmci/natives.h"

namespace jitfarm::vmagent::hotspot::jdk17 {
namespace {

using jvmci::Env;
using jvmci::FieldOf;
using jvmci::Native;
using jvmci::Object;
using jvmci::World;

/// JDK 17 takes classes and methods as objects that hold them.
class Calls17 final : public metaspace::VmCalls {
 public:
  const metaspace::HandleNames& names() const override {
    static constexpr metaspace::HandleNames kNames{
        .method = "metadataHandle", .pool = "metadataHandle", .klass = "metadataPointer"};
    return kNames;
  }
  bool handles_stay() const override { return true; }

  Result<Object*> constant_pool(Env& env, KlassRef klass) const override {
    JF_TRY(Object* const type, type_object(env, klass));
    return constant_pool_(env, type);
  }
  Result<Object*> profiled_type(Env& env, std::uintptr_t cell) const override {
    return resolved_type_(env, nullptr, static_cast<jlong>(cell), false);
  }
  Result<Object*> unique_concrete_method(Env& env, KlassRef context,
                                         MethodRef asked) const override {
    JF_TRY(Object* const type, type_object(env, context));
    JF_TRY(Object* const object, method(env, asked));
    return find_unique_concrete_method_(env, type, object);
  }
  Result<Object*> resolve_method(Env& env, KlassRef receiver, MethodRef asked,
                                 KlassRef caller) const override {
    JF_TRY(Object* const type, type_object(env, receiver));
    JF_TRY(Object* const object, method(env, asked));
    JF_TRY(Object* const from, type_object(env, caller));
    return resolve_method_(env, type, object, from);
  }
  Result<Object*> java_mirror(Env& env, KlassRef klass) const override {
    JF_TRY(Object* const type, type_object(env, klass));
    return java_mirror_(env, type);
  }
  Result<Object*> array_element(Env& env, Object* array, std::int32_t index) const override {
    return read_array_element_(env, array, index);
  }
  Result<Object*> dynamic_constant(Env& env, KlassRef klass, std::int32_t index) const override {
    JF_TRY(Object* const pool, constant_pool(env, klass));
    if (pool == nullptr) return fail(Errc::vm_exception, "getConstantPool: null");
    return resolve_possibly_cached_(env, pool, index);
  }
  void delete_object_handle(Env& env, std::int64_t handle) const override {
    static_cast<void>(delete_global_handle_(env, handle));
  }
  Result<std::int32_t> array_base(Env& env, char kind) const override {
    jvmci::LocalFrame frame(env);
    static const FieldOf<jchar> kTypeChar{"jdk/vm/ci/meta/JavaKind", "typeChar", "C"};
    Object* const java_kind = env.make(World::get().find_class("jdk/vm/ci/meta/JavaKind"));
    if (java_kind == nullptr) return fail(Errc::vm_unsupported, "no JavaKind");
    kTypeChar.set(*java_kind, static_cast<jchar>(kind));
    return array_base_offset_(env, java_kind);
  }
  Result<Object*> flag_value(Env& env, std::string_view name) const override {
    return get_flag_value_(env, env.make_string(name));
  }
  Status run_thread(const char* name, std::function<void()> body) const override {
    return run_agent_thread(name, std::move(body));
  }
  Result<Object*> bytecode(Env& env, MethodRef asked) const override {
    JF_TRY(Object* const object, method(env, asked));
    return get_bytecode_(env, object);
  }
  Result<std::int32_t> pool_index(Env& env, KlassRef klass, std::uint8_t,
                                  std::int32_t operand) const override {
    jvmci::LocalFrame frame(env);
    JF_TRY(Object* const pool, constant_pool(env, klass));
    if (pool == nullptr) return fail(Errc::vm_exception, "getConstantPool: null");
    return remap_operand_(env, pool, operand);
  }

 private:
  Result<Object*> type_object(Env& env, KlassRef klass) const {
    Object* const type = env.make(type_class_);
    if (type == nullptr) return fail(Errc::vm_exception, "out of memory");
    type_pointer_.set(*type, static_cast<jlong>(klass.address));
    return type;
  }

  jvmci::Class& type_class_ =
      World::get().find_class("jdk/vm/ci/hotspot/HotSpotResolvedObjectTypeImpl");
  const FieldOf<jlong> type_pointer_{"jdk/vm/ci/hotspot/HotSpotResolvedObjectTypeImpl",
                                     "metadataPointer", "J"};
  const Native<Object*(Object*)> constant_pool_{"getConstantPool"};
  const Native<Object*(Object*, Object*)> find_unique_concrete_method_{"findUniqueConcreteMethod"};
  const Native<Object*(Object*, Object*, Object*)> resolve_method_{"resolveMethod"};
  const Native<Object*(Object*)> java_mirror_{"getJavaMirror"};
  const Native<Object*(Object*, jint)> read_array_element_{"readArrayElement"};
  const Native<Object*(Object*, jint)> resolve_possibly_cached_{
      "resolvePossiblyCachedConstantInPool"};
  const Native<void(jlong)> delete_global_handle_{"deleteGlobalHandle"};
  const Native<jint(Object*)> array_base_offset_{"arrayBaseOffset"};
  const Native<Object*(Object*)> get_flag_value_{"getFlagValue"};
  const Native<Object*(Object*)> get_bytecode_{"getBytecode"};
  const Native<jint(Object*, jint)> remap_operand_{"constantPoolRemapInstructionOperandFromCache"};
};

}  // namespace

std::unique_ptr<const metaspace::VmCalls> make_calls() { return std::make_unique<Calls17>(); }

}  // namespace jitfarm::vmagent::hotspot::jdk17
