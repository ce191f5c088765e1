#include "vmagent/hotspot/metaspace/reading_adapter.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <limits>
#include <set>
#include <string>

#include "common/code/code_image.h"
#include "vmagent/hotspot/metaspace/constant_objects.h"
#include "vmagent/hotspot/metaspace/method_data.h"
#include "vmagent/hotspot/metaspace/opcodes.h"
#include "vmagent/hotspot/metaspace/resolution.h"
#include "vmagent/hotspot/metaspace/shape.h"
#include "vmagent/hotspot/libjvm.h"
#include "vmagent/hotspot/safe_read.h"
#include "vmagent/jvmci/world.h"

namespace jitfarm::vmagent::hotspot::metaspace {
namespace {

using jvmci::Env;
using jvmci::FieldOf;
using jvmci::Object;
using jvmci::World;

constexpr std::string_view kMethodClass = "jdk/vm/ci/hotspot/HotSpotResolvedJavaMethodImpl";
constexpr std::string_view kTypeClass = "jdk/vm/ci/hotspot/HotSpotResolvedObjectTypeImpl";
constexpr std::string_view kPoolClass = "jdk/vm/ci/hotspot/HotSpotConstantPool";
constexpr std::string_view kPrimitiveClass = "jdk/vm/ci/meta/PrimitiveConstant";
constexpr std::string_view kConstantClass = "jdk/vm/ci/hotspot/IndirectHotSpotObjectConstantImpl";
constexpr std::uint32_t kJvmsClassFlags = 0x7631;
constexpr std::uint32_t kJvmsMethodFlags = 0x1fff;
// Deoptimization::Reason_TRAP_HISTORY_LENGTH is 31; the array is as long.
constexpr std::int64_t kTrapHistoryMax = 64;
// InvocationCounter: bit 0 is a carry, the count is above it.
constexpr int kCounterShift = 1;

const FieldOf<jlong>& primitive_field() {
  static const FieldOf<jlong> field{kPrimitiveClass, "primitive", "J"};
  return field;
}
const FieldOf<jlong>& constant_handle_field() {
  static const FieldOf<jlong> field{kConstantClass, "objectHandle", "J"};
  return field;
}

// newarray's codes: 4 boolean, 5 char, float, double, byte, short, int, 11 long.
constexpr std::uint32_t kFirstArrayCode = 4;
constexpr std::string_view kPrimitiveArrays = "ZCFDBSIJ";
using PrimitiveArrays = std::array<KlassRef, kPrimitiveArrays.size()>;

constexpr int kBootClassesMax = 1 << 20;  // some 1000 when we come

/// The VM makes these before any class, in the boot loader, where they stay.
PrimitiveArrays find_primitive_arrays(const Layout& layout, Address boot_loader) {
  PrimitiveArrays found{};
  Address klass = load_acquire<Address>(boot_loader, layout.loader_klasses);
  for (int i = 0; klass != nullptr && i < kBootClassesMax; ++i) {
    const ClassView view(layout, klass);
    const std::string_view name = view.name();
    if (view.is_array() && name.size() == 2 && name[0] == '[')
      if (const std::size_t type = kPrimitiveArrays.find(name[1]); type != std::string_view::npos)
        found[type] = klass_ref(klass);
    klass = load_acquire<Address>(klass, layout.klass_next_link);
  }
  return found;
}

/// Offset of an instance field that the class declares itself; 0: it has none of this name.
std::int32_t field_offset(const ClassView& klass, std::string_view name) {
  const auto fields = klass.fields();
  for (const FieldRow& field : fields.value_or(std::vector<FieldRow>()))
    if (klass.pool().text(field.name) == name) return field.offset.value_or(0);
  return 0;
}

/// One that the VM loads before anything that it compiles.
std::optional<ClassView> find_boot_class(const Layout& layout, Address boot_loader,
                                         std::string_view name) {
  Address klass = load_acquire<Address>(boot_loader, layout.loader_klasses);
  for (int i = 0; klass != nullptr && i < kBootClassesMax; ++i) {
    const ClassView view(layout, klass);
    if (!view.is_array() && view.name() == name) return view;
    klass = load_acquire<Address>(klass, layout.klass_next_link);
  }
  return std::nullopt;
}

std::int32_t find_referent(const Layout& layout, Address boot_loader) {
  const auto klass = find_boot_class(layout, boot_loader, "java/lang/ref/Reference");
  return klass && klass->is_linked() ? field_offset(*klass, "referent") : 0;
}

/// What a metadata handle holds: a Method* or ConstantPool*, 1 after unloading, 0 when it was given
/// back.
std::uintptr_t handle_value(jlong handle) {
  if (handle == 0) return 0;
  const auto value =
      __atomic_load_n(reinterpret_cast<const std::uintptr_t*>(handle), __ATOMIC_ACQUIRE);
  return value > 1 && value % 8 == 0 ? value : 0;
}

/// Gives the handle of a dying object back: the VM puts cells that hold 0 on its free list. Cells
/// end with their runtime, so that once one has ended none is touched: the VM gives them back.
void release_handle(Object& object, const FieldOf<jlong>& field) {
  if (jvmci::Runtime::any_destroyed()) return;
  if (const jlong handle = field.get(object); handle != 0)
    __atomic_store_n(reinterpret_cast<std::uintptr_t*>(handle), 0, __ATOMIC_RELEASE);
}

/// A weak reference of the VM's own JNI to the mirror, and where handles stay, the handle of the
/// constant pool, which is cheaper to ask.
class WeakMirror final : public WeakClass {
 public:
  WeakMirror(jvmci::Ref pool, const FieldOf<jlong>& pool_handle, jweak mirror)
      : pool_(std::move(pool)), pool_handle_(pool_handle), mirror_(mirror) {}
  ~WeakMirror() override {
    if (mirror_ == nullptr) return;
    if (JNIEnv* const jni = application_jni()) jni->DeleteWeakGlobalRef(mirror_);
  }
  bool is_alive() const override {
    // One load: the VM marks the cell of the metadata handle when it unloads the class.
    if (pool_) return handle_value(pool_handle_.get(*pool_.get())) != 0;
    JNIEnv* const jni = mirror_ == nullptr ? nullptr : application_jni();
    return jni == nullptr || jni->IsSameObject(mirror_, nullptr) == JNI_FALSE;
  }
  Result<ClassHold> lock() const override {
    JNIEnv* const jni = application_jni();
    const jobject strong =
        jni == nullptr || mirror_ == nullptr ? nullptr : jni->NewGlobalRef(mirror_);
    if (strong == nullptr) return fail(Errc::class_unreadable, "unloaded");
    return ClassHold(strong);
  }

