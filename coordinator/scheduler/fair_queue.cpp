#include "coordinator/scheduler/fair_queue.h"

#include <bit>

namespace jitfarm::coordinator::scheduler {

Rank rank_of(TimePoint arrived, std::uint32_t hotness) {
  return (arrived.time_since_epoch() - kHotnessBonus * std::bit_width(hotness)).count();
}

void FairQueue::push(JobKey key, Rank rank) {
  auto [it, fresh] = clients_.try_emplace(key.session);
  if (fresh) it->second.turn = turns_.insert(turns_.end(), key.session);
  if (it->second.requests.emplace(rank, key.request).second) ++size_;
}

bool FairQueue::erase(JobKey key, Rank rank) {
  const auto it = clients_.find(key.session);
  if (it == clients_.end() || it->second.requests.erase({rank, key.request}) == 0) return false;
  --size_;
  if (it->second.requests.empty()) {
    turns_.erase(it->second.turn);
    clients_.erase(it);
  }
  return true;
}

std::optional<JobKey> FairQueue::pop() {
  if (turns_.empty()) return std::nullopt;
  const SessionId session = turns_.front();
  Client& client = clients_.at(session);
  const JobKey key{session, client.requests.begin()->second};
  client.requests.erase(client.requests.begin());
  --size_;
  if (client.requests.empty()) {
    turns_.pop_front();
    clients_.erase(session);
  } else {
    turns_.splice(turns_.end(), turns_, turns_.begin());
  }
  return key;
}

}  // namespace jitfarm::coordinator::scheduler
