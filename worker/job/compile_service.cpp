// How does one compilation go from its request to its reply?
//
//   1. compile on the pool with what is known
//   2. facts missing: ask for all of them in one wave, shapes only where the farm has none; wait
//   for the
//      answer, start again at 1
//   3. reply, once: the CodeImage, or why there is none
#include "worker/job/compile_service.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <random>
#include <unordered_set>

#include "common/base/log.h"

namespace jitfarm::worker::job {

using protocol::CompileFailed;
using protocol::CompileResult;
using protocol::FactAnswer;
using protocol::Packet;

namespace {

// Adding the caches up costs 20 ns per session; between two times they grow by what as many
// messages can bring.
constexpr std::uint64_t kRequestsPerTrim = 32;

/// A client's text, fit for a log line and a file name.
std::string printable(std::string text) {
  text.resize(std::min(text.size(), kMethodNameBytesMax));
  std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return text;
}

/// "12 class_info, 3 method_info".
std::string kinds_of(const std::vector<facts::FactKey>& keys) {
  std::map<std::string_view, std::size_t> counts;
  for (const facts::FactKey& key : keys) ++counts[name(key.kind)];
  std::string text;
  for (const auto& [kind, count] : counts)
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(kind);
  return text;
}

}  // namespace

/// One compilation. Shared by the table and its actor.
struct CompileService::Job {
  Job(actor::Scheduler& scheduler, actor::CancelScope* around,
      std::shared_ptr<session::Session> session_)
      : session(std::move(session_)),
        facts(std::make_shared<session::Snapshot>(session)),
        scope(scheduler, around),
        answers(scheduler, 1),
        shape_news(scheduler, 1) {}

  Key key;
  std::uint16_t version = protocol::kVersionMax;
  std::string method_name;
  code::CompileTask task;
  std::shared_ptr<session::Session> session;
  std::shared_ptr<session::Snapshot> facts;
  actor::CancelScope scope;
  actor::Mailbox<FactAnswer> answers;  // 1: there is one question at a time
  TimePoint deadline;
  TimePoint submitted;
  std::uint32_t waves = 0;                // asked so far
  std::uint32_t rounds = 0;               // of the compiler, that ended with facts missing
  bool asking = false;                    // an answer to wave waves - 1 is expected
  bool silent = false;                    // nobody wants a reply
  std::vector<facts::FactKey> announced;  // shapes that the request says will be needed
  // Shapes that the farm brings, or says to ask for; see gather().
  actor::Mailbox<bool> shape_news;  // 1: a full box says all that there is to say
  std::unordered_map<Digest, facts::FactKey> coming;
  std::unordered_set<Digest> sought;  // in all rounds
  std::vector<facts::ShapeBytes> came;
  std::vector<facts::FactKey> to_ask;
  std::uint64_t queue_ns = 0;
  std::uint64_t compile_ns = 0;
  std::uint64_t wait_ns = 0;
  std::array<std::uint32_t, 256> facts_asked{};  // by number of the kind
  std::array<std::uint32_t, 256> facts_repeated{};
};

CompileService::CompileService(actor::Scheduler& scheduler, const Clock& clock, CompileFn compile,
                               Send send, ServiceOptions options)
    : scheduler_(scheduler),
      clock_(clock),
      compile_(std::move(compile)),
      send_(std::move(send)),
      options_(std::move(options)),
      shapes_(std::make_shared<session::ShapeStore>(options_.shape_bytes)),
      more_questions_(options_.faults),
      scope_(scheduler),
      // A job has at most one entry in the queue, so that the pool never refuses one.
      pool_(scheduler, options_.slots, options_.jobs_max) {
  // The scheduler is new or has room: a worker without its watch would still be a worker.
  if (const Status started = scheduler_.spawn(watch(this), &scope_); !started)
    spdlog::error("runs of the compiler are not watched: {}", started.error().message());
}

CompileService::~CompileService() {
  for (auto& [key, job] : jobs_) job->silent = true;
  scope_.cancel();
  scheduler_.run_ready();
}

std::shared_ptr<session::Session> CompileService::find_session(SessionId id) const {
  auto known = sessions_.find(id);
  return known == sessions_.end() ? nullptr : known->second.session;
}

std::shared_ptr<session::Session> CompileService::session_for(SessionId id) {
  if (auto known = sessions_.find(id); known != sessions_.end()) {
    session_order_.splice(session_order_.begin(), session_order_, known->second.place);
    return known->second.session;
  }
  if (sessions_.size() >= options_.sessions_max) forget_oldest_session();
  session_order_.push_front(id);
  auto session = std::make_shared<session::Session>(id, shapes_, options_.session);
  sessions_.emplace(id, SessionEntry{session, session_order_.begin()});
  return session;
}

std::size_t CompileService::session_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [id, entry] : sessions_) bytes += entry.session->bytes();
  return bytes;
}