 private:
  jvmci::Ref pool_;
  const FieldOf<jlong> pool_handle_;
  jweak mirror_;
};

/// As Adapter::static_final. `mirror`: the slot of an initialised class, a root that the collector
/// knows.
std::optional<std::uint64_t> read_static(JNIEnv& jni, Address mirror, const std::string& name,
                                         const std::string& descriptor) {
  const auto klass = static_cast<jclass>(jni.NewLocalRef(
      reinterpret_cast<jobject>(reinterpret_cast<std::uintptr_t>(mirror))));
  if (klass == nullptr) return std::nullopt;
  std::optional<std::uint64_t> bits;
  const jfieldID field = jni.GetStaticFieldID(klass, name.c_str(), descriptor.c_str());
  const auto of_int = [](std::int64_t value) { return static_cast<std::uint32_t>(value); };
  if (jni.ExceptionCheck() != JNI_FALSE)
    jni.ExceptionClear();
  else if (field != nullptr)
    switch (descriptor.front()) {
      case 'Z':
        bits = jni.GetStaticBooleanField(klass, field) != JNI_FALSE ? 1 : 0;
        break;
      case 'B':
        bits = of_int(jni.GetStaticByteField(klass, field));
        break;
      case 'C':
        bits = jni.GetStaticCharField(klass, field);
        break;
      case 'S':
        bits = of_int(jni.GetStaticShortField(klass, field));
        break;
      case 'I':
        bits = of_int(jni.GetStaticIntField(klass, field));
        break;
      case 'J':
        bits = static_cast<std::uint64_t>(jni.GetStaticLongField(klass, field));
        break;
      case 'F':
        bits = std::bit_cast<std::uint32_t>(jni.GetStaticFloatField(klass, field));
        break;
      case 'D':
        bits = std::bit_cast<std::uint64_t>(jni.GetStaticDoubleField(klass, field));
        break;
      default:
        if (const jobject object = jni.GetStaticObjectField(klass, field)) {
          bits = descriptor.front() == '['
                     ? static_cast<std::uint64_t>(jni.GetArrayLength(static_cast<jarray>(object)))
                     : 0;
          jni.DeleteLocalRef(object);
        }
    }
  jni.DeleteLocalRef(klass);
  return bits;
}

class ReadingAdapter final : public Adapter {
 public:
  ReadingAdapter(jitfarm::facts::VmConfig vm, Configuration config, const Layout& layout,
                 std::unique_ptr<const VmCalls> calls, LoaderRef boot_loader,
                 std::int64_t trap_history_length, const ProfileGeometry& geometry)
      : Adapter(std::move(vm), std::move(config)),
        layout_(layout),
        calls_(std::move(calls)),
        boot_loader_(boot_loader),
        primitive_arrays_(
            find_primitive_arrays(layout, reinterpret_cast<Address>(boot_loader.address))),
        trap_history_length_(std::clamp<std::int64_t>(trap_history_length, 0, kTrapHistoryMax)),
        geometry_(geometry),
        type_class_(World::get().find_class(kTypeClass)),
        type_pointer_(kTypeClass, calls_->names().klass, "J"),
        method_handle_(kMethodClass, calls_->names().method, "J"),
        pool_handle_(kPoolClass, calls_->names().pool, "J") {}

