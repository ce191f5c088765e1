#include "vmagent/hotspot/jdk17/vm_config17.h"

#include <algorithm>
#include <cstring>

#include "vmagent/hotspot/array_stubs.h"
#include "vmagent/hotspot/cpu_features.h"
#include "vmagent/hotspot/shell/shell.h"

namespace jitfarm::vmagent::hotspot::jdk17 {
namespace {

using jvmci::FieldOf;
using jvmci::Object;

Result<std::int32_t> array_base(jvmci::Env& env, const Natives& natives, char kind) {
  jvmci::LocalFrame frame(env);
  static const FieldOf<jchar> kTypeChar{"jdk/vm/ci/meta/JavaKind", "typeChar", "C"};
  Object* const java_kind = env.make(jvmci::World::get().find_class("jdk/vm/ci/meta/JavaKind"));
  if (java_kind == nullptr) return fail(Errc::vm_unsupported, "no JavaKind");
  kTypeChar.set(*java_kind, static_cast<jchar>(kind));
  JF_TRY(const jint base, natives.array_base_offset(env, java_kind));
  return base;
}

template <class T>
Status assign(T& to, Result<std::int64_t> value) {
  if (!value) return std::unexpected(std::move(value).error());
  to = static_cast<T>(*value);
  if (static_cast<std::int64_t>(to) != *value && sizeof(T) < 8)
    return fail(Errc::vm_unsupported, "a number of the VM is out of range");
  return {};
}

Result<jitfarm::facts::GcKind> collector(const Configuration& config) {
  const struct {
    const char* flag;
    jitfarm::facts::GcKind kind;
  } supported[] = {{"UseG1GC", jitfarm::facts::GcKind::g1},
                   {"UseParallelGC", jitfarm::facts::GcKind::parallel},
                   {"UseSerialGC", jitfarm::facts::GcKind::serial}};
  for (const auto& [flag, kind] : supported) {
    JF_TRY(const std::int64_t on, config.flag(flag));
    if (on != 0) return kind;
  }
  return fail(Errc::vm_unsupported, "the garbage collector is none of G1, Parallel and Serial");
}

Status read_allocation(const Configuration& config, jitfarm::facts::VmConfig& vm) {
  for (const char* const needed :
       {"JVMCIRuntime::new_instance", "JVMCIRuntime::new_array", "JVMCIRuntime::new_multi_array"})
    JF_CHECK_OK(config.address(needed));
  for (const char* const needed : {"JavaThread::_vm_result", "ThreadShadow::_pending_exception"})
    JF_CHECK_OK(config.offset(needed));
  vm.has_vm_entries = true;
  JF_TRY(const std::int32_t tlab, config.offset("Thread::_tlab"));
  JF_TRY(const std::int32_t top, config.offset("ThreadLocalAllocBuffer::_top"));
  JF_TRY(const std::int32_t end, config.offset("ThreadLocalAllocBuffer::_end"));
  JF_TRY(const std::int64_t no_hash, config.constant("markWord::no_hash_in_place"));
  JF_TRY(const std::int64_t no_lock, config.constant("markWord::no_lock_in_place"));
  JF_TRY(const std::int64_t biased, config.flag("UseBiasedLocking"));
  JF_TRY(const std::int32_t prototype, config.offset("Klass::_prototype_header"));
  JF_CHECK_OK(assign(vm.object_alignment, config.flag("ObjectAlignmentInBytes")));
  vm.initial_mark = static_cast<std::uint64_t>(no_hash | no_lock);
  vm.klass_prototype_header = biased != 0 ? prototype : 0;
  vm.thread_tlab_top = tlab + top;
  vm.thread_tlab_end = tlab + end;
  return {};
}

/// Numbers of the VM that are constants of `config`, by name.
Status read_constants(const Configuration& config,
                      std::initializer_list<std::pair<const char*, std::int32_t*>> wanted) {
  for (const auto& [name, to] : wanted) JF_CHECK_OK(assign(*to, config.constant(name)));
  return {};
}

Status read_barriers(const Configuration& config, jitfarm::facts::VmConfig& vm) {
  JF_CHECK_OK(assign(vm.card_table,
                     config.static_value("CompilerToVM::Data::cardtable_start_address")));
  JF_CHECK_OK(assign(vm.card_shift, config.static_value("CompilerToVM::Data::cardtable_shift")));
  JF_CHECK_OK(assign(vm.dirty_card, config.constant("CardTable::dirty_card")));
  JF_TRY(vm.element_klass, config.offset("ObjArrayKlass::_element_klass"));
  JF_CHECK_OK(assign(vm.reason_array_check, config.constant("Deoptimization::Reason_array_check")));
  if (vm.card_table == 0) return fail(Errc::vm_unsupported, "no card table");
  if (vm.gc == jitfarm::facts::GcKind::g1) {
    JF_CHECK_OK(assign(vm.g1_young_card, config.constant("G1CardTable::g1_young_gen")));
    JF_CHECK_OK(
        assign(vm.g1_region_shift, config.static_value("HeapRegion::LogOfHRGrainBytes")));
    JF_CHECK_OK(read_constants(
        config, {{"G1ThreadLocalData::satb_mark_queue_active_offset", &vm.g1_satb_active},
                 {"G1ThreadLocalData::satb_mark_queue_index_offset", &vm.g1_satb_index},
                 {"G1ThreadLocalData::satb_mark_queue_buffer_offset", &vm.g1_satb_buffer},
                 {"G1ThreadLocalData::dirty_card_queue_index_offset", &vm.g1_dirty_index},
                 {"G1ThreadLocalData::dirty_card_queue_buffer_offset", &vm.g1_dirty_buffer}}));
    JF_CHECK_OK(config.address("JVMCIRuntime::write_barrier_pre"));
    JF_CHECK_OK(config.address("JVMCIRuntime::write_barrier_post"));
  }
  vm.knows_barriers = true;
  return {};
}

/// After read_allocation.
Status read_monitors(jvmci::Env& env, const Configuration& config, const Natives& natives,
                     jitfarm::facts::VmConfig& vm) {
  if (!vm.has_vm_entries) return fail(Errc::vm_unsupported, "no VM entries");
  JF_CHECK_OK(config.address("JVMCIRuntime::monitorenter"));
  JF_CHECK_OK(config.address("JVMCIRuntime::monitorexit"));
  JF_TRY(vm.mark_offset, config.offset("oopDesc::_mark"));
  JF_TRY(const std::int64_t pattern, config.constant("markWord::biased_lock_pattern"));
  JF_TRY(const std::int64_t biased, config.flag("UseBiasedLocking"));
  JF_CHECK_OK(assign(vm.mark_unlocked, config.constant("markWord::unlocked_value")));
  JF_CHECK_OK(assign(vm.mark_age_mask, config.constant("markWord::age_mask_in_place")));
  JF_CHECK_OK(assign(vm.mark_lock_mask, config.constant("markWord::biased_lock_mask_in_place")));
  if (biased != 0) vm.mark_biased = static_cast<std::uint64_t>(pattern);
  // HotSpot's markWord::unused_mark(): all lock bits, which are those of the mask but the bit that only
  // biased objects have.
  vm.mark_unused = vm.mark_lock_mask & ~(static_cast<std::uint64_t>(pattern) & ~vm.mark_unlocked);
  // A BasicLock is what the frame has room for.
  JF_TRY(const std::int64_t lock_bytes, config.static_value("CompilerToVM::Data::sizeof_BasicLock"));
  if (lock_bytes != 8) return fail(Errc::vm_unsupported, "a BasicLock is not one word");
  JF_TRY(const std::int64_t heavy, flag_value(env, natives, "UseHeavyMonitors"));
  JF_TRY(const std::int64_t diagnosed, flag_value(env, natives, "DiagnoseSyncOnValueBasedClasses"));
  vm.has_stack_locks = heavy == 0 && diagnosed == 0;
  vm.knows_monitors = true;
  return {};
}

Status read_finalizers(const Configuration& config, jitfarm::facts::VmConfig& vm) {
  if (!vm.has_vm_entries) return fail(Errc::vm_unsupported, "no VM entries");
  JF_CHECK_OK(config.address("SharedRuntime::register_finalizer"));
  JF_TRY(vm.klass_access_flags, config.offset("Klass::_access_flags"));
  return assign(vm.class_has_finalizer, config.constant("JVM_ACC_HAS_FINALIZER"));
}

Status read_mirrors(const Configuration& config, jitfarm::facts::VmConfig& vm) {
  JF_TRY(vm.klass_java_mirror, config.offset("Klass::_java_mirror"));
  JF_CHECK_OK(assign(vm.mirror_klass, config.static_value("java_lang_Class::_klass_offset")));
  JF_TRY(vm.klass_access_flags, config.offset("Klass::_access_flags"));
  JF_TRY(vm.klass_modifier_flags, config.offset("Klass::_modifier_flags"));
  JF_CHECK_OK(
      assign(vm.layout_helper_tag_shift, config.constant("Klass::_lh_array_tag_shift")));
  JF_CHECK_OK(read_constants(
      config, {{"Klass::_lh_array_tag_obj_value", &vm.layout_helper_tag_objects},
               {"Klass::_lh_array_tag_type_value", &vm.layout_helper_tag_primitives}}));
  JF_CHECK_OK(
      assign(vm.layout_helper_header_shift, config.constant("Klass::_lh_header_size_shift")));
  JF_CHECK_OK(
      assign(vm.layout_helper_header_mask, config.constant("Klass::_lh_header_size_mask")));
  JF_CHECK_OK(
      assign(vm.layout_helper_size_mask, config.constant("Klass::_lh_log2_element_size_mask")));
  JF_TRY(const std::int64_t size_shift, config.constant("Klass::_lh_log2_element_size_shift"));
  if (size_shift != 0) return fail(Errc::vm_unsupported, "another layout helper");
  vm.knows_mirrors = true;
  return {};
}

Status read_hash(const Configuration& config, jitfarm::facts::VmConfig& vm) {
  JF_CHECK_OK(assign(vm.mark_hash_shift, config.constant("markWord::hash_shift")));
  return assign(vm.mark_hash_mask, config.constant("markWord::hash_mask"));
}

/// Whether the VM has all of these stubs.
bool has_stubs(const Configuration& config, std::initializer_list<const char*> names) {
  return std::ranges::all_of(names, [&](const char* name) {
    return config.static_value(name).value_or(0) != 0;
  });
}

std::uint64_t array_stubs(const Configuration& config) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < kArrayStubs.size(); ++i)
    if (has_stubs(config, {kArrayStubs[i]})) bits |= std::uint64_t{1} << i;
  return bits;
}

