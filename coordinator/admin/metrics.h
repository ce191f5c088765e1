// How does telemetry become metrics, and what do /metrics and /healthz answer?
#pragma once
#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "common/metrics/http_server.h"
#include "common/metrics/registry.h"
#include "common/metrics/traffic.h"
#include "coordinator/admin/telemetry.h"

namespace jitfarm::coordinator::admin {

/// Written by the relay's thread, read by the HTTP server's.
class MetricsTelemetry final : public Telemetry {
 public:
  MetricsTelemetry();

  void received(std::uint16_t type, std::size_t bytes) override {
    traffic_.count(type, metrics::Way::in, bytes);
  }
  void sent(std::uint16_t type, std::size_t bytes) override {
    traffic_.count(type, metrics::Way::out, bytes);
  }
  void dropped(Errc cause) override { count(dropped_, cause); }
  void handshake_refused(Errc cause) override { count(refused_, cause); }
  void session_opened(protocol::Role role) override;
  void client_lost() override { client_losses_.increment(); }
  void worker_lost() override { worker_losses_.increment(); }
  void requested() override { requests_.increment(); }
  void retried() override { retries_.increment(); }
  void queue_waited(Duration wait) override { queue_wait_.observe(seconds(wait)); }
  void completed(Duration since_arrival, std::uint32_t waves) override;
  void failed(Errc cause) override { count(failures_, cause); }
  void bailed_out(std::string_view reason) override;
  void facts_asked(const protocol::FactQuery& query) override;
  void installed(const protocol::InstallReport& report) override;
  void facts_answered(const FactWait& wait) override;
  void waited(std::uint16_t type, Duration wait) override;
  void agent_told(const protocol::Telemetry& telemetry) override;
  void worker_told(const protocol::Telemetry& telemetry) override;
  void backlog_cleared(Duration since_start) override { backlog_.observe(seconds(since_start)); }
  void gauges(const Gauges& gauges) override;
  void shapes(const shapes::Depot::Counts& counts) override;
  void overview(const Overview& overview) override;
  void top_clients(const TopClients& top) override;
  std::vector<protocol::MessageCount> messages() const override;
  std::vector<protocol::KindCount> kinds() const override;
  std::uint64_t requests() const override { return number(requests_); }
  std::uint64_t results() const override { return number(results_); }

  /// Any thread.
  std::string text() const { return registry_.text(); }
  metrics::Health health() const;
  void set_shutting_down() { shutting_down_ = true; }

 private:
  static double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }
  static std::uint64_t number(const metrics::Counter& counter) {
    return static_cast<std::uint64_t>(counter.value());
  }
  static void count(std::vector<metrics::Counter>& by_cause, Errc cause) {
    by_cause[static_cast<std::size_t>(cause)].increment();
  }

  metrics::Registry registry_;
  metrics::Traffic traffic_;
  std::vector<metrics::Counter> dropped_, refused_, failures_;  ///< by Errc
  std::vector<metrics::Counter> fact_keys_, installs_;          ///< by FactKind, InstallOutcome
  std::vector<metrics::Counter> fact_waits_;                    ///< by FactKind
  std::map<std::string_view, metrics::Counter> message_waits_;  ///< by type
  std::vector<protocol::KindCount> told_kinds_;  ///< what workers told, by FactKind; relay's thread
  std::map<std::string_view, metrics::Counter> bailouts_;  ///< by reason; others are not counted
  metrics::Counter client_losses_, worker_losses_, requests_, results_, retries_, installed_bytes_;
  metrics::Counter opened_clients_, opened_workers_;
  metrics::Histogram queue_wait_, compile_, waves_, client_compile_seconds_, round_trip_, backlog_;
  metrics::Gauge clients_, workers_, slots_, queued_, in_flight_, quarantined_;
  metrics::Gauge shapes_, shape_bytes_;
  std::vector<metrics::Counter> shape_queries_, shape_evictions_;  ///< by source, by reason
  shapes::Depot::Counts shape_counts_;                             ///< as told last; relay's thread
  metrics::Gauge client_silence_, worker_silence_, remembered_, backlogged_;
  std::array<metrics::Gauge, 3> breakers_;  ///< by session::BreakerState
  using Ranked = std::array<metrics::Gauge, metrics::kRanks>;
  Ranked top_requests_, top_questions_, top_bytes_, top_wait_;
  mutable std::mutex mutex_;  ///< of last_
  Gauges last_;
  std::atomic<bool> shutting_down_ = false;
};

/// Serves both pages on `address` from `telemetry`, which must outlive the server.
Result<std::unique_ptr<metrics::HttpServer>> serve(const std::string& address,
                                                   const MetricsTelemetry& telemetry);

}  // namespace jitfarm::coordinator::admin
