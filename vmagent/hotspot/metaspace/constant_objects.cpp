#include "vmagent/hotspot/metaspace/constant_objects.h"

#include <algorithm>
#include <bit>
#include <string>

#include "common/code/code_image.h"
#include "vmagent/hotspot/libjvm.h"
#include "vmagent/hotspot/metaspace/opcodes.h"
#include "vmagent/hotspot/metaspace/resolution.h"
#include "vmagent/jvmci/world.h"

namespace jitfarm::vmagent::hotspot::metaspace {
namespace {

using jvmci::Object;

// The string concatenation of twenty operands has some fifty objects. More is not inlined anyway.
constexpr std::size_t kObjectsMax = 64;
constexpr int kSupersMax = 16;  // species of bound handles have two
constexpr jint kHandlesMax = 512;

constexpr std::uint32_t kAccStatic = 0x8, kAccFinal = 0x10;

constexpr std::string_view kMethodHandle = "java/lang/invoke/MethodHandle";
constexpr std::string_view kMemberName = "java/lang/invoke/MemberName";
constexpr std::string_view kConstantClass = "jdk/vm/ci/hotspot/IndirectHotSpotObjectConstantImpl";

/// A slot of the VM that the collector knows, as a handle.
jobject as_handle(Address slot) {
  return reinterpret_cast<jobject>(reinterpret_cast<std::uintptr_t>(slot));
}

class TreeReader {
 public:
  TreeReader(jvmci::Env& env, JNIEnv& jni, const ObjectReading& reading)
      : env_(env), jni_(jni), reading_(reading) {}

  /// 0: no room, or its class cannot be told. The first object is asked for with an empty tree.
  std::uint32_t add(jobject object, ConstantTree& tree) {
    if (tree.objects.size() >= kObjectsMax) return 0;
    const KlassRef klass = klass_of(object);
    if (!klass) return 0;
    const auto index = static_cast<std::uint32_t>(tree.objects.size());
    ConstantTree::Node& node = tree.objects.emplace_back();
    bool is_handle = false;
    Address at = address_of(klass);
    for (int i = 0; at != nullptr && i < kSupersMax; ++i) {
      const ClassView view(reading_.layout, at);
      node.classes.push_back(klass_ref(at));
      is_handle |= view.name() == kMethodHandle;
      at = view.is_array() ? nullptr : view.super();
    }
    const std::string_view name = ClassView(reading_.layout, address_of(klass)).name();
    if (name == kMemberName) node.member = target_of(object);
    if (!is_handle) return index;
    const jobject form = get(object, "form", "Ljava/lang/invoke/LambdaForm;");
    const jobject entry =
        form == nullptr ? nullptr : get(form, "vmentry", "Ljava/lang/invoke/MemberName;");
    if (entry != nullptr) node.form = target_of(entry);
    const std::vector<KlassRef> classes = node.classes;
    for (const KlassRef declaring : classes) add_fields(object, declaring, index, tree);
    return index;
  }

 private:
  /// A constant of JVMCI that names the object by its local handle, which stays ours.
  Object* constant(jobject object) {
    static const jvmci::FieldOf<jlong> kHandle{kConstantClass, "objectHandle", "J"};
    Object* const made = env_.make(jvmci::World::get().find_class(kConstantClass));
    if (made != nullptr)
      kHandle.set(*made, static_cast<jlong>(reinterpret_cast<std::uintptr_t>(object)));
    return made;
  }

  KlassRef klass_of(jobject object) {
    jvmci::LocalFrame frame(env_);
    Object* const named = constant(object);
    if (named == nullptr) return {};
    const jitfarm::facts::VmConfig& vm = reading_.adapter.vm_config();
    const auto type = reading_.calls.type_of_object(env_, named, vm.klass_offset,
                                                    vm.use_compressed_class_pointers);
    return type && *type != nullptr ? reading_.klass_of_type(**type) : KlassRef{};
  }

  /// The method that a MemberName stands for; none: it is not resolved.
  MethodRef target_of(jobject member) {
    const jobject method = get(member, "method", "Ljava/lang/invoke/ResolvedMethodName;");
    if (method == nullptr || reading_.vmtarget == 0) return {};
    jvmci::LocalFrame frame(env_);
    Object* const named = constant(method);
    if (named == nullptr) return {};
    const auto found = reading_.calls.method_in_object(env_, named, reading_.vmtarget);
    return found && *found != nullptr ? reading_.adapter.method_of(**found) : MethodRef{};
  }

  jfieldID field_id(jobject object, const char* name, const char* descriptor) {
    const jclass klass = jni_.GetObjectClass(object);
    if (klass == nullptr) return nullptr;
    const jfieldID field = jni_.GetFieldID(klass, name, descriptor);
    jni_.DeleteLocalRef(klass);
    if (jni_.ExceptionCheck() == JNI_FALSE) return field;
    jni_.ExceptionClear();
    return nullptr;
  }
  jobject get(jobject object, const char* name, const char* descriptor) {
    const jfieldID field = field_id(object, name, descriptor);
    return field == nullptr ? nullptr : jni_.GetObjectField(object, field);
  }

