// Which methods did HotSpot ask for while the farm could not serve it?
//
// HotSpot does not ask twice for a method that was refused, so the agent does it itself when the
// farm is back. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>

#include "common/base/clock.h"
#include "common/base/id.h"

namespace jitfarm::vmagent::session {

struct RememberedPolicy {
  std::size_t methods_max = 10'000;  ///< about 1 MiB; more are forgotten: they stay in C1
  std::uint32_t attempts_max = 8;    ///< of one method, HotSpot's own included
  Duration interval = std::chrono::milliseconds(5);  ///< between any two methods
  Duration first = std::chrono::milliseconds(
      50);  ///< before the first attempt: a class initialiser may be running
  Duration again = std::chrono::milliseconds(
      250);  ///< before the second attempt of one method; doubles with each
};

/// In the order in which they become due, each method once. Not thread-safe; its owner locks.
class Remembered {
 public:
  explicit Remembered(const RememberedPolicy& policy) : policy_(policy) {}

  /// False when it is there already, was tried too often, or the list is full.
  bool add(MethodId method, TimePoint now);
  /// One that is due, unless `now` is too early after the last. The method may be added again.
  std::optional<MethodId> take(TimePoint now);
  /// It is compiled, or will never be: forget it and its attempts.
  void forget(MethodId method);

  std::size_t size() const { return due_.size(); }
  /// When take() may give one; the end of time when there is none.
  TimePoint next_at() const;

 private:
  struct Entry {
    std::uint32_t attempts = 0;
    std::optional<std::multimap<TimePoint, MethodId>::iterator> waiting;
  };
  RememberedPolicy policy_;
  std::multimap<TimePoint, MethodId> due_;  // equal times: in the order of their coming
  std::unordered_map<MethodId, Entry> entries_;
  TimePoint next_at_{};
};

}  // namespace jitfarm::vmagent::session
