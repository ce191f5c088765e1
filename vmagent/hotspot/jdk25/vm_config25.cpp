#include "vmagent/hotspot/jdk25/vm_config25.h"

#include <cstring>

#include "vmagent/hotspot/cpu_features.h"
#include "vmagent/hotspot/metaspace/vm_config_parts.h"
#include "vmagent/hotspot/shell/shell.h"

namespace jitfarm::vmagent::hotspot::jdk25 {
namespace {

using namespace metaspace;

Status read_allocation(const Configuration& config, jitfarm::facts::VmConfig& vm) {
  // These answer null where they have left an exception behind.
  for (const char* const needed :
       {"JVMCIRuntime::new_instance_or_null", "JVMCIRuntime::new_array_or_null",
        "JVMCIRuntime::new_multi_array_or_null"})
    JF_CHECK_OK(config.address(needed));
  for (const char* const needed :
       {"JavaThread::_vm_result_oop", "ThreadShadow::_pending_exception"})
    JF_CHECK_OK(config.offset(needed));
  vm.has_vm_entries = true;
  return read_tlab(config, vm);
}

/// After read_allocation. Through the VM's entries only: the lightweight locks lie on a stack of the
/// thread.
Status read_monitors(const Configuration& config, jitfarm::facts::VmConfig& vm) {
  if (!vm.has_vm_entries) return fail(Errc::vm_unsupported, "no VM entries");
  JF_CHECK_OK(config.address("JVMCIRuntime::monitorenter"));
  JF_CHECK_OK(config.address("JVMCIRuntime::monitorexit"));
  JF_TRY(vm.mark_offset, config.offset("oopDesc::_mark"));
  JF_CHECK_OK(assign(vm.mark_unlocked, config.constant("markWord::unlocked_value")));
  JF_CHECK_OK(assign(vm.mark_age_mask, config.constant("markWord::age_mask_in_place")));
  JF_CHECK_OK(assign(vm.mark_lock_mask, config.constant("markWord::lock_mask_in_place")));
  vm.mark_unused = vm.mark_lock_mask;  // HotSpot's markWord::unused_mark()
  JF_TRY(const std::int64_t lock_bytes, config.static_value("CompilerToVM::Data::sizeof_BasicLock"));
  if (lock_bytes != 8) return fail(Errc::vm_unsupported, "a BasicLock is not one word");
  vm.knows_monitors = true;
  return {};
}

/// The bit is in a byte of flags before Klass::_super_check_offset, so that four bytes may be read
/// there.
Status read_finalizers(const Configuration& config, jitfarm::facts::VmConfig& vm) {
  if (!vm.has_vm_entries) return fail(Errc::vm_unsupported, "no VM entries");
  JF_CHECK_OK(config.address("SharedRuntime::register_finalizer"));
  JF_TRY(vm.klass_access_flags, config.offset("Klass::_misc_flags._flags"));
  return assign(vm.class_has_finalizer, config.constant("KlassFlags::_misc_has_finalizer"));
}

/// JDK 25 numbers the features and keeps them in some words.
Result<CpuFeatures> read_cpu(jvmci::Env& env, const Configuration& config, const VmCalls& calls) {
  JF_TRY(const std::uint64_t features, config.static_address("VM_Version::_features"));
  JF_TRY(const std::int32_t bitmap, config.offset("VM_Version::VM_Features::_features_bitmap[0]"));
  JF_TRY(const std::int64_t words,
         config.static_value("VM_Version::VM_Features::_features_bitmap_size"));
  constexpr std::int64_t kWordsMax = 16;
  if (words < 1 || words > kWordsMax)
    return fail(Errc::vm_unsupported, "the features of the CPU have another form");
  const auto uses = [&](std::string_view name) {
    const auto number = config.constant(name);
    if (!number || *number < 0 || *number >= 64 * words) return false;
    std::uint64_t word = 0;
    std::memcpy(&word,
                reinterpret_cast<const char*>(features) + bitmap +
                    static_cast<std::ptrdiff_t>(sizeof word) * (*number / 64),
                sizeof word);
    return (word >> (*number % 64) & 1) != 0;
  };
  // A flag of C2 only: a VM without C2 says nothing about vectors.
  return cpu_features(uses, flag_value(env, calls, "MaxVectorSize").value_or(0));
}

}  // namespace

Status check_modes(jvmci::Env& env, const Configuration& config, const VmCalls& calls) {
  if (const auto gc = collector(config); !gc) return std::unexpected(gc.error());
  JF_TRY(const std::int64_t compact, flag_value(env, calls, "UseCompactObjectHeaders"));
  if (compact != 0) return fail(Errc::vm_unsupported, "compact object headers are on");
  JF_TRY(const std::int64_t mode, flag_value(env, calls, "LockingMode"));
  JF_TRY(const std::int64_t lightweight, config.constant("LockingMode::LM_LIGHTWEIGHT"));
  JF_TRY(const std::int64_t table, flag_value(env, calls, "UseObjectMonitorTable"));
  if (mode != lightweight || table != 0)
    return fail(Errc::vm_unsupported, "LockingMode or UseObjectMonitorTable is not the default");
  return {};
}

Result<jitfarm::facts::VmConfig> read_vm_config(jvmci::Env& env, const VmTables& tables,
                                                const Configuration& config,
                                                const VmCalls& calls) {
  jitfarm::facts::VmConfig vm;
  vm.jdk_feature = 25;
  vm.vm_version = release(tables);
  JF_TRY(vm.gc, collector(config));
  JF_CHECK_OK(read_encodings(config, vm));
  JF_CHECK_OK(
      assign(vm.klass_offset, config.static_value("CompilerToVM::Data::oopDesc_klass_offset_in_bytes")));
  JF_CHECK_OK(
      assign(vm.array_length_offset,
             config.static_value("CompilerToVM::Data::arrayOopDesc_length_offset_in_bytes")));
  JF_CHECK_OK(read_array_bases(env, calls, vm));
  JF_CHECK_OK(read_thread(config, "Thread::_poll_data", vm));
  JF_CHECK_OK(read_traps(config, vm));
  const shell::Sleds sleds = shell::jdk25_sleds();
  vm.sled_static_call = sleds.static_call;
  vm.sled_virtual_call = sleds.virtual_call;
  vm.sled_runtime_call = sleds.runtime_call;
  vm.sled_poll = sleds.poll;
  vm.thread_slot_required = sleds.thread_slot;
  JF_CHECK_OK(assign(vm.max_oop_map_stack_offset,
                     config.static_value("CompilerToVM::Data::_max_oop_map_stack_offset")));
  JF_TRY(const CpuFeatures cpu, read_cpu(env, config, calls));
  vm.cpu_features = cpu.llvm;
  vm.max_vector_bytes = cpu.vector_bytes;
  JF_CHECK_OK(read_class_layout(config, vm));
  // What is missing from here on costs the code that needs it, not the farm.
  static_cast<void>(read_allocation(config, vm));
  static_cast<void>(read_barriers(config, "G1HeapRegion::LogOfHRGrainBytes", vm));
  static_cast<void>(read_monitors(config, vm));
  vm.throws_implicit = vm.has_vm_entries &&
                       config.address("JVMCIRuntime::throw_and_post_jvmti_exception") &&
                       config.address("JVMCIRuntime::throw_class_cast_exception") &&
                       config.address("JVMCIRuntime::throw_klass_external_name_exception");
  static_cast<void>(read_finalizers(config, vm));
  static_cast<void>(read_hash(config, vm));
  static_cast<void>(read_class_init(config, vm));
  read_debugging(config, tables, vm);
  vm.thread_object = config.offset("JavaThread::_vthread").value_or(0);
  read_stubs(env, config, calls, vm);
  vm.calls_intrinsics = calls_intrinsics(env, calls);
  return vm;
}

}  // namespace jitfarm::vmagent::hotspot::jdk25
