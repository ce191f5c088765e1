#include "coordinator/relay/relay.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/base/digest.h"
#include "common/base/log.h"
#include "coordinator/relay/peek.h"

namespace jitfarm::coordinator::relay {
namespace {

using protocol::Direction;
using protocol::Envelope;
using protocol::Packet;
using scheduler::JobKey;

constexpr Duration kLeaseCheckInterval =
    std::chrono::milliseconds(100);  // a lease may be exceeded by so much
// What looks at every client takes a millisecond for 10,000 of them.
constexpr Duration kOverviewInterval = std::chrono::seconds(5);
constexpr Duration kRankWindow = std::chrono::seconds(10);

constexpr bool from_clients(Direction d) {
  return d == Direction::agent_to_coordinator || d == Direction::agent_to_worker ||
         d == Direction::peer_to_coordinator;
}
constexpr bool from_workers(Direction d) {
  return d == Direction::worker_to_coordinator || d == Direction::worker_to_agent ||
         d == Direction::peer_to_coordinator;
}

/// What the quarantine knows a method by: its name and what its class consists of.
scheduler::MethodKey method_key(const RequestHead& head) {
  Bytes named(head.shape.begin(), head.shape.end());
  named.insert(named.end(), head.method_name.begin(), head.method_name.end());
  std::uint64_t key;
  std::memcpy(&key, digest_of(named).bytes.data(), sizeof key);
  return {key};
}

std::string printable(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(out, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return out;
}

double milliseconds(Duration d) { return std::chrono::duration<double, std::milli>(d).count(); }

std::uint32_t milliseconds_left(Duration d) {
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(d).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(ms, 1, 1 << 30));
}

}  // namespace

Relay::Relay(const RelayOptions& options, Outbox& outbox, admin::Telemetry& telemetry,
             TimePoint start)
    : options_(options),
      outbox_(outbox),
      telemetry_(telemetry),
      started_(start),
      sessions_(options.sessions, options.epoch),
      workers_(options.workers),
      scheduler_(options.scheduler, start, options.seed),
      shapes_(options.shapes),
      next_lease_check_(start),
      next_overview_(start),
      window_began_(start) {}

// ---- in -----------------------------------------------------------------------------------------

void Relay::receive(Side side, net::PeerKey peer, Packet packet, TimePoint now) {
  telemetry_.received(packet.envelope.type, packet.size());
  if (closed_) return drop(Errc::cancelled);
  if (side == Side::clients)
    from_client(peer, std::move(packet), now);
  else
    from_worker(peer, std::move(packet), now);
  bury(now);
}

void Relay::from_client(net::PeerKey peer, Packet packet, TimePoint now) {
  Session* session = sessions_.find(peer);
  if (session == nullptr) {
    if (packet.envelope.type == protocol::Hello::kRecord.id)
      return hello(Side::clients, peer, packet, now);
    drop(Errc::unknown_session);
    return refuse_stranger(Side::clients, peer, now);
  }
  const LogAbout about(session->id, packet.envelope.correlation);
  session->last_heard = now;
  session->figures.bytes_received += packet.size();
  const bool is_hello = packet.envelope.type == protocol::Hello::kRecord.id;
  if (!is_hello && packet.envelope.version != session->agreement.version)
    return drop(Errc::version_mismatch);
  if (packet.envelope.session != session->id && packet.envelope.session) {
    drop(Errc::unknown_session);  // a claim to another session, or one from before a restart
    return refuse_stranger(Side::clients, peer, now);
  }
  bool known = false;
  protocol::AllMessages::visit(packet.envelope.type, [&]<protocol::Message M>() {
    if constexpr (from_clients(M::kRecord.direction)) {
      if (session->role == protocol::Role::agent ||
          M::kRecord.direction == Direction::peer_to_coordinator) {
        known = true;
        on(*session, packet, now, Tag<M>{});
      }
    }
  });
  if (!known) drop(Errc::unexpected_message);
}

void Relay::from_worker(net::PeerKey peer, Packet packet, TimePoint now) {
  Worker* worker = workers_.find(peer);
  if (worker == nullptr) {
    if (packet.envelope.type == protocol::Hello::kRecord.id)
      return hello(Side::workers, peer, packet, now);
    drop(Errc::unknown_session);
    return refuse_stranger(Side::workers, peer, now);
  }
  const LogAbout about(packet.envelope.session, packet.envelope.correlation);
  worker->last_heard = now;
  const bool is_hello = packet.envelope.type == protocol::Hello::kRecord.id;
  if (!is_hello && packet.envelope.version != worker->agreement.version)
    return drop(Errc::version_mismatch);
  bool known = false;
  protocol::AllMessages::visit(packet.envelope.type, [&]<protocol::Message M>() {
    if constexpr (from_workers(M::kRecord.direction)) {
      known = true;
      on(*worker, packet, now, Tag<M>{});
    }
  });
  if (!known) drop(Errc::unexpected_message);
}

void Relay::lost(Side side, net::PeerKey peer, TimePoint now) {
  strangers_.erase({side, peer});
  gone_.emplace_back(side, peer);
  bury(now);
}

void Relay::tick(TimePoint now) {
  scheduler::Decisions decisions;
  scheduler_.tick(now, decisions);
  perform(std::move(decisions), now);
  perform(shapes_.tick(now));
  if (now >= next_lease_check_) {
    next_lease_check_ = now + kLeaseCheckInterval;
    for (const SessionId id : sessions_.expired(now))
      close_session(id, true, "it has been silent for its lease", now);
    for (const WorkerId id : workers_.expired(now))
      close_worker(id, true, "it has been silent for its lease", now);
    std::erase_if(strangers_,
                  [&](const auto& s) { return now - s.second > options_.refusal_interval * 10; });
    telemetry_.gauges(gauges(now));
    telemetry_.shapes(shapes_.counts());
    if (now >= next_overview_) {
      next_overview_ = now + kOverviewInterval;
      telemetry_.overview(admin::overview(sessions_, workers_, now));
      if (const Duration window = now - window_began_; window >= kRankWindow) {
        telemetry_.top_clients(admin::rank(sessions_, window));
        window_began_ = now;
      }
    }
  }
  bury(now);
}

TimePoint Relay::next_event(TimePoint now) const {
  TimePoint next = std::max(next_lease_check_, now);
  if (const auto at = scheduler_.next_event(); at && *at < next) next = *at;
  if (const auto at = shapes_.next_event(); at && *at < next) next = *at;
  return next;
}

void Relay::shut_down(TimePoint now) {
  scheduler::Decisions decisions;
  scheduler_.shut_down(decisions);
  perform(std::move(decisions), now);
  closed_ = true;
  const protocol::CoordinatorGoodbye goodbye{.reason = "the coordinator shuts down"};
  for (const auto& [id, s] : sessions_.all())
    (void)send(Side::clients, s.peer,
               protocol::make_packet(goodbye, {.version = s.agreement.version, .session = id}));
  for (const auto& [id, w] : workers_.all())
    (void)send(Side::workers, w.peer,
               protocol::make_packet(goodbye, {.version = w.agreement.version}));
  telemetry_.gauges(gauges(now));
}

// ---- handshake ----------------------------------------------------------------------------------

void Relay::hello(Side side, net::PeerKey peer, const Packet& packet, TimePoint now) {
  auto hello = protocol::read<protocol::Hello>(packet);
  const auto refused = [&](const Error& error) {
    telemetry_.handshake_refused(error.code);
    if (!may_refuse(side, peer, now)) return;
    spdlog::warn("a peer was refused: {}", printable(error.message()));
    refuse(side, peer, error);
  };
  if (!hello) return refused(hello.error());
  const bool is_worker = hello->role == protocol::Role::worker;
  if (is_worker != (side == Side::workers))
    return refused({Errc::handshake_refused,
                    is_worker
                        ? "this is the endpoint of agents and operators, workers have another one"
                        : "this is the endpoint of workers"});
  auto agreement = protocol::negotiate(*hello, options_.spoken);
  if (!agreement) return refused(agreement.error());
  for (std::string* text : {&hello->name, &hello->build, &hello->vm}) *text = printable(*text);
  strangers_.erase({side, peer});

  if (is_worker) {
    auto worker = workers_.join(peer, *hello, *std::move(agreement), now);
    if (!worker) return refused(worker.error());
    const Worker& w = **worker;
    spdlog::info("worker {} ({}, build {}) joined with {} slots", w.id.value, w.name, w.build,
                 w.slots);
    telemetry_.session_opened(protocol::Role::worker);
    welcome(side, peer, w.agreement, w.id.value, {}, options_.workers.lease);
    scheduler::Decisions decisions;
    scheduler_.worker_joined(w.id, w.slots, now, decisions);
    return perform(std::move(decisions), now);
  }
  auto session = sessions_.open(peer, *hello, *std::move(agreement), now);
  if (!session) return refused(session.error());
  const Session& s = **session;
  const LogAbout about(s.id);
  if (s.role == protocol::Role::agent)
    spdlog::info("client {:x} ({}, {}) connected", s.id.value, s.name, s.vm);
  telemetry_.session_opened(s.role);
  welcome(side, peer, s.agreement, s.id.value, s.id, options_.sessions.lease);
}

void Relay::welcome(Side side, net::PeerKey peer, const protocol::Agreement& agreement,
                    std::uint64_t id, SessionId session, Duration lease) {
  const protocol::Welcome welcome{.version = agreement.version,
                                  .capabilities = agreement.capabilities,
                                  .peer = id,
                                  .heartbeat_ms = milliseconds_left(options_.heartbeat),
                                  .lease_ms = milliseconds_left(lease)};
  (void)send(side, peer,
             protocol::make_packet(welcome, {.version = agreement.version, .session = session}));
}

bool Relay::may_refuse(Side side, net::PeerKey peer, TimePoint now) {
  const auto it = strangers_.find({side, peer});
  if (it != strangers_.end() && now - it->second < options_.refusal_interval) return false;
  if (it == strangers_.end() && strangers_.size() >= options_.strangers) return false;
  strangers_[{side, peer}] = now;
  return true;
}

void Relay::refuse_stranger(Side side, net::PeerKey peer, TimePoint now) {
  if (!may_refuse(side, peer, now)) return;
  telemetry_.handshake_refused(Errc::unknown_session);
  refuse(side, peer,
         {Errc::unknown_session, "this coordinator does not know you (any more): say hello"});
}

void Relay::refuse(Side side, net::PeerKey peer, const Error& error) {
  (void)send(side, peer,
             protocol::make_packet(protocol::make_refuse(error, options_.spoken),
                                   {.version = protocol::kVersionMin}));
}

// A repeated hello is a repeated packet, or the welcome was lost: the same answer. Another role or
// version needs another connection.
void Relay::on(Session& from, Packet& packet, TimePoint, Tag<protocol::Hello>) {
  auto hello = protocol::read<protocol::Hello>(packet);
  if (!hello || hello->role != from.role) return drop(Errc::unexpected_message);
  welcome(Side::clients, from.peer, from.agreement, from.id.value, from.id,
          options_.sessions.lease);
}
void Relay::on(Worker& from, Packet& packet, TimePoint, Tag<protocol::Hello>) {
  auto hello = protocol::read<protocol::Hello>(packet);
  if (!hello || hello->role != protocol::Role::worker) return drop(Errc::unexpected_message);
  welcome(Side::workers, from.peer, from.agreement, from.id.value, {}, options_.workers.lease);
}

// ---- from clients -------------------------------------------------------------------------------

void Relay::on(Session& from, Packet&, TimePoint now, Tag<protocol::Goodbye>) {
  close_session(from.id, false, "it said goodbye", now);
}

void Relay::on(Session& from, Packet& packet, TimePoint, Tag<protocol::Heartbeat>) {
  const auto beat = protocol::read<protocol::Heartbeat>(packet);
  if (!beat) return drop(beat.error().code);
  to_session(from, protocol::make_packet(protocol::HeartbeatAck{}));
  // Listed twice and never seen: it was lost on its way here. Once may be one that the heartbeat
  // has overtaken.
  std::vector<RequestId> unknown;
  for (const RequestId request : beat->in_flight) {
    if (from.seen.contains(request)) continue;
    if (std::ranges::find(from.unknown_before, request) == from.unknown_before.end()) {
      unknown.push_back(request);
    } else {
      from.seen.insert(request);  // if it arrives yet, it is late
      end_of_request(from, request, {Errc::worker_lost, "the request did not arrive"}, true);
    }
    if (unknown.size() >= options_.scheduler.queued_per_client) break;
  }
  from.unknown_before = std::move(unknown);
}

void Relay::on(Session& from, Packet& packet, TimePoint, Tag<protocol::Telemetry>) {
  const auto telemetry = protocol::read<protocol::Telemetry>(packet);
  if (!telemetry) return drop(telemetry.error().code);
  const admin::Told told = admin::told(from.figures, *telemetry);
  if (told.repeated) return drop(Errc::unexpected_message);
  telemetry_.agent_told(*telemetry);
  if (told.backlog_cleared) telemetry_.backlog_cleared(*told.backlog_cleared);
}

void Relay::on(Session& from, Packet& packet, TimePoint now, Tag<protocol::StatusRequest>) {
  const auto request = protocol::read<protocol::StatusRequest>(packet);
  if (!request) return drop(request.error().code);
  to_session(from, protocol::make_packet(admin::status(*request, sessions_, workers_, scheduler_,
                                                       telemetry_, started_, now)));
}

void Relay::on(Session& from, Packet& packet, TimePoint now, Tag<protocol::CompileRequest>) {
  const RequestId request = packet.envelope.correlation;
  if (!request) return drop(Errc::unexpected_message);
  const JobKey key{from.id, request};
  if (!from.seen.insert(request)) return drop(Errc::unexpected_message);
  ++from.requested;
  telemetry_.requested();
  const auto head = peek_compile_request(packet.body.view());
  if (!head || head->request != request) {
    drop(Errc::malformed_frame);
    return end_of_request(
        from, request,
        head ? Error{Errc::malformed_frame, "request and envelope name different ids"}
             : head.error(),
        false);
  }
  if (spdlog::should_log(spdlog::level::debug))
    spdlog::debug("asks for {}, {} bytes", printable(head->method_name), packet.size());
  scheduler::Job job;
  job.key = key;
  job.method = method_key(*head);
  job.hotness = head->hotness;
  job.bytes = packet.size();
  job.arrived = now;
  job.deadline = now + (packet.envelope.deadline_ms != 0
                            ? std::chrono::milliseconds(packet.envelope.deadline_ms)
                            : options_.scheduler.deadline_default);
  job.packet = std::move(packet);
  scheduler::Decisions decisions;
  scheduler_.submit(std::move(job), now, decisions);
  perform(std::move(decisions), now);
}

void Relay::on(Session& from, Packet& packet, TimePoint now, Tag<protocol::FactAnswer>) {
  // Shapes, whatever the body says of them; also those for a worker that is gone.
  for (const Blob& blob : packet.blobs) perform(shapes_.arrived(blob));
  const auto* job = scheduler_.running({from.id, packet.envelope.correlation});
  Worker* worker = job == nullptr ? nullptr : workers_.find(job->worker);
  if (worker == nullptr)
    return drop(Errc::cancelled);  // answered, given up, or on its way to another worker
  if (const auto wait = admin::answered(from.figures, job->key.request, now)) {
    telemetry_.facts_answered(*wait);
    telemetry_.waited(protocol::FactQuery::kRecord.id, wait->whole);
  }
  packet.envelope = {.type = packet.envelope.type,
                     .session = from.id,
                     .correlation = job->key.request,
                     .deadline_ms = milliseconds_left(job->deadline - now)};
  to_worker(*worker, std::move(packet));
}

void Relay::on(Session& from, Packet& packet, TimePoint now, Tag<protocol::CancelCompile>) {
  scheduler::Decisions decisions;
  if (!scheduler_.cancel({from.id, packet.envelope.correlation}, now, decisions))
    drop(Errc::cancelled);
  perform(std::move(decisions), now);
}

void Relay::on(Session& from, Packet& packet, TimePoint, Tag<protocol::InstallReport>) {
  const auto report = protocol::read<protocol::InstallReport>(packet);
  if (!report) return drop(report.error().code);
  if (report->outcome == protocol::InstallOutcome::installed) ++from.installed;
  telemetry_.installed(*report);
}

void Relay::on(Session& from, Packet& packet, TimePoint, Tag<protocol::ClassesUnloaded>) {
  for (const WorkerId id : scheduler_.visited(from.id))
    if (Worker* worker = workers_.find(id)) {
      Packet copy = packet;
      copy.envelope = {.type = packet.envelope.type, .session = from.id};
      to_worker(*worker, std::move(copy));
    }
}

// ---- from workers -------------------------------------------------------------------------------

void Relay::on(Worker& from, Packet&, TimePoint now, Tag<protocol::Goodbye>) {
  close_worker(from.id, false, "it said goodbye", now);
}

void Relay::on(Worker& from, Packet& packet, TimePoint now, Tag<protocol::Heartbeat>) {
  const auto beat = protocol::read<protocol::Heartbeat>(packet);
  if (!beat) return drop(beat.error().code);
  if (beat->in_flight.size() != beat->in_flight_sessions.size()) return drop(Errc::malformed_frame);
  to_worker(from, protocol::make_packet(protocol::HeartbeatAck{}));
  scheduler::Decisions decisions;
  if (beat->draining && !from.draining) {
    spdlog::info("worker {} ({}) drains", from.id.value, from.name);
    from.draining = true;
    scheduler_.worker_draining(from.id, now, decisions);
  }
  // What a worker can hold: its slots, and as many ghosts at most.
  const std::size_t listed =
      std::min<std::size_t>(beat->in_flight.size(), std::size_t{from.slots} * 2 + 64);
  std::vector<JobKey> in_flight;
  in_flight.reserve(listed);
  for (std::size_t i = 0; i < listed; ++i)
    in_flight.push_back({beat->in_flight_sessions[i], beat->in_flight[i]});
  scheduler_.worker_reports(from.id, in_flight, now, decisions);
  perform(std::move(decisions), now);
}

void Relay::on(Worker& from, Packet& packet, TimePoint, Tag<protocol::Telemetry>) {
  const auto telemetry = protocol::read<protocol::Telemetry>(packet);
  if (!telemetry) return drop(telemetry.error().code);
  if (!admin::told(from, *telemetry)) return drop(Errc::unexpected_message);
  telemetry_.worker_told(*telemetry);
}

void Relay::on(Worker& from, Packet&, TimePoint, Tag<protocol::StatusRequest>) {
  drop(Errc::unexpected_message);
  refuse(Side::workers, from.peer,
         {Errc::unexpected_message, "status is for clients and operators"});
}

void Relay::on(Worker& from, Packet& packet, TimePoint now, Tag<protocol::FactQuery>) {
  const JobKey key{packet.envelope.session, packet.envelope.correlation};
  Session* session = scheduler_.runs(from.id, key) ? sessions_.find(key.session) : nullptr;
  if (session == nullptr) {
    drop(Errc::cancelled);
    return to_worker(from,
                     protocol::make_packet(protocol::CancelCompile{key.request},
                                           {.session = key.session, .correlation = key.request}));
  }
  if (const auto query = protocol::read<protocol::FactQuery>(packet);
      query && query->request == key.request) {
    telemetry_.facts_asked(*query);
    admin::asked(session->figures, *query, now);
  } else {
    return drop(Errc::malformed_frame);
  }
  packet.envelope = {.type = packet.envelope.type,
                     .session = key.session,
                     .correlation = key.request,
                     .deadline_ms = milliseconds_left(scheduler_.running(key)->deadline - now)};
  to_session(*session, std::move(packet));
}

void Relay::on(Worker& from, Packet& packet, TimePoint now, Tag<protocol::ShapeQuery>) {
  const auto query = protocol::read<protocol::ShapeQuery>(packet);
  if (!query) return drop(query.error().code);
  const JobKey key{packet.envelope.session, query->request};
  if (!scheduler_.runs(from.id, key)) return drop(Errc::cancelled);
  std::vector<shapes::Answer> answers;
  answers.push_back(shapes_.asked({from.id, key.session, key.request}, query->digests, now));
  perform(std::move(answers));
}

void Relay::on(Worker& from, Packet& packet, TimePoint now, Tag<protocol::CompileResult>) {
  const JobKey key{packet.envelope.session, packet.envelope.correlation};
  scheduler::Decisions decisions;
  const auto job = scheduler_.finished(from.id, key, now, decisions);
  Session* session = job ? sessions_.find(key.session) : nullptr;
  if (session == nullptr) {
    drop(Errc::cancelled);  // late, repeated, or not this worker's to give
  } else if (const auto result = protocol::read<protocol::CompileResult>(packet);
             !result || result->request != key.request) {
    drop(Errc::malformed_frame);
    ++from.failed;
    end_of_request(*session, key.request,
                   {Errc::malformed_frame, "the worker's answer does not decode"}, false);
  } else {
    ++from.completed;
    spdlog::debug("worker {} has compiled it, {:.3f} ms after the request", from.id.value,
                  milliseconds(now - job->arrived));
    telemetry_.completed(now - job->arrived, result->waves);
    telemetry_.waited(protocol::CompileRequest::kRecord.id, now - job->arrived);
    session->figures.open.erase(key.request);
    packet.envelope = {
        .type = packet.envelope.type, .session = key.session, .correlation = key.request};
    to_session(*session, std::move(packet));
  }
  perform(std::move(decisions), now);
}

void Relay::on(Worker& from, Packet& packet, TimePoint now, Tag<protocol::CompileFailed>) {
  const JobKey key{packet.envelope.session, packet.envelope.correlation};
  scheduler::Decisions decisions;
  const auto failed = protocol::read<protocol::CompileFailed>(packet);
  const Errc code =
      failed ? errc_named(failed->error).value_or(Errc::compiler_failure) : Errc::malformed_frame;
  if (failed && disposition(code) == Disposition::retry_elsewhere) {
    if (scheduler_.handed_back(from.id, key, {code, printable(failed->detail)}, now, decisions))
      ++from.failed;
    else
      drop(Errc::cancelled);
    return perform(std::move(decisions), now);
  }
  const auto job = scheduler_.finished(from.id, key, now, decisions);
  Session* session = job ? sessions_.find(key.session) : nullptr;
  if (session == nullptr) {
    drop(Errc::cancelled);
  } else if (!failed || failed->request != key.request) {
    drop(Errc::malformed_frame);
    ++from.failed;
    end_of_request(*session, key.request,
                   {Errc::malformed_frame, "the worker's answer does not decode"}, false);
  } else {
    ++(code == Errc::bail_out ? from.bailed_out : from.failed);
    ++(code == Errc::bail_out ? session->bailed_out : session->failed);
    spdlog::debug("worker {} has no code: {}", from.id.value, name(code));
    telemetry_.failed(code);
    telemetry_.waited(protocol::CompileRequest::kRecord.id, now - job->arrived);
    session->figures.open.erase(key.request);
    if (code == Errc::bail_out) telemetry_.bailed_out(failed->reason);
    packet.envelope = {
        .type = packet.envelope.type, .session = key.session, .correlation = key.request};
    to_session(*session, std::move(packet));
  }
  perform(std::move(decisions), now);
}

// ---- ends ---------------------------------------------------------------------------------------

void Relay::end_of_request(Session& session, RequestId request, const Error& error,
                           bool retry_later) {
  const LogAbout about(session.id, request);
  if (spdlog::should_log(spdlog::level::debug))
    spdlog::debug("ends without code: {}", printable(error.message()));
  ++session.failed;
  telemetry_.failed(error.code);
  session.figures.open.erase(request);
  const protocol::CompileFailed failed{.request = request,
                                       .error = std::string(name(error.code)),
                                       .reason = {},
                                       .detail = error.detail,
                                       .retry_later = retry_later};
  to_session(session,
             protocol::make_packet(failed, {.session = session.id, .correlation = request}));
}

void Relay::close_session(SessionId id, bool lost, std::string_view why, TimePoint now) {
  const Session* s = sessions_.find(id);
  if (s == nullptr) return;
  const LogAbout about(id);
  if (lost && s->role == protocol::Role::agent) telemetry_.client_lost();
  if (s->role == protocol::Role::agent)
    spdlog::info("client {:x} ({}) left: {}; {} requested, {} installed, {} bailed out, {} failed",
                 id.value, s->name, why, s->requested, s->installed, s->bailed_out, s->failed);
  for (const WorkerId worker : scheduler_.visited(id))
    if (const Worker* w = workers_.find(worker))
      to_worker(*w, protocol::make_packet(protocol::SessionClosed{id}, {.session = id}));
  outbox_.drop(Side::clients, s->peer);
  sessions_.close(id);
  scheduler::Decisions decisions;
  scheduler_.session_closed(id, now, decisions);
  perform(std::move(decisions), now);
}

void Relay::close_worker(WorkerId id, bool crashed, std::string_view why, TimePoint now) {
  const Worker* w = workers_.find(id);
  if (w == nullptr) return;
  const std::size_t held = scheduler_.in_flight_at(id);
  spdlog::log(crashed ? spdlog::level::warn : spdlog::level::info,
              "worker {} ({}) is gone: {}; it held {} requests", id.value, w->name, why, held);
  if (crashed) {
    telemetry_.worker_lost();
    for (const scheduler::Job* job : scheduler_.running_at(id))
      if (const auto head = peek_compile_request(job->packet.body.view())) {
        const LogAbout about(job->key.session, job->key.request);
        spdlog::warn("the worker was lost with {}", printable(head->method_name));
      }
  }
  outbox_.drop(Side::workers, w->peer);
  workers_.remove(id);
  scheduler::Decisions decisions;
  scheduler_.worker_gone(id, crashed, now, decisions);
  perform(std::move(decisions), now);
}

void Relay::bury(TimePoint now) {
  while (!gone_.empty()) {
    const auto [side, peer] = gone_.back();
    gone_.pop_back();
    if (side == Side::clients) {
      if (const Session* s = sessions_.find(peer))
        close_session(s->id, true, "its connection ended", now);
    } else if (const Worker* w = workers_.find(peer)) {
      close_worker(w->id, true, "its connection ended", now);
    }
  }
}

// ---- out ----------------------------------------------------------------------------------------

Status Relay::send(Side side, net::PeerKey peer, Packet packet) {
  const std::uint16_t type = packet.envelope.type;
  const std::size_t bytes = packet.size();
  auto sent = outbox_.send(side, peer, std::move(packet));
  if (sent) {
    telemetry_.sent(type, bytes);
  } else {
    drop(sent.error().code);
    if (sent.error().code == Errc::peer_unreachable) gone_.emplace_back(side, peer);
  }
  return sent;
}

// A client that does not read loses answers and meets its own deadlines; nothing waits for it here.
void Relay::to_session(Session& session, Packet packet) {
  packet.envelope.version = session.agreement.version;
  packet.envelope.session = session.id;
  session.figures.bytes_sent += packet.size();
  (void)send(Side::clients, session.peer, std::move(packet));
}
void Relay::to_worker(const Worker& worker, Packet packet) {
  packet.envelope.version = worker.agreement.version;
  (void)send(Side::workers, worker.peer, std::move(packet));
}

/// A worker that is gone needs nothing; whatever else is lost on the way, it asks its client.
void Relay::perform(std::vector<shapes::Answer> answers) {
  for (shapes::Answer& answer : answers)
    if (const Worker* worker = workers_.find(answer.to.worker))
      to_worker(*worker, protocol::make_packet(
                             protocol::ShapeAnswer{.request = answer.to.request,
                                                   .ask = std::move(answer.ask),
                                                   .shapes = std::move(answer.shapes)},
                             {.session = answer.to.session, .correlation = answer.to.request}));
}

void Relay::perform(scheduler::Decisions decisions, TimePoint now) {
  for (std::size_t i = 0; i < decisions.size();
       ++i) {  // by index: a failed dispatch adds decisions
    scheduler::Decision decision = std::move(decisions[i]);
    if (auto* d = std::get_if<scheduler::Dispatch>(&decision)) {
      const Worker* w = workers_.find(d->worker);
      if (w == nullptr) {
        scheduler_.not_delivered(d->worker, d->key, now, now, decisions);
        continue;
      }
      d->packet.envelope = {.version = w->agreement.version,
                            .type = d->packet.envelope.type,
                            .session = d->key.session,
                            .correlation = d->key.request,
                            .deadline_ms = milliseconds_left(d->time_left)};
      if (send(Side::workers, w->peer, std::move(d->packet))) {
        const LogAbout about(d->key.session, d->key.request);
        spdlog::debug("to worker {} after {:.3f} ms in the queue", d->worker.value,
                      milliseconds(d->waited));
        telemetry_.queue_waited(d->waited);
        if (d->retry) telemetry_.retried();
      } else {
        scheduler_.not_delivered(d->worker, d->key, now + options_.stalled_pause, now, decisions);
      }
    } else if (auto* a = std::get_if<scheduler::Answer>(&decision)) {
      if (Session* s = sessions_.find(a->key.session))
        end_of_request(*s, a->key.request, a->error, a->retry_later);
    } else if (auto* c = std::get_if<scheduler::CancelAt>(&decision)) {
      if (const Worker* w = workers_.find(c->worker))
        to_worker(
            *w, protocol::make_packet(protocol::CancelCompile{c->key.request},
                                      {.session = c->key.session, .correlation = c->key.request}));
    }
  }
}

}  // namespace jitfarm::coordinator::relay
