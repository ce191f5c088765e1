#include "vmagent/agent/compile.h"

#include <optional>

#include "common/code/image_codec.h"
#include "common/stats/stats_file.h"
#include "vmagent/agent/agent.h"
#include "common/base/log_ids.h"
#include "vmagent/log/log.h"

namespace jitfarm::vmagent::agent {

namespace {

using hotspot::writer::Answer;
using session::Verdict;
using stats::monotonic_ns;

void count(stats::Counter& counter, std::uint64_t n = 1) {
  counter.fetch_add(n, std::memory_order_relaxed);
}

/// What the installer may know about ids: what this compilation holds.
class CompilationNames final : public install::Names {
 public:
  CompilationNames(facts::Answerer& answerer, facts::Compilation& compilation)
      : answerer_(answerer), compilation_(compilation) {}
  Result<hotspot::MethodRef> method(MethodId id) override {
    return answerer_.method(compilation_, id);
  }
  Result<hotspot::KlassRef> klass(ClassId id) override { return answerer_.klass(compilation_, id); }

 private:
  facts::Answerer& answerer_;
  facts::Compilation& compilation_;
};

protocol::InstallOutcome report_of(const Result<install::Outcome>& installed) {
  if (!installed)
    return installed.error().code == Errc::invalid_code_image
               ? protocol::InstallOutcome::invalid_image
               : protocol::InstallOutcome::refused;
  switch (installed->answer) {
    case Answer::installed:
      return protocol::InstallOutcome::installed;
    case Answer::dependencies_failed:
      return protocol::InstallOutcome::dependencies_failed;
    case Answer::cache_full:
      return protocol::InstallOutcome::cache_full;
    case Answer::code_too_large:
    case Answer::refused:
      break;
  }
  return protocol::InstallOutcome::refused;
}

/// HotSpot tells nobody when it throws code away, so each compilation looks at some of it, that of
/// `method` first.
void poll_invalidated(Parts& parts, jvmci::Env& env, MethodId method) {
  const auto gone = [&](MethodId invalidated) {
    Agent::get().invalidated(invalidated);
    if (Agent::get().was_installed_unasked(invalidated)) parts.session->remember(invalidated);
  };
  count(Agent::get().stats().invalidated, parts.installer->poll_invalidated(env, method, gone));
}

/// Will the compiler refuse this method whenever it is asked?
bool is_lasting(code::BailoutReason reason) {
  switch (reason) {
    case code::BailoutReason::class_not_initialized:
    case code::BailoutReason::class_changed:
    case code::BailoutReason::facts_missing:
    case code::BailoutReason::internal_error:
      return false;
    default:
      return true;
  }
}

/// One compilation, from begin() to its end.
class Job {
 public:
  Job(Parts& parts, jvmci::Env& env, facts::Compilation compilation, std::int32_t entry_bci,
      std::int64_t state, std::int32_t id)
      : parts_(parts),
        env_(env),
        compilation_(std::move(compilation)),
        entry_bci_(entry_bci),
        compile_state_(state),
        compile_id_(id),
        goodbyes_before_(parts.session->goodbyes()) {
    Agent::get().compile_begins(compilation_.root());
  }
  ~Job() {
    Agent::get().compile_ends(compilation_.root());
    stats().busy_until.store(monotonic_ns(), std::memory_order_relaxed);
  }
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  Outcome run() {
    // Nor does it tell when it unloads a class.
    if (auto unloaded = parts_.answerer->classes().take_unloaded(); !unloaded.empty())
      parts_.session->classes_unloaded(std::move(unloaded));
    poll_invalidated(parts_, env_, compilation_.root());
    auto ticket = parts_.session->admit();
    if (!ticket) return failed(ticket.error(), true);
    const SessionId session = parts_.session->session();
    auto request = parts_.answerer->request(env_, compilation_, entry_bci_, session);
    name_ = request.method_name;
    task_ = request.task;
    const Verdict verdict = parts_.session->compile(
        *std::move(ticket), std::move(request), [this](const protocol::FactQuery& query) {
          jvmci::LocalFrame frame(env_);
          return parts_.answerer->answer(env_, compilation_, query);
        });
    const LogAbout about(session, verdict.request);
    waves_ = verdict.waves;
    if (verdict.kind != Verdict::Kind::failed) parts_.answerer->delivered(compilation_);
    switch (verdict.kind) {
      case Verdict::Kind::image:
        return install(verdict);
      case Verdict::Kind::bailed_out:
        return bailed_out(verdict.reason, verdict.error.detail);
      case Verdict::Kind::failed:
        break;
    }
    return failed(verdict.error, verdict.retry_later);
  }

