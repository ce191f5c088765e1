#include "vmagent/install/installer.h"

#include <fmt/format.h>

#include <map>
#include <vector>

#include "vmagent/hotspot/shell/check.h"
#include "vmagent/install/call_fit.h"
#include "vmagent/install/frame_fit.h"
#include "vmagent/log/log.h"

namespace jitfarm::vmagent::install {

namespace {

using namespace hotspot;
using hotspot::writer::Answer;

/// The methods and classes of one image, each resolved once, and the VM's objects for them.
class Resolved final : public writer::VmObjects {
 public:
  Resolved(jvmci::Env& env, const Adapter& adapter, Names& names)
      : env_(env), adapter_(adapter), names_(names) {}

  Result<MethodRef> method_ref(MethodId id) {
    if (auto it = methods_.find(id); it != methods_.end()) return it->second;
    JF_TRY(const MethodRef ref, names_.method(id));
    methods_.emplace(id, ref);
    return ref;
  }
  Result<KlassRef> klass_ref(ClassId id) {
    if (auto it = classes_.find(id); it != classes_.end()) return it->second;
    JF_TRY(const KlassRef ref, names_.klass(id));
    classes_.emplace(id, ref);
    return ref;
  }

  Status resolve(const code::CodeImage& image) {
    JF_CHECK_OK(method_ref(image.task.method));
    for (MethodId id : image.methods) {
      JF_TRY(const MethodRef ref, method_ref(id));
      if (adapter_.method_details(ref).has_breakpoint)
        return fail(Errc::class_unreadable, "a breakpoint is set");
    }
    for (const code::Site& site : image.sites) {
      if (site.method) JF_CHECK_OK(method_ref(site.method));
      for (const code::Frame& frame : site.frames) JF_CHECK_OK(method_ref(frame.method));
    }
    for (const code::Constant& constant : image.constants) JF_CHECK_OK(klass_ref(constant.klass));
    for (const code::Assumption& assumption : image.assumptions) {
      JF_CHECK_OK(klass_ref(assumption.klass));
      JF_CHECK_OK(method_ref(assumption.context_method));
      JF_CHECK_OK(method_ref(assumption.method));
    }
    return none_old();
  }

  /// Code of a redefined method must not be installed; nor code that was compiled from its old
  /// bytecodes.
  Status none_old() const {
    for (const auto& [id, ref] : methods_)
      if (adapter_.method_details(ref).is_old)
        return fail(Errc::class_unreadable, "a method was redefined");
    return {};
  }

  Result<jvmci::Object*> method(MethodId id) override {
    JF_TRY(const MethodRef ref, method_ref(id));
    return adapter_.method_object(env_, ref);
  }
  Result<jvmci::Object*> type(ClassId id) override {
    JF_TRY(const KlassRef ref, klass_ref(id));
    return adapter_.type_object(env_, ref);
  }
  Result<std::uint64_t> method_address(MethodId id) override {
    JF_TRY(const MethodRef ref, method_ref(id));
    return ref.address;
  }
  Result<std::uint64_t> class_address(ClassId id) override {
    JF_TRY(const KlassRef ref, klass_ref(id));
    return ref.address;
  }
  Result<jvmci::Object*> object(const code::Constant& constant) override {
    JF_TRY(const KlassRef klass, klass_ref(constant.klass));
    JF_TRY(ObjectConstant object, read(constant, klass));
    if (!object) return fail(Errc::class_unreadable, "a constant that is not resolved");
    constants_.push_back(std::move(object));
    return constants_.back().get();
  }

 private:
  Result<ObjectConstant> read(const code::Constant& constant, KlassRef klass) {
    switch (constant.kind) {
      case code::ConstantKind::mirror:
        return adapter_.mirror(env_, klass);
      case code::ConstantKind::pool_object: {
        JF_TRY(PoolValue value, adapter_.pool_value(env_, klass, constant.cp_index));
        return std::move(value.object);
      }
      case code::ConstantKind::reference:
        return adapter_.reference(env_, klass, constant.cp_index);
      case code::ConstantKind::klass:
      case code::ConstantKind::kCount:
        break;
    }
    return fail(Errc::invalid_code_image, "a constant that is no object");
  }

