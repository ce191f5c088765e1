// May a program that died be started again, and when?
#pragma once
#include <deque>
#include <optional>

#include "common/base/clock.h"

namespace jitfarm::cli {

struct RestartPolicy {
  Duration pause_min = std::chrono::milliseconds(
      100);  ///< after the first death; each further one within `window` doubles it
  Duration pause_max = std::chrono::seconds(5);
  /// This many deaths within `window` are the last ones. Above 2: a method that crashes the
  /// compiler costs two workers before it is in quarantine.
  std::size_t deaths_max = 5;
  Duration window = std::chrono::minutes(1);
};

/// The deaths of one program. One thread uses it.
class Restarts {
 public:
  Restarts() = default;
  explicit Restarts(const RestartPolicy& policy) : policy_(policy) {}

  /// It died at `now`. When to start it again; nothing: it dies too often, leave it.
  std::optional<TimePoint> died(TimePoint now);
  const RestartPolicy& policy() const { return policy_; }

 private:
  RestartPolicy policy_;
  std::deque<TimePoint> deaths_;  ///< within the window
};

}  // namespace jitfarm::cli
