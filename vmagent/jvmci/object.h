// What is an object, a class, a field and a method on our side of HotSpot's JNI table?
//
// Classes, fields and methods are immortal: HotSpot fetches them once per process and keeps the
// ids, whatever runtimes come and go. Objects are reference counted: one count for every
// local-frame entry, global reference, field, array element and C++ Ref that names them. Cycles are
// never built by anyone on either side.
#pragma once
#include <jni.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace jitfarm::vmagent::jvmci {

class Class;
class Env;
struct Call;

enum class ObjectKind : std::uint8_t {
  klass,
  plain,
  string,
  bytes,
  ints,
  longs,
  booleans,
  objects
};

/// Header of every object; the payload follows it directly. Counts are atomic, contents are not: an
/// object belongs to one thread until it is published, as in JNI code that does its own locking.
class Object {
 public:
  Class& klass() const { return *klass_; }
  ObjectKind kind() const { return kind_; }
  /// Slots of a plain object, elements of an array, bytes of a string.
  std::uint32_t length() const { return length_; }

  std::span<jvalue> slots() { return {static_cast<jvalue*>(payload()), length_}; }
  std::span<Object*> elements() { return {static_cast<Object**>(payload()), length_}; }
  std::span<jbyte> bytes() { return {static_cast<jbyte*>(payload()), length_}; }
  std::span<jint> ints() { return {static_cast<jint*>(payload()), length_}; }
  std::span<jlong> longs() { return {static_cast<jlong*>(payload()), length_}; }
  std::span<jboolean> booleans() { return {static_cast<jboolean*>(payload()), length_}; }
  /// Modified UTF-8, NUL-terminated.
  std::string_view text() { return {static_cast<const char*>(payload()), length_}; }

  /// Replaces element `index`; out of range is ignored and false.
  bool set_element(std::uint32_t index, Object* value);

  void retain() { refs_.fetch_add(1, std::memory_order_relaxed); }
  /// Frees the object, and what only it held, with the last count.
  void release();
  std::uint32_t references() const { return refs_.load(std::memory_order_relaxed); }

  /// A new object with one count, owned by the caller; contents zero. Null only for a length over
  /// kLengthMax.
  static Object* make(Class& klass, ObjectKind kind, std::uint32_t length);
  /// Objects alive now, classes apart: what a leak test looks at.
  static std::int64_t alive();

  static constexpr std::uint32_t kLengthMax =
      64u << 20;  // JVMCI's largest arrays are code bytes, a few MiB

 protected:
  Object(Class* klass, ObjectKind kind, std::uint32_t length)
      : klass_(klass), length_(length), kind_(kind) {}
  void* payload() { return this + 1; }

 private:
  static void destroy(Object* object);

  Class* klass_;
  std::atomic<std::uint32_t> refs_{1};
  std::uint32_t length_;
  ObjectKind kind_;
};

/// One count of an object, in C++: a global reference.
class Ref {
 public:
  Ref() = default;
  /// Takes a further count of `object`.
  static Ref share(Object* object) {
    if (object) object->retain();
    return Ref(object);
  }
  /// Takes over the count that the caller has.
  static Ref adopt(Object* object) { return Ref(object); }
  Ref(const Ref& other) : Ref(share(other.object_)) {}
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_) object_->release();
  }
  Object* get() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  explicit Ref(Object* object) : object_(object) {}
  Object* object_ = nullptr;
};

/// jfieldID. Slots are numbered per hierarchy, so that fields may be looked up in any order and
/// before or after their subclasses; an object has as many slots as its hierarchy had when it was
/// made.
struct Field {
  Class* holder;
  std::string name;
  char type;  ///< first character of the descriptor
  bool is_static;
  std::uint32_t slot;                      ///< of an instance field
  std::atomic<std::int64_t> static_value;  ///< of a static one: the bits, or a counted Object*
  bool is_reference() const { return type == 'L' || type == '['; }
};

/// What HotSpot calls on our side.
using Upcall = jvalue (*)(Call& call);

/// jmethodID.
struct Method {
  Class* holder;
  std::string name;
  std::string signature;
  std::string arguments;  ///< one character per argument, L for arrays too
  Upcall upcall;  ///< null: HotSpot may look the method up, a call is answered by an InternalError
};

struct Call {
  Env& env;
  Object* self;  ///< null for a static method
  const Method& method;
  std::span<const jvalue> args;
  Object* object(std::size_t i) const { return reinterpret_cast<Object*>(args[i].l); }
};

/// jclass; an object too, since HotSpot takes references to it. Made and owned by World.
class Class : public Object {
 public:
  const std::string& name() const { return name_; }
  Class* super() const { return super_; }
  bool is_subclass_of(const Class& other) const;
  /// The class whose slots this hierarchy shares.
  Class& root() const { return *root_; }
  /// Called when an object of this class dies, before its payload goes; on whatever thread drops
  /// the last count.
  void set_finalizer(void (*finalizer)(Object&)) {
    finalizer_.store(finalizer, std::memory_order_release);
  }

 private:
  friend class World;
  friend class Object;
  Class(Class* meta, std::string name, Class* super)
      : Object(meta ? meta : this, ObjectKind::klass, 0),
        name_(std::move(name)),
        super_(super),
        root_(super ? super->root_ : this) {}

  std::string name_;
  Class* super_;
  Class* root_;
  // Of the hierarchy; only those of a root are used.
  std::atomic<std::uint32_t> slot_count_{0};
  std::atomic<std::uint64_t> reference_slots_{0};
  std::atomic<void (*)(Object&)> finalizer_{nullptr};
};

inline jobject to_jni(Object* object) { return reinterpret_cast<jobject>(object); }
inline Object* from_jni(jobject object) { return reinterpret_cast<Object*>(object); }

}  // namespace jitfarm::vmagent::jvmci
