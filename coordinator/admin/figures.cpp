#include "coordinator/admin/figures.h"

#include <algorithm>
#include <functional>
#include <limits>

namespace jitfarm::coordinator::admin {
namespace {

using session::BreakerState;
using session::Figures;

double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

std::uint32_t clamped(std::uint64_t value) {
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(value, std::numeric_limits<std::uint32_t>::max()));
}

BreakerState breaker_named(std::string_view label) {
  const auto& names = metrics::values(metrics::Label::breaker);
  const auto at = std::ranges::find(names, label);
  return static_cast<BreakerState>(at - names.begin());  // the end: unknown
}

/// Keeps the largest.
void insert(TopClients::Rates& rates, double rate) {
  const auto place = std::ranges::upper_bound(rates, rate, std::greater<>());
  if (place == rates.end()) return;
  std::move_backward(place, rates.end() - 1, rates.end());
  *place = rate;
}

}  // namespace

void asked(Figures& figures, const protocol::FactQuery& query, TimePoint now) {
  Figures::Asked asked{.since = now, .kinds = {}};
  for (const facts::FactKey& key : query.keys) {
    const auto kind = static_cast<std::uint8_t>(key.kind);
    if (asked.kinds.empty() || asked.kinds.back().first != kind) {
      const auto at =
          std::ranges::find(asked.kinds, kind, &std::pair<std::uint8_t, std::uint32_t>::first);
      if (at == asked.kinds.end())
        asked.kinds.emplace_back(kind, 0);
      else
        std::iter_swap(at, asked.kinds.end() - 1);
    }
    ++asked.kinds.back().second;
  }
  for (const auto& [kind, facts] : asked.kinds) {
    if (figures.kinds.size() <= kind) figures.kinds.resize(std::size_t{kind} + 1);
    figures.kinds[kind].asked += facts;
  }
  ++figures.queries;
  figures.facts_asked += query.keys.size();
  figures.open.insert_or_assign(query.request, std::move(asked));
}

std::optional<FactWait> answered(Figures& figures, RequestId request, TimePoint now) {
  const auto open = figures.open.find(request);
  if (open == figures.open.end()) return std::nullopt;
  FactWait wait{.whole = now - open->second.since, .by_kind = {}};
  std::uint64_t all = 0;
  for (const auto& [kind, facts] : open->second.kinds) all += facts;
  for (const auto& [kind, facts] : open->second.kinds) {
    const Duration share = std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(seconds(wait.whole) * facts / static_cast<double>(all)));
    wait.by_kind.emplace_back(kind, share);
    figures.kinds[kind].waited += share;
  }
  figures.waited += wait.whole;
  figures.open.erase(open);
  return wait;
}

Told told(Figures& figures, const protocol::Telemetry& telemetry) {
  if (telemetry.sequence <= figures.telemetry_sequence) return {.repeated = true};
  figures.telemetry_sequence = telemetry.sequence;
  Told told;
  for (const protocol::TelemetrySample& sample : telemetry.samples) {
    if (sample.metric == "agent_invalidated_total") {
      figures.invalidated += sample.value;
    } else if (sample.metric == "agent_recompilations_total") {
      figures.recompiled += sample.value;
    } else if (sample.metric == "agent_remembered_methods") {
      figures.remembered = clamped(sample.value);
    } else if (sample.metric == "agent_breakers") {
      figures.breaker = breaker_named(sample.label);
    } else if (sample.metric == "agent_backlog_seconds" && figures.backlog_ms == 0) {
      const std::uint64_t ms = sample.value / 1'000'000;
      figures.backlog_ms = std::max(1u, clamped(ms));
      told.backlog_cleared = std::chrono::milliseconds(figures.backlog_ms);
    }
  }
  return told;
}

bool told(workers::Worker& worker, const protocol::Telemetry& telemetry) {
  if (telemetry.sequence <= worker.telemetry_sequence) return false;
  worker.telemetry_sequence = telemetry.sequence;
  for (const protocol::TelemetrySample& sample : telemetry.samples) {
    if (sample.metric == "worker_sessions") worker.sessions = clamped(sample.value);
    if (sample.metric == "worker_memory_bytes") worker.memory_bytes = sample.value;
  }
  return true;
}

Overview overview(const session::Sessions& sessions, const workers::Workers& workers,
                  TimePoint now) {
  Overview all;
  for (const auto& [id, s] : sessions.all()) {
    if (s.role != protocol::Role::agent) continue;
    all.client_silence = std::max<Duration>(all.client_silence, now - s.last_heard);
    if (s.figures.breaker != BreakerState::unknown)
      ++all.breakers[static_cast<std::size_t>(s.figures.breaker)];
    all.remembered += s.figures.remembered;
    if (s.figures.backlog_ms == 0) ++all.backlogged;
  }
  for (const auto& [id, w] : workers.all())
    all.worker_silence = std::max<Duration>(all.worker_silence, now - w.last_heard);
  return all;
}

TopClients rank(session::Sessions& sessions, Duration window) {
  TopClients top;
  const double per_second = 1 / seconds(window);
  sessions.for_each([&](session::Session& s) {
    if (s.role != protocol::Role::agent) return;
    Figures& f = s.figures;
    const Figures::Window now{.requested = s.requested,
                              .facts_asked = f.facts_asked,
                              .bytes = f.bytes_received + f.bytes_sent,
                              .waited = f.waited};
    const auto rate = [&](std::uint64_t end, std::uint64_t begin) {
      return static_cast<double>(end - begin) * per_second;
    };
    insert(top.requests, rate(now.requested, f.window.requested));
    insert(top.questions, rate(now.facts_asked, f.window.facts_asked));
    insert(top.bytes, rate(now.bytes, f.window.bytes));
    insert(top.wait, seconds(now.waited - f.window.waited) * per_second);
    f.window = now;
  });
  return top;
}

}  // namespace jitfarm::coordinator::admin
