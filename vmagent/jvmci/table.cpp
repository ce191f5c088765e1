#include "vmagent/jvmci/table.h"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstring>

#include "vmagent/jvmci/env.h"
#include "vmagent/jvmci/not_implemented.h"
#include "vmagent/jvmci/world.h"
#include "vmagent/log/log.h"

namespace jitfarm::vmagent::jvmci {

namespace {

constexpr std::size_t kArgumentsMax = 16;  // the longest upcall has 5, the longest constructor 6

World& world() { return World::get(); }
Class& class_of(jclass c) { return *reinterpret_cast<Class*>(c); }
Field& field_of(jfieldID f) { return *reinterpret_cast<Field*>(f); }
const Method& method_of(jmethodID m) { return *reinterpret_cast<const Method*>(m); }
template <class T>
T as(Object* object) {
  return reinterpret_cast<T>(object);
}

bool has_kind(JNIEnv* env, Object* object, ObjectKind kind) {
  if (object && object->kind() == kind) return true;
  from_jni(env).throw_new("java/lang/IllegalArgumentException", "wrong kind of object");
  return false;
}
bool in_range(JNIEnv* env, Object* object, jsize start, jsize count) {
  if (start >= 0 && count >= 0 && std::uint64_t(start) + std::uint64_t(count) <= object->length())
    return true;
  from_jni(env).throw_new("java/lang/ArrayIndexOutOfBoundsException", "range of an array");
  return false;
}

// ---- classes, ids -----------------------------------------------------------------------------

jint get_version(JNIEnv*) { return JNI_VERSION_10; }
jint get_java_vm(JNIEnv* env, JavaVM** vm) {
  *vm = from_jni(env).runtime().vm();
  return JNI_OK;
}
jclass find_class(JNIEnv*, const char* name) { return as<jclass>(&world().find_class(name)); }
jclass get_object_class(JNIEnv*, jobject object) { return as<jclass>(&from_jni(object)->klass()); }
jclass get_superclass(JNIEnv*, jclass c) { return as<jclass>(class_of(c).super()); }
// Null is an instance of nothing, as where HotSpot reads Java objects itself; a JNI of the book
// would say yes.
jboolean is_instance_of(JNIEnv*, jobject object, jclass c) {
  return object && from_jni(object)->klass().is_subclass_of(class_of(c));
}
jboolean is_assignable_from(JNIEnv*, jclass sub, jclass super) {
  return class_of(sub).is_subclass_of(class_of(super));
}
jboolean is_same_object(JNIEnv*, jobject a, jobject b) { return a == b; }

template <bool Static>
jfieldID get_field_id(JNIEnv* env, jclass c, const char* name, const char* signature) {
  Field* field = world().find_field(class_of(c), name, signature, Static);
  if (!field)
    from_jni(env).throw_new("java/lang/InternalError", "too many fields in " + class_of(c).name());
  return reinterpret_cast<jfieldID>(field);
}
jmethodID get_method_id(JNIEnv*, jclass c, const char* name, const char* signature) {
  return reinterpret_cast<jmethodID>(world().find_method(class_of(c), name, signature));
}
jint register_natives(JNIEnv*, jclass c, const JNINativeMethod* methods, jint count) {
  JF_AGENT_LOG(trace, "{} natives of {}", count, class_of(c).name());
  for (jint i = 0; i < count; ++i)
    world().register_native(class_of(c), methods[i].name, methods[i].signature, methods[i].fnPtr);
  return JNI_OK;
}

// ---- references -------------------------------------------------------------------------------

jobject new_global_ref(JNIEnv*, jobject object) {
  if (object) from_jni(object)->retain();
  return object;
}
void delete_global_ref(JNIEnv*, jobject object) {
  if (object) from_jni(object)->release();
}
jobject new_local_ref(JNIEnv* env, jobject object) {
  return to_jni(from_jni(env).local(from_jni(object)));
}
void delete_local_ref(JNIEnv* env, jobject object) {
  if (object) from_jni(env).delete_local(from_jni(object));
}
jint push_local_frame(JNIEnv* env, jint) {
  from_jni(env).push_frame();
  return JNI_OK;
}
jobject pop_local_frame(JNIEnv* env, jobject keep) {
  return to_jni(from_jni(env).pop_frame(from_jni(keep)));
}
jint ensure_local_capacity(JNIEnv*, jint) { return JNI_OK; }
jobjectRefType get_object_ref_type(JNIEnv*, jobject object) {
  return object ? JNIGlobalRefType : JNIInvalidRefType;
}

// ---- exceptions -------------------------------------------------------------------------------

jint throw_object(JNIEnv* env, jthrowable throwable) {
  from_jni(env).throw_object(from_jni(throwable));
  return JNI_OK;
}
jint throw_new(JNIEnv* env, jclass c, const char* message) {
  JF_AGENT_LOG(trace, "HotSpot throws {}: {}", class_of(c).name(), message ? message : "");
  from_jni(env).throw_new(class_of(c).name(), message ? message : "");
  return JNI_OK;
}
jthrowable exception_occurred(JNIEnv* env) {
  return as<jthrowable>(from_jni(env).local(from_jni(env).pending()));
}
jboolean exception_check(JNIEnv* env) { return from_jni(env).pending() != nullptr; }
void exception_clear(JNIEnv* env) { from_jni(env).clear_pending(); }
void exception_describe(JNIEnv* env) {
  if (auto text = from_jni(env).take_pending())
    JF_AGENT_LOG(error, "exception in the compiler: {}", *text);
}
void fatal_error(JNIEnv*, const char* message) {
  JF_AGENT_LOG(error, "HotSpot reports a fatal error: {}", message ? message : "");
}

// ---- calls ------------------------------------------------------------------------------------

struct Arguments {
  std::array<jvalue, kArgumentsMax> values;
  std::size_t count = 0;