/// Its jobs keep what they use; what comes next is asked again.
void CompileService::forget_oldest_session() {
  sessions_.erase(session_order_.back());
  session_order_.pop_back();
}

void CompileService::trim_sessions() {
  std::size_t bytes = 0;
  std::size_t keep = 0;
  for (const SessionId id : session_order_) {
    bytes += sessions_.at(id).session->bytes();
    if (bytes > options_.session_bytes && keep > 0) break;
    ++keep;
  }
  while (session_order_.size() > keep) forget_oldest_session();
}

std::vector<CompileService::InFlight> CompileService::in_flight() const {
  std::vector<InFlight> list;
  list.reserve(jobs_.size());
  for (const auto& [key, job] : jobs_) list.push_back({key.session, key.request});
  return list;
}

// ---- messages --------------------------------------------------------------------------------

bool CompileService::on_packet(const Packet& packet) {
  const LogAbout about(packet.envelope.session, packet.envelope.correlation);
  switch (packet.envelope.type) {
    case protocol::CompileRequest::kRecord.id:
      on_request(packet);
      return true;
    case protocol::FactAnswer::kRecord.id:
      on_answer(packet);
      return true;
    case protocol::ShapeAnswer::kRecord.id:
      on_shape_answer(packet);
      return true;
    case protocol::CancelCompile::kRecord.id:
      on_cancel(packet);
      return true;
    case protocol::SessionClosed::kRecord.id:
      on_session_closed(packet);
      return true;
    case protocol::ClassesUnloaded::kRecord.id:
      on_classes_unloaded(packet);
      return true;
    default:
      return false;
  }
}

void CompileService::on_request(const Packet& packet) {
  const protocol::Envelope& envelope = packet.envelope;
  Result<protocol::CompileRequest> request = protocol::read<protocol::CompileRequest>(packet);
  if (!request || !envelope.session || !request->request) {
    ++counts_.malformed;
    const std::string why = request ? "no session or no request id" : request.error().message();
    spdlog::warn("a compile_request is dropped: {}", why);
    // The coordinator knows the request by the envelope; silence would hold its entry until the
    // deadline.
    if (envelope.session && envelope.correlation)
      refuse(envelope.session, envelope.correlation, envelope.version, Errc::malformed_frame, why);
    return;
  }
  ++counts_.requests;
  const Key key{envelope.session, request->request};
  if (jobs_.contains(key)) {
    ++counts_.requests_repeated;
    return;
  }
  if (draining_ || jobs_.size() >= options_.jobs_max) {
    ++counts_.refused;
    return refuse(
        key.session, key.request, envelope.version, Errc::queue_full,
        draining_ ? "the worker drains" : "jobs_max " + std::to_string(options_.jobs_max));
  }
  auto job = std::make_shared<Job>(scheduler_, &scope_, session_for(envelope.session));
  job->key = key;
  job->version = envelope.version;
  job->method_name = printable(std::move(request->method_name));
  spdlog::debug("takes {}, {} facts came with it", job->method_name, request->facts.size());
  job->task = std::move(request->task);
  const Duration asked = envelope.deadline_ms ? std::chrono::milliseconds(envelope.deadline_ms)
                                              : options_.deadline_default;
  job->deadline = scheduler_.after(std::min(asked, options_.deadline_max));
  for (const facts::Fact& fact : request->facts)
    if (fact.key.kind == facts::FactKind::class_shape && fact.known)
      job->announced.push_back(fact.key);
  count(job->facts->ingest(std::move(request->facts), request->shapes));
  if (counts_.requests % kRequestsPerTrim == 0) trim_sessions();
  jobs_.emplace(key, job);
  if (const Status started = scheduler_.spawn(run(this, job), &job->scope); !started) {
    jobs_.erase(key);
    ++counts_.refused;
    refuse(key.session, key.request, envelope.version, started.error().code,
           started.error().detail);
  }
}

