// Which classes, fields, methods and natives exist? The registry behind the JNI table.
//
// One per process, immortal, filled by HotSpot's walk over the jdk.vm.ci surface and by our own
// rooms, in any order. HotSpot never looks behind the table: a class that somebody names exists.
#pragma once
#include <string_view>

#include "vmagent/jvmci/object.h"

namespace jitfarm::vmagent::jvmci {

class World {
 public:
  /// Never destroyed: threads of ours and of the VM run while libc runs its exit handlers.
  static World& get();

  /// `name` in internal form, "java/lang/String", "[B", "[Ljava/lang/String;". Any thread.
  Class& find_class(std::string_view name);
  /// Found in the class or a super class; else made. `signature` is a descriptor. Null: over
  /// kSlotsMax.
  Field* find_field(Class& klass, std::string_view name, std::string_view signature,
                    bool is_static);
  Method* find_method(Class& klass, std::string_view name, std::string_view signature);
  /// The first field of type `type` that somebody has looked up in the class itself; else null.
  Field* first_field_of_type(Class& klass, char type);

  /// What answers HotSpot's calls of class.method, with any signature. Before JNI_CreateJavaVM
  /// returns.
  void bind(std::string_view klass, std::string_view method, Upcall upcall);
  /// Into which instance fields a constructor puts its arguments, "name,type,offset"; an empty name
  /// drops one.
  void bind_constructor(std::string_view klass, std::string_view fields);

  void register_native(Class& klass, std::string_view name, std::string_view signature,
                       void* function);
  /// With an empty signature the only overload. Null: the VM has not registered it.
  void* find_native(std::string_view klass, std::string_view name, std::string_view signature = {});

  /// A new object with one count, with a slot for every field of its hierarchy.
  Object* allocate(Class& klass);
  Object* construct(const Method& constructor, std::span<const jvalue> args);

  static constexpr std::uint32_t kSlotsMax =
      64;  // bits of Class::reference_slots_; the largest hierarchy has 28

 private:
  World();
  ~World() = delete;
  struct State;
  State* const state_;
};

/// Reads and writes an instance field; a wrong class, or an object older than the field, reads as 0
/// and ignores writes.
jvalue get_field(Object& object, const Field& field);
void set_field(Object& object, const Field& field, jvalue value);
jvalue get_static_field(const Field& field);
void set_static_field(Field& field, jvalue value);

/// A field of our own use, found once: FieldOf<jint> bci{"jdk/vm/ci/code/BytecodePosition", "bci",
/// "I"}; T is jboolean, jchar, jint, jlong or Object*.
template <class T>
class FieldOf {
 public:
  FieldOf(std::string_view klass, std::string_view name, std::string_view signature,
          bool is_static = false)
      : field_(
            World::get().find_field(World::get().find_class(klass), name, signature, is_static)) {}
  T get(Object& object) const { return unpack(get_field(object, *field_)); }
  void set(Object& object, T value) const { set_field(object, *field_, pack(value)); }
  T get_static() const { return unpack(get_static_field(*field_)); }
  void set_static(T value) const { set_static_field(*field_, pack(value)); }

 private:
  static T unpack(jvalue v) {
    if constexpr (std::is_same_v<T, Object*>) return from_jni(v.l);
    if constexpr (std::is_same_v<T, jboolean>) return v.z;
    if constexpr (std::is_same_v<T, jchar>) return v.c;
    if constexpr (std::is_same_v<T, jint>) return v.i;
    if constexpr (std::is_same_v<T, jlong>) return v.j;
  }
  static jvalue pack(T value) {
    jvalue v;
    v.j = 0;
    if constexpr (std::is_same_v<T, Object*>) v.l = to_jni(value);
    if constexpr (std::is_same_v<T, jboolean>) v.z = value;
    if constexpr (std::is_same_v<T, jchar>) v.c = value;
    if constexpr (std::is_same_v<T, jint>) v.i = value;
    if constexpr (std::is_same_v<T, jlong>) v.j = value;
    return v;
  }
  Field* field_;
};

}  // namespace jitfarm::vmagent::jvmci