  Arguments(const Method& method, va_list list) {
    for (char kind : method.arguments) {
      if (count == kArgumentsMax) break;
      jvalue& v = values[count++];
      v.j = 0;
      if (kind == 'J')
        v.j = va_arg(list, jlong);
      else if (kind == 'D')
        v.d = va_arg(list, jdouble);
      else if (kind == 'F')
        v.f = static_cast<jfloat>(va_arg(list, jdouble));
      else if (kind == 'L')
        v.l = va_arg(list, jobject);
      else
        v.i = va_arg(list, jint);
    }
  }
  Arguments(const Method& method, const jvalue* from) {
    count = std::min(method.arguments.size(), kArgumentsMax);
    std::copy_n(from, count, values.begin());
  }
  std::span<const jvalue> view() const { return {values.data(), count}; }
};

jvalue call(JNIEnv* env, jobject self, jmethodID id, const Arguments& arguments) {
  const Method& method = method_of(id);
  JF_AGENT_LOG(trace, "upcall {}.{}{}", method.holder->name(), method.name, method.signature);
  if (!method.upcall || arguments.count != method.arguments.size()) {
    JF_AGENT_LOG(error, "HotSpot called {}.{}{}, which is not implemented", method.holder->name(),
                 method.name, method.signature);
    from_jni(env).throw_new("java/lang/InternalError",
                            method.name + " is not implemented by the compiler");
    jvalue none;
    none.j = 0;
    return none;
  }
  Call c{from_jni(env), from_jni(self), method, arguments.view()};
  return method.upcall(c);
}

jobject construct(JNIEnv* env, jmethodID id, const Arguments& arguments) {
  return to_jni(from_jni(env).adopt(world().construct(method_of(id), arguments.view())));
}
jobject new_object_v(JNIEnv* env, jclass, jmethodID id, va_list list) {
  return construct(env, id, Arguments(method_of(id), list));
}
jobject new_object_a(JNIEnv* env, jclass, jmethodID id, const jvalue* values) {
  return construct(env, id, Arguments(method_of(id), values));
}
jobject new_object(JNIEnv* env, jclass c, jmethodID id, ...) {
  va_list list;
  va_start(list, id);
  jobject result = new_object_v(env, c, id, list);
  va_end(list);
  return result;
}
jobject alloc_object(JNIEnv* env, jclass c) { return to_jni(from_jni(env).make(class_of(c))); }

template <class T>
T result_as(jvalue v) {
  if constexpr (std::is_same_v<T, jobject>) return v.l;
  if constexpr (std::is_same_v<T, jboolean>) return v.z;
  if constexpr (std::is_same_v<T, jint>) return v.i;
  if constexpr (std::is_same_v<T, jlong>) return v.j;
}

/// The nine ways to call a method with a result of type T.
template <class T>
struct Calls {
  static T virtual_v(JNIEnv* env, jobject self, jmethodID id, va_list list) {
    return result_as<T>(call(env, self, id, Arguments(method_of(id), list)));
  }
  static T virtual_a(JNIEnv* env, jobject self, jmethodID id, const jvalue* v) {
    return result_as<T>(call(env, self, id, Arguments(method_of(id), v)));
  }
  static T nonvirtual_v(JNIEnv* env, jobject self, jclass, jmethodID id, va_list list) {
    return virtual_v(env, self, id, list);
  }
  static T nonvirtual_a(JNIEnv* env, jobject self, jclass, jmethodID id, const jvalue* v) {
    return virtual_a(env, self, id, v);
  }
  static T static_v(JNIEnv* env, jclass, jmethodID id, va_list list) {
    return virtual_v(env, nullptr, id, list);
  }
  static T static_a(JNIEnv* env, jclass, jmethodID id, const jvalue* v) {
    return virtual_a(env, nullptr, id, v);
  }
  static T virtual_e(JNIEnv* env, jobject self, jmethodID id, ...) {
    va_list list;
    va_start(list, id);
    const jvalue result = call(env, self, id, Arguments(method_of(id), list));
    va_end(list);
    return result_as<T>(result);
  }
  static T nonvirtual_e(JNIEnv* env, jobject self, jclass, jmethodID id, ...) {
    va_list list;
    va_start(list, id);
    const jvalue result = call(env, self, id, Arguments(method_of(id), list));
    va_end(list);
    return result_as<T>(result);
  }
  static T static_e(JNIEnv* env, jclass, jmethodID id, ...) {
    va_list list;
    va_start(list, id);
    const jvalue result = call(env, nullptr, id, Arguments(method_of(id), list));
    va_end(list);
    return result_as<T>(result);
  }
};

// ---- fields -----------------------------------------------------------------------------------

template <class T>
T get_field_as(JNIEnv* env, jobject object, jfieldID id) {
  const jvalue v = get_field(*from_jni(object), field_of(id));
  if constexpr (std::is_same_v<T, jobject>) return to_jni(from_jni(env).local(from_jni(v.l)));
  T value;
  std::memcpy(&value, &v, sizeof value);
  return value;
}
template <class T>
void set_field_as(JNIEnv*, jobject object, jfieldID id, T value) {
  jvalue v;
  v.j = 0;
  std::memcpy(&v, &value, sizeof value);
  set_field(*from_jni(object), field_of(id), v);
}
template <class T>
T get_static_field_as(JNIEnv* env, jclass, jfieldID id) {
  const jvalue v = get_static_field(field_of(id));
  if constexpr (std::is_same_v<T, jobject>) return to_jni(from_jni(env).local(from_jni(v.l)));
  T value;
  std::memcpy(&value, &v, sizeof value);
  return value;
}
template <class T>
void set_static_field_as(JNIEnv*, jclass, jfieldID id, T value) {
  jvalue v;
  v.j = 0;
  std::memcpy(&v, &value, sizeof value);
  set_static_field(field_of(id), v);
}

// ---- strings ----------------------------------------------------------------------------------

/// Bytes of modified UTF-8 before UTF-16 unit `units`: every unit is one sequence there, surrogates
/// too.
std::size_t offset_of_unit(std::string_view text, std::size_t units) {
  std::size_t at = 0;
  for (; at < text.size() && units > 0; --units)
    for (++at; at < text.size() && (text[at] & 0xc0) == 0x80;) ++at;
  return at;
}
std::size_t count_units(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}
jstring new_string_utf(JNIEnv* env, const char* text) {
  return as<jstring>(text ? from_jni(env).make_string(text) : nullptr);
}
const char* get_string_utf_chars(JNIEnv* env, jstring string, jboolean* copied) {
  Object* object = from_jni(string);
  if (!has_kind(env, object, ObjectKind::string)) return nullptr;
  if (copied) *copied = JNI_FALSE;
  return object->text().data();
}
void release_string_utf_chars(JNIEnv*, jstring, const char*) {}
jsize get_string_utf_length(JNIEnv* env, jstring string) {
  Object* object = from_jni(string);
  return has_kind(env, object, ObjectKind::string) ? static_cast<jsize>(object->length()) : 0;
}
jsize get_string_length(JNIEnv* env, jstring string) {
  Object* object = from_jni(string);
  return has_kind(env, object, ObjectKind::string) ? static_cast<jsize>(count_units(object->text()))
                                                   : 0;
}
void get_string_utf_region(JNIEnv* env, jstring string, jsize start, jsize count, char* to) {
  Object* object = from_jni(string);
  if (!has_kind(env, object, ObjectKind::string)) return;
  const std::string_view text = object->text();
  if (start < 0 || count < 0 || std::size_t(start) + std::size_t(count) > count_units(text)) {
    from_jni(env).throw_new("java/lang/ArrayIndexOutOfBoundsException", "range of a string");
    return;
  }
  const std::size_t begin = offset_of_unit(text, std::size_t(start));
  const std::size_t bytes = offset_of_unit(text.substr(begin), std::size_t(count));
  std::memcpy(to, text.data() + begin, bytes);
  to[bytes] = 0;
}

// ---- arrays -----------------------------------------------------------------------------------

jsize get_array_length(JNIEnv*, jarray array) {
  return static_cast<jsize>(from_jni(array)->length());
}
jobjectArray new_object_array(JNIEnv* env, jsize length, jclass element, jobject initial) {
  Object* array = length < 0 ? nullptr
                             : from_jni(env).make_objects(class_of(element),
                                                          static_cast<std::uint32_t>(length));
  for (std::uint32_t i = 0; array && initial && i < array->length(); ++i)
    array->set_element(i, from_jni(initial));
  return as<jobjectArray>(array);
}
jobject get_object_array_element(JNIEnv* env, jobjectArray array, jsize index) {
  Object* object = from_jni(array);
  if (!has_kind(env, object, ObjectKind::objects) || !in_range(env, object, index, 1))
    return nullptr;
  return to_jni(from_jni(env).local(object->elements()[static_cast<std::size_t>(index)]));
}
void set_object_array_element(JNIEnv* env, jobjectArray array, jsize index, jobject value) {
  Object* object = from_jni(array);
  if (!has_kind(env, object, ObjectKind::objects) || !in_range(env, object, index, 1)) return;
  object->set_element(static_cast<std::uint32_t>(index), from_jni(value));
}

template <class Array, class T, ObjectKind Kind>
struct Primitives {
  static std::span<T> contents(Object* array) {
    if constexpr (Kind == ObjectKind::bytes) return array->bytes();
    if constexpr (Kind == ObjectKind::ints) return array->ints();
    if constexpr (Kind == ObjectKind::longs) return array->longs();
    if constexpr (Kind == ObjectKind::booleans) return array->booleans();
  }
  static constexpr const char* kName = Kind == ObjectKind::bytes   ? "[B"
                                       : Kind == ObjectKind::ints  ? "[I"
                                       : Kind == ObjectKind::longs ? "[J"
                                                                   : "[Z";
  static Array make(JNIEnv* env, jsize length) {
    if (length < 0) return nullptr;
    return as<Array>(from_jni(env).adopt(
        Object::make(world().find_class(kName), Kind, static_cast<std::uint32_t>(length))));
  }
  static void get(JNIEnv* env, Array a, jsize start, jsize count, T* to) {
    Object* array = from_jni(a);
    if (has_kind(env, array, Kind) && in_range(env, array, start, count) && count > 0)
      std::memcpy(to, contents(array).data() + start, sizeof(T) * std::size_t(count));
  }
  static void set(JNIEnv* env, Array a, jsize start, jsize count, const T* from) {
    Object* array = from_jni(a);
    if (has_kind(env, array, Kind) && in_range(env, array, start, count) && count > 0)
      std::memcpy(contents(array).data() + start, from, sizeof(T) * std::size_t(count));
  }
  static T* elements(JNIEnv* env, Array a, jboolean* copied) {
    Object* array = from_jni(a);
    if (!has_kind(env, array, Kind)) return nullptr;
    if (copied) *copied = JNI_FALSE;
    return contents(array).data();
  }
  static void release(JNIEnv*, Array, T*, jint) {}
};

// ---- the tables -------------------------------------------------------------------------------

JNINativeInterface_ make_native_interface() {
  JNINativeInterface_ t{};
  fill_not_implemented(t);
  t.GetVersion = get_version;
  t.GetJavaVM = get_java_vm;
  t.FindClass = find_class;
  t.GetObjectClass = get_object_class;
  t.GetSuperclass = get_superclass;
  t.IsInstanceOf = is_instance_of;
  t.IsAssignableFrom = is_assignable_from;
  t.IsSameObject = is_same_object;
  t.GetFieldID = get_field_id<false>;
  t.GetStaticFieldID = get_field_id<true>;
  t.GetMethodID = get_method_id;
  t.GetStaticMethodID = get_method_id;
  t.RegisterNatives = register_natives;
  t.NewGlobalRef = new_global_ref;
  t.DeleteGlobalRef = delete_global_ref;
  t.NewWeakGlobalRef = new_global_ref;  // strong: HotSpot was never seen to make one
  t.DeleteWeakGlobalRef = delete_global_ref;
  t.NewLocalRef = new_local_ref;
  t.DeleteLocalRef = delete_local_ref;
  t.PushLocalFrame = push_local_frame;
  t.PopLocalFrame = pop_local_frame;
  t.EnsureLocalCapacity = ensure_local_capacity;
  t.GetObjectRefType = get_object_ref_type;
  t.Throw = throw_object;
  t.ThrowNew = throw_new;
  t.ExceptionOccurred = exception_occurred;
  t.ExceptionCheck = exception_check;
  t.ExceptionClear = exception_clear;
  t.ExceptionDescribe = exception_describe;
  t.FatalError = fatal_error;
  t.AllocObject = alloc_object;
  t.NewObject = new_object;
  t.NewObjectV = new_object_v;
  t.NewObjectA = new_object_a;
#define JF_CALLS(Name, Type)                                   \
  t.Call##Name##Method = Calls<Type>::virtual_e;               \
  t.Call##Name##MethodV = Calls<Type>::virtual_v;              \
  t.Call##Name##MethodA = Calls<Type>::virtual_a;              \
  t.CallNonvirtual##Name##Method = Calls<Type>::nonvirtual_e;  \
  t.CallNonvirtual##Name##MethodV = Calls<Type>::nonvirtual_v; \
  t.CallNonvirtual##Name##MethodA = Calls<Type>::nonvirtual_a; \
  t.CallStatic##Name##Method = Calls<Type>::static_e;          \
  t.CallStatic##Name##MethodV = Calls<Type>::static_v;         \
  t.CallStatic##Name##MethodA = Calls<Type>::static_a;
  JF_CALLS(Object, jobject)
  JF_CALLS(Boolean, jboolean)
  JF_CALLS(Int, jint)
  JF_CALLS(Long, jlong)
  JF_CALLS(Void, void)
#undef JF_CALLS
#define JF_FIELDS(Name, Type)                           \
  t.Get##Name##Field = get_field_as<Type>;              \
  t.Set##Name##Field = set_field_as<Type>;              \
  t.GetStatic##Name##Field = get_static_field_as<Type>; \
  t.SetStatic##Name##Field = set_static_field_as<Type>;
  JF_FIELDS(Object, jobject)
  JF_FIELDS(Boolean, jboolean)
  JF_FIELDS(Byte, jbyte)
  JF_FIELDS(Char, jchar)
  JF_FIELDS(Short, jshort)
  JF_FIELDS(Int, jint)
  JF_FIELDS(Long, jlong)
  JF_FIELDS(Float, jfloat)
  JF_FIELDS(Double, jdouble)
#undef JF_FIELDS
  t.NewStringUTF = new_string_utf;
  t.GetStringUTFChars = get_string_utf_chars;
  t.ReleaseStringUTFChars = release_string_utf_chars;
  t.GetStringUTFLength = get_string_utf_length;
  t.GetStringLength = get_string_length;
  t.GetStringUTFRegion = get_string_utf_region;
  t.GetArrayLength = get_array_length;
  t.NewObjectArray = new_object_array;
  t.GetObjectArrayElement = get_object_array_element;
  t.SetObjectArrayElement = set_object_array_element;
#define JF_ARRAYS(Name, Type, Kind)                                                       \
  t.New##Name##Array = Primitives<Type##Array, Type, ObjectKind::Kind>::make;             \
  t.Get##Name##ArrayRegion = Primitives<Type##Array, Type, ObjectKind::Kind>::get;        \
  t.Set##Name##ArrayRegion = Primitives<Type##Array, Type, ObjectKind::Kind>::set;        \
  t.Get##Name##ArrayElements = Primitives<Type##Array, Type, ObjectKind::Kind>::elements; \
  t.Release##Name##ArrayElements = Primitives<Type##Array, Type, ObjectKind::Kind>::release;
  JF_ARRAYS(Byte, jbyte, bytes)
  JF_ARRAYS(Int, jint, ints)
  JF_ARRAYS(Long, jlong, longs)
  JF_ARRAYS(Boolean, jboolean, booleans)
#undef JF_ARRAYS
  return t;
}

jint destroy_vm(JavaVM* vm) {
  JF_AGENT_LOG(debug, "HotSpot destroys a compiler runtime");
  Runtime::destroy(vm);
  return JNI_OK;
}
jint get_env(JavaVM* vm, void** env, jint) {
  auto runtime = Runtime::find(vm);
  if (!runtime) {
    *env = nullptr;
    return JNI_EDETACHED;
  }
  // Every thread has an Env whenever it asks: no Attach and Detach around each of HotSpot's scopes.
  *env = &Env::of(runtime);
  return JNI_OK;
}
jint attach(JavaVM* vm, void** env, void*) { return get_env(vm, env, JNI_VERSION_10); }
jint detach(JavaVM*) { return JNI_OK; }

}  // namespace

const JNINativeInterface_& native_interface() {
  static const JNINativeInterface_ kTable = make_native_interface();  // trivially destructible
  return kTable;
}

const JNIInvokeInterface_& invoke_interface() {
  static const JNIInvokeInterface_ kTable{.reserved0 = nullptr,
                                          .reserved1 = nullptr,
                                          .reserved2 = nullptr,
                                          .DestroyJavaVM = destroy_vm,
                                          .AttachCurrentThread = attach,
                                          .DetachCurrentThread = detach,
                                          .GetEnv = get_env,
                                          .AttachCurrentThreadAsDaemon = attach};
  return kTable;
}

}  // namespace jitfarm::vmagent::jvmci
