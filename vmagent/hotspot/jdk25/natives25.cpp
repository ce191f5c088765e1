#include "vmagent/hotspot/jdk25/natives25.h"

#include <atomic>
#include <future>
#include <string_view>
#include <system_error>
#include <thread>

#include "vmagent/hotspot/metaspace/opcodes.h"
#include "vmagent/jvmci/natives.h"
#include "vmagent/hotspot/libjvm.h"

namespace jitfarm::vmagent::hotspot::jdk25 {
namespace {

using jvmci::Env;
using jvmci::FieldOf;
using jvmci::Native;
using jvmci::Object;
using jvmci::World;

/// Object handles that were cleared are given back together.
constexpr std::uint32_t kClearedMax = 256;

jlong pointer(KlassRef klass) { return static_cast<jlong>(klass.address); }
jlong pointer(MethodRef method) { return static_cast<jlong>(method.address); }

/// JDK 25 takes an object and what it holds, and looks only at the latter.
class Calls25 final : public metaspace::VmCalls {
 public:
  const metaspace::HandleNames& names() const override {
    static constexpr metaspace::HandleNames kNames{
        .method = "methodHandle", .pool = "constantPoolHandle", .klass = "klassPointer"};
    return kNames;
  }
  bool handles_stay() const override { return false; }

  Result<Object*> constant_pool(Env& env, KlassRef klass) const override {
    return constant_pool_(env, nullptr, pointer(klass), true);
  }
  Result<Object*> profiled_type(Env& env, std::uintptr_t cell) const override {
    // The VM adds an offset to the address of the profile; that it is the cell's own is as good.
    Object* const profile = env.make(profile_class_);
    if (profile == nullptr) return fail(Errc::vm_exception, "out of memory");
    profile_pointer_.set(*profile, static_cast<jlong>(cell));
    return resolved_type_(env, profile, 0, false);
  }
  Result<Object*> unique_concrete_method(Env& env, KlassRef context,
                                         MethodRef method) const override {
    return find_unique_concrete_method_(env, nullptr, pointer(context), nullptr, pointer(method));
  }
  Result<Object*> resolve_method(Env& env, KlassRef receiver, MethodRef method,
                                 KlassRef caller) const override {
    return resolve_method_(env, nullptr, pointer(receiver), nullptr, pointer(method), nullptr,
                           pointer(caller));
  }
  Result<Object*> java_mirror(Env& env, KlassRef klass) const override {
    return java_mirror_(env, nullptr, pointer(klass));
  }
  Result<Object*> array_element(Env& env, Object* array, std::int32_t index) const override {
    return read_array_element_(env, array, index);
  }
  Result<Object*> dynamic_constant(Env& env, KlassRef klass, std::int32_t index) const override {
    JF_TRY(const std::uintptr_t pool, pool_of(env, klass));
    return lookup_constant_(env, nullptr, static_cast<jlong>(pool), index, false);
  }
  void delete_object_handle(Env& env, std::int64_t handle) const override {
    static_cast<void>(clear_oop_handle_(env, handle));
    if (cleared_.fetch_add(1, std::memory_order_relaxed) % kClearedMax == kClearedMax - 1)
      static_cast<void>(release_cleared_oop_handles_(env));
  }
  Result<std::int32_t> array_base(Env& env, char kind) const override {
    return array_base_offset_(env, static_cast<jchar>(kind));
  }
  Result<Object*> flag_value(Env& env, std::string_view name) const override {
    return get_flag_value_(env, env.make_string(name));
  }
  Status run_thread(const char* name, std::function<void()> body) const override {
    const auto runtime = jvmci::Runtime::any();
    if (!runtime) return fail(Errc::vm_exception, "no compiler runtime");
    auto started = std::make_shared<std::promise<Status>>();
    auto answer = started->get_future();
    try {
      std::thread([this, runtime, started, text = std::string(name), body = std::move(body)] {
        jvmci::Env& env = jvmci::Env::of(runtime);
        Status attached = attach(env, text);
        const bool runs = attached.has_value();
        started->set_value(std::move(attached));
        if (!runs) return;
        body();
        static_cast<void>(detach_current_thread_(env, false));
      }).detach();
    } catch (const std::system_error& error) {
      return fail(Errc::vm_exception, std::string("no thread: ") + error.what());
    }
    return answer.get();
  }
  Result<Object*> bytecode(Env& env, MethodRef method) const override {
    return get_bytecode_(env, nullptr, pointer(method));
  }
  Result<std::int32_t> pool_index(Env& env, KlassRef klass, std::uint8_t opcode,
                                  std::int32_t operand) const override {
    JF_TRY(const std::uintptr_t pool, pool_of(env, klass));
    const auto& decode =
        opcode < metaspace::kOpInvokevirtual ? decode_field_index_ : decode_method_index_;
    return decode(env, nullptr, static_cast<jlong>(pool), operand);
  }