void CompileService::on_answer(const Packet& packet) {
  Result<FactAnswer> answer = protocol::read<FactAnswer>(packet);
  if (!answer) {
    ++counts_.malformed;
    spdlog::warn("a fact_answer is dropped: {}", answer.error().message());
    return;
  }
  auto found = jobs_.find({packet.envelope.session, answer->request});
  if (found == jobs_.end() || !found->second->asking || answer->wave + 1 != found->second->waves) {
    ++counts_.answers_dropped;  // late, a duplicate, or of another compilation
    return;
  }
  Job& job = *found->second;
  job.asking = false;
  spdlog::debug("wave {}: answered, {} facts", answer->wave, answer->facts.size());
  if (!job.answers.try_send(*std::move(answer))) ++counts_.answers_dropped;
}

void CompileService::on_shape_answer(const Packet& packet) {
  Result<protocol::ShapeAnswer> answer = protocol::read<protocol::ShapeAnswer>(packet);
  if (!answer) {
    ++counts_.malformed;
    return;
  }
  auto found = jobs_.find({packet.envelope.session, answer->request});
  if (found == jobs_.end()) return;  // it has ended: the coordinator keeps the shapes
  Job& job = *found->second;
  for (const Digest& digest : answer->ask)
    if (const auto node = job.coming.extract(digest)) job.to_ask.push_back(node.mapped());
  for (facts::ShapeBytes& shape : answer->shapes)
    if (job.coming.erase(shape.digest) != 0) job.came.push_back(std::move(shape));
  (void)job.shape_news.try_send(true);
}

void CompileService::on_cancel(const Packet& packet) {
  const auto cancel = protocol::read<protocol::CancelCompile>(packet);
  if (!cancel) {
    ++counts_.malformed;
    return;
  }
  auto found = jobs_.find({packet.envelope.session, cancel->request});
  if (found == jobs_.end()) return;  // it crossed our reply
  const std::shared_ptr<Job> job = found->second;
  job->scope.cancel();
}

void CompileService::on_session_closed(const Packet& packet) {
  const auto closed = protocol::read<protocol::SessionClosed>(packet);
  if (!closed) {
    ++counts_.malformed;
    return;
  }
  if (auto known = sessions_.find(closed->session); known != sessions_.end()) {
    session_order_.erase(known->second.place);
    sessions_.erase(known);
  }
  std::vector<std::shared_ptr<Job>> orphans;
  for (auto& [key, job] : jobs_)
    if (key.session == closed->session) orphans.push_back(job);
  // Their replies go to nobody, but tell the coordinator that their slots are free.
  for (auto& job : orphans) job->scope.cancel();
}

void CompileService::on_classes_unloaded(const Packet& packet) {
  const auto unloaded = protocol::read<protocol::ClassesUnloaded>(packet);
  if (!unloaded) {
    ++counts_.malformed;
    return;
  }
  // Running compilations keep what they have pinned: the agent refuses code of classes that are
  // gone.
  if (auto session = find_session(packet.envelope.session))
    session->facts().unload(unloaded->classes);
}

void CompileService::drop_all() {
  std::vector<std::shared_ptr<Job>> all;
  for (auto& [key, job] : jobs_) all.push_back(job);
  for (auto& job : all) {
    job->silent = true;
    job->scope.cancel();
  }
}

void CompileService::hand_back_all(Errc error, const std::string& detail) {
  std::vector<std::shared_ptr<Job>> all;
  for (auto& [key, job] : jobs_) all.push_back(job);
  for (auto& job : all) {
    if (!job->silent) reply(*job, failure(*job, error, detail, true));
    job->silent = true;
    job->scope.cancel();
  }
}

// ---- one compilation ---------------------------------------------------------------------------

actor::Task<void> CompileService::run(CompileService* self, std::shared_ptr<Job> job) {
  Reply answer = co_await compile(self, job);
  self->jobs_.erase(job->key);
  if (!job->silent) self->reply(*job, std::move(answer));
}

