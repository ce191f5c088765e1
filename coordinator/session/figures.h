// What is counted of one client? For jitfarm top, and for the metrics that rank clients.
#pragma once
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/id.h"

namespace jitfarm::coordinator::session {

enum class BreakerState : std::uint8_t { closed, open, half_open, unknown };

/// Some 600 bytes a client; nothing here decides anything.
struct Figures {
  struct Kind {
    std::uint64_t asked = 0;
    Duration waited{};
  };
  /// A question that is at the client.
  struct Asked {
    TimePoint since;
    std::vector<std::pair<std::uint8_t, std::uint32_t>> kinds;  ///< number of a kind, facts of it
  };

  std::uint64_t queries = 0, facts_asked = 0;
  std::uint64_t bytes_received = 0, bytes_sent = 0;  ///< after its hello
  Duration waited{};                                 ///< for its answers
  std::vector<Kind> kinds;                           ///< by number of the kind
  /// One entry per request that is at a worker, at most.
  std::unordered_map<RequestId, Asked> open;

  // What the agent told. It may lie: about itself only.
  std::uint64_t telemetry_sequence = 0;
  std::uint64_t invalidated = 0, recompiled = 0;
  std::uint32_t remembered = 0;
  std::uint32_t backlog_ms = 0;
  BreakerState breaker = BreakerState::unknown;

  /// Where the window began that clients are ranked over.
  struct Window {
    std::uint64_t requested = 0, facts_asked = 0, bytes = 0;
    Duration waited{};
  } window;
};

}  // namespace jitfarm::coordinator::session
