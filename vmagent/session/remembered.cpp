#include "vmagent/session/remembered.h"

#include <algorithm>

namespace jitfarm::vmagent::session {

bool Remembered::add(MethodId method, TimePoint now) {
  if (due_.size() >= policy_.methods_max) return false;
  auto it = entries_.find(method);
  if (it == entries_.end()) {
    // Entries that only count attempts go first when there is no more room: none of them waits.
    if (entries_.size() >= policy_.methods_max * 2)
      std::erase_if(entries_, [](const auto& e) { return !e.second.waiting; });
    it = entries_.emplace(method, Entry{}).first;
  }
  Entry& entry = it->second;
  if (entry.waiting || entry.attempts >= policy_.attempts_max) return false;
  const Duration delay = entry.attempts == 0
                             ? policy_.first
                             : policy_.again * (1 << std::min(entry.attempts - 1, 16u));
  entry.waiting = due_.emplace(now + delay, method);
  ++entry.attempts;
  return true;
}

TimePoint Remembered::next_at() const {
  return due_.empty() ? TimePoint::max() : std::max(next_at_, due_.begin()->first);
}

std::optional<MethodId> Remembered::take(TimePoint now) {
  if (due_.empty() || now < next_at()) return std::nullopt;
  const MethodId method = due_.begin()->second;
  due_.erase(due_.begin());
  entries_.at(method).waiting.reset();
  next_at_ = now + policy_.interval;
  return method;
}

void Remembered::forget(MethodId method) {
  auto it = entries_.find(method);
  if (it == entries_.end()) return;
  if (it->second.waiting) due_.erase(*it->second.waiting);
  entries_.erase(it);
}

}  // namespace jitfarm::vmagent::session
