// Which numbers does the worker export?
#pragma once
#include <array>
#include <memory>
#include <string>

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
  /// Gauges; call now and then.
  void update(const job::CompileService& service, std::size_t slots);

 private:
  metrics::Registry registry_{metrics::Program::worker};
  metrics::Traffic traffic_{registry_, metrics::Program::worker};
  std::array<metrics::Counter, 256> cache_hits_;  // by number of the kind
  std::array<metrics::Counter, 256> cache_misses_;
  metrics::Gauge sessions_, slots_, in_flight_, shape_bytes_;
  metrics::Histogram compile_seconds_, queue_seconds_, waves_;
  std::atomic<int> health_{0};  // 0: not joined, 1: well, 2: restart wanted
  std::unique_ptr<metrics::HttpServer> server_;
};

}  // namespace jitfarm::worker::program