  const Layout& layout() const { return layout_; }
  const VmCalls& calls() const { return *calls_; }

  ClassDetails class_details(KlassRef klass) const override {
    const ClassView view(layout_, address_of(klass));
    ClassDetails d;
    d.is_array = view.is_array();
    d.loader = {reinterpret_cast<std::uintptr_t>(view.loader())};
    d.name = view.name();
    if (d.is_array) return d;
    d.is_linked = view.is_linked();
    d.is_initialized = view.is_initialized();
    d.is_being_initialized = view.is_being_initialized();
    d.super = klass_ref(view.super());
    d.access_flags = view.access_flags() & kJvmsClassFlags;
    d.is_redefined = view.is_redefined();
    if (const auto end = hidden_name_end(d.name); end != std::string_view::npos) {
      d.is_hidden = true;
      d.name = d.name.substr(0, end);
    }
    return d;
  }

  std::uint64_t class_version(KlassRef klass) const override {
    const ClassView view(layout_, address_of(klass));
    if (view.is_array()) return 0;
    // A redefinition replaces the constant pool and the array of methods; both at the same
    // addresses again is possible only after a second one.
    const auto pool = reinterpret_cast<std::uintptr_t>(
        load_acquire<Address>(view.address(), layout_.instance_constants));
    const auto methods = reinterpret_cast<std::uintptr_t>(
        load_acquire<Address>(view.address(), layout_.instance_methods));
    return pool ^ (methods << 16 | methods >> 48);
  }

  MethodDetails method_details(MethodRef method) const override {
    MethodDetails d;
    const MethodView view(layout_, address_of(method));
    if (!view || view.holder() == nullptr) {
      d.is_old = true;  // nothing may be concluded from it
      return d;
    }
    d.name = view.name();
    d.descriptor = view.descriptor();
    d.holder = klass_ref(view.holder());
    d.access_flags = view.access_flags() & kJvmsMethodFlags;
    d.intrinsic_id = static_cast<std::uint32_t>(view.intrinsic_id());
    d.is_old = view.is_old();
    d.is_method_handle_intrinsic = is_signature_polymorphic(layout_, view);
    d.can_be_statically_bound = can_be_statically_bound(layout_, view);
    d.dont_inline = view.dont_inline();
    d.code_bytes = static_cast<std::uint32_t>(view.code_size());
    d.has_breakpoint = view.breakpoints() != 0;
    return d;
  }

  Result<Bytes> class_shape(KlassRef klass) const override {
    return write_shape(layout_, ClassView(layout_, address_of(klass)));
  }

  std::optional<MethodRef> find_method(KlassRef klass, std::string_view name,
                                       std::string_view descriptor) const override {
    const ClassView view(layout_, address_of(klass));
    if (view.is_array()) return std::nullopt;
    const ArrayView methods = view.methods();
    for (int i = 0; i < methods.length(); ++i) {
      const MethodView method(layout_, methods.pointer(i));
      if (method && method.name() == name && method.descriptor() == descriptor && !method.is_old())
        return method_ref(method.address());
    }
    return std::nullopt;
  }

  bool is_permanent(LoaderRef loader) const override { return loader == boot_loader_; }

  std::optional<KlassRef> array_class(KlassRef element) const override {
    const Address klass = ClassView(layout_, address_of(element)).array_class();
    if (klass == nullptr || !ClassView(layout_, klass).is_array()) return std::nullopt;
    return klass_ref(klass);
  }
  std::optional<KlassRef> primitive_array_class(std::uint32_t code) const override {
    if (code < kFirstArrayCode || code - kFirstArrayCode >= primitive_arrays_.size() ||
        !primitive_arrays_[code - kFirstArrayCode])
      return std::nullopt;
    return primitive_arrays_[code - kFirstArrayCode];
  }

