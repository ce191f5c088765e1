// Who owns a local reference, and which exception is pending? JNIEnv and JavaVM as HotSpot sees
// them.
//
// HotSpot 17 makes one runtime ("JavaVM") per process, 25 one for each compiler thread and destroys
// it when idle: nothing but classes and ids outlives a Runtime. An Env belongs to one thread and
// one Runtime.
#pragma once
#include <jni.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vmagent/jvmci/object.h"

namespace jitfarm::vmagent::jvmci {

/// JavaVM*. Shared by the VM (until DestroyJavaVM) and by the Envs of all threads.
class Runtime {
  const JNIInvokeInterface_* functions_ = nullptr;  // HotSpot reads this: must stay first

 public:
  std::int64_t id() const { return id_; }
  bool destroyed() const { return destroyed_.load(std::memory_order_acquire); }
  JavaVM* vm() { return reinterpret_cast<JavaVM*>(this); }

  /// The HotSpotJVMCIRuntime object of this runtime. Locked by the callers: HotSpot initialises a
  /// runtime on one thread.
  Ref object;

  /// Adds a runtime; it lives until destroy().
  static Runtime& create(const JNIInvokeInterface_* functions);
  static std::shared_ptr<Runtime> find(JavaVM* vm);
  /// The oldest that is alive; null: none.
  static std::shared_ptr<Runtime> any();
  static void destroy(JavaVM* vm);
  /// Whether one was destroyed since the process began.
  static bool any_destroyed();

 private:
  std::int64_t id_ = 0;
  std::atomic<bool> destroyed_{false};
};

/// JNIEnv*. Used by its thread only, hence no lock.
class Env {
 public:
  /// The Env of this thread in `runtime`, made on demand; freed at the end of the thread, or when
  /// the runtime is destroyed and the thread asks for another.
  static Env& of(const std::shared_ptr<Runtime>& runtime);
  ~Env();
  JNIEnv* jni() { return reinterpret_cast<JNIEnv*>(this); }
  Runtime& runtime() { return *runtime_; }

  // ---- local references: an object without any reference is freed

  void push_frame() { frames_.push_back(locals_.size()); }
  /// Drops the references made since push_frame(); `keep`, if any, becomes a local of the frame
  /// below.
  Object* pop_frame(Object* keep = nullptr);
  /// A further local reference to `object`, null stays null.
  Object* local(Object* object);
  /// Hands the caller's count over to the current frame.
  Object* adopt(Object* object);
  void delete_local(Object* object);
  std::size_t local_count() const { return locals_.size(); }

  // ---- making objects, each a local of the current frame; null: too large

  Object* make(Class& klass);
  Object* make_string(std::string_view text);
  Object* make_bytes(std::span<const std::uint8_t> bytes);
  Object* make_ints(std::span<const jint> values);
  Object* make_objects(Class& element, std::span<Object* const> elements);
  Object* make_objects(Class& element, std::uint32_t length);
  /// java.lang.Integer, Long..: any box class with a field `value`.
  Object* make_integer(jint value);
  Object* make_long(jlong value);

  // ---- the pending exception

  Object* pending() const { return pending_.get(); }
  void throw_object(Object* throwable) { pending_ = Ref::share(throwable); }
  void throw_new(std::string_view klass, std::string_view message);
  void clear_pending() { pending_ = {}; }
  /// Clears it: "java.lang.InternalError: text"; nothing when none is pending.
  std::optional<std::string> take_pending();

 private:
  explicit Env(std::shared_ptr<Runtime> runtime);

  const JNINativeInterface_* functions_;  // HotSpot reads this: must stay first
  std::shared_ptr<Runtime> runtime_;
  Ref pending_;
  std::vector<Object*> locals_;
  std::vector<std::size_t> frames_;
};

inline Env& from_jni(JNIEnv* env) { return *reinterpret_cast<Env*>(env); }

/// What is made or returned inside the scope dies with it, unless a Ref or another object holds it.
class LocalFrame {
 public:
  explicit LocalFrame(Env& env) : env_(env) { env.push_frame(); }
  ~LocalFrame() { env_.pop_frame(); }
  LocalFrame(const LocalFrame&) = delete;
  LocalFrame& operator=(const LocalFrame&) = delete;

 private:
  Env& env_;
};

}  // namespace jitfarm::vmagent::jvmci
