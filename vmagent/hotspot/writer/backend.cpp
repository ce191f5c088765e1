#include "vmagent/hotspot/writer/backend.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "vmagent/hotspot/array_stubs.h"
#include "vmagent/hotspot/writer/implicit_exceptions.h"
#include "vmagent/hotspot/writer/jdk25_stream.h"

namespace jitfarm::vmagent::hotspot::writer {

namespace {

/// Reads numbers of a Configuration one after the other and remembers the first that is missing.
class Reader {
 public:
  explicit Reader(const Configuration& config) : config_(config) {}
  std::int32_t offset(std::string_view name) { return take(config_.offset(name)); }
  std::int64_t value(std::string_view name) { return take(config_.static_value(name)); }
  std::int32_t constant(std::string_view name) {
    return static_cast<std::int32_t>(take(config_.constant(name)));
  }
  std::uint64_t address(std::string_view name) { return take(config_.address(name)); }
  std::int64_t flag(std::string_view name) { return take(config_.flag(name)); }
  Status status() const { return status_; }

 private:
  template <class T>
  T take(Result<T> result) {
    if (result) return *result;
    if (status_) status_ = std::unexpected(std::move(result).error());
    return T{};
  }
  const Configuration& config_;
  Status status_;
};

/// Where JDKs call the same by other names.
struct VmNames {
  std::string_view poll_data;
  std::string_view vm_result;
  std::string_view new_instance;
  std::string_view new_array;
  std::string_view new_multi_array;
};

/// What all JDKs have.
Result<shell::ShellConfig> shell_config(const Configuration& configuration,
                                        const facts::VmConfig& vm, const VmNames& names) {
  Reader r(configuration);
  shell::ShellConfig c;
  c.marks = {.verified_entry = r.constant("CodeInstaller::VERIFIED_ENTRY"),
             .unverified_entry = r.constant("CodeInstaller::UNVERIFIED_ENTRY"),
             .exception_handler_entry = r.constant("CodeInstaller::EXCEPTION_HANDLER_ENTRY"),
             .deopt_handler_entry = r.constant("CodeInstaller::DEOPT_HANDLER_ENTRY"),
             .frame_complete = r.constant("CodeInstaller::FRAME_COMPLETE"),
             .invoke_interface = r.constant("CodeInstaller::INVOKEINTERFACE"),
             .invoke_virtual = r.constant("CodeInstaller::INVOKEVIRTUAL"),
             .invoke_static = r.constant("CodeInstaller::INVOKESTATIC"),
             .invoke_special = r.constant("CodeInstaller::INVOKESPECIAL"),
             .poll_far = r.constant("CodeInstaller::POLL_FAR"),
             .poll_return_far = r.constant("CodeInstaller::POLL_RETURN_FAR"),
             .osr_entry = r.constant("CodeInstaller::OSR_ENTRY")};
  c.compressed_class_pointers = vm.use_compressed_class_pointers;
  c.narrow_klass_base = vm.narrow_klass_base;
  c.narrow_klass_shift = vm.narrow_klass_shift;
  c.klass_offset = vm.klass_offset;
  c.stack_shadow_pages = static_cast<std::uint32_t>(r.flag("StackShadowPages"));
  c.page_bytes = static_cast<std::uint32_t>(r.value("CompilerToVM::Data::vm_page_size"));
  c.thread_polling_page = r.offset(names.poll_data) +
                          r.offset("SafepointMechanism::ThreadData::_polling_page");
  c.thread_exception_oop = r.offset("JavaThread::_exception_oop");
  c.thread_exception_pc = r.offset("JavaThread::_exception_pc");
  const std::int32_t anchor = r.offset("JavaThread::_anchor");
  c.thread_last_java_sp = anchor + r.offset("JavaFrameAnchor::_last_Java_sp");
  c.thread_last_java_fp = anchor + r.offset("JavaFrameAnchor::_last_Java_fp");
  c.thread_last_java_pc = anchor + r.offset("JavaFrameAnchor::_last_Java_pc");
  auto address_in = [&](std::string_view name) {
    return static_cast<std::uint64_t>(r.value(name));
  };
  c.non_oop_bits = address_in("CompilerToVM::Data::Universe_non_oop_bits");
  c.ic_miss_stub = address_in("CompilerToVM::Data::SharedRuntime_ic_miss_stub");
  c.deopt_unpack = address_in("CompilerToVM::Data::SharedRuntime_deopt_blob_unpack");
  c.uncommon_trap = address_in("CompilerToVM::Data::SharedRuntime_deopt_blob_uncommon_trap");
  c.drem = r.address("SharedRuntime::drem");
  c.frem = r.address("SharedRuntime::frem");
  c.osr_migration_end = r.address("SharedRuntime::OSR_migration_end");
  c.exception_handler_for_return_address =
      r.address("SharedRuntime::exception_handler_for_return_address");
  c.exception_handler_for_pc = r.address("JVMCIRuntime::exception_handler_for_pc");
  JF_CHECK_OK(r.status());
  if (vm.has_vm_entries) {
    c.thread_vm_result = r.offset(names.vm_result);
    c.thread_pending_exception = r.offset("ThreadShadow::_pending_exception");
    c.new_instance.function = r.address(names.new_instance);
    c.new_array.function = r.address(names.new_array);
    c.new_multi_array.function = r.address(names.new_multi_array);
  }
  if (vm.throws_implicit) {
    set_throw_entries({.by_name = r.address("JVMCIRuntime::throw_and_post_jvmti_exception"),
                       .class_cast = r.address("JVMCIRuntime::throw_class_cast_exception"),
                       .by_class = r.address("JVMCIRuntime::throw_klass_external_name_exception")});
    c.throw_implicit.function = throw_implicit_address();
  }
  if (vm.class_has_finalizer != 0)
    c.register_finalizer.function = r.address("SharedRuntime::register_finalizer");
  if (vm.knows_monitors) {
    c.monitor_enter.function = r.address("JVMCIRuntime::monitorenter");
    c.monitor_exit = r.address("JVMCIRuntime::monitorexit");
  }
  // In the order of code::Target.
  constexpr std::array kCopies = {"StubRoutines::_jbyte_arraycopy", "StubRoutines::_jshort_arraycopy",
                                  "StubRoutines::_jint_arraycopy", "StubRoutines::_jlong_arraycopy",
                                  "StubRoutines::_oop_arraycopy"};
  constexpr std::array kMath = {"CompilerToVM::Data::dsin",   "CompilerToVM::Data::dcos",
                                "CompilerToVM::Data::dtan",   "CompilerToVM::Data::dexp",
                                "CompilerToVM::Data::dlog",   "CompilerToVM::Data::dlog10",
                                "CompilerToVM::Data::dpow"};
  constexpr std::array kClocks = {"os::javaTimeMillis", "os::javaTimeNanos"};
  static_assert(kCopies.size() + kMath.size() + kClocks.size() == shell::ShellConfig::kLeafStubs);
  if (vm.has_array_copies)
    for (std::size_t i = 0; i < kCopies.size(); ++i) c.leaf_stubs[i] = address_in(kCopies[i]);
  if (vm.has_math_stubs)
    for (std::size_t i = 0; i < kMath.size(); ++i)
      c.leaf_stubs[kCopies.size() + i] = address_in(kMath[i]);
  if (vm.has_clocks)
    for (std::size_t i = 0; i < kClocks.size(); ++i)
      c.leaf_stubs[kCopies.size() + kMath.size() + i] = r.address(kClocks[i]);
  for (std::size_t i = 0; i < kArrayStubs.size(); ++i)
    if ((vm.array_stubs >> i & 1) != 0) c.array_stubs[i] = address_in(kArrayStubs[i]);
  if (vm.knows_class_init)
    c.wrong_method_stub = address_in("CompilerToVM::Data::SharedRuntime_handle_wrong_method_stub");
  if (vm.knows_barriers && vm.gc == facts::GcKind::g1) {
    c.write_barrier_pre = r.address("JVMCIRuntime::write_barrier_pre");
    c.write_barrier_post = r.address("JVMCIRuntime::write_barrier_post");
  }
  JF_CHECK_OK(r.status());
  return c;
}

template <class T>
T load(std::uintptr_t address, std::int32_t offset) {
  T value;
  std::memcpy(&value, reinterpret_cast<const void*>(address + static_cast<std::uintptr_t>(offset)),
              sizeof value);
  return value;
}

InstallResults install_results(Reader& r) {
  return {.ok = r.constant("JVMCI::ok"),
          .dependencies_failed = r.constant("JVMCI::dependencies_failed"),
          .cache_full = r.constant("JVMCI::cache_full"),
          .code_too_large = r.constant("JVMCI::code_too_large")};
}

Status jdk17_backend(const Configuration& configuration, const facts::VmConfig& vm,
                     Backend& backend) {
  constexpr VmNames kNames = {.poll_data = "JavaThread::_poll_data",
                              .vm_result = "JavaThread::_vm_result",
                              .new_instance = "JVMCIRuntime::new_instance",
                              .new_array = "JVMCIRuntime::new_array",
                              .new_multi_array = "JVMCIRuntime::new_multi_array"};
  JF_TRY(backend.config, shell_config(configuration, vm, kNames));
  backend.make_shell = shell::make_jdk17_shell;
  Reader r(configuration);
  const InstallResults results = install_results(r);
  JF_CHECK_OK(r.status());
  JF_TRY(backend.writer, make_jdk17_writer(results));
  return {};
}

Status jdk25_backend(const Configuration& configuration, const facts::VmConfig& vm,
                     Backend& backend) {
  constexpr VmNames kNames = {.poll_data = "Thread::_poll_data",
                              .vm_result = "JavaThread::_vm_result_oop",
                              .new_instance = "JVMCIRuntime::new_instance_or_null",
                              .new_array = "JVMCIRuntime::new_array_or_null",
                              .new_multi_array = "JVMCIRuntime::new_multi_array_or_null"};
  JF_TRY(shell::ShellConfig c, shell_config(configuration, vm, kNames));
  Reader r(configuration);
  c.marks.entry_barrier_patch = r.constant("CodeInstaller::ENTRY_BARRIER_PATCH");
  c.speculated_klass = r.offset("CompiledICData::_speculated_klass");
  c.thread_polling_word = r.offset(kNames.poll_data) +
                          r.offset("SafepointMechanism::ThreadData::_polling_word");
  c.thread_saved_exception_pc = r.offset("JavaThread::_saved_exception_pc");
  c.thread_disarmed_guard =
      static_cast<std::int32_t>(r.value("CompilerToVM::Data::thread_disarmed_guard_value_offset"));
  c.nmethod_entry_barrier =
      static_cast<std::uint64_t>(r.value("CompilerToVM::Data::nmethod_entry_barrier"));
  c.polling_page_return_handler = static_cast<std::uint64_t>(
      r.value("CompilerToVM::Data::SharedRuntime_polling_page_return_handler"));
  c.thread_pending_deoptimization = vm.thread_pending_deoptimization;
  c.null_result_request = static_cast<std::int32_t>(
      ~((vm.reason_negative << vm.deopt_reason_shift) | (vm.action_none << vm.deopt_action_shift)));
  const InstallResults results = install_results(r);
  const std::int32_t invalidate = r.constant("nmethod::InvalidationReason::JVMCI_INVALIDATE");
  JF_CHECK_OK(r.status());
  JF_TRY(const StreamTags tags, StreamTags::read(configuration));
  JF_TRY(backend.writer, make_jdk25_writer(results, c.marks, tags, invalidate));
  backend.config = c;
  backend.make_shell = shell::make_jdk25_shell;
  return {};
}

struct JdkBackend {
  std::uint32_t feature;
  Status (*fill)(const Configuration&, const facts::VmConfig&, Backend&);
};
constexpr JdkBackend kBackends[] = {{17, jdk17_backend}, {25, jdk25_backend}};

}  // namespace

Result<Backend> make_backend(const Adapter& adapter) {
  const facts::VmConfig& vm = adapter.vm_config();
  const auto jdk = std::ranges::find(kBackends, vm.jdk_feature, &JdkBackend::feature);
  if (jdk == std::end(kBackends))
    return fail(Errc::vm_unsupported, "code is not installed on this JDK");
  const Configuration& configuration = adapter.configuration();
  Backend backend;
  JF_CHECK_OK(jdk->fill(configuration, vm, backend));
  Reader r(configuration);
  const std::int32_t const_method = r.offset("Method::_constMethod");
  const std::int32_t max_locals = r.offset("ConstMethod::_max_locals");
  const std::int32_t max_stack = r.offset("ConstMethod::_max_stack");
  const std::int32_t code_size = r.offset("ConstMethod::_code_size");
  JF_CHECK_OK(r.status());
  backend.bounds = [=](MethodRef method) {
    const auto constant_part = load<std::uintptr_t>(method.address, const_method);
    return MethodBounds{.max_locals = load<std::uint16_t>(constant_part, max_locals),
                        .max_stack = load<std::uint16_t>(constant_part, max_stack),
                        .code_bytes = load<std::uint16_t>(constant_part, code_size)};
  };
  return backend;
}

}  // namespace jitfarm::vmagent::hotspot::writer
