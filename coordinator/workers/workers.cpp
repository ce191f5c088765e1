#include "coordinator/workers/workers.h"

#include <algorithm>

namespace jitfarm::coordinator::workers {

Result<Worker*> Workers::join(net::PeerKey peer, const protocol::Hello& hello,
                              protocol::Agreement agreement, TimePoint now) {
  if (workers_.size() >= limits_.workers)
    return fail(Errc::limit_exceeded,
                "this coordinator has " + std::to_string(limits_.workers) + " workers already");
  const WorkerId id{++joined_};
  Worker& w = workers_[id];
  w.id = id;
  w.peer = peer;
  w.agreement = std::move(agreement);
  w.name = hello.name;
  w.build = hello.build;
  w.slots = std::clamp<std::uint32_t>(hello.slots, 1, limits_.slots);
  w.since = w.last_heard = now;
  by_peer_[peer] = id;
  return &w;
}

Worker* Workers::find(net::PeerKey peer) {
  const auto it = by_peer_.find(peer);
  return it == by_peer_.end() ? nullptr : find(it->second);
}
Worker* Workers::find(WorkerId id) {
  const auto it = workers_.find(id);
  return it == workers_.end() ? nullptr : &it->second;
}
void Workers::remove(WorkerId id) {
  const auto it = workers_.find(id);
  if (it == workers_.end()) return;
  by_peer_.erase(it->second.peer);
  workers_.erase(it);
}

std::vector<WorkerId> Workers::expired(TimePoint now) const {
  std::vector<WorkerId> silent;
  for (const auto& [id, w] : workers_)
    if (now - w.last_heard > limits_.lease) silent.push_back(id);
  std::ranges::sort(silent);  // the order of a hash map must not decide what a seed repeats
  return silent;
}

std::size_t Workers::open_slots() const {
  std::size_t slots = 0;
  for (const auto& [id, w] : workers_)
    if (!w.draining) slots += w.slots;
  return slots;
}

}  // namespace jitfarm::coordinator::workers