  std::optional<PoolClass> pool_class(KlassRef klass, std::uint32_t index) const override {
    const ClassView view(layout_, address_of(klass));
    if (!readable(view, index)) return std::nullopt;
    return read_pool_class(layout_, view, static_cast<int>(index));
  }
  std::optional<PoolField> pool_field(KlassRef klass, std::uint32_t index,
                                      std::uint32_t opcode) const override {
    const ClassView view(layout_, address_of(klass));
    if (!readable(view, index)) return std::nullopt;
    return read_pool_field(layout_, view, static_cast<int>(index), static_cast<int>(opcode));
  }
  std::optional<PoolMethod> pool_method(KlassRef klass, std::uint32_t index,
                                        std::uint32_t opcode) const override {
    const ClassView view(layout_, address_of(klass));
    if (!readable(view, index)) return std::nullopt;
    return read_pool_method(layout_, view, static_cast<int>(index), static_cast<int>(opcode));
  }

  std::optional<PoolMethod> call_site(MethodRef ref, std::uint32_t bci) const override {
    const MethodView method(layout_, address_of(ref));
    if (!method || method.holder() == nullptr || bci > 0xffff) return std::nullopt;
    const ClassView holder(layout_, method.holder());
    if (!holder.is_linked() || holder.pool().address() != method.pool()) return std::nullopt;
    return read_call_site(layout_, holder, method, static_cast<int>(bci));
  }

  Result<std::vector<Operand>> operands(MethodRef ref) const override {
    JF_TRY(const Bytes code, canonical_code(ref));
    std::vector<Operand> found;
    std::set<Operand> seen;
    const auto add = [&](std::uint8_t opcode, std::size_t at, int bytes) {
      const std::uint32_t index =
          bytes == 1 ? code[at] : static_cast<std::uint32_t>(code[at] << 8 | code[at + 1]);
      const Operand operand{opcode, index};
      if (seen.insert(operand).second) found.push_back(operand);
    };
    for (std::size_t bci = 0; bci < code.size(); bci += bytecode_length(code, bci)) {
      const std::uint8_t op = code[bci];
      if (op == kOpLdc || op == kOpNewarray) add(op, bci + 1, 1);
      if (op == kOpInvokedynamic) found.push_back({op, static_cast<std::uint32_t>(bci)});
      if (op == kOpLdcW || op == kOpLdc2W || (op >= kOpGetstatic && op <= kOpInvokeinterface) || op == kOpNew ||
          op == kOpAnewarray || op == kOpCheckcast || op == kOpInstanceof ||
          op == kOpMultianewarray)
        add(op, bci + 1, 2);
    }
    if (const auto tables = MethodView(layout_, address_of(ref)).tables())
      for (int i = 0; i < tables->handler_count; ++i)
        if (const std::uint32_t type = load<std::uint16_t>(tables->handlers, 8 * i + 6); type != 0)
          if (const Operand operand{kOpCheckcast, type}; seen.insert(operand).second)
            found.push_back(operand);
    return found;
  }

  Result<std::vector<Invoke>> invokes(MethodRef ref) const override {
    JF_TRY(const Bytes code, canonical_code(ref));
    const ClassView holder(layout_, MethodView(layout_, address_of(ref)).holder());
    const PoolView pool = holder.pool();
    std::vector<Invoke> found;
    for (std::size_t bci = 0; bci < code.size(); bci += bytecode_length(code, bci)) {
      const std::uint8_t op = code[bci];
      if (op == kOpMonitorenter) {
        Invoke& enter = found.emplace_back();
        enter.bci = static_cast<std::uint32_t>(bci);
        enter.opcode = op;
      }
      if (op < kOpInvokevirtual || op > kOpInvokedynamic) continue;
      const int index = code[bci + 1] << 8 | code[bci + 2];
      Invoke& invoke = found.emplace_back();
      invoke.bci = static_cast<std::uint32_t>(bci);
      invoke.opcode = op;
      std::optional<PoolMethod> linked;
      if (op == kOpInvokedynamic) {
        invoke.is_linked_by_vm = true;
        linked = call_site(ref, invoke.bci);
      } else {
        invoke.name = pool.member_name(index);
        invoke.descriptor = pool.member_descriptor(index);
        if (may_be_signature_polymorphic(pool, index)) linked = read_pool_method(layout_, holder, index, op);
        // The other methods of these classes are called as they are named.
        invoke.is_linked_by_vm =
            linked && (linked->is_method_handle_intrinsic || linked->is_static != (op == kOpInvokestatic));
      }
      if (invoke.is_linked_by_vm && linked) invoke.linked = linked->method;
    }
    return found;
  }

