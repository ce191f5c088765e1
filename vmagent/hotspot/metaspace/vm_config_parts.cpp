#include "vmagent/hotspot/metaspace/vm_config_parts.h"

#include <algorithm>
#include <cstring>

#include "vmagent/hotspot/array_stubs.h"

namespace jitfarm::vmagent::hotspot::metaspace {
namespace {

/// Whether the VM has all of these stubs.
bool has_stubs(const Configuration& config, std::initializer_list<const char*> names) {
  return std::ranges::all_of(names, [&](const char* name) {
    return config.static_value(name).value_or(0) != 0;
  });
}

}  // namespace

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

Status read_constants(const Configuration& config,
                      std::initializer_list<std::pair<const char*, std::int32_t*>> wanted) {
  for (const auto& [name, to] : wanted) JF_CHECK_OK(assign(*to, config.constant(name)));
  return {};
}

std::string release(const VmTables& tables) {
  const auto cell = tables.address("Abstract_VM_Version", "_s_vm_release");
  if (!cell) return {};
  const char* text = nullptr;
  std::memcpy(&text, *cell, sizeof text);
  return text == nullptr ? std::string() : std::string(text);
}

Status read_encodings(const Configuration& config, jitfarm::facts::VmConfig& vm) {
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
  return {};
}

Status read_array_bases(jvmci::Env& env, const VmCalls& calls, jitfarm::facts::VmConfig& vm) {
  JF_TRY(vm.array_base_primitive, calls.array_base(env, 'B'));
  JF_TRY(vm.array_base_long, calls.array_base(env, 'J'));
  JF_TRY(vm.array_base_object, calls.array_base(env, 'A'));
  JF_TRY(const std::int32_t base_int, calls.array_base(env, 'I'));
  for (const std::int32_t base :
       {vm.array_base_primitive, vm.array_base_long, vm.array_base_object})
    if (base < vm.array_length_offset + 4 || base > vm.array_length_offset + 12)
      return fail(Errc::vm_unsupported, "array elements start at " + std::to_string(base) +
                                            ", the length is at " +
                                            std::to_string(vm.array_length_offset));
  if (base_int != vm.array_base_primitive)
    return fail(Errc::vm_unsupported, "int[] and byte[] start at different offsets");
  return {};
}

Status read_thread(const Configuration& config, std::string_view poll_data_field,
                   jitfarm::facts::VmConfig& vm) {
  JF_TRY(vm.thread_pending_deoptimization, config.offset("JavaThread::_pending_deoptimization"));
  JF_TRY(const std::int32_t poll_data, config.offset(poll_data_field));
  JF_TRY(const std::int32_t polling_word,
         config.offset("SafepointMechanism::ThreadData::_polling_word"));
  vm.thread_polling_word = poll_data + polling_word;
  JF_TRY(vm.thread_exception_oop, config.offset("JavaThread::_exception_oop"));
  JF_TRY(vm.thread_exception_pc, config.offset("JavaThread::_exception_pc"));
  return {};
}

Status read_traps(const Configuration& config, jitfarm::facts::VmConfig& vm) {
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
  JF_CHECK_OK(assign(vm.reason_unreached, config.constant("Deoptimization::Reason_unreached0")));
  JF_CHECK_OK(assign(vm.reason_receiver,
                     config.constant("Deoptimization::Reason_type_checked_inlining")));
  return assign(vm.action_maybe_recompile,
                config.constant("Deoptimization::Action_maybe_recompile"));
}

Status read_class_layout(const Configuration& config, jitfarm::facts::VmConfig& vm) {
  JF_TRY(vm.klass_layout_helper, config.offset("Klass::_layout_helper"));
  JF_TRY(const std::int64_t element_shift, config.constant("Klass::_lh_element_type_shift"));
  vm.layout_helper_boolean_bit = 4u << element_shift;  // T_BOOLEAN is 4, T_BYTE is 8

  JF_TRY(vm.klass_super_check_offset, config.offset("Klass::_super_check_offset"));
  JF_TRY(vm.klass_secondary_super_cache, config.offset("Klass::_secondary_super_cache"));
  JF_TRY(vm.klass_secondary_supers, config.offset("Klass::_secondary_supers"));
  JF_TRY(vm.klass_array_length, config.offset("Array<Klass*>::_length"));
  JF_TRY(vm.klass_array_data, config.offset("Array<Klass*>::_data[0]"));
  return {};
}

Status read_tlab(const Configuration& config, jitfarm::facts::VmConfig& vm) {
  JF_TRY(const std::int32_t tlab, config.offset("Thread::_tlab"));
  JF_TRY(const std::int32_t top, config.offset("ThreadLocalAllocBuffer::_top"));
  JF_TRY(const std::int32_t end, config.offset("ThreadLocalAllocBuffer::_end"));
  JF_TRY(const std::int64_t no_hash, config.constant("markWord::no_hash_in_place"));
  JF_TRY(const std::int64_t no_lock, config.constant("markWord::no_lock_in_place"));
  JF_CHECK_OK(assign(vm.object_alignment, config.flag("ObjectAlignmentInBytes")));
  vm.initial_mark = static_cast<std::uint64_t>(no_hash | no_lock);
  vm.thread_tlab_top = tlab + top;
  vm.thread_tlab_end = tlab + end;
  return {};
}

Status read_barriers(const Configuration& config, std::string_view g1_region_shift,
                     jitfarm::facts::VmConfig& vm) {
  JF_CHECK_OK(assign(vm.card_table,
                     config.static_value("CompilerToVM::Data::cardtable_start_address")));
  JF_CHECK_OK(assign(vm.card_shift, config.static_value("CompilerToVM::Data::cardtable_shift")));
  JF_CHECK_OK(assign(vm.dirty_card, config.constant("CardTable::dirty_card")));
  JF_TRY(vm.element_klass, config.offset("ObjArrayKlass::_element_klass"));
  JF_CHECK_OK(assign(vm.reason_array_check, config.constant("Deoptimization::Reason_array_check")));
  if (vm.card_table == 0) return fail(Errc::vm_unsupported, "no card table");
  if (vm.gc == jitfarm::facts::GcKind::g1) {
    JF_CHECK_OK(assign(vm.g1_young_card, config.constant("G1CardTable::g1_young_gen")));
    JF_CHECK_OK(assign(vm.g1_region_shift, config.static_value(g1_region_shift)));
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

Status read_hash(const Configuration& config, jitfarm::facts::VmConfig& vm) {
  JF_CHECK_OK(assign(vm.mark_hash_shift, config.constant("markWord::hash_shift")));
  return assign(vm.mark_hash_mask, config.constant("markWord::hash_mask"));
}

Status read_class_init(const Configuration& config, jitfarm::facts::VmConfig& vm) {
  JF_TRY(vm.klass_init_state, config.offset("InstanceKlass::_init_state"));
  JF_TRY(vm.klass_init_thread, config.offset("InstanceKlass::_init_thread"));
  JF_CHECK_OK(assign(vm.init_state_done, config.constant("InstanceKlass::fully_initialized")));
  vm.knows_class_init =
      has_stubs(config, {"CompilerToVM::Data::SharedRuntime_handle_wrong_method_stub"});
  return {};
}

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

void read_stubs(jvmci::Env& env, const Configuration& config, const VmCalls& calls,
                jitfarm::facts::VmConfig& vm) {
  vm.has_array_copies =
      has_stubs(config, {"StubRoutines::_jbyte_arraycopy", "StubRoutines::_jshort_arraycopy",
                         "StubRoutines::_jint_arraycopy", "StubRoutines::_jlong_arraycopy",
                         "StubRoutines::_oop_arraycopy"});
  vm.has_clocks = config.address("os::javaTimeMillis").has_value() &&
                  config.address("os::javaTimeNanos").has_value();
  // Without this flag the interpreter calls other functions, whose last bit may differ.
  const auto intrinsics = flag_value(env, calls, "InlineIntrinsics");
  vm.has_math_stubs =
      intrinsics.value_or(0) != 0 &&
      has_stubs(config, {"CompilerToVM::Data::dsin", "CompilerToVM::Data::dcos",
                         "CompilerToVM::Data::dtan", "CompilerToVM::Data::dexp",
                         "CompilerToVM::Data::dlog", "CompilerToVM::Data::dlog10",
                         "CompilerToVM::Data::dpow"});
}

std::uint64_t array_stubs(const Configuration& config) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < kArrayStubs.size(); ++i)
    if (has_stubs(config, {kArrayStubs[i]})) bits |= std::uint64_t{1} << i;
  return bits;
}

bool calls_intrinsics(jvmci::Env& env, const VmCalls& calls) {
  for (const char* flag :
       {"DisableIntrinsic", "ControlIntrinsic", "CompileCommandFile", "CompilerDirectivesFile"})
    if (!text_flag(env, calls, flag).empty()) return true;
  const std::string commands = text_flag(env, calls, "CompileCommand");
  return commands.find("DisableIntrinsic") != std::string::npos ||
         commands.find("ControlIntrinsic") != std::string::npos;
}

}  // namespace jitfarm::vmagent::hotspot::metaspace
