// What time is it? Time is injected, so that every failure repeats from its seed.
#pragma once
#include <chrono>

namespace jitfarm {

using Duration = std::chrono::nanoseconds;
/// Monotonic; the epoch has no meaning outside the process.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
};

class SteadyClock final : public Clock {
 public:
  TimePoint now() const override { return std::chrono::steady_clock::now(); }
};

/// A clock that stands still until it is moved: for tests and simulation.
class ManualClock final : public Clock {
 public:
  TimePoint now() const override { return now_; }
  void advance(Duration d) { now_ += d; }

 private:
  TimePoint now_{};
};

}  // namespace jitfarm
