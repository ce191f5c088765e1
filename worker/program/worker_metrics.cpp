// How do events of the worker become metrics?
#include "worker/program/worker_metrics.h"

namespace jitfarm::worker::program {

using metrics::Metric;

WorkerMetrics::WorkerMetrics() {
  const auto by_kind = [this](std::array<metrics::Counter, 256>& series, Metric metric) {
#define JF_FACT(id, kind, value, lifetime, subject, index, detail, doc) \
  series[id] = registry_.counter(metric, {#kind});
#include "common/facts/facts.def"
#undef JF_FACT
  };
  by_kind(cache_hits_, Metric::worker_fact_cache_hits_total);
  by_kind(cache_misses_, Metric::worker_fact_cache_misses_total);
  sessions_ = registry_.gauge(Metric::worker_sessions);
  slots_ = registry_.gauge(Metric::worker_slots);
  in_flight_ = registry_.gauge(Metric::worker_in_flight);
  shape_bytes_ = registry_.gauge(Metric::worker_shape_bytes);
  compile_seconds_ = registry_.histogram(Metric::worker_compile_seconds);
  queue_seconds_ = registry_.histogram(Metric::worker_queue_wait_seconds);
  waves_ = registry_.histogram(Metric::worker_fact_waves);
}

Status WorkerMetrics::serve(const std::string& address) {
  metrics::HttpServer::Pages pages;
  pages.metrics = [this] { return registry_.text(); };
  pages.health = [this] {
    const int health = health_.load(std::memory_order_relaxed);
    return metrics::Health{
        health == 1, health == 1   ? "ok"
                     : health == 0 ? "not joined: no coordinator, or it refused this worker"
                                   : "runs of the compiler do not come back; the worker restarts"};
  };
  JF_TRY(server_, metrics::HttpServer::start(address, std::move(pages)));
  return {};
}

void WorkerMetrics::set_health(bool joined, bool healthy) {
  health_.store(!healthy ? 2 : joined ? 1 : 0, std::memory_order_relaxed);
}

void WorkerMetrics::on_finished(const job::JobReport& report) {
  const std::string_view result = report.compiled                         ? "compiled"
                                  : report.error == name(Errc::bail_out)  ? "bailed_out"
                                  : report.error == name(Errc::cancelled) ? "cancelled"
                                                                          : "failed";
  registry_.counter(Metric::worker_compilations_total, {result}).increment();
  if (result == "bailed_out")
    registry_.counter(Metric::worker_bailouts_total, {report.reason}).increment();
  if (result == "failed")
    registry_.counter(Metric::worker_failures_total, {report.error}).increment();
  compile_seconds_.observe(static_cast<double>(report.compile_ns) * 1e-9);
  queue_seconds_.observe(static_cast<double>(report.queue_ns) * 1e-9);
  waves_.observe(report.waves);
  for (std::size_t kind = 0; kind < report.facts_cached.size(); ++kind) {
    if (report.facts_cached[kind]) cache_hits_[kind].increment(report.facts_cached[kind]);
    if (report.facts_asked[kind]) cache_misses_[kind].increment(report.facts_asked[kind]);
  }
}

void WorkerMetrics::on_dropped(Errc why) {
  registry_.counter(Metric::worker_dropped_packets_total, {name(why)}).increment();
}

void WorkerMetrics::update(const job::CompileService& service, std::size_t slots) {
  sessions_.set(static_cast<double>(service.sessions()));
  slots_.set(static_cast<double>(slots));
  in_flight_.set(static_cast<double>(service.jobs()));
  shape_bytes_.set(static_cast<double>(service.shape_counts().bytes));
}

}  // namespace jitfarm::worker::program
