// Which numbers does the worker export?
#pragma once
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/metrics/http_server.h"
#include "common/metrics/registry.h"
#include "common/metrics/traffic.h"
#include "worker/job/compile_service.h"

namespace jitfarm::worker::program {

/// Handles to every series of the worker, resolved once. Used on the I/O thread; served on others.
class WorkerMetrics {
 public:
  WorkerMetrics();

  /// Serves /metrics and /healthz: healthy while `set_health(true, ..)` was the last word. Errors
  /// as HttpServer::start.
  Status serve(const std::string& address);
  const std::string& url() const { return server_->url(); }
  void set_health(bool joined, bool healthy);

  metrics::Traffic& traffic() { return traffic_; }
  void on_finished(const job::JobReport& report);
  void on_dropped(Errc why);
  /// A stage of the compiler took so long. Any thread.
  void on_stage(std::string_view stage, std::uint64_t ns);
  /// Gauges; call now and then. What costs more than a few increments is done once a second.
  void update(const job::CompileService& service, std::size_t slots, TimePoint now);

  /// What the coordinator has not been told yet; none when that is nothing. Counts as told.
  std::optional<protocol::Telemetry> telemetry();
  /// The coordinator is another one, or forgot us: it counts messages from 1 and knows no gauge.
  void new_coordinator();

 private:
  /// A counter that travels, and how much of it has.
  struct Told {
    std::string_view metric, label;
    metrics::Counter counter;
    std::uint64_t told = 0;
  };
  metrics::Registry registry_{metrics::Program::worker};
  metrics::Traffic traffic_{registry_, metrics::Program::worker};
  std::array<metrics::Counter, 256> cache_hits_;  // by number of the kind
  std::array<metrics::Counter, 256> cache_misses_;
  std::array<metrics::Counter, 256> negative_hits_, evictions_, repeats_;
  metrics::Counter stuck_runs_, shape_evictions_;
  metrics::Gauge sessions_, slots_, in_flight_, shape_bytes_, fact_bytes_, memory_bytes_;
  metrics::Histogram compile_seconds_, queue_seconds_, waves_, wait_seconds_;
  std::map<std::string_view, metrics::Histogram> stages_;  // never changed after construction
  TimePoint next_costly_{};
  std::vector<Told> told_;
  std::uint64_t telemetry_sequence_ = 0;
  std::uint64_t sessions_told_ = 0, memory_told_ = 0;
  std::atomic<int> health_{0};  // 0: not joined, 1: well, 2: restart wanted
  std::unique_ptr<metrics::HttpServer> server_;
};

}  // namespace jitfarm::worker::program
