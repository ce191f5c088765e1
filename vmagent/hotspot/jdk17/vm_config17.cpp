#include "vmagent/hotspot/jdk17/vm_config17.h"

#include "vmagent/hotspot/cpu_features.h"
#include "vmagent/hotspot/metaspace/vm_config_parts.h"
#include "vmagent/hotspot/shell/shell.h"

namespace jitfarm::vmagent::hotspot::jdk17 {
namespace {

using namespace metaspace;

Status read_allocation(const Configuration& config, jitfarm::facts::VmConfig& vm) {
  for (const char* const needed :
       {"JVMCIRuntime::new_instance", "JVMCIRuntime::new_array", "JVMCIRuntime::new_multi_array"})
    JF_CHECK_OK(config.address(needed));
  for (const char* const needed : {"JavaThread::_vm_result", "ThreadShadow::_pending_exception"})
    JF_CHECK_OK(config.offset(needed));
  vm.has_vm_entries = true;
  JF_TRY(const std::int64_t biased, config.flag("UseBiasedLocking"));
  JF_TRY(const std::int32_t prototype, config.offset("Klass::_prototype_header"));
  JF_CHECK_OK(read_tlab(config, vm));
  vm.klass_prototype_header = biased != 0 ? prototype : 0;
  return {};
}

/// After read_allocation.
Status read_monitors(jvmci::Env& env, const Configuration& config, const metaspace::VmCalls& calls,
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
  JF_TRY(const std::int64_t heavy, flag_value(env, calls, "UseHeavyMonitors"));
  JF_TRY(const std::int64_t diagnosed, flag_value(env, calls, "DiagnoseSyncOnValueBasedClasses"));
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

}  // namespace

Result<jitfarm::facts::VmConfig> read_vm_config(jvmci::Env& env, const VmTables& tables,
                                                const Configuration& config,
                                                const metaspace::VmCalls& calls) {
  jitfarm::facts::VmConfig vm;
  vm.jdk_feature = 17;
  vm.vm_version = release(tables);
  JF_TRY(vm.gc, collector(config));

  JF_CHECK_OK(read_encodings(config, vm));
  JF_TRY(vm.klass_offset, config.offset("oopDesc::_metadata._klass"));
  // arrayOopDesc::length_offset_in_bytes: behind the klass word, in its unused half when that is
  // narrow.
  vm.array_length_offset = vm.klass_offset + (vm.use_compressed_class_pointers ? 4 : 8);
  JF_CHECK_OK(read_array_bases(env, calls, vm));
  JF_CHECK_OK(read_thread(config, "JavaThread::_poll_data", vm));
  JF_CHECK_OK(read_traps(config, vm));
  const shell::Sleds sleds = shell::jdk17_sleds();
  vm.sled_static_call = sleds.static_call;
  vm.sled_virtual_call = sleds.virtual_call;
  vm.sled_runtime_call = sleds.runtime_call;
  vm.sled_poll = sleds.poll;
  vm.thread_slot_required = sleds.thread_slot;
  JF_CHECK_OK(assign(vm.max_oop_map_stack_offset,
                     config.static_value("CompilerToVM::Data::_max_oop_map_stack_offset")));

  // A flag of C2 only: a VM without C2 says nothing about vectors.
  const auto max_vector_size = flag_value(env, calls, "MaxVectorSize");
  JF_TRY(const CpuFeatures cpu, cpu_features(config, max_vector_size.value_or(0)));
  vm.cpu_features = cpu.llvm;
  vm.max_vector_bytes = cpu.vector_bytes;

  JF_CHECK_OK(read_class_layout(config, vm));
  // What is missing from here on costs the code that needs it, not the farm.
  static_cast<void>(read_allocation(config, vm));
  static_cast<void>(read_barriers(config, "HeapRegion::LogOfHRGrainBytes", vm));
  static_cast<void>(read_monitors(env, config, calls, vm));
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
  read_stubs(env, config, calls, vm);
  vm.array_stubs = array_stubs(config);
  vm.calls_intrinsics = calls_intrinsics(env, calls);
  return vm;
}

}  // namespace jitfarm::vmagent::hotspot::jdk17
