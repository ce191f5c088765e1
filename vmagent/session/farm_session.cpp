#include "vmagent/session/farm_session.h"

#include <pthread.h>
#include <signal.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "common/protocol/packet.h"
#include "common/stats/stats_file.h"
#include "common/base/log_ids.h"
#include "vmagent/log/log.h"
#include "vmagent/session/telemetry.h"

namespace jitfarm::vmagent::session {

namespace {

TimePoint now() { return std::chrono::steady_clock::now(); }

/// A thread that no signal of the application's or the VM's is ever delivered to; not joinable when
/// the system has none left.
template <class F>
std::thread start_quiet_thread(F body) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread;
  try {
    thread = std::thread(std::move(body));
  } catch (const std::system_error& error) {
    JF_AGENT_LOG(error, "no thread: {}", error.what());
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

/// Runs `body` on a thread of ours. What it throws is memory that ran out: the farm is lost then,
/// not the application.
template <class F>
bool without_exceptions(F body) {
  try {
    body();
    return true;
  } catch (const std::exception& error) {
    JF_AGENT_LOG(error, "a thread of the agent ends: {}", error.what());
  } catch (...) {
    JF_AGENT_LOG(error, "a thread of the agent ends");
  }
  return false;
}

/// The mailbox between the session's thread and one compiler thread.
class Mailbox final : public Waiter {
 public:
  struct Event {
    enum class Kind { query, result, failed, lost } kind;
    protocol::FactQuery query{};
    protocol::CompileResult result{};
    protocol::CompileFailed failed{};
    Error lost{Errc::cancelled, {}};
  };

  void on_query(protocol::FactQuery query) override {
    put({.kind = Event::Kind::query, .query = std::move(query)});
  }
  void on_result(protocol::CompileResult result) override {
    put({.kind = Event::Kind::result, .result = std::move(result)});
  }
  void on_failed(protocol::CompileFailed failed) override {
    put({.kind = Event::Kind::failed, .failed = std::move(failed)});
  }
  void on_lost(Error why) override { put({.kind = Event::Kind::lost, .lost = std::move(why)}); }

  std::optional<Event> take(TimePoint until) {
    std::unique_lock lock(mutex_);
    if (!ready_.wait_until(lock, until, [&] { return !events_.empty(); })) return std::nullopt;
    Event event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

 private:
  void put(Event event) {
    std::lock_guard lock(mutex_);
    // A peer that asks faster than we answer is cut off here; the deadline ends it.
    if (event.kind == Event::Kind::query && events_.size() >= kQueriesMax) return;
    events_.push_back(std::move(event));
    ready_.notify_one();
  }
  static constexpr std::size_t kQueriesMax = 8;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Event> events_;
};

Errc error_from_name(std::string_view name) {
#define JF_ERROR(code, disposition, text) \
  if (name == #code) return Errc::code;
#include "common/base/errors.def"
#undef JF_ERROR
  return Errc::compiler_failure;
}
code::BailoutReason bailout_from_name(std::string_view name) {
#define JF_BAILOUT(reason, text) \
  if (name == #reason) return code::BailoutReason::reason;
#include "common/code/bailouts.def"
#undef JF_BAILOUT
  return code::BailoutReason::internal_error;
}

/// Does this failure say that the farm is not well, rather than something about the method?
bool is_farm_trouble(Errc error) {
  switch (error) {
    case Errc::bail_out:
    case Errc::compiler_failure:
    case Errc::quarantined:
    case Errc::facts_missing:
    case Errc::facts_inconsistent:
      return false;
    default:
      return true;
  }
}

}  // namespace

struct FarmSession::State {
  State(std::unique_ptr<net::Connection> c, protocol::Hello hello, const SessionOptions& o,
        stats::Layout& s, DeferredThread d)
      : connection(std::move(c)),
        options(o),
        stats(s),
        deferred(std::move(d)),
        link(*connection, std::move(hello), o.link, o.seed, s,
             {.established = [this](SessionId id) { on_established(id); },
              .lost = [this](const Error& why) { on_lost(why); }}),
        telemetry(s),
        breaker(o.breaker, o.seed),
        remembered(o.remembered) {}

  // ---- the session's thread

  void run() {
    pthread_setname_np(pthread_self(), "jitfarm session");
    if (without_exceptions([this] { serve(); })) return;
    std::lock_guard lock(mutex);
    session = {};
    handshake_failed = true;
    stopping = true;  // requests are refused from now on; those in flight end at their deadline
    changed.notify_all();
  }

  void serve() {
    for (;;) {
      std::deque<std::function<void()>> todo;
      {
        std::lock_guard lock(mutex);
        if (stopping) return;
        std::swap(todo, commands);
      }
      for (auto& command : todo) command();
      link.run(now());
      const Duration pause = housekeeping();
      connection->wait(pause);
    }
  }

  /// How long the session's thread may sleep.
  Duration housekeeping() {
    const TimePoint t = now();
    look_at_backlog();
    if (link.state() == Link::State::established && t >= telemetry_at) {
      telemetry_at = t + options.telemetry_interval;
      tell();
    }
    const TimePoint wake = std::min(link.next_run(), t + std::chrono::seconds(1));
    return std::max<Duration>(wake - t, std::chrono::milliseconds(1));
  }

  /// Sends what the coordinator does not know yet.
  void tell() {
    AgentGauges gauges;
    {
      std::lock_guard lock(mutex);
      gauges = {.breaker = Breaker::kNames[static_cast<std::size_t>(breaker.state())],
                .remembered = remembered.size()};
    }
    if (const auto news = telemetry.take(gauges)) (void)link.send(protocol::make_packet(*news));
  }

  /// Has the VM had what it wanted? Once in its life; some 100 ns until then.
  void look_at_backlog() {
    if (backlog_cleared || stats.installed.load(std::memory_order_relaxed) == 0) return;
    const std::uint64_t busy_until = stats.busy_until.load(std::memory_order_relaxed);
    const auto quiet = static_cast<std::uint64_t>(std::chrono::nanoseconds(options.quiet).count());
    if (stats::monotonic_ns() < busy_until + quiet || outstanding(stats) != 0) return;
    {
      std::lock_guard lock(mutex);  // what waits for another attempt much later is no backlog
      if (remembered.size() > 0 && remembered.next_at() < now() + options.quiet) return;
    }
    backlog_cleared = true;
    telemetry_at = now();
    const std::uint64_t start =
        process_start_ns(stats.loaded_at.load(std::memory_order_relaxed));
    stats.backlog_ns.store(busy_until > start ? busy_until - start : 1,
                           std::memory_order_relaxed);
  }

  /// What every compiler thread needs done: a few per thread, hence bounded by their number.
  void command(std::function<void()> f) {
    {
      std::lock_guard lock(mutex);
      commands.push_back(std::move(f));
    }
    connection->wake();
  }
  /// What may be lost when the session's thread does not keep up.
  void command_if_room(std::function<void()> f) {
    {
      std::lock_guard lock(mutex);
      if (commands.size() >= kCommandsMax) return;
      commands.push_back(std::move(f));
    }
    connection->wake();
  }
  static constexpr std::size_t kCommandsMax = 1024;

  void on_established(SessionId id) {
    telemetry.begin_session();
    telemetry_at = now() + options.telemetry_interval;
    std::lock_guard lock(mutex);
    session = id;
    ever_established = true;
    breaker.connection_made(now());
    publish_availability();
    changed.notify_all();
  }
  void on_lost(const Error& why) {
    std::lock_guard lock(mutex);
    note_trouble(why);
    session = {};
    handshake_failed = true;
    breaker.connection_lost(now());
    publish_availability();
    changed.notify_all();
  }

  /// With `mutex` held, after everything that may have changed the breaker. A few lines an hour:
  /// what opens it is rare, and the pauses grow.
  void log_breaker() {
    if (breaker.state() == logged) return;
    logged = breaker.state();
    stats.breaker_changes[static_cast<std::size_t>(logged)].fetch_add(1, std::memory_order_relaxed);
    switch (logged) {
      case Breaker::State::closed:
        JF_AGENT_LOG(info, "breaker closed: the farm is asked again");
        break;
      case Breaker::State::open: {
        const auto pause =
            std::chrono::duration_cast<std::chrono::milliseconds>(breaker.probe_at() - now());
        if (session)
          JF_AGENT_LOG(info, "breaker open: the farm failed and is asked again in {} ms",
                       pause.count());
        else
          JF_AGENT_LOG(info, "breaker open: there is no session with the farm");
        break;
      }
      case Breaker::State::half_open:
        JF_AGENT_LOG(info, "breaker half-open: one request asks whether the farm is well");
        break;
    }
  }

  /// With `mutex` held. The time with a session and a closed breaker is what the report calls
  /// available.
  void publish_availability() {
    log_breaker();
    const bool is = session && breaker.state() == Breaker::State::closed;
    const std::uint64_t since = stats.available_since.load(std::memory_order_relaxed);
    const std::uint64_t t = stats::monotonic_ns();
    if (is && since == 0) {
      stats.available_since.store(t, std::memory_order_relaxed);
      if (stats.first_available_at.load(std::memory_order_relaxed) == 0)
        stats.first_available_at.store(t, std::memory_order_relaxed);
    } else if (!is && since != 0) {
      stats.available_since.store(0, std::memory_order_relaxed);
      stats.available_ns.fetch_add(t - since, std::memory_order_relaxed);
    }
    if (is)
      stats.unavailable_since.store(0, std::memory_order_relaxed);
    else if (!departed && stats.unavailable_since.load(std::memory_order_relaxed) == 0)
      stats.unavailable_since.store(t, std::memory_order_relaxed);
  }

  /// With `mutex` held. For whoever reads the statistics when the VM has ended.
  void note_trouble(const Error& why) {
    if (departed) return;
    const std::string text = why.message();
    const std::size_t n = text.copy(stats.trouble, sizeof stats.trouble - 1);
    stats.trouble[n] = 0;
  }

  // ---- compiler threads

  /// With `mutex` held; once until the next goodbye.
  void dial() {
    if (opened) return;
    opened = true;
    grace_until = now() + options.connect_grace;
    commands.push_back([this] { link.open(now()); });
    connection->wake();
  }

  /// Waits for the first session if that is still coming; then asks the breaker.
  Status admit(TimePoint deadline) {
    std::unique_lock lock(mutex);
    departed = false;
    dial();
    start_deferred(lock);  // the VM may have had no thread for it before
    if (!session && !ever_established && !handshake_failed)
      changed.wait_until(lock, std::min(deadline, grace_until),
                         [&] { return session || handshake_failed || stopping; });
    if (!session) return fail(Errc::peer_unreachable, "no session with the farm");
    if (stopping) return fail(Errc::peer_unreachable, "the session's thread has ended");
    if (!breaker.admit(now()))
      return fail(Errc::peer_unreachable, "the farm failed and is left alone for a while");
    log_breaker();
    return {};
  }

  /// `trouble`: what was wrong with the farm; nothing: it did what it is for.
  void tell_breaker(const std::optional<Error>& trouble) {
    std::lock_guard lock(mutex);
    if (trouble) {
      note_trouble(*trouble);
      breaker.failure(now());
    } else {
      breaker.success();
    }
    publish_availability();
  }

  /// A wait that had until `deadline` is over.
  void waited(TimePoint deadline) {
    const Duration wait = now() - (deadline - options.deadline);
    const auto ns = static_cast<std::uint64_t>(std::chrono::nanoseconds(wait).count());
    stats.waited_ns.fetch_add(ns, std::memory_order_relaxed);
    std::uint64_t longest = stats.longest_wait_ns.load(std::memory_order_relaxed);
    while (ns > longest && !stats.longest_wait_ns.compare_exchange_weak(longest, ns)) {
    }
  }

  Verdict wait_for_verdict(RequestId request, Mailbox& mailbox, const Answer& answer,
                           TimePoint deadline) {
    Verdict verdict;
    for (;;) {
      auto event = mailbox.take(deadline);
      if (!event) {
        verdict.error = {Errc::deadline_passed, "no answer in time"};
        verdict.retry_later = true;
        return verdict;
      }
      switch (event->kind) {
        case Mailbox::Event::Kind::query: {
          if (verdict.waves == options.waves_max) {
            verdict.error = {Errc::limit_exceeded, "questions of one compilation"};
            return verdict;
          }
          JF_AGENT_LOG(debug, "wave {}: {} facts are asked", event->query.wave,
                       event->query.keys.size());
          protocol::FactAnswer facts = answer(event->query);
          facts.request = request;
          facts.wave = event->query.wave;
          JF_AGENT_LOG(debug, "wave {}: answered", facts.wave);
          ++verdict.waves;
          const auto left =
              std::chrono::duration_cast<std::chrono::milliseconds>(deadline - now()).count();
          if (left <= 0) break;
          command([this, packet = protocol::make_packet(
                             facts, {.correlation = request,
                                     .deadline_ms = static_cast<std::uint32_t>(left)})]() mutable {
            (void)link.send(std::move(packet));  // lost: the deadline ends it
          });
          break;
        }
        case Mailbox::Event::Kind::result:
          verdict.kind = Verdict::Kind::image;
          verdict.image = std::move(event->result.image);
          verdict.queue_ns = event->result.queue_ns;
          verdict.compile_ns = event->result.compile_ns;
          return verdict;
        case Mailbox::Event::Kind::failed:
          verdict.error = {error_from_name(event->failed.error), event->failed.detail};
          verdict.retry_later = event->failed.retry_later;
          if (verdict.error.code == Errc::bail_out) {
            verdict.kind = Verdict::Kind::bailed_out;
            verdict.reason = bailout_from_name(event->failed.reason);
          }
          return verdict;
        case Mailbox::Event::Kind::lost:
          verdict.error = std::move(event->lost);
          verdict.retry_later = true;
          return verdict;
      }
    }
  }

  // ---- the deferred thread

  /// Starts a thread when methods wait and all that are there compile. `lock`, of `mutex`, is given
  /// up while the VM makes the thread. On a thread of the VM.
  void start_deferred(std::unique_lock<std::mutex>& lock) {
    if (remembered.size() == 0 || deferred_watching || deferred_running >= options.deferred_max ||
        !deferred.start || deferred_off || departed || stopping || now() < deferred_not_before)
      return;
    ++deferred_running;
    deferred_watching = true;
    lock.unlock();
    const Status started = deferred.start([this] {
      without_exceptions([this] { run_deferred(); });
      std::lock_guard ended(mutex);
      --deferred_running;
      changed.notify_all();
    });
    lock.lock();
    if (started) return;
    --deferred_running;
    deferred_failed(started.error());
  }

  /// With `mutex` held.
  void deferred_failed(const Error& why) {
    deferred_watching = false;
    deferred_not_before = now() + options.deferred_retry;
    deferred_off = why.code == Errc::vm_unsupported;
    JF_AGENT_LOG(warn, "remembered methods are not compiled{}: {}",
                 deferred_off ? " in this VM" : " now", why.message());
    changed.notify_all();
  }

  void run_deferred() {
    pthread_setname_np(pthread_self(), "jitfarm deferred");
    if (const Status begun = deferred.begin(); !begun) {
      std::lock_guard lock(mutex);
      return deferred_failed(begun.error());
    }
    auto method = next_remembered(true, true);
    while (method) {
      const bool goes_on = deferred.compile(*method);
      method = next_remembered(false, goes_on);
    }
    deferred.end();
  }

  /// Waits for a method that is due while the farm is there; nothing ends this thread: no method
  /// waits, another thread watches the list, the VM ends or takes no code.
  std::optional<MethodId> next_remembered(bool first, bool goes_on) {
    std::unique_lock lock(mutex);
    if (!first && deferred_watching) return std::nullopt;
    deferred_watching = true;
    while (goes_on && !stopping && !departed && remembered.size() > 0) {
      const TimePoint t = now();
      TimePoint wake = t + std::chrono::seconds(1);
      if (session && breaker.would_admit(t)) {
        if (auto method = remembered.take(t)) {
          deferred_watching = false;
          start_deferred(lock);
          return method;
        }
        wake = remembered.next_at();
      } else if (breaker.state() == Breaker::State::open) {
        wake = std::min(wake, std::max(breaker.probe_at(), t + std::chrono::milliseconds(10)));
      }
      changed.wait_until(lock, wake);
    }
    deferred_watching = false;
    return std::nullopt;
  }

  std::unique_ptr<net::Connection> connection;  // the session's thread, but wake()
  const SessionOptions options;
  stats::Layout& stats;
  const DeferredThread deferred;
  Link link;  // the session's thread, and what follows
  TelemetryLog telemetry;
  TimePoint telemetry_at{};
  bool backlog_cleared = false;

  std::mutex mutex;  // what follows
  std::condition_variable changed;
  std::deque<std::function<void()>> commands;
  Breaker breaker;
  Breaker::State logged = Breaker::State::closed;
  Remembered remembered;
  SessionId session;
  bool opened = false, ever_established = false, handshake_failed = false, stopping = false;
  bool departed = false;               // said goodbye; only a request dials again
  std::uint64_t goodbyes = 0;
  bool deferred_off = false;           // the VM has no thread for it
  std::uint32_t deferred_running = 0;  // threads that use this object
  bool deferred_watching = false;      // one of them waits for a method, or is being started
  TimePoint grace_until{}, deferred_not_before{};

  std::atomic<std::uint64_t> next_request{1};
  std::thread thread;
};

FarmSession::FarmSession(std::unique_ptr<net::Connection> connection, protocol::Hello hello,
                         const SessionOptions& options, stats::Layout& stats,
                         DeferredThread deferred)
    : state_(std::make_unique<State>(std::move(connection), std::move(hello), options, stats,
                                     std::move(deferred))) {
  state_->thread = start_quiet_thread([s = state_.get()] { s->run(); });
}

FarmSession::~FarmSession() {
  {
    std::unique_lock lock(state_->mutex);
    state_->stopping = true;
    state_->changed.notify_all();
    state_->changed.wait(lock, [&] { return state_->deferred_running == 0; });
  }
  state_->connection->wake();
  if (state_->thread.joinable()) state_->thread.join();
}

Ticket::~Ticket() {
  if (!session_) return;
  std::lock_guard lock(session_->state_->mutex);
  session_->state_->breaker.withdraw();
}

Result<Ticket> FarmSession::admit() {
  const TimePoint deadline = now() + state_->options.deadline;
  if (Status admitted = state_->admit(deadline); !admitted) {
    state_->waited(deadline);
    return std::unexpected(std::move(admitted).error());
  }
  return Ticket(this, deadline);
}

Verdict FarmSession::compile(Ticket ticket, protocol::CompileRequest request,
                             const Answer& answer) {
  State& s = *state_;
  ticket.session_ = nullptr;  // used
  const TimePoint deadline = ticket.deadline_;
  const RequestId id{s.next_request.fetch_add(1)};
  request.request = id;
  const LogAbout about(session(), id);
  JF_AGENT_LOG(debug, "asks for {}, {} facts sent ahead", request.method_name, request.facts.size());
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - now()).count();
  protocol::Packet packet = protocol::make_packet(
      request, {.correlation = id,
                .deadline_ms = static_cast<std::uint32_t>(std::max<std::int64_t>(left, 1))});
  // Shared: the session's thread may hold it a moment longer than we wait.
  auto mailbox = std::make_shared<Mailbox>();
  s.command([&s, id, mailbox, packet = std::move(packet)]() mutable {
    if (Status sent = s.link.submit(id, std::move(packet), *mailbox); !sent)
      mailbox->on_lost(sent.error());
  });
  Verdict verdict = s.wait_for_verdict(id, *mailbox, answer, deadline);
  s.waited(deadline);
  JF_AGENT_LOG(debug, "the farm has answered");
  verdict.request = id;
  const bool unanswered =
      verdict.kind == Verdict::Kind::failed &&
      (verdict.error.code == Errc::deadline_passed || verdict.error.code == Errc::limit_exceeded);
  // `mailbox` is captured so that it outlives its entry in the link.
  s.command([&s, id, mailbox, unanswered] {
    s.link.drop(id);
    if (unanswered)
      (void)s.link.send(
          protocol::make_packet(protocol::CancelCompile{.request = id}, {.correlation = id}));
  });
  if (verdict.kind == Verdict::Kind::failed && is_farm_trouble(verdict.error.code))
    s.tell_breaker(verdict.error);
  else if (verdict.kind != Verdict::Kind::image)
    s.tell_breaker(std::nullopt);
  return verdict;
}

void FarmSession::judged(bool fit) {
  state_->tell_breaker(fit ? std::nullopt
                           : std::optional<Error>({Errc::invalid_code_image,
                                                   "the farm's code is not fit to be installed"}));
}

void FarmSession::report(const protocol::InstallReport& report) {
  state_->command_if_room(
      [this, packet = protocol::make_packet(report, {.correlation = report.request})]() mutable {
        (void)state_->link.send(std::move(packet));
      });
}

void FarmSession::classes_unloaded(std::vector<ClassId> classes) {
  state_->command_if_room([this, packet = protocol::make_packet(protocol::ClassesUnloaded{
                                     .classes = std::move(classes)})]() mutable {
    (void)state_->link.send(std::move(packet));  // without a session there is nobody who knows them
  });
}

bool FarmSession::remember(MethodId method) {
  std::unique_lock lock(state_->mutex);
  if (!state_->departed) state_->dial();
  const bool added = state_->remembered.add(method, now());
  if (added) {
    state_->stats.remembered.fetch_add(1, std::memory_order_relaxed);
    state_->changed.notify_all();
    state_->start_deferred(lock);
  }
  return added;
}

void FarmSession::look_again(MethodId method) {
  std::unique_lock lock(state_->mutex);
  if (state_->remembered.add(method, now())) state_->start_deferred(lock);
}

void FarmSession::forget(MethodId method) {
  std::lock_guard lock(state_->mutex);
  state_->remembered.forget(method);
}

SessionId FarmSession::session() const {
  std::lock_guard lock(state_->mutex);
  return state_->session;
}

std::uint64_t FarmSession::goodbyes() const {
  std::lock_guard lock(state_->mutex);
  return state_->goodbyes;
}

bool FarmSession::available() const {
  std::lock_guard lock(state_->mutex);
  return state_->session && state_->breaker.would_admit(now());
}

void FarmSession::goodbye(const std::string& reason, Duration limit) {
  State& s = *state_;
  struct Sent {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
  };
  auto sent = std::make_shared<Sent>();
  {
    std::lock_guard lock(s.mutex);
    s.departed = true;
    ++s.goodbyes;
    s.changed.notify_all();
  }
  s.command([&s, sent, reason] {
    if (s.link.state() == Link::State::established) s.tell();
    s.link.close(reason);
    {
      std::lock_guard lock(s.mutex);
      s.session = {};
      s.opened = false;
      s.ever_established = false;
      s.handshake_failed = false;
      s.publish_availability();
    }
    std::lock_guard lock(sent->mutex);
    sent->done = true;
    sent->changed.notify_all();
  });
  std::unique_lock lock(sent->mutex);
  sent->changed.wait_for(lock, limit, [&] { return sent->done; });
}

}  // namespace jitfarm::vmagent::session
