// What does the coordinator learn of the agent's numbers? Increases since the last message, so that a
// new session or a new coordinator counts nothing twice.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "common/protocol/messages.h"
#include "common/stats/layout.h"

namespace jitfarm::vmagent::session {

/// Numbers that are not in the statistics.
struct AgentGauges {
  std::string_view breaker;      ///< metrics' name of its state
  std::uint64_t remembered = 0;  ///< methods on the list
};

/// Not thread-safe; the counters may rise meanwhile.
class TelemetryLog {
 public:
  explicit TelemetryLog(const stats::Layout& stats) : stats_(stats) {}

  /// A new session knows no gauge and counts messages from 1.
  void begin_session();
  /// What is new, nothing when nothing is. Counts as sent.
  std::optional<protocol::Telemetry> take(const AgentGauges& gauges);

 private:
  const stats::Layout& stats_;
  std::uint64_t sequence_ = 0;
  std::vector<std::uint64_t> told_;  ///< by place in the walk of telemetry.cpp
  std::string_view breaker_told_;
  std::uint64_t remembered_told_ = 0, backlog_told_ = 0;
};

/// Since when this process runs, CLOCK_MONOTONIC nanoseconds. The system tells it in steps of
/// 10 ms; `fallback` when it does not.
std::uint64_t process_start_ns(std::uint64_t fallback);

/// Compilations that HotSpot waits for at this moment, as the counters say.
std::uint64_t outstanding(const stats::Layout& stats);

}  // namespace jitfarm::vmagent::session
