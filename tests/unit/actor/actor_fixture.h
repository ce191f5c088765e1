// A scheduler under a manual clock, and actors that report how their waits ended.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "common/actor/scheduler.h"
#include "common/base/clock.h"

namespace jitfarm::actor::test {

using namespace std::chrono_literals;

struct World {
  ManualClock clock;
  Scheduler scheduler{clock};

  void start(Task<void> task, CancelScope* scope = nullptr) {
    if (!scheduler.spawn(std::move(task), scope)) std::abort();
  }
  void run() { scheduler.run_ready(); }
  void advance(Duration d) {
    clock.advance(d);
    scheduler.run_ready();
  }
  std::size_t live() const { return scheduler.counts().live; }
};

/// "ok" or the name of the error.
inline std::string said(const Status& status) {
  return status ? "ok" : std::string(name(status.error().code));
}
template <class T>
std::string said(const Result<T>& result) {
  return result ? "ok" : std::string(name(result.error().code));
}

using Log = std::vector<std::string>;

/// Counts how often it is made and destroyed; moving counts as both.
struct Tracked {
  static inline int alive = 0;
  int value;
  explicit Tracked(int v = 0) : value(v) { ++alive; }
  Tracked(const Tracked& o) : value(o.value) { ++alive; }
  Tracked(Tracked&& o) noexcept : value(std::exchange(o.value, -1)) { ++alive; }
  Tracked& operator=(const Tracked&) = default;
  Tracked& operator=(Tracked&&) = default;
  ~Tracked() { --alive; }
};

}  // namespace jitfarm::actor::test