Status read_class_init(const Configuration& config, jitfarm::facts::VmConfig& vm) {
  JF_TRY(vm.klass_init_state, config.offset("InstanceKlass::_init_state"));
  JF_TRY(vm.klass_init_thread, config.offset("InstanceKlass::_init_thread"));
  JF_CHECK_OK(assign(vm.init_state_done, config.constant("InstanceKlass::fully_initialized")));
  vm.knows_class_init =
      has_stubs(config, {"CompilerToVM::Data::SharedRuntime_handle_wrong_method_stub"});
  return {};
}

/// Capabilities that agents have taken. Only while the VM starts can they get these. What the VM
/// does not say is taken for granted.
void read_debugging(const Configuration& config, const VmTables& tables,
                    jitfarm::facts::VmConfig& vm) {
  const auto can = [&](const char* what) {
    const auto address = tables.address("JvmtiExport", what);
    bool value = true;
    if (address) std::memcpy(&value, *address, sizeof value);
    return value;
  };
  vm.may_post_exceptions = can("_can_post_on_exceptions");
  vm.keeps_locals = can("_can_access_local_variables");
  vm.thread_posts_exceptions =
      config.offset("JavaThread::_should_post_on_exceptions_flag").value_or(0);
}

}  // namespace

Result<std::int64_t> flag_value(jvmci::Env& env, const Natives& natives, std::string_view name) {
  jvmci::LocalFrame frame(env);
  JF_TRY(Object* const box, natives.get_flag_value(env, env.make_string(name)));
  static const FieldOf<jlong> kLong{"java/lang/Long", "value", "J"};
  static const FieldOf<jboolean> kBoolean{"java/lang/Boolean", "value", "Z"};
  if (box != nullptr && box->klass().name() == "java/lang/Boolean") return kBoolean.get(*box);
  if (box == nullptr || box->klass().name() != "java/lang/Long")
    return fail(Errc::vm_unsupported, "this VM has no flag " + std::string(name));
  return kLong.get(*box);
}

