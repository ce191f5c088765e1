#include "coordinator/admin/metrics.h"

#include "coordinator/admin/status.h"

namespace jitfarm::coordinator::admin {

using metrics::Label;
using metrics::Metric;

MetricsTelemetry::MetricsTelemetry()
    : registry_(metrics::Program::coordinator),
      traffic_(registry_, metrics::Program::coordinator),
      dropped_(registry_.counters(Metric::coordinator_dropped_packets_total)),
      refused_(registry_.counters(Metric::coordinator_handshakes_refused_total)),
      failures_(registry_.counters(Metric::coordinator_failures_total)),
      fact_keys_(registry_.counters(Metric::coordinator_fact_keys_total)),
      installs_(registry_.counters(Metric::coordinator_installs_total)),
      worker_losses_(registry_.counter(Metric::coordinator_worker_losses_total)),
      requests_(registry_.counter(Metric::coordinator_requests_total)),
      results_(registry_.counter(Metric::coordinator_results_total)),
      retries_(registry_.counter(Metric::coordinator_retries_total)),
      installed_bytes_(registry_.counter(Metric::coordinator_installed_bytes_total)),
      queue_wait_(registry_.histogram(Metric::coordinator_queue_wait_seconds)),
      compile_(registry_.histogram(Metric::coordinator_compile_seconds)),
      waves_(registry_.histogram(Metric::coordinator_fact_waves)),
      client_compile_seconds_(registry_.histogram(Metric::coordinator_client_compile_seconds)),
      clients_(registry_.gauge(Metric::coordinator_clients)),
      workers_(registry_.gauge(Metric::coordinator_workers)),
      slots_(registry_.gauge(Metric::coordinator_worker_slots)),
      queued_(registry_.gauge(Metric::coordinator_queue_length)),
      in_flight_(registry_.gauge(Metric::coordinator_in_flight)),
      quarantined_(registry_.gauge(Metric::coordinator_quarantined_methods)) {
  const auto& reasons = metrics::values(Label::reason);
  const auto series = registry_.counters(Metric::coordinator_bailouts_total);
  for (std::size_t i = 0; i < reasons.size(); ++i) bailouts_.emplace(reasons[i], series[i]);
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
