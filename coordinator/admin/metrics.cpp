#include "coordinator/admin/metrics.h"

#include <algorithm>

#include "common/protocol/catalogue.h"
#include "coordinator/admin/status.h"

namespace jitfarm::coordinator::admin {

using metrics::Label;
using metrics::Metric;

namespace {
// Of one telemetry message: an agent has some 300 numbers.
constexpr std::size_t kSamplesMax = 1024;
// A sample above is no increase of a few seconds, but a peer that is broken or hostile: 5 minutes
// of 1000 threads' waiting in nanoseconds.
constexpr std::uint64_t kSampleMax = 300'000'000'000'000;
}  // namespace

MetricsTelemetry::MetricsTelemetry()
    : registry_(metrics::Program::coordinator),
      traffic_(registry_, metrics::Program::coordinator),
      dropped_(registry_.counters(Metric::coordinator_dropped_packets_total)),
      refused_(registry_.counters(Metric::coordinator_handshakes_refused_total)),
      failures_(registry_.counters(Metric::coordinator_failures_total)),
      fact_keys_(registry_.counters(Metric::coordinator_fact_keys_total)),
      installs_(registry_.counters(Metric::coordinator_installs_total)),
      fact_waits_(registry_.counters(Metric::coordinator_fact_wait_seconds_total)),
      client_losses_(registry_.counter(Metric::coordinator_client_losses_total)),
      worker_losses_(registry_.counter(Metric::coordinator_worker_losses_total)),
      requests_(registry_.counter(Metric::coordinator_requests_total)),
      results_(registry_.counter(Metric::coordinator_results_total)),
      retries_(registry_.counter(Metric::coordinator_retries_total)),
      installed_bytes_(registry_.counter(Metric::coordinator_installed_bytes_total)),
      opened_clients_(registry_.counter(Metric::coordinator_sessions_total, {"client"})),
      opened_workers_(registry_.counter(Metric::coordinator_sessions_total, {"worker"})),
      queue_wait_(registry_.histogram(Metric::coordinator_queue_wait_seconds)),
      compile_(registry_.histogram(Metric::coordinator_compile_seconds)),
      waves_(registry_.histogram(Metric::coordinator_fact_waves)),
      client_compile_seconds_(registry_.histogram(Metric::coordinator_client_compile_seconds)),
      round_trip_(registry_.histogram(Metric::coordinator_fact_round_trip_seconds)),
      backlog_(registry_.histogram(Metric::agent_backlog_seconds)),
      clients_(registry_.gauge(Metric::coordinator_clients)),
      workers_(registry_.gauge(Metric::coordinator_workers)),
      slots_(registry_.gauge(Metric::coordinator_worker_slots)),
      queued_(registry_.gauge(Metric::coordinator_queue_length)),
      in_flight_(registry_.gauge(Metric::coordinator_in_flight)),
      quarantined_(registry_.gauge(Metric::coordinator_quarantined_methods)),
      shapes_(registry_.gauge(Metric::coordinator_shapes)),
      shape_bytes_(registry_.gauge(Metric::coordinator_shape_bytes)),
      shape_queries_(registry_.counters(Metric::coordinator_shape_queries_total)),
      shape_evictions_(registry_.counters(Metric::coordinator_shape_evictions_total)),
      client_silence_(registry_.gauge(Metric::coordinator_silence_seconds, {"client"})),
      worker_silence_(registry_.gauge(Metric::coordinator_silence_seconds, {"worker"})),
      remembered_(registry_.gauge(Metric::agent_remembered_methods)),
      backlogged_(registry_.gauge(Metric::agent_backlogged)) {
  const auto& reasons = metrics::values(Label::reason);
  const auto series = registry_.counters(Metric::coordinator_bailouts_total);
  for (std::size_t i = 0; i < reasons.size(); ++i) bailouts_.emplace(reasons[i], series[i]);
  for (const std::string_view type : metrics::values(Label::type))
    message_waits_.emplace(
        type, registry_.counter(Metric::coordinator_message_wait_seconds_total, {type}));
  for (std::size_t i = 0; i < breakers_.size(); ++i)
    breakers_[i] = registry_.gauge(Metric::agent_breakers, {metrics::values(Label::breaker)[i]});
  for (std::size_t i = 0; i < metrics::kRanks; ++i) {
    const std::string_view rank = metrics::values(Label::rank)[i];
    top_requests_[i] = registry_.gauge(Metric::coordinator_top_client_requests_per_second, {rank});
    top_questions_[i] =
        registry_.gauge(Metric::coordinator_top_client_questions_per_second, {rank});
    top_bytes_[i] = registry_.gauge(Metric::coordinator_top_client_bytes_per_second, {rank});
    top_wait_[i] = registry_.gauge(Metric::coordinator_top_client_wait_per_second, {rank});
  }
  const auto& kinds = metrics::values(Label::kind);
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const std::size_t number = metrics::enum_number(Label::kind, i);
    if (told_kinds_.size() <= number) told_kinds_.resize(number + 1);
    told_kinds_[number].name = kinds[i];
  }
}