 private:
  stats::Layout& stats() { return Agent::get().stats(); }

  Outcome install(const Verdict& verdict) {
    auto image = check(verdict.image);
    Result<install::Outcome> installed = image ? put(*image) : std::unexpected(image.error());
    const protocol::InstallOutcome report = report_of(installed);
    // The VM's refusals say nothing about the farm; an image that breaks its rules does.
    parts_.session->judged(report != protocol::InstallOutcome::invalid_image);
    const std::uint64_t total_ns = monotonic_ns() - started_;
    parts_.session->report(
        {.request = verdict.request,
         .outcome = report,
         .code_bytes = installed ? static_cast<std::uint32_t>(installed->code_bytes) : 0,
         .total_ns = total_ns});
    if (!installed) return failed(installed.error(), false);
    if (installed->answer != Answer::installed)
      return failed({Errc::install_refused, installed->detail},
                    installed->answer == Answer::dependencies_failed);
    count(stats().installed);
    count(stats().code_bytes, installed->code_bytes);
    if (Agent::get().take_invalidated(compilation_.root())) count(stats().recompiled);
    if (compile_state_ == 0) {
      count(stats().deferred_installed);
      Agent::get().installed_unasked(compilation_.root());
      parts_.session->look_again(compilation_.root());
    } else if (!is_loop()) {
      parts_.session->forget(compilation_.root());
    }
    count(stats().compile_time[stats::time_bucket(total_ns)]);
    count(stats().worker_queue_time[stats::time_bucket(verdict.queue_ns)]);
    count(stats().compiler_time[stats::time_bucket(verdict.compile_ns)]);
    count_waves();
    JF_AGENT_LOG(debug,
                 "compile {} {}: installed, {} bytes at {:#x}, text at +{:#x}, request {}, {} waves, "
                 "{:.3f} ms",
                 compile_id_, name_, installed->code_bytes, installed->code_begin,
                 installed->text_begin, verdict.request.value, waves_,
                 static_cast<double>(total_ns) * 1e-6);
    return {.installed = true};
  }

  bool is_loop() const { return entry_bci_ != code::kNormalEntry; }

  /// Without code for a loop, HotSpot builds it at tier 1, raises the normal entry to tier 1 with it,
  /// and asks no more for either. So the normal entry is compiled unasked.
  bool remember_method() {
    return !Agent::get().was_refused_for_good(compilation_.root()) &&
           parts_.session->remember(compilation_.root());
  }

  Result<code::CodeImage> check(const Blob& bytes) const {
    JF_TRY(auto image, code::decode_image(bytes.view()));
    if (image.task != task_) return fail(Errc::invalid_code_image, "it answers another task");
    return image;
  }

  Result<install::Outcome> put(const code::CodeImage& image) {
    jvmci::LocalFrame frame(env_);
    CompilationNames names(*parts_.answerer, compilation_);
    return parts_.installer->install({.env = env_,
                                      .image = image,
                                      .names = names,
                                      .compile_state = compile_state_,
                                      .compile_id = compile_id_});
  }

  Outcome bailed_out(code::BailoutReason reason, const std::string& detail) {
    count(stats().bailed_out[static_cast<std::size_t>(reason)]);
    count_waves();
    if (is_loop())
      remember_method();
    else
      parts_.session->forget(compilation_.root());
    if (!is_loop() && is_lasting(reason)) Agent::get().refused_for_good(compilation_.root());
    JF_AGENT_LOG(debug, "compile {} {}: bails out, {} {}, {} waves, {:.3f} ms", compile_id_, name_,
                 code::name(reason), detail, waves_, elapsed_ms());
    return {.failure = "jitfarm: " + std::string(code::name(reason))};
  }

  Outcome failed(const Error& error, bool later) {
    // Cut off, or not let in any more.
    if ((error.code == Errc::cancelled || error.code == Errc::peer_unreachable) &&
        parts_.session->goodbyes() != goodbyes_before_) {
      count(stats().cancelled);
      JF_AGENT_LOG(debug, "compile {} {}: cut off by the end of the VM", compile_id_, name_);
      return {.failure = "jitfarm: " + std::string(name(error.code))};
    }
    count(stats().failed[static_cast<std::size_t>(error.code)]);
    const bool remembered =
        is_loop() ? remember_method() : later && parts_.session->remember(compilation_.root());
    JF_AGENT_LOG(debug, "compile {} {}: failed, {}{}, {} waves, {:.3f} ms", compile_id_,
                 name_.empty() ? "method " + std::to_string(compilation_.root().value) : name_,
                 error.message(), remembered ? ", remembered" : "", waves_, elapsed_ms());
    return {.failure = "jitfarm: " + std::string(name(error.code))};
  }