actor::Task<CompileService::Reply> CompileService::compile(CompileService* self,
                                                           std::shared_ptr<Job> job) {
  // What a first run of the compiler would only find out.
  if (auto missing = job->facts->still_missing(std::exchange(job->announced, {}));
      !missing.empty()) {
    const Result<bool> gathered = co_await gather(self, job, std::move(missing));
    if (!gathered) co_return self->failure(*job, gathered.error().code, gathered.error().detail);
  }
  for (;;) {
    auto times = std::make_shared<RunClock>();
    RunInput input{.compile = self->compile_,
                   .clock = &self->clock_,
                   .task = job->task,
                   .facts = job->facts,
                   .session = job->key.session,
                   .request = job->key.request,
                   .method_name = job->method_name,
                   .record_dir = self->options_.record_dir,
                   .faults = self->options_.faults,
                   .times = times};
    self->running_.push_back(times);
    job->submitted = self->clock_.now();
    Result<RunResult> ran = co_await self->pool_.run(
        [in = std::move(input)] { return run_compiler(in); }, job->deadline);
    const std::int64_t started = times->started_ns.load(std::memory_order_relaxed);
    if (ran)
      std::erase(self->running_, times);  // else it may still run: the watch keeps an eye on it
    if (!ran) {
      const bool in_compiler = started != RunClock::kNotStarted;
      co_return self->failure(*job, ran.error().code,
                              in_compiler ? "in the compiler" : "waiting for a slot",
                              ran.error().code == Errc::queue_full);
    }
    job->queue_ns += static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, started - job->submitted.time_since_epoch().count()));
    job->compile_ns += static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, self->clock_.now().time_since_epoch().count() - started));

    if (auto* image = std::get_if<Image>(&*ran)) {
      co_return CompileResult{.request = job->key.request,
                              .image = std::move(image->bytes),
                              .waves = job->waves,
                              .queue_ns = job->queue_ns,
                              .compile_ns = job->compile_ns};
    }
    if (auto* bailout = std::get_if<code::Bailout>(&*ran)) {
      const LogAbout about(job->key.session, job->key.request);
      if (bailout->reason == code::BailoutReason::internal_error)
        spdlog::error("{}: {}", job->method_name, bailout->detail);
      CompileFailed failed = self->failure(*job, Errc::bail_out, std::move(bailout->detail));
      failed.reason = code::name(bailout->reason);
      co_return failed;
    }
    if (auto* error = std::get_if<Error>(&*ran)) {
      const LogAbout about(job->key.session, job->key.request);
      spdlog::error("{}: {}", job->method_name, error->message());
      co_return self->failure(*job, error->code, error->detail);
    }
    Result<bool> answered =
        co_await ask(self, job, std::move(std::get<compiler::MissingFacts>(*ran).keys));
    if (!answered) co_return self->failure(*job, answered.error().code, answered.error().detail);
  }
}

/// True when the compiler should run again.
actor::Task<Result<bool>> CompileService::ask(CompileService* self, std::shared_ptr<Job> job,
                                              std::vector<facts::FactKey> keys) {
  std::vector<facts::FactKey> missing = job->facts->still_missing(keys);
  // When all came meanwhile, the next run has them. It counts as a round: nothing here may go on
  // for ever.
  if (job->rounds++ >= kWavesMax)
    co_return fail(Errc::facts_missing,
                   std::to_string(missing.size()) + " facts are missing after " +
                       std::to_string(job->waves) + " questions, the first is " +
                       (missing.empty() ? "here now" : std::string(name(missing.front().kind))));
  if (missing.empty()) co_return true;
  co_return co_await gather(self, job, std::move(missing));
}

/// Shapes from the farm where it has them, everything else from the client: in one wave, as a rule.
/// A client that has to bring a shape for others is asked at once, whatever this job still waits
/// for: two jobs that wait for each other's shapes would both be late.
actor::Task<Result<bool>> CompileService::gather(CompileService* self, std::shared_ptr<Job> job,
                                                 std::vector<facts::FactKey> missing) {
  std::vector<facts::FactKey> questions;
  protocol::ShapeQuery query{.request = job->key.request, .digests = {}};
  job->coming.clear();
  for (const facts::FactKey& key : missing) {
    const auto shape =
        key.kind == facts::FactKind::class_shape ? job->facts->shared_shape(key) : std::nullopt;
    // Once per job: who was told to ask its client must not wait for itself.
    if (shape && job->sought.insert(*shape).second) {
      job->coming.emplace(*shape, key);
      query.digests.push_back(*shape);
    } else if (!shape || !job->coming.contains(*shape)) {
      questions.push_back(key);
    }
  }
  const TimePoint limit = std::min(job->deadline, self->scheduler_.after(kShapePatience));
  bool farm_answered = job->coming.empty();
  if (!farm_answered)
    self->send(protocol::make_packet(
        query,
        {.version = job->version, .session = job->key.session, .correlation = job->key.request}));
  for (;;) {
    while (questions.empty() ? !job->coming.empty() : !farm_answered) {
      const Status news = co_await shape_news(self, job, limit);
      if (!news) co_return std::unexpected(news.error());
      farm_answered = true;
      self->take_shapes(*job, questions);
    }
    if (questions.empty()) co_return true;
    const Status answered = co_await question(self, job, std::exchange(questions, {}));
    if (!answered) co_return std::unexpected(answered.error());
    self->take_shapes(*job, questions);
  }
}