  /// The final fields that `declaring` adds. The VM replaces `form` by one that does the same, and
  /// types say nothing that code asks.
  void add_fields(jobject object, KlassRef declaring, std::uint32_t index, ConstantTree& tree) {
    const ClassView view(reading_.layout, address_of(declaring));
    const PoolView pool = view.pool();
    const auto rows = view.fields();
    if (!rows) return;
    for (const FieldRow& row : *rows) {
      if ((row.flags & kAccStatic) != 0 || (row.flags & kAccFinal) == 0 || !row.offset) continue;
      const std::string name(pool.text(row.name));
      const std::string descriptor(pool.text(row.descriptor));
      if (name.empty() || descriptor.empty() || name == "form" ||
          descriptor == "Ljava/lang/invoke/MethodType;" || descriptor == "Ljava/lang/Class;")
        continue;
      const jfieldID field = field_id(object, name.c_str(), descriptor.c_str());
      if (field == nullptr) continue;
      ConstantTree::Field found{.offset = *row.offset};
      if (descriptor.front() == 'L' || descriptor.front() == '[') {
        const jobject value = jni_.GetObjectField(object, field);
        found.object = value == nullptr ? 0 : add(value, tree);
        if (found.object == 0) continue;
      } else {
        found.bits = number(object, field, descriptor.front());
      }
      tree.objects[index].fields.push_back(found);
    }
  }

  std::uint64_t number(jobject object, jfieldID field, char type) {
    const auto of_int = [](std::int64_t value) { return static_cast<std::uint32_t>(value); };
    switch (type) {
      case 'Z':
        return jni_.GetBooleanField(object, field) != JNI_FALSE ? 1 : 0;
      case 'B':
        return of_int(jni_.GetByteField(object, field));
      case 'C':
        return jni_.GetCharField(object, field);
      case 'S':
        return of_int(jni_.GetShortField(object, field));
      case 'I':
        return of_int(jni_.GetIntField(object, field));
      case 'J':
        return static_cast<std::uint64_t>(jni_.GetLongField(object, field));
      case 'F':
        return std::bit_cast<std::uint32_t>(jni_.GetFloatField(object, field));
      default:
        return std::bit_cast<std::uint64_t>(jni_.GetDoubleField(object, field));
    }
  }

  jvmci::Env& env_;
  JNIEnv& jni_;
  const ObjectReading& reading_;
};

/// `root` gives a local handle, or null.
template <class Root>
std::optional<ConstantTree> read_tree(jvmci::Env& env, const ObjectReading& reading, Root root) {
  JNIEnv* const jni = application_jni();
  if (jni == nullptr || jni->PushLocalFrame(kHandlesMax) != 0) return std::nullopt;
  std::optional<ConstantTree> tree(std::in_place, *jni);
  const jobject object = root(*jni);
  if (object == nullptr) return std::nullopt;
  TreeReader(env, *jni, reading).add(object, *tree);
  if (tree->objects.empty()) return std::nullopt;
  return tree;
}

}  // namespace

std::int32_t find_vmtarget(const ClassView& klass) {
  const std::int32_t offset = klass.layout().dialect->injected_offset(klass).value_or(0);
  return offset % static_cast<std::int32_t>(sizeof(std::uintptr_t)) == 0 ? offset : 0;
}

std::optional<ConstantTree> read_referenced(jvmci::Env& env, const ObjectReading& reading,
                                            const ClassView& klass, std::uint32_t index) {
  const Address slot = klass.is_array() || !klass.is_linked() || index > code::kReferenceIndexMax
                           ? nullptr
                           : klass.pool().resolved_references();
  if (slot == nullptr) return std::nullopt;
  return read_tree(env, reading, [&](JNIEnv& jni) -> jobject {
    const auto references = static_cast<jobjectArray>(as_handle(slot));
    const auto at = static_cast<jsize>(index);
    return at < jni.GetArrayLength(references) ? jni.GetObjectArrayElement(references, at) : nullptr;
  });
}

std::optional<ConstantTree> read_static_handle(jvmci::Env& env, const ObjectReading& reading,
                                               const ClassView& klass, std::uint32_t index) {
  if (klass.is_array() || !klass.is_linked() || index == 0 || index > code::kPoolIndexMax)
    return std::nullopt;
  const PoolView pool = klass.pool();
  const auto at = static_cast<int>(index);
  if (pool.member_descriptor(at) != "Ljava/lang/invoke/MethodHandle;") return std::nullopt;
  const auto field = read_pool_field(reading.layout, klass, at, kOpGetstatic);
  if (!field || !field->is_static || !field->is_final) return std::nullopt;
  const ClassView holder(reading.layout, address_of(field->holder));
  if (!holder.is_initialized() || holder.mirror_slot() == nullptr) return std::nullopt;
  const std::string name(pool.member_name(at));
  return read_tree(env, reading, [&](JNIEnv& jni) -> jobject {
    const auto mirror = static_cast<jclass>(as_handle(holder.mirror_slot()));
    const jfieldID id = jni.GetStaticFieldID(mirror, name.c_str(), "Ljava/lang/invoke/MethodHandle;");
    if (jni.ExceptionCheck() == JNI_FALSE)
      return id == nullptr ? nullptr : jni.GetStaticObjectField(mirror, id);
    jni.ExceptionClear();
    return nullptr;
  });
}

}  // namespace jitfarm::vmagent::hotspot::metaspace