  Profile profile(MethodRef ref) const override {
    Profile p;
    const Address method = address_of(ref);
    if (const auto counters = load_acquire<Address>(method, layout_.method_counters)) {
      const std::uint64_t sum =
          std::uint64_t{load<std::uint32_t>(counters, layout_.counters_invocation) >>
                        kCounterShift} +
          (load<std::uint32_t>(counters, layout_.counters_backedge) >> kCounterShift);
      p.hotness = static_cast<std::uint32_t>(
          std::min<std::uint64_t>(sum, std::numeric_limits<std::uint32_t>::max()));
    }
    const auto data = load_acquire<Address>(method, layout_.method_data);
    if (data == nullptr || load<Address>(data, layout_.profile_method) != method) return p;
    p.trap_history.resize(static_cast<std::size_t>(trap_history_length_));
    // Code for on-stack replacement has a history of its own, behind the other.
    for (std::size_t i = 0; i < p.trap_history.size(); ++i) {
      const int at = layout_.profile_trap_history + static_cast<int>(i);
      p.trap_history[i] = static_cast<std::uint8_t>(std::min(
          255, load<std::uint8_t>(data, at) +
                   load<std::uint8_t>(data, at + static_cast<int>(trap_history_length_))));
    }
    // Mostly zeros at the end: they say nothing and need not travel.
    while (!p.trap_history.empty() && p.trap_history.back() == 0) p.trap_history.pop_back();
    return p;
  }

  std::optional<Counts> counts(MethodRef ref) const override {
    const auto data = load_acquire<Address>(address_of(ref), layout_.method_data);
    if (data == nullptr || load<Address>(data, layout_.profile_method) != address_of(ref))
      return std::nullopt;
    const auto code = canonical_code(ref);
    if (!code) return std::nullopt;
    return read_counts(layout_, geometry_, data, *code);
  }

  MethodRef method_of(Object& method) const override {
    if (method.klass().name() != kMethodClass) return {};
    return {handle_value(method_handle_.get(method))};
  }

  std::optional<KlassRef> try_holder(MethodRef method) const override {
    const auto const_method = safe_read<std::uintptr_t>(method.address + at(layout_.method_const));
    if (!const_method) return std::nullopt;
    const auto pool = safe_read<std::uintptr_t>(*const_method + at(layout_.const_constants));
    if (!pool) return std::nullopt;
    const auto holder = safe_read<std::uintptr_t>(*pool + at(layout_.pool_holder));
    if (!holder || *holder == 0 || *holder % 8 != 0) return std::nullopt;
    return KlassRef{*holder};
  }
  std::optional<LoaderRef> try_loader(KlassRef klass) const override {
    const auto loader = safe_read<std::uintptr_t>(klass.address + at(layout_.klass_loader_data));
    if (!loader || *loader == 0) return std::nullopt;
    return LoaderRef{*loader};
  }

  Result<std::unique_ptr<WeakClass>> weak(Env& env, KlassRef klass) const override {
    // An array class is in the loader of its elements, and has no constant pool.
    if (const ClassView view(layout_, address_of(klass)); view.is_array()) {
      const KlassRef bottom = klass_ref(view.bottom_class());
      if (!bottom || ClassView(layout_, address_of(bottom)).is_array())
        return fail(Errc::class_unreadable, "an array of primitives");
      return weak(env, bottom);
    }
    jvmci::LocalFrame frame(env);
    jvmci::Ref pool;
    if (calls_->handles_stay()) {
      JF_TRY(Object* const object, calls_->constant_pool(env, klass));
      if (object == nullptr) return fail(Errc::vm_exception, "getConstantPool: null");
      pool = jvmci::Ref::share(object);
    }
    jweak mirror = nullptr;
    JNIEnv* const jni = application_jni();
    if (const Address slot = ClassView(layout_, address_of(klass)).mirror_slot();
        slot != nullptr && jni != nullptr)
      mirror =
          jni->NewWeakGlobalRef(reinterpret_cast<jobject>(reinterpret_cast<std::uintptr_t>(slot)));
    if (!pool && mirror == nullptr) return fail(Errc::class_unreadable, "no mirror");
    return std::make_unique<WeakMirror>(std::move(pool), pool_handle_, mirror);
  }

