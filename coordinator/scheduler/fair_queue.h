// Whose request is next? Clients take turns; inside a client the hottest and oldest goes first.
#pragma once
#include <cstdint>
#include <list>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "coordinator/scheduler/job.h"

namespace jitfarm::coordinator::scheduler {

/// Ordering inside a client: arrival, moved forward by hotness. Fixed when the request arrives, so
/// that age counts without any bookkeeping, and bounded, so that a cold method waits at most
/// kHotnessBonus * 32 behind hotter ones.
using Rank = std::int64_t;
inline constexpr Duration kHotnessBonus = std::chrono::milliseconds(100);  // for each doubling
Rank rank_of(TimePoint arrived, std::uint32_t hotness);

/// Only orders; limits and job states are the scheduler's. Every operation is O(log n) in one
/// client's requests and O(1) in clients.
class FairQueue {
 public:
  void push(JobKey key, Rank rank);
  bool erase(JobKey key, Rank rank);
  /// The best request of the client whose turn it is; the client moves to the end of the line.
  std::optional<JobKey> pop();
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  struct Client {
    std::set<std::pair<Rank, RequestId>> requests;
    std::list<SessionId>::iterator turn;
  };
  std::unordered_map<SessionId, Client> clients_;  ///< those with requests
  std::list<SessionId> turns_;
  std::size_t size_ = 0;
};

}  // namespace jitfarm::coordinator::scheduler
