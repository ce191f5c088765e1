#include "cli/run/restarts.h"

#include <algorithm>

namespace jitfarm::cli {

std::optional<TimePoint> Restarts::died(TimePoint now) {
  while (!deaths_.empty() && now - deaths_.front() >= policy_.window) deaths_.pop_front();
  deaths_.push_back(now);
  if (deaths_.size() >= policy_.deaths_max) return std::nullopt;
  Duration pause = policy_.pause_min;
  for (std::size_t i = 1; i < deaths_.size() && pause < policy_.pause_max; ++i) pause *= 2;
  return now + std::min(pause, policy_.pause_max);
}

}  // namespace jitfarm::cli