  jvmci::Env& env_;
  const Adapter& adapter_;
  Names& names_;
  std::map<MethodId, MethodRef> methods_;
  std::map<ClassId, KlassRef> classes_;
  std::vector<ObjectConstant> constants_;  // strong until the code has its own references
};

}  // namespace

Result<std::unique_ptr<Installer>> Installer::create(const Adapter& adapter) {
  JF_TRY(writer::Backend backend, writer::make_backend(adapter));
  JF_TRY(auto probe, backend.make_shell(
                         backend.config));  // refuses missing numbers now, not at the first method
  static_cast<void>(probe);
  return std::unique_ptr<Installer>(new Installer(adapter, std::move(backend)));
}

Result<const shell::ShellAssembler*> Installer::shell(jvmci::Env& env) {
  if (const auto* ready = shell_.load(std::memory_order_acquire)) return ready;
  std::lock_guard lock(mutex_);
  if (const auto* ready = shell_.load(std::memory_order_relaxed)) return ready;
  shell::ShellConfig config = backend_.config;
  JF_TRY(auto without_stubs, backend_.make_shell(config));
  const struct {
    shell::Stub which;
    std::string_view name;
    std::uint64_t* address;
  } stubs[] = {{shell::Stub::unwind, "jitfarm_unwind", &config.unwind_stub},
               {shell::Stub::exception, "jitfarm_exception", &config.exception_stub}};
  for (const auto& [which, name, address] : stubs) {
    JF_TRY(*address, install_stub(env, *without_stubs, which, name));
  }
  const struct {
    shell::Stub which;
    std::string_view name;
    shell::ShellConfig::VmEntry* entry;
  } vm_entries[] = {
      {shell::Stub::new_instance, "jitfarm_new_instance", &config.new_instance},
      {shell::Stub::new_array, "jitfarm_new_array", &config.new_array},
      {shell::Stub::new_multi_array, "jitfarm_new_multi_array", &config.new_multi_array},
      {shell::Stub::monitor_enter, "jitfarm_monitor_enter", &config.monitor_enter},
      {shell::Stub::throw_implicit, "jitfarm_throw_implicit", &config.throw_implicit},
      {shell::Stub::register_finalizer, "jitfarm_register_finalizer", &config.register_finalizer}};
  // Without one of these only the code that calls it is refused.
  for (const auto& [which, name, entry] : vm_entries) {
    auto installed = install_stub(env, *without_stubs, which, name);
    if (installed)
      entry->stub = *installed;
    else
      JF_AGENT_LOG(warn, "{}: {}", name, installed.error().message());
  }
  JF_TRY(shell_owner_, backend_.make_shell(config));
  shell_.store(shell_owner_.get(), std::memory_order_release);
  return shell_owner_.get();
}

Result<std::uint64_t> Installer::install_stub(jvmci::Env& env,
                                              const shell::ShellAssembler& assembler,
                                              shell::Stub which, std::string_view name) const {
  const shell::AssembledCode code = assembler.stub(which);
  if (code.code.empty()) return fail(Errc::vm_unsupported, "the VM lacks what the stub calls");
  JF_CHECK_OK(shell::check(code, backend_.config.marks, false, 0, 0));
  JF_TRY(const std::uint64_t address, backend_.writer->install_stub(env, code, name));
  JF_AGENT_LOG(debug, "stub {} at {:#x}", name, address);
  return address;
}

Result<Outcome> Installer::install(const Request& request) {
  const code::CodeImage& image = request.image;
  JF_CHECK_OK(code::verify(image));
  jvmci::LocalFrame frame(request.env);
  Resolved resolved(request.env, adapter_, request.names);
  JF_CHECK_OK(resolved.resolve(image));
  JF_TRY(const std::uint32_t interpreter_bytes,
         fit_frames(image, [&](MethodId id) -> Result<writer::MethodBounds> {
           JF_TRY(const MethodRef ref, resolved.method_ref(id));
           return backend_.bounds(ref);
         }));
  const CalleeOf callee = [&](MethodId id) -> Result<Callee> {
    JF_TRY(const MethodRef ref, resolved.method_ref(id));
    return Callee{ref, adapter_.method_details(ref)};
  };
  JF_CHECK_OK(fit_calls(
      image,
      [&](MethodId id) -> Result<std::vector<Invoke>> {
        JF_TRY(const MethodRef ref, resolved.method_ref(id));
        return adapter_.invokes(ref);
      },
      callee));
  JF_TRY(const shell::ShellAssembler* const assembler, shell(request.env));
  JF_TRY(const shell::AssembledCode code, assembler->assemble(image, interpreter_bytes));
  std::int32_t compile_id = request.compile_id;
  if (compile_id == 0) {
    JF_TRY(jvmci::Object * method, resolved.method(image.task.method));
    JF_TRY(const std::uint64_t address, resolved.method_address(image.task.method));
    JF_TRY(compile_id, backend_.writer->allocate_compile_id(request.env, *method, address));
  }
  JF_CHECK_OK(resolved.none_old());
  JF_TRY(writer::Written written, backend_.writer->install(request.env, resolved,
                                                           {.image = image,
                                                            .code = code,
                                                            .compile_state = request.compile_state,
                                                            .compile_id = compile_id}));
  JF_AGENT_LOG(debug, "compile {}: code at {:#x}, {} bytes, text at +{:#x}, answer {} {}",
               compile_id, written.code_begin, code.code.size(), code.text_begin,
               static_cast<int>(written.answer), written.detail);
  if (written.answer == Answer::installed)
    nmethods_.add(image.task.method, std::move(written.mirror));
  return Outcome{.answer = written.answer,
                 .detail = std::move(written.detail),
                 .code_begin = written.code_begin,
                 .code_bytes = code.code.size(),
                 .text_begin = code.text_begin};
}

std::size_t Installer::poll_invalidated(jvmci::Env& env, MethodId method,
                                        const NmethodTable::Gone& gone) {
  const auto look = [&](jvmci::Object& mirror) {
    // What cannot be asked counts as in use: it is asked again.
    return backend_.writer->liveness(env, mirror).value_or(writer::Liveness::in_use);
  };
  return nmethods_.poll(method, kPollEntries, look, gone);
}

}  // namespace jitfarm::vmagent::install
