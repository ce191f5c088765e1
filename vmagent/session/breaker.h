// Is the farm worth asking now? A circuit breaker, pure: events and times in, decisions out.
//
//   closed --K failures in a row--> open --backoff over--> half-open (one probe)
//   half-open --probe succeeds--> closed;  --probe fails--> open, with twice the backoff
//   closed --connection lost--> open --connection there--> closed
#pragma once
#include <array>
#include <cstdint>
#include <random>
#include <string_view>

#include "common/base/clock.h"

namespace jitfarm::vmagent::session {

struct BreakerPolicy {
  std::uint32_t failures_to_open = 5;  ///< in a row
  Duration backoff_min = std::chrono::milliseconds(500);
  Duration backoff_max = std::chrono::seconds(60);
};

/// Not thread-safe; its owner locks.
class Breaker {
 public:
  enum class State : std::uint8_t { closed, open, half_open };
  /// By state, as metrics name them.
  static constexpr std::array<std::string_view, 3> kNames = {"closed", "open", "half_open"};

  Breaker(const BreakerPolicy& policy, std::uint64_t seed) : policy_(policy), random_(seed) {}

  State state() const { return state_; }
  /// May a request go out now? In half-open the first caller gets the probe and must report its
  /// outcome; a probe that nobody reports on is given up after the longest backoff.
  bool admit(TimePoint now);
  /// True when admit() would say yes.
  bool would_admit(TimePoint now) const;
  /// When an open breaker may let a probe through, or a half-open one another.
  TimePoint probe_at() const { return probe_at_; }

  /// The admitted request was not sent after all.
  void withdraw();
  void success();
  void failure(TimePoint now);
  /// Opens at once. The backoff does not grow: the connection has its own.
  void connection_lost(TimePoint now);
  /// A session exists again. Closes when nothing but the connection was wrong; else the next
  /// request is a probe.
  void connection_made(TimePoint now);

 private:
  void open(TimePoint now, bool grow);

  BreakerPolicy policy_;
  std::minstd_rand random_;
  State state_ = State::closed;
  bool probing_ = false;
  bool lost_ = false;        ///< there is no connection
  bool was_closed_ = false;  ///< when the connection was lost
  std::uint32_t failures_ = 0;
  Duration backoff_{};
  TimePoint probe_at_{};
};

}  // namespace jitfarm::vmagent::session