  void count_waves() { count(stats().waves[std::min<std::size_t>(waves_, stats::kWavesMax - 1)]); }
  double elapsed_ms() const { return static_cast<double>(monotonic_ns() - started_) * 1e-6; }

  Parts& parts_;
  jvmci::Env& env_;
  facts::Compilation compilation_;
  const std::int32_t entry_bci_;
  const std::int64_t compile_state_;
  const std::int32_t compile_id_;
  const std::uint64_t goodbyes_before_;
  const std::uint64_t started_ = monotonic_ns();
  code::CompileTask task_;
  std::string name_;
  std::uint32_t waves_ = 0;
};

/// A request that never reaches the farm.
Outcome refuse(stats::Layout& stats, code::BailoutReason reason) {
  count(stats.bailed_out[static_cast<std::size_t>(reason)]);
  return {.failure = "jitfarm: " + std::string(code::name(reason))};
}

bool user_excludes(const Parts& parts, const Agent& agent, hotspot::MethodRef method) {
  if (agent.settings().exclude.empty() || !method) return false;
  const hotspot::MethodDetails details = parts.adapter->method_details(method);
  return is_excluded(agent.settings().exclude, parts.adapter->class_details(details.holder).name,
                     details.name);
}

/// A compilation that did not begin.
Outcome not_begun(Parts& parts, const Error& error, std::optional<MethodId> method,
                  std::int32_t id) {
  // An initialiser ends soon, a breakpoint goes: HotSpot will not ask again, we do.
  if (method) parts.session->remember(*method);
  JF_AGENT_LOG(debug, "compile {}: failed, {}", id, error.message());
  stats::Layout& stats = Agent::get().stats();
  if (error.code == Errc::class_not_initialized)
    return refuse(stats, code::BailoutReason::class_not_initialized);
  count(stats.failed[static_cast<std::size_t>(error.code)]);
  return {.failure = "jitfarm: " + std::string(name(error.code))};
}

}  // namespace

Outcome compile(const Request& request) {
  Agent& agent = Agent::get();
  count(agent.stats().requested);
  Parts* parts = agent.parts(request.env);
  if (!parts) {
    count(agent.stats().failed[static_cast<std::size_t>(Errc::cancelled)]);
    return {.failure = "jitfarm: not in use"};
  }
  const hotspot::MethodRef method = parts->adapter->method_of(request.method);
  if (user_excludes(*parts, agent, method))
    return refuse(agent.stats(), code::BailoutReason::excluded);
  auto compilation = parts->answerer->begin(request.env, request.method);
  if (!compilation) {
    const Result<MethodId> id = method ? parts->answerer->classes().id_of(request.env, method)
                                       : fail(Errc::class_unreadable);
    return not_begun(*parts, compilation.error(), id ? std::optional(*id) : std::nullopt,
                     request.compile_id);
  }
  return Job(*parts, request.env, *std::move(compilation), request.entry_bci,
             request.compile_state, request.compile_id)
      .run();
}

void compile_remembered(jvmci::Env& env, MethodId method) {
  Agent& agent = Agent::get();
  Parts* parts = agent.parts_if_ready();
  if (!parts) return;
  auto hold = parts->answerer->hold(method);
  if (!hold) return parts->session->forget(method);  // unloaded
  if (agent.is_compiling(method)) return;            // what comes of that decides
  poll_invalidated(*parts, env, method);
  if (parts->installer->has_code(method)) return parts->session->forget(method);
  count(agent.stats().requested);
  auto compilation = parts->answerer->begin(env, method, *hold);
  if (compilation)
    Job(*parts, env, *std::move(compilation), code::kNormalEntry, 0, 0).run();
  else
    not_begun(*parts, compilation.error(), method, 0);
}

void on_shutdown(jvmci::Env& env) {
  using namespace std::chrono_literals;
  Parts* parts = Agent::get().parts_if_ready();
  if (!parts) return;
  parts->session->goodbye("the VM lets go of the compiler", 50ms);
  // What was thrown away since the last compilation. Some 0.1 us for each method.
  const auto end = std::chrono::steady_clock::now() + 20ms;
  for (std::size_t left = parts->installer->entries();
       left > 0 && std::chrono::steady_clock::now() < end;
       left -= std::min(left, install::Installer::kPollEntries))
    count(Agent::get().stats().invalidated, parts->installer->poll_invalidated(env));
}

}  // namespace jitfarm::vmagent::agent
