#include "vmagent/session/remembered.h"

namespace jitfarm::vmagent::session {

bool Remembered::add(MethodId method) {
  auto it = entries_.find(method);
  if (it == entries_.end()) {
    // Entries that only count attempts are dropped first when there is no more room: none waits then.
    if (entries_.size() >= policy_.methods_max * 2) std::erase_if(entries_, [](const auto& e) { return !e.second.waiting; });
    if (waiting_ >= policy_.methods_max) return false;
    it = entries_.emplace(method, Entry{}).first;
  }
  Entry& entry = it->second;
  if (entry.waiting || entry.attempts >= policy_.attempts_max || waiting_ >= policy_.methods_max) return false;
  entry.waiting = true;
  ++entry.attempts;
  ++waiting_;
  order_.push_back(method);
  return true;
}

std::optional<MethodId> Remembered::take(TimePoint now) {
  if (waiting_ == 0 || now < next_at_) return std::nullopt;
  while (!order_.empty()) {
    const MethodId method = order_.front();
    order_.pop_front();
    auto it = entries_.find(method);
    if (it == entries_.end() || !it->second.waiting) continue;
    it->second.waiting = false;
    --waiting_;
    next_at_ = now + policy_.interval;
    return method;
  }
  return std::nullopt;
}

void Remembered::forget(MethodId method) {
  auto it = entries_.find(method);
  if (it == entries_.end()) return;
  if (it->second.waiting) {
    --waiting_;
    std::erase(order_, method);
  }
  entries_.erase(it);
}

}  // namespace jitfarm::vmagent::session
