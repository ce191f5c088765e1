#include "coordinator/scheduler/placement.h"

#include <algorithm>

namespace jitfarm::coordinator::scheduler {

std::uint32_t affinity_bound(const Candidate& c, std::uint64_t total_load,
                             std::uint64_t total_slots) {
  const std::uint64_t share =
      ((total_load + 1) * c.slots * 5 + total_slots * 4 - 1) / (total_slots * 4);  // rounded up
  return static_cast<std::uint32_t>(std::max<std::uint64_t>({1, c.slots / 2, share}));
}

WorkerId choose_worker(std::span<const Candidate> candidates, Affinity& affinity,
                       std::uint64_t total_load, std::uint64_t total_slots, std::uint64_t tie) {
  if (candidates.empty()) return {};
  for (const WorkerId known : {affinity.first, affinity.second})
    for (const Candidate& c : candidates)
      if (c.worker == known && c.load < affinity_bound(c, total_load, total_slots)) return known;

  const Candidate* best = nullptr;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& c = candidates[(i + tie) % candidates.size()];
    if (best == nullptr ||
        std::uint64_t{c.load} * best->slots < std::uint64_t{best->load} * c.slots)
      best = &c;
  }
  if (!affinity.first)
    affinity.first = best->worker;
  else if (affinity.first != best->worker)
    affinity.second = best->worker;
  return best->worker;
}

}  // namespace jitfarm::coordinator::scheduler