  std::optional<std::uint64_t> static_final(KlassRef caller, std::uint32_t index,
                                            const PoolField& field) const override {
    const ClassView view(layout_, address_of(caller));
    const ClassView holder(layout_, address_of(field.holder));
    JNIEnv* const jni = application_jni();
    if (!field.is_static || !field.is_final || !readable(view, index) || jni == nullptr ||
        !holder.is_initialized() || holder.mirror_slot() == nullptr)
      return std::nullopt;
    const PoolView pool = view.pool();
    const std::string name(pool.member_name(static_cast<int>(index)));
    const std::string descriptor(pool.member_descriptor(static_cast<int>(index)));
    // System.in, out and err are set by methods of the VM.
    if (name.empty() || descriptor.empty() ||
        (descriptor.size() > 1 && holder.name() == "java/lang/System"))
      return std::nullopt;
    return read_static(*jni, holder.mirror_slot(), name, descriptor);
  }

  Result<Object*> method_object(Env& env, MethodRef method) const override {
    JF_TRY(Object* const object, calls_->method(env, method));
    if (object == nullptr) return fail(Errc::vm_exception, "getResolvedJavaMethod: null");
    return object;
  }

  Result<Object*> type_object(Env& env, KlassRef klass) const override {
    Object* const type = env.make(type_class_);
    if (type == nullptr) return fail(Errc::vm_exception, "out of memory");
    type_pointer_.set(*type, static_cast<jlong>(klass.address));
    return type;
  }

  Result<MethodRef> unique_concrete_method(Env& env, KlassRef context,
                                           MethodRef method) const override {
    // The VM answers these two with an exception ("should be handled in Java code").
    const ClassView view(layout_, address_of(context));
    if (view.is_array() || (view.access_flags() & 0x200) != 0) return MethodRef{};
    const MethodView method_view(layout_, address_of(method));
    if (!method_view || method_view.is_old()) return MethodRef{};
    if (can_be_statically_bound(layout_, method_view)) return method;
    jvmci::LocalFrame frame(env);
    JF_TRY(Object* const unique, calls_->unique_concrete_method(env, context, method));
    return unique == nullptr ? MethodRef{} : method_of(*unique);
  }

  bool is_subclass(KlassRef sub, KlassRef super) const override {
    return ClassView(layout_, address_of(sub))
        .is_subclass_of(ClassView(layout_, address_of(super)));
  }

  Result<KlassRef> profiled_class(Env& env, std::uintptr_t cell) const override {
    jvmci::LocalFrame frame(env);
    JF_TRY(Object* const type, calls_->profiled_type(env, cell));
    return type == nullptr ? KlassRef{} : klass_of_type(*type);
  }

  Result<MethodRef> selected_method(Env& env, KlassRef receiver, MethodRef method,
                                    KlassRef caller) const override {
    jvmci::LocalFrame frame(env);
    JF_TRY(Object* const selected, calls_->resolve_method(env, receiver, method, caller));
    return selected == nullptr ? MethodRef{} : method_of(*selected);
  }

  Result<ObjectConstant> mirror(Env& env, KlassRef klass) const override {
    jvmci::LocalFrame frame(env);
    JF_TRY(Object* const constant, calls_->java_mirror(env, klass));
    if (constant == nullptr) return fail(Errc::vm_exception, "getJavaMirror: null");
    return ObjectConstant(*this, env, constant);
  }

  Result<PoolValue> pool_value(Env& env, KlassRef klass, std::uint32_t index) const override {
    const ClassView view(layout_, address_of(klass));
    PoolValue value;
    if (!readable(view, index)) return value;
    const PoolView pool = view.pool();
    const int tag = pool.canonical_tag(static_cast<int>(index));
    if (tag == kTagClass) {
      const Address resolved = pool.resolved_class(static_cast<int>(index));
      if (resolved == nullptr) return value;
      JF_TRY(value.object, mirror(env, klass_ref(resolved)));
    } else if (tag == kTagString || tag == kTagMethodHandle || tag == kTagMethodType ||
               tag == kTagDynamic) {
      const auto place = reference_index(pool, static_cast<int>(index));
      if (!place) return value;
      JF_TRY(value.object, reference(env, klass, static_cast<std::uint32_t>(*place)));
    }
    value.is_resolved = static_cast<bool>(value.object);
    if (value.is_resolved && tag == kTagDynamic) JF_CHECK_OK(read_dynamic(env, klass, index, value));
    return value;
  }

