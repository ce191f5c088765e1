// Which methods did HotSpot ask for while the farm could not serve it?
//
// HotSpot does not ask twice for a method that was refused, so the agent does it itself when the farm is back. Pure.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>

#include "common/base/clock.h"
#include "common/base/id.h"

namespace jitfarm::vmagent::session {

struct RememberedPolicy {
  std::size_t methods_max = 10'000;  ///< about 1 MiB; more are forgotten: they stay in C1
  std::uint32_t attempts_max = 5;    ///< of one method, HotSpot's own included
  Duration interval = std::chrono::milliseconds(5);  ///< between two of them
};

/// First in, first out, each method once. Not thread-safe; its owner locks.
class Remembered {
 public:
  explicit Remembered(const RememberedPolicy& policy) : policy_(policy) {}

  /// False when it is there already, was tried too often, or the list is full.
  bool add(MethodId method);
  /// The next one, unless `now` is too early after the last. The method may be added again.
  std::optional<MethodId> take(TimePoint now);
  /// It is compiled, or will never be: forget it and its attempts.
  void forget(MethodId method);

  std::size_t size() const { return waiting_; }
  TimePoint next_at() const { return next_at_; }

 private:
  struct Entry {
    std::uint32_t attempts = 0;
    bool waiting = false;
  };
  RememberedPolicy policy_;
  std::deque<MethodId> order_;  ///< may hold forgotten ones
  std::unordered_map<MethodId, Entry> entries_;
  std::size_t waiting_ = 0;
  TimePoint next_at_{};
};

}  // namespace jitfarm::vmagent::session
