#include "coordinator/admin/status.h"

#include <algorithm>

#include "common/base/version.h"

namespace jitfarm::coordinator::admin {
namespace {

std::uint32_t seconds_between(TimePoint from, TimePoint to) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(to - from).count());
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

protocol::StatusReply status(const session::Sessions& sessions, const workers::Workers& workers,
                             const scheduler::Scheduler& scheduler, const Telemetry& telemetry,
                             TimePoint started, TimePoint now) {
  protocol::StatusReply reply;
  reply.build = build();
  reply.uptime_seconds = seconds_between(started, now);
  reply.queued = static_cast<std::uint32_t>(scheduler.queued());
  reply.in_flight = static_cast<std::uint32_t>(scheduler.in_flight());
  reply.quarantined = static_cast<std::uint32_t>(scheduler.quarantined(now));
  for (const auto& [id, s] : sessions.all()) {
    if (s.role != protocol::Role::agent) continue;
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
                             .build = s.build});
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
                             .build = w.build});
  // The busiest clients and the oldest workers, when there are too many.
  std::ranges::sort(reply.clients, std::greater<>(), &protocol::ClientStatus::requested);
  std::ranges::sort(reply.workers, std::less<>(), &protocol::WorkerStatus::worker);
  if (reply.clients.size() > kStatusRowsMax) reply.clients.resize(kStatusRowsMax);
  if (reply.workers.size() > kStatusRowsMax) reply.workers.resize(kStatusRowsMax);
  reply.messages = telemetry.messages();
  return reply;
}

std::string trouble(const Gauges& g, bool shutting_down) {
  if (shutting_down) return "shutting down";
  if (g.workers == 0) return "no worker is connected";
  if (g.worker_slots == 0) return "all workers are draining";
  return {};
}

}  // namespace jitfarm::coordinator::admin