/// What the coordinator has said of `job.coming` since the last time.
void CompileService::take_shapes(Job& job, std::vector<facts::FactKey>& questions) {
  const std::vector<facts::ShapeBytes> came = std::exchange(job.came, {});
  counts_.shapes_from_farm += came.size();
  count(job.facts->ingest({}, came));
  std::ranges::move(std::exchange(job.to_ask, {}), std::back_inserter(questions));
}

/// Waits for a word of the coordinator about `job->coming`. After `limit` all of it is to be asked
/// of the client.
actor::Task<Status> CompileService::shape_news(CompileService* self, std::shared_ptr<Job> job,
                                               TimePoint limit) {
  const Result<bool> news = co_await job->shape_news.receive(limit);
  if (!news) {
    if (news.error().code != Errc::deadline_passed || limit == job->deadline)
      co_return std::unexpected(Error{news.error().code, "waiting for shapes"});
    for (const auto& [digest, key] : job->coming) job->to_ask.push_back(key);
    std::ranges::sort(job->to_ask);
    job->coming.clear();
  }
  co_return Status{};
}

/// One wave.
actor::Task<Status> CompileService::question(CompileService* self, std::shared_ptr<Job> job,
                                             std::vector<facts::FactKey> keys) {
  std::ranges::sort(keys);
  const std::uint32_t wave = job->waves++;
  self->more_questions_.add(job->key.session, keys);
  ++self->counts_.waves;
  self->counts_.facts_asked += keys.size();
  if (spdlog::should_log(spdlog::level::debug)) {
    const LogAbout about(job->key.session, job->key.request);
    spdlog::debug("wave {}: asks {}", wave, kinds_of(keys));
  }
  job->facts->asks(keys);
  for (const facts::FactKey& key : keys) {
    ++job->facts_asked[static_cast<std::uint8_t>(key.kind)];
    if (job->session->asks_again(key)) ++job->facts_repeated[static_cast<std::uint8_t>(key.kind)];
  }
  job->asking = true;
  Packet query = protocol::make_packet(
      protocol::FactQuery{.request = job->key.request, .wave = wave, .keys = std::move(keys)},
      {.version = job->version, .session = job->key.session, .correlation = job->key.request});
  self->send(std::move(query));
  const TimePoint asked = self->clock_.now();
  Result<FactAnswer> answer = co_await job->answers.receive(job->deadline);
  job->asking = false;
  job->wait_ns +=
      static_cast<std::uint64_t>(std::chrono::nanoseconds(self->clock_.now() - asked).count());
  if (!answer)
    co_return std::unexpected(
        Error{answer.error().code, "waiting for wave " + std::to_string(wave)});
  self->count(job->facts->ingest(std::move(answer->facts), answer->shapes));
  co_return Status{};
}

/// Looks after runs that do not come back. Their threads cannot be stopped; a new one takes the
/// slot, and the job has been answered at its deadline. When more than `slots` are lost like that
/// the program restarts itself (unhealthy()).
actor::Task<void> CompileService::watch(CompileService* self) {
  const Duration period =
      std::max<Duration>(self->options_.hard_limit / 8, std::chrono::milliseconds(10));
  while (co_await actor::sleep_until(self->scheduler_.after(period))) {
    // Nobody else holds the clock of a run that was dropped before it started.
    const auto over = [](const std::shared_ptr<RunClock>& run) {
      return run->finished.load(std::memory_order_relaxed) || run.use_count() == 1;
    };
    std::erase_if(self->running_, over);
    std::erase_if(self->stuck_, over);
    const std::int64_t oldest =
        (self->clock_.now() - self->options_.hard_limit).time_since_epoch().count();
    for (auto it = self->running_.begin(); it != self->running_.end();) {
      const std::int64_t started = (*it)->started_ns.load(std::memory_order_relaxed);
      if (started == RunClock::kNotStarted || started > oldest) {
        ++it;
        continue;
      }
      ++self->counts_.runs_stuck;
      spdlog::error("a run of the compiler is over its hard limit; its slot gets a new thread");
      self->stuck_.push_back(std::move(*it));
      it = self->running_.erase(it);
      if (!self->unhealthy()) self->pool_.add_thread();
    }
  }
}