namespace {

/// Empty: the flag is not set, or not there.
std::string text_flag(jvmci::Env& env, const Natives& natives, std::string_view name) {
  jvmci::LocalFrame frame(env);
  const auto text = natives.get_flag_value(env, env.make_string(name));
  if (!text || *text == nullptr || (*text)->kind() != jvmci::ObjectKind::string) return {};
  return std::string((*text)->text());
}

/// Whether the user switched intrinsics off. Which ones is said in names that JVMCI has no table
/// of, and in files and per method, where a compiler of JVMCI is not asked.
bool calls_intrinsics(jvmci::Env& env, const Natives& natives) {
  for (const char* flag :
       {"DisableIntrinsic", "ControlIntrinsic", "CompileCommandFile", "CompilerDirectivesFile"})
    if (!text_flag(env, natives, flag).empty()) return true;
  const std::string commands = text_flag(env, natives, "CompileCommand");
  return commands.find("DisableIntrinsic") != std::string::npos ||
         commands.find("ControlIntrinsic") != std::string::npos;
}

}  // namespace

Result<jitfarm::facts::VmConfig> read_vm_config(jvmci::Env& env, const VmTables& tables,
                                                const Configuration& config,
                                                const Natives& natives) {
  jitfarm::facts::VmConfig vm;
  vm.jdk_feature = 17;
  JF_TRY(const void* const release, tables.address("Abstract_VM_Version", "_s_vm_release"));
  const char* text = nullptr;
  std::memcpy(&text, release, sizeof text);
  if (text != nullptr) vm.vm_version = text;
  JF_TRY(vm.gc, collector(config));

  JF_CHECK_OK(assign(vm.use_compressed_oops, config.flag("UseCompressedOops")));
  JF_CHECK_OK(assign(vm.narrow_oop_base,
                     config.static_value("CompilerToVM::Data::Universe_narrow_oop_base")));
  JF_CHECK_OK(assign(vm.narrow_oop_shift,
                     config.static_value("CompilerToVM::Data::Universe_narrow_oop_shift")));
  JF_CHECK_OK(assign(vm.use_compressed_class_pointers, config.flag("UseCompressedClassPointers")));
  JF_CHECK_OK(assign(vm.narrow_klass_base,
                     config.static_value("CompilerToVM::Data::Universe_narrow_klass_base")));
  JF_CHECK_OK(assign(vm.narrow_klass_shift,
                     config.static_value("CompilerToVM::Data::Universe_narrow_klass_shift")));

  JF_TRY(vm.klass_offset, config.offset("oopDesc::_metadata._klass"));
  // arrayOopDesc::length_offset_in_bytes: behind the klass word, in its unused half when that is
  // narrow.
  vm.array_length_offset = vm.klass_offset + (vm.use_compressed_class_pointers ? 4 : 8);
  JF_TRY(vm.array_base_primitive, array_base(env, natives, 'B'));
  JF_TRY(vm.array_base_long, array_base(env, natives, 'J'));
  JF_TRY(vm.array_base_object, array_base(env, natives, 'A'));
  JF_TRY(const std::int32_t base_int, array_base(env, natives, 'I'));
  for (const std::int32_t base :
       {vm.array_base_primitive, vm.array_base_long, vm.array_base_object})
    if (base < vm.array_length_offset + 4 || base > vm.array_length_offset + 12)
      return fail(Errc::vm_unsupported, "array elements start at " + std::to_string(base) +
                                            ", the length is at " +
                                            std::to_string(vm.array_length_offset));
  if (base_int != vm.array_base_primitive)
    return fail(Errc::vm_unsupported, "int[] and byte[] start at different offsets");

  JF_TRY(vm.thread_pending_deoptimization, config.offset("JavaThread::_pending_deoptimization"));
  JF_TRY(const std::int32_t poll_data, config.offset("JavaThread::_poll_data"));
  JF_TRY(const std::int32_t polling_word,
         config.offset("SafepointMechanism::ThreadData::_polling_word"));
  vm.thread_polling_word = poll_data + polling_word;
  JF_TRY(vm.thread_exception_oop, config.offset("JavaThread::_exception_oop"));
  JF_TRY(vm.thread_exception_pc, config.offset("JavaThread::_exception_pc"));

  JF_CHECK_OK(assign(vm.deopt_reason_shift, config.constant("Deoptimization::_reason_shift")));
  JF_CHECK_OK(assign(vm.deopt_action_shift, config.constant("Deoptimization::_action_shift")));
  JF_CHECK_OK(assign(vm.reason_null_check, config.constant("Deoptimization::Reason_null_check")));
  JF_CHECK_OK(assign(vm.reason_range_check, config.constant("Deoptimization::Reason_range_check")));
  JF_CHECK_OK(assign(vm.reason_div0_check, config.constant("Deoptimization::Reason_div0_check")));
  // "Arbitrary runtime constraint violated": what the VM has for checks without a reason of their
  // own.
  JF_CHECK_OK(assign(vm.reason_negative, config.constant("Deoptimization::Reason_constraint")));
  JF_CHECK_OK(assign(vm.reason_unresolved, config.constant("Deoptimization::Reason_unresolved")));
  JF_CHECK_OK(assign(vm.reason_class_check, config.constant("Deoptimization::Reason_class_check")));
  JF_CHECK_OK(assign(vm.action_none, config.constant("Deoptimization::Action_none")));
  JF_CHECK_OK(assign(vm.action_reinterpret, config.constant("Deoptimization::Action_reinterpret")));
  JF_CHECK_OK(assign(vm.action_make_not_entrant,
                     config.constant("Deoptimization::Action_make_not_entrant")));

  const shell::Sleds sleds = shell::jdk17_sleds();
  vm.sled_static_call = sleds.static_call;
  vm.sled_virtual_call = sleds.virtual_call;
  vm.sled_runtime_call = sleds.runtime_call;
  vm.sled_poll = sleds.poll;
  vm.thread_slot_required = sleds.thread_slot;
  JF_CHECK_OK(assign(vm.max_oop_map_stack_offset,
                     config.static_value("CompilerToVM::Data::_max_oop_map_stack_offset")));

  // A flag of C2 only: a VM without C2 says nothing about vectors.
  const auto max_vector_size = flag_value(env, natives, "MaxVectorSize");
  JF_TRY(const CpuFeatures cpu, cpu_features(config, max_vector_size.value_or(0)));
  vm.cpu_features = cpu.llvm;
  vm.max_vector_bytes = cpu.vector_bytes;

  JF_TRY(vm.klass_layout_helper, config.offset("Klass::_layout_helper"));
  JF_TRY(const std::int64_t element_shift, config.constant("Klass::_lh_element_type_shift"));
  vm.layout_helper_boolean_bit = 4u << element_shift;  // T_BOOLEAN is 4, T_BYTE is 8

  JF_TRY(vm.klass_super_check_offset, config.offset("Klass::_super_check_offset"));
  JF_TRY(vm.klass_secondary_super_cache, config.offset("Klass::_secondary_super_cache"));
  JF_TRY(vm.klass_secondary_supers, config.offset("Klass::_secondary_supers"));
  JF_TRY(vm.klass_array_length, config.offset("Array<Klass*>::_length"));
  JF_TRY(vm.klass_array_data, config.offset("Array<Klass*>::_data[0]"));
  JF_CHECK_OK(assign(vm.reason_unreached, config.constant("Deoptimization::Reason_unreached0")));
  JF_CHECK_OK(assign(vm.reason_receiver,
                     config.constant("Deoptimization::Reason_type_checked_inlining")));
  JF_CHECK_OK(assign(vm.action_maybe_recompile,
                     config.constant("Deoptimization::Action_maybe_recompile")));
  // What is missing from here on costs the code that needs it, not the farm.
  static_cast<void>(read_allocation(config, vm));
  static_cast<void>(read_barriers(config, vm));
  static_cast<void>(read_monitors(env, config, natives, vm));
  vm.throws_implicit = vm.has_vm_entries &&
                       config.address("JVMCIRuntime::throw_and_post_jvmti_exception") &&
                       config.address("JVMCIRuntime::throw_class_cast_exception") &&
                       config.address("JVMCIRuntime::throw_klass_external_name_exception");
  static_cast<void>(read_finalizers(config, vm));
  static_cast<void>(read_mirrors(config, vm));
  static_cast<void>(read_hash(config, vm));
  static_cast<void>(read_class_init(config, vm));
  read_debugging(config, tables, vm);
  vm.thread_object = config.offset("JavaThread::_threadObj").value_or(0);
  vm.has_array_copies =
      has_stubs(config, {"StubRoutines::_jbyte_arraycopy", "StubRoutines::_jshort_arraycopy",
                         "StubRoutines::_jint_arraycopy", "StubRoutines::_jlong_arraycopy",
                         "StubRoutines::_oop_arraycopy"});
  vm.has_clocks = config.address("os::javaTimeMillis").has_value() &&
                  config.address("os::javaTimeNanos").has_value();
  // Without this flag the interpreter calls other functions, whose last bit may differ.
  const auto intrinsics = flag_value(env, natives, "InlineIntrinsics");
  vm.has_math_stubs =
      intrinsics.value_or(0) != 0 &&
      has_stubs(config, {"CompilerToVM::Data::dsin", "CompilerToVM::Data::dcos",
                         "CompilerToVM::Data::dtan", "CompilerToVM::Data::dexp",
                         "CompilerToVM::Data::dlog", "CompilerToVM::Data::dlog10",
                         "CompilerToVM::Data::dpow"});
  vm.array_stubs = array_stubs(config);
  vm.calls_intrinsics = calls_intrinsics(env, natives);
  return vm;
}

}  // namespace jitfarm::vmagent::hotspot::jdk17
