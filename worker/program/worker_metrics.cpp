// How do events of the worker become metrics?
#include "worker/program/worker_metrics.h"

#include <unistd.h>

#include <fstream>

namespace jitfarm::worker::program {

using metrics::Metric;

namespace {

/// Up to a total that somebody else counts.
void raise(metrics::Counter& counter, std::uint64_t total) {
  counter.increment(static_cast<double>(total) - counter.value());
}

/// 0 when the system does not tell. 10 us.
std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0, resident = 0;
  if (!(statm >> pages >> resident)) return 0;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

WorkerMetrics::WorkerMetrics() {
  const auto by_kind = [this](std::array<metrics::Counter, 256>& series, Metric metric) {
#define JF_FACT(id, kind, value, lifetime, subject, index, detail, doc) \
  series[id] = registry_.counter(metric, {#kind});
#include "common/facts/facts.def"
#undef JF_FACT
  };
  by_kind(cache_hits_, Metric::worker_fact_cache_hits_total);
  by_kind(cache_misses_, Metric::worker_fact_cache_misses_total);
  by_kind(negative_hits_, Metric::worker_fact_cache_negative_hits_total);
  by_kind(evictions_, Metric::worker_fact_cache_evictions_total);
  by_kind(repeats_, Metric::worker_repeat_questions_total);
#define JF_FACT(id, kind, value, lifetime, subject, index, detail, doc)                  \
  told_.push_back({"worker_fact_cache_hits_total", #kind, cache_hits_[id]});             \
  told_.push_back({"worker_fact_cache_negative_hits_total", #kind, negative_hits_[id]}); \
  told_.push_back({"worker_fact_cache_evictions_total", #kind, evictions_[id]});         \
  told_.push_back({"worker_repeat_questions_total", #kind, repeats_[id]});
#include "common/facts/facts.def"
#undef JF_FACT
  for (const std::string_view stage : metrics::values(metrics::Label::stage))
    stages_.emplace(stage, registry_.histogram(Metric::worker_stage_seconds, {stage}));
  stuck_runs_ = registry_.counter(Metric::worker_stuck_runs_total);
  shape_evictions_ = registry_.counter(Metric::worker_shape_evictions_total);
  fact_bytes_ = registry_.gauge(Metric::worker_fact_bytes);
  memory_bytes_ = registry_.gauge(Metric::worker_memory_bytes);
  wait_seconds_ = registry_.histogram(Metric::worker_fact_wait_seconds);
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
  wait_seconds_.observe(static_cast<double>(report.wait_ns) * 1e-9);
  const auto add = [](std::array<metrics::Counter, 256>& series, job::JobReport::ByKind facts) {
    for (std::size_t kind = 0; kind < facts.size(); ++kind)
      if (facts[kind]) series[kind].increment(facts[kind]);
  };
  add(cache_hits_, report.facts_cached);
  add(cache_misses_, report.facts_asked);
  add(negative_hits_, report.facts_negative);
  add(repeats_, report.facts_repeated);
  add(evictions_, report.facts_evicted);
}

void WorkerMetrics::on_stage(std::string_view stage, std::uint64_t ns) {
  if (const auto series = stages_.find(stage); series != stages_.end())
    series->second.observe(static_cast<double>(ns) * 1e-9);
}

void WorkerMetrics::on_dropped(Errc why) {
  registry_.counter(Metric::worker_dropped_packets_total, {name(why)}).increment();
}

void WorkerMetrics::update(const job::CompileService& service, std::size_t slots, TimePoint now) {
  sessions_.set(static_cast<double>(service.sessions()));
  slots_.set(static_cast<double>(slots));
  in_flight_.set(static_cast<double>(service.jobs()));
  if (now < next_costly_) return;
  next_costly_ = now + std::chrono::seconds(1);
  const session::ShapeStore::Counts shapes = service.shape_counts();
  shape_bytes_.set(static_cast<double>(shapes.bytes));
  raise(shape_evictions_, shapes.evicted);
  raise(stuck_runs_, service.counts().runs_stuck);
  fact_bytes_.set(static_cast<double>(service.session_bytes()));
  memory_bytes_.set(static_cast<double>(resident_bytes()));
}

std::optional<protocol::Telemetry> WorkerMetrics::telemetry() {
  protocol::Telemetry telemetry;
  for (Told& t : told_) {
    const auto now = static_cast<std::uint64_t>(t.counter.value());
    if (now == t.told) continue;
    telemetry.samples.push_back({std::string(t.metric), std::string(t.label), now - t.told});
    t.told = now;
  }
  const auto gauge = [&](std::string metric, const metrics::Gauge& series, std::uint64_t& told) {
    const auto now = static_cast<std::uint64_t>(series.value());
    if (now == told) return;
    told = now;
    telemetry.samples.push_back({std::move(metric), {}, now});
  };
  gauge("worker_sessions", sessions_, sessions_told_);
  gauge("worker_memory_bytes", memory_bytes_, memory_told_);
  if (telemetry.samples.empty()) return std::nullopt;
  telemetry.sequence = ++telemetry_sequence_;
  return telemetry;
}

void WorkerMetrics::new_coordinator() {
  telemetry_sequence_ = 0;
  sessions_told_ = memory_told_ = 0;
}

}  // namespace jitfarm::worker::program