  Result<ObjectConstant> reference(Env& env, KlassRef klass, std::uint32_t index) const override {
    const ClassView view(layout_, address_of(klass));
    if (view.is_array() || !view.is_linked() || index > code::kReferenceIndexMax)
      return ObjectConstant();
    const Address slot = view.pool().resolved_references();
    if (slot == nullptr) return ObjectConstant();
    jvmci::LocalFrame frame(env);
    // The slot is a root that the collector knows: the VM takes its address as an object handle.
    Object* const array = env.make(World::get().find_class(kConstantClass));
    if (array == nullptr) return fail(Errc::vm_exception, "out of memory");
    constant_handle_field().set(*array, static_cast<jlong>(reinterpret_cast<std::uintptr_t>(slot)));
    JF_TRY(Object* const element,
           calls_->array_element(env, array, static_cast<std::int32_t>(index)));
    if (element == nullptr || element->klass().name() != kConstantClass) return ObjectConstant();
    return ObjectConstant(*this, env, element);
  }

  std::optional<ConstantTree> constant_objects(Env& env, KlassRef klass, std::uint32_t index,
                                               bool in_static_field) const override {
    const ObjectReading reading{.adapter = *this,
                                .layout = layout_,
                                .calls = *calls_,
                                .klass_of_type = [&](Object& type) { return klass_of_type(type); },
                                .vmtarget = vmtarget()};
    const ClassView view(layout_, address_of(klass));
    return in_static_field ? read_static_handle(env, reading, view, index)
                           : read_referenced(env, reading, view, index);
  }

  void delete_handle(Env& env, Object& constant) const override {
    const jlong handle = constant_handle_field().get(constant);
    if (handle == 0) return;
    constant_handle_field().set(constant, 0);
    calls_->delete_object_handle(env, handle);
  }

  Status run_thread(const char* name, std::function<void()> body) const override {
    return calls_->run_thread(name, std::move(body));
  }

 private:
  KlassRef klass_of_type(Object& type) const {
    if (type.klass().name() != kTypeClass) return {};
    return {static_cast<std::uintptr_t>(type_pointer_.get(type))};
  }

  /// 0: the VM has no such class, or keeps it in another way.
  std::int32_t vmtarget() const {
    std::int32_t offset = vmtarget_.load(std::memory_order_relaxed);
    if (offset != 0) return offset;
    const auto klass = find_boot_class(layout_, reinterpret_cast<Address>(boot_loader_.address),
                                       "java/lang/invoke/ResolvedMethodName");
    offset = klass ? find_vmtarget(*klass) : 0;
    vmtarget_.store(offset, std::memory_order_relaxed);
    return offset;
  }

  static std::uintptr_t at(std::int32_t offset) { return static_cast<std::uintptr_t>(offset); }

  /// append_canonical_code, which has checked that every bytecode lies inside the code.
  Result<Bytes> canonical_code(MethodRef ref) const {
    const MethodView method(layout_, address_of(ref));
    if (!method || method.holder() == nullptr) return fail(Errc::class_unreadable, "no method");
    const ClassView holder(layout_, method.holder());
    const PoolView pool = holder.pool();
    if (!holder.is_linked() || pool.address() != method.pool())
      return fail(Errc::class_unreadable, "not linked or redefined");
    Bytes code;
    JF_CHECK_OK(append_canonical_code(method, pool, holder.is_rewritten(), code));
    return code;
  }

  /// The VM keeps a box for a number, and a stand-in for null; asked, it says what is meant.
  /// Precondition: resolved, or it would be resolved now.
  Status read_dynamic(Env& env, KlassRef klass, std::uint32_t index, PoolValue& value) const {
    jvmci::LocalFrame frame(env);
    JF_TRY(Object* const meant,
           calls_->dynamic_constant(env, klass, static_cast<std::int32_t>(index)));
    if (meant != nullptr && meant->klass().name() == kConstantClass) {
      value.object = ObjectConstant(*this, env, meant);
      return {};
    }
    value.object.reset();
    value.is_null = meant == nullptr || meant->klass().name() != kPrimitiveClass;
    if (!value.is_null) value.bits = static_cast<std::uint64_t>(primitive_field().get(*meant));
    return {};
  }

  static bool readable(const ClassView& view, std::uint32_t index) {
    return index > 0 && index <= 0xffff && !view.is_array() && view.is_linked();
  }