void MetricsTelemetry::completed(Duration since_arrival, std::uint32_t waves) {
  results_.increment();
  compile_.observe(seconds(since_arrival));
  waves_.observe(waves);
}

void MetricsTelemetry::bailed_out(std::string_view reason) {
  if (const auto it = bailouts_.find(reason); it != bailouts_.end()) it->second.increment();
}

void MetricsTelemetry::facts_asked(const protocol::FactQuery& query) {
  for (const facts::FactKey& key : query.keys)
    if (const auto kind = static_cast<std::size_t>(key.kind); kind < fact_keys_.size())
      fact_keys_[kind].increment();
}

void MetricsTelemetry::session_opened(protocol::Role role) {
  if (role == protocol::Role::agent) opened_clients_.increment();
  if (role == protocol::Role::worker) opened_workers_.increment();
}

void MetricsTelemetry::facts_answered(const FactWait& wait) {
  round_trip_.observe(seconds(wait.whole));
  for (const auto& [kind, share] : wait.by_kind)
    if (kind < fact_waits_.size()) fact_waits_[kind].increment(seconds(share));
}

void MetricsTelemetry::waited(std::uint16_t type, Duration wait) {
  if (const auto it = message_waits_.find(protocol::message_name(type)); it != message_waits_.end())
    it->second.increment(seconds(wait));
}

void MetricsTelemetry::agent_told(const protocol::Telemetry& telemetry) {
  std::size_t taken = 0;
  for (const protocol::TelemetrySample& sample : telemetry.samples) {
    if (++taken > kSamplesMax) return;
    // Only what agents count: no client writes the coordinator's own numbers.
    if (!sample.metric.starts_with("agent_") || sample.value > kSampleMax) continue;
    auto counter = registry_.counter_named(sample.metric, sample.label);
    if (!counter) continue;
    const auto value = static_cast<double>(sample.value);
    counter->increment(sample.metric.ends_with("_seconds_total") ? value * 1e-9 : value);
  }
}

void MetricsTelemetry::worker_told(const protocol::Telemetry& telemetry) {
  for (const protocol::TelemetrySample& sample : telemetry.samples) {
    if (sample.value > kSampleMax) continue;
    const auto kind = std::ranges::find(told_kinds_, sample.label, &protocol::KindCount::name);
    if (kind == told_kinds_.end() || sample.label.empty()) continue;
    if (sample.metric == "worker_fact_cache_hits_total") kind->cached += sample.value;
    if (sample.metric == "worker_fact_cache_negative_hits_total") kind->negative += sample.value;
    if (sample.metric == "worker_fact_cache_evictions_total") kind->evicted += sample.value;
    if (sample.metric == "worker_repeat_questions_total") kind->repeated += sample.value;
  }
}