// ---- replies -----------------------------------------------------------------------------------

CompileFailed CompileService::failure(const Job& job, Errc error, std::string detail,
                                      bool retry_later) const {
  return {.request = job.key.request,
          .error = std::string(name(error)),
          .reason = {},
          .detail = std::move(detail),
          .retry_later = retry_later};
}

void CompileService::reply(const Job& job, Reply answer) {
  if (std::holds_alternative<CompileResult>(answer)) {
    ++counts_.compiled;
  } else {
    const auto& without = std::get<CompileFailed>(answer);
    ++(without.error == name(Errc::bail_out)    ? counts_.bailed_out
       : without.error == name(Errc::cancelled) ? counts_.cancelled
                                                : counts_.failed);
  }
  const LogAbout about(job.key.session, job.key.request);
  const auto* failed = std::get_if<CompileFailed>(&answer);
  spdlog::debug("{}: {}, {} waves, queue {:.3f} ms, compiler {:.3f} ms, facts {:.3f} ms",
                job.method_name, failed ? failed->error + " " + failed->reason : "compiled",
                job.waves, static_cast<double>(job.queue_ns) * 1e-6,
                static_cast<double>(job.compile_ns) * 1e-6,
                static_cast<double>(job.wait_ns) * 1e-6);
  report(job, answer);
  const Faults& faults = options_.faults;
  if (faults.never_answer) return;
  if (auto* result = std::get_if<CompileResult>(&answer); result && faults.garbage_result) {
    std::mt19937 random(static_cast<std::uint32_t>(job.key.request.value));
    Bytes garbage(result->image.size());
    std::ranges::generate(garbage, [&] { return static_cast<std::uint8_t>(random()); });
    result->image = Blob(std::move(garbage));
  }
  const protocol::Envelope envelope{
      .version = job.version, .session = job.key.session, .correlation = job.key.request};
  const Packet packet = std::visit(
      [&](const auto& message) { return protocol::make_packet(message, envelope); }, answer);
  for (int copies = faults.duplicate_result ? 2 : 1; copies > 0; --copies) {
    if (faults.late_result == Duration::zero())
      send(packet);
    else if (!scheduler_.spawn(send_later(this, packet), &scope_))
      ++counts_.sends_failed;
  }
}

void CompileService::report(const Job& job, const Reply& answer) const {
  if (!options_.on_finished) return;
  const auto* failed = std::get_if<CompileFailed>(&answer);
  const session::FactCache::ByKind evicted = job.session->facts().take_evictions();
  options_.on_finished({.compiled = failed == nullptr,
                        .error = failed ? std::string_view(failed->error) : std::string_view{},
                        .reason = failed ? std::string_view(failed->reason) : std::string_view{},
                        .waves = job.waves,
                        .queue_ns = job.queue_ns,
                        .compile_ns = job.compile_ns,
                        .wait_ns = job.wait_ns,
                        .facts_cached = job.facts->cache_hits(),
                        .facts_asked = job.facts_asked,
                        .facts_negative = job.facts->negative_hits(),
                        .facts_repeated = job.facts_repeated,
                        .facts_evicted = evicted});
}

actor::Task<void> CompileService::send_later(CompileService* self, Packet packet) {
  if (co_await actor::sleep_until(self->scheduler_.after(self->options_.faults.late_result)))
    self->send(std::move(packet));
}

void CompileService::refuse(SessionId session, RequestId request, std::uint16_t version, Errc error,
                            std::string detail) {
  send(protocol::make_packet(CompileFailed{.request = request,
                                           .error = std::string(name(error)),
                                           .reason = {},
                                           .detail = std::move(detail),
                                           .retry_later = true},
                             {.version = version, .session = session, .correlation = request}));
}

void CompileService::send(Packet packet) {
  if (const Status sent = send_(std::move(packet)); !sent) {
    // The client's deadline covers a lost message; so does the coordinator's lease on us.
    ++counts_.sends_failed;
    spdlog::warn("a message is lost: {}", sent.error().message());
  }
}

void CompileService::count(const session::Ingested& ingested) {
  counts_.facts_received += ingested.facts;
  counts_.facts_refused += ingested.refused_facts + ingested.surplus;
  counts_.shapes_received += ingested.shapes;
  counts_.shapes_refused += ingested.refused_shapes;
}

}  // namespace jitfarm::worker::job
