// Which worker is best for this client? The one that knows it, unless it is overloaded.
//
// Losing affinity costs time only: the facts are asked for again. So a client keeps two workers in
// mind and overflows to the least loaded one; one remembered worker would flip between two busy
// ones.
#pragma once
#include <cstdint>
#include <map>
#include <span>

#include "common/base/id.h"

namespace jitfarm::coordinator::scheduler {

/// A worker with room.
struct Candidate {
  WorkerId worker;
  std::uint32_t slots = 1;
  std::uint32_t load = 0;  ///< attempts under way, fewer than slots
};

struct Affinity {
  WorkerId first, second;
};

/// Load up to which affinity holds: half the slots, or a quarter more than the worker's share of
/// all load, whichever is more.
std::uint32_t affinity_bound(const Candidate& candidate, std::uint64_t total_load,
                             std::uint64_t total_slots);

/// The choice among `candidates`, which are all that have room; 0 when there is none. `total_load`
/// and `total_slots` count workers without room too. `tie` decides between equally loaded ones, so
/// that new clients spread. Updates what the client remembers.
WorkerId choose_worker(std::span<const Candidate> candidates, Affinity& affinity,
                       std::uint64_t total_load, std::uint64_t total_slots, std::uint64_t tie);

}  // namespace jitfarm::coordinator::scheduler