void MetricsTelemetry::overview(const Overview& o) {
  client_silence_.set(seconds(o.client_silence));
  worker_silence_.set(seconds(o.worker_silence));
  for (std::size_t i = 0; i < breakers_.size(); ++i)
    breakers_[i].set(static_cast<double>(o.breakers[i]));
  remembered_.set(static_cast<double>(o.remembered));
  backlogged_.set(static_cast<double>(o.backlogged));
}

void MetricsTelemetry::top_clients(const TopClients& top) {
  for (std::size_t i = 0; i < metrics::kRanks; ++i) {
    top_requests_[i].set(top.requests[i]);
    top_questions_[i].set(top.questions[i]);
    top_bytes_[i].set(top.bytes[i]);
    top_wait_[i].set(top.wait[i]);
  }
}

std::vector<protocol::MessageCount> MetricsTelemetry::messages() const {
  std::vector<protocol::MessageCount> all = traffic_.totals();
  for (protocol::MessageCount& m : all) {
    // A question is waited for once, though it comes in and goes out again.
    if (m.sent) continue;
    if (const auto it = message_waits_.find(m.name); it != message_waits_.end())
      m.waited_ns = static_cast<std::uint64_t>(it->second.value() * 1e9);
  }
  return all;
}

std::vector<protocol::KindCount> MetricsTelemetry::kinds() const {
  std::vector<protocol::KindCount> all;
  for (std::size_t i = 0; i < told_kinds_.size(); ++i) {
    if (told_kinds_[i].name.empty()) continue;
    protocol::KindCount kind = told_kinds_[i];
    kind.asked = number(fact_keys_[i]);
    kind.waited_ns = static_cast<std::uint64_t>(fact_waits_[i].value() * 1e9);
    all.push_back(std::move(kind));
  }
  return all;
}

void MetricsTelemetry::installed(const protocol::InstallReport& report) {
  if (const auto i = static_cast<std::size_t>(report.outcome); i < installs_.size())
    installs_[i].increment();
  if (report.outcome != protocol::InstallOutcome::installed) return;
  installed_bytes_.increment(report.code_bytes);
  client_compile_seconds_.observe(static_cast<double>(report.total_ns) * 1e-9);
}

void MetricsTelemetry::gauges(const Gauges& g) {
  clients_.set(static_cast<double>(g.clients));
  workers_.set(static_cast<double>(g.workers));
  slots_.set(static_cast<double>(g.worker_slots));
  queued_.set(static_cast<double>(g.queued));
  in_flight_.set(static_cast<double>(g.in_flight));
  quarantined_.set(static_cast<double>(g.quarantined));
  const std::lock_guard lock(mutex_);
  last_ = g;
}

void MetricsTelemetry::shapes(const shapes::Depot::Counts& now) {
  const shapes::Depot::Counts& before = shape_counts_;
  const auto add = [](metrics::Counter& counter, std::uint64_t from, std::uint64_t to) {
    counter.increment(static_cast<double>(to - from));
  };
  // In the order of the labels' values.
  add(shape_queries_[0], before.served, now.served);
  add(shape_queries_[1], before.passed_on, now.passed_on);
  add(shape_queries_[2], before.asked, now.asked);
  add(shape_evictions_[0], before.evicted, now.evicted);
  add(shape_evictions_[1], before.too_large, now.too_large);
  shapes_.set(static_cast<double>(now.shapes));
  shape_bytes_.set(static_cast<double>(now.bytes));
  shape_counts_ = now;
}

metrics::Health MetricsTelemetry::health() const {
  Gauges g;
  {
    const std::lock_guard lock(mutex_);
    g = last_;
  }
  const std::string wrong = trouble(g, shutting_down_);
  return {.ok = wrong.empty(), .text = wrong.empty() ? "ok" : wrong};
}

Result<std::unique_ptr<metrics::HttpServer>> serve(const std::string& address,
                                                   const MetricsTelemetry& telemetry) {
  return metrics::HttpServer::start(address,
                                    {.metrics = [&telemetry] { return telemetry.text(); },
                                     .health = [&telemetry] { return telemetry.health(); }});
}

}  // namespace jitfarm::coordinator::admin