 private:
  /// To the VM and to the compiler runtime of `env`. A thread that only the VM knows, as JVMTI's are,
  /// has no runtime: natives that make handles end the process there.
  Status attach(Env& env, const std::string& name) const {
    jvmci::LocalFrame frame(env);
    Object* const text =
        env.make_bytes({reinterpret_cast<const std::uint8_t*>(name.data()), name.size()});
    if (text == nullptr) return fail(Errc::vm_exception, "out of memory");
    const Result<bool> attached = attach_current_thread_(env, text, true, nullptr);
    if (attached && *attached) return {};
    // The VM may have taken the thread and then found no runtime.
    JavaVM* vm = nullptr;
    if (JNIEnv* const jni = application_jni(); jni != nullptr && jni->GetJavaVM(&vm) == JNI_OK)
      vm->DetachCurrentThread();
    if (!attached) return std::unexpected(attached.error());
    return fail(Errc::vm_exception, "the VM does not take a thread");
  }

  /// The ConstantPool* in the handle that the VM makes.
  Result<std::uintptr_t> pool_of(Env& env, KlassRef klass) const {
    jvmci::LocalFrame frame(env);
    JF_TRY(Object* const pool, constant_pool(env, klass));
    const jlong handle = pool == nullptr ? 0 : pool_handle_.get(*pool);
    if (handle == 0) return fail(Errc::vm_exception, "getConstantPool: null");
    return *reinterpret_cast<const std::uintptr_t*>(handle);
  }

  mutable std::atomic<std::uint32_t> cleared_ = 0;
  jvmci::Class& profile_class_ = World::get().find_class("jdk/vm/ci/hotspot/HotSpotMethodData");
  const FieldOf<jlong> profile_pointer_{"jdk/vm/ci/hotspot/HotSpotMethodData", "methodDataPointer",
                                        "J"};
  const FieldOf<jlong> pool_handle_{"jdk/vm/ci/hotspot/HotSpotConstantPool", "constantPoolHandle",
                                    "J"};
  const Native<Object*(Object*, jlong, jboolean)> constant_pool_{"getConstantPool"};
  const Native<Object*(Object*, jlong, Object*, jlong)> find_unique_concrete_method_{
      "findUniqueConcreteMethod"};
  const Native<Object*(Object*, jlong, Object*, jlong, Object*, jlong)> resolve_method_{
      "resolveMethod"};
  const Native<Object*(Object*, jlong)> java_mirror_{"getJavaMirror"};
  const Native<Object*(Object*, jint)> read_array_element_{"readArrayElement"};
  const Native<Object*(Object*, jlong, jint, jboolean)> lookup_constant_{"lookupConstantInPool"};
  const Native<bool(Object*, bool, Object*)> attach_current_thread_{"attachCurrentThread"};
  const Native<bool(bool)> detach_current_thread_{"detachCurrentThread"};
  const Native<void(jlong)> clear_oop_handle_{"clearOopHandle"};
  const Native<void()> release_cleared_oop_handles_{"releaseClearedOopHandles"};
  const Native<jint(jchar)> array_base_offset_{"arrayBaseOffset"};
  const Native<Object*(Object*)> get_flag_value_{"getFlagValue"};
  const Native<Object*(Object*, jlong)> get_bytecode_{"getBytecode"};
  const Native<jint(Object*, jlong, jint)> decode_field_index_{"decodeFieldIndexToCPIndex"};
  const Native<jint(Object*, jlong, jint)> decode_method_index_{"decodeMethodIndexToCPIndex"};
};

}  // namespace

std::unique_ptr<const metaspace::VmCalls> make_calls() { return std::make_unique<Calls25>(); }

}  // namespace jitfarm::vmagent::hotspot::jdk25
