#include "coordinator/admin/status.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "common/base/version.h"
#include "common/metrics/labels.h"

namespace jitfarm::coordinator::admin {
namespace {

std::uint32_t seconds_between(TimePoint from, TimePoint to) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(to - from).count());
}

std::uint64_t nanoseconds(Duration d) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(d).count());
}

/// A number that no client has figures of, when there is no such kind.
std::size_t kind_number(std::string_view kind) {
  const auto& names = metrics::values(metrics::Label::kind);
  const auto at = std::ranges::find(names, kind);
  return at == names.end() ? std::numeric_limits<std::size_t>::max()
                           : metrics::enum_number(metrics::Label::kind,
                                                  static_cast<std::size_t>(at - names.begin()));
}

std::string breaker_name(session::BreakerState state) {
  return state == session::BreakerState::unknown
             ? std::string()
             : std::string(
                   metrics::values(metrics::Label::breaker)[static_cast<std::size_t>(state)]);
}

}  // namespace

Gauges gauges(const session::Sessions& sessions, const workers::Workers& workers,
              const scheduler::Scheduler& scheduler, TimePoint now) {
  return {.clients = sessions.agents(),
          .workers = workers.size(),
          .worker_slots = workers.open_slots(),
          .queued = scheduler.queued(),
          .in_flight = scheduler.in_flight(),
          .quarantined = scheduler.quarantined(now)};
}

protocol::StatusReply status(const protocol::StatusRequest& request,
                             const session::Sessions& sessions, const workers::Workers& workers,
                             const scheduler::Scheduler& scheduler, const Telemetry& telemetry,
                             TimePoint started, TimePoint now) {
  protocol::StatusReply reply;
  reply.build = build();
  reply.uptime_seconds = seconds_between(started, now);
  reply.queued = static_cast<std::uint32_t>(scheduler.queued());
  reply.in_flight = static_cast<std::uint32_t>(scheduler.in_flight());
  reply.quarantined = static_cast<std::uint32_t>(scheduler.quarantined(now));
  reply.requests = telemetry.requests();
  reply.results = telemetry.results();
  const std::size_t kind = kind_number(request.kind);
  const auto kind_asked = [kind](const session::Session& s) {
    return kind < s.figures.kinds.size() ? s.figures.kinds[kind].asked : 0;
  };
  // The busiest clients and the oldest workers, when there are too many. Texts are copied of those
  // only.
  std::vector<const session::Session*> clients;
  for (const auto& [id, s] : sessions.all())
    if (s.role == protocol::Role::agent) clients.push_back(&s);
  std::ranges::sort(clients, std::greater<>(), [&](const session::Session* s) {
    return std::pair(kind_asked(*s), s->requested);
  });
  if (clients.size() > kStatusRowsMax) clients.resize(kStatusRowsMax);
  for (const session::Session* client : clients) {
    const session::Session& s = *client;
    const SessionId id = s.id;
    const session::Figures& f = s.figures;
    reply.clients.push_back({.session = id,
                             .name = s.name,
                             .vm = s.vm,
                             .requested = s.requested,
                             .installed = s.installed,
                             .failed = s.failed,
                             .in_flight = static_cast<std::uint32_t>(scheduler.in_flight(id)),
                             .worker = scheduler.affinity(id),
                             .age_seconds = seconds_between(s.since, now),
                             .bailed_out = s.bailed_out,
                             .build = s.build,
                             .queries = f.queries,
                             .facts_asked = f.facts_asked,
                             .bytes_received = f.bytes_received,
                             .bytes_sent = f.bytes_sent,
                             .waited_ns = nanoseconds(f.waited),
                             .invalidated = f.invalidated,
                             .recompiled = f.recompiled,
                             .remembered = f.remembered,
                             .breaker = breaker_name(f.breaker),
                             .backlog_ms = f.backlog_ms,
                             .kind_asked = kind_asked(s)});
  }
  for (const auto& [id, w] : workers.all())
    reply.workers.push_back({.worker = id,
                             .name = w.name,
                             .slots = w.slots,
                             .in_flight = static_cast<std::uint32_t>(scheduler.in_flight_at(id)),
                             .completed = w.completed,
                             .failed = w.failed,
                             .draining = w.draining,
                             .age_seconds = seconds_between(w.since, now),
                             .bailed_out = w.bailed_out,
                             .build = w.build,
                             .sessions = w.sessions,
                             .memory_bytes = w.memory_bytes});
  std::ranges::sort(reply.workers, std::less<>(), &protocol::WorkerStatus::worker);
  if (reply.workers.size() > kStatusRowsMax) reply.workers.resize(kStatusRowsMax);
  reply.messages = telemetry.messages();
  if (!request.session) {
    reply.kinds = telemetry.kinds();
  } else if (const auto of = sessions.all().find(request.session); of != sessions.all().end()) {
    const auto& names = metrics::values(metrics::Label::kind);
    const std::vector<session::Figures::Kind>& kinds = of->second.figures.kinds;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::size_t n = metrics::enum_number(metrics::Label::kind, i);
      const session::Figures::Kind asked = n < kinds.size() ? kinds[n] : session::Figures::Kind{};
      reply.kinds.push_back({.name = std::string(names[i]),
                             .asked = asked.asked,
                             .waited_ns = nanoseconds(asked.waited)});
    }
  }
  return reply;
}

std::string trouble(const Gauges& g, bool shutting_down) {
  if (shutting_down) return "shutting down";
  if (g.workers == 0) return "no worker is connected";
  if (g.worker_slots == 0) return "all workers are draining";
  return {};
}

}  // namespace jitfarm::coordinator::admin