  static std::size_t bytecode_length(const Bytes& code, std::size_t bci) {
    const std::uint8_t op = code[bci];
    const auto be4 = [&](std::size_t i) {
      return static_cast<std::int32_t>(static_cast<std::uint32_t>(code[i]) << 24 |
                                       static_cast<std::uint32_t>(code[i + 1]) << 16 |
                                       static_cast<std::uint32_t>(code[i + 2]) << 8 | code[i + 3]);
    };
    const std::size_t aligned = (bci + 4) & ~std::size_t{3};
    if (op == kOpTableswitch)
      return aligned - bci + 12 +
             4 * static_cast<std::size_t>(std::int64_t{be4(aligned + 8)} - be4(aligned + 4) + 1);
    if (op == kOpLookupswitch)
      return aligned - bci + 8 + 8 * static_cast<std::size_t>(be4(aligned + 4));
    if (op == kOpWide) return code[bci + 1] == kOpIinc ? 6 : 4;
    return kOpcodes.length[op];
  }

  const Layout layout_;
  const std::unique_ptr<const VmCalls> calls_;
  const LoaderRef boot_loader_;
  const PrimitiveArrays primitive_arrays_;
  const std::int64_t trap_history_length_;
  const ProfileGeometry geometry_;
  jvmci::Class& type_class_;
  const FieldOf<jlong> type_pointer_;
  const FieldOf<jlong> method_handle_;
  const FieldOf<jlong> pool_handle_;
  mutable std::atomic<std::int32_t> vmtarget_ = 0;
};

}  // namespace

Result<std::unique_ptr<Adapter>> make_adapter(Env& env, const VmTables& tables,
                                              Configuration config, const Layout& layout,
                                              std::unique_ptr<const VmCalls> calls,
                                              jitfarm::facts::VmConfig vm) {
  // Those checks end the process at a reference that is none of JNI's; ours to a class's mirror is
  // the cell in its metaspace (weak()).
  JF_TRY(const bool checks, boolean_flag(tables, "CheckJNICalls"));
  if (checks) return fail(Errc::vm_unsupported, "-Xcheck:jni is on");
  JF_TRY(const std::int64_t trap_history_length,
         config.constant("Deoptimization::Reason_TRAP_HISTORY_LENGTH"));
  JF_TRY(const std::int64_t type_width, flag_value(env, *calls, "TypeProfileWidth"));
  JF_TRY(const std::int64_t bci_width, flag_value(env, *calls, "BciProfileWidth"));
  JF_TRY(const std::int64_t first_row, config.constant("ReceiverTypeData::receiver0_offset"));
  if (first_row != 1 && first_row != 2)
    return fail(Errc::vm_unsupported, "a receiver's profile has another layout");
  const ProfileGeometry geometry{static_cast<int>(std::clamp<std::int64_t>(type_width, 0, 64)),
                                 static_cast<int>(std::clamp<std::int64_t>(bci_width, 0, 64)),
                                 static_cast<int>(first_row)};
  JF_TRY(const void* const object_klass,
         tables.address("vmClasses", "_klasses[static_cast<int>(vmClassID::Object_klass_knum)]"));
  Address object = nullptr;
  std::memcpy(&object, object_klass, sizeof object);
  if (object == nullptr) return fail(Errc::vm_unsupported, "java.lang.Object is not loaded");
  const LoaderRef boot{reinterpret_cast<std::uintptr_t>(ClassView(layout, object).loader())};
  vm.referent_offset = find_referent(layout, ClassView(layout, object).loader());

  // Metadata handles live as long as the objects that hold them. One adapter a process.
  static const FieldOf<jlong> kMethodHandle{kMethodClass, calls->names().method, "J"};
  static const FieldOf<jlong> kPoolHandle{kPoolClass, calls->names().pool, "J"};
  World::get().find_class(kMethodClass).set_finalizer([](Object& o) {
    release_handle(o, kMethodHandle);
  });
  World::get().find_class(kPoolClass).set_finalizer([](Object& o) {
    release_handle(o, kPoolHandle);
  });

  auto adapter = std::make_unique<ReadingAdapter>(std::move(vm), std::move(config), layout,
                                                  std::move(calls), boot, trap_history_length,
                                                  geometry);
  JF_CHECK_OK(self_test(env, *adapter, layout, tables, adapter->calls()));
  return adapter;
}

}  // namespace jitfarm::vmagent::hotspot::metaspace
