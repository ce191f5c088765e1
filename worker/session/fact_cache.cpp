// How are facts kept, found and forgotten?
#include "worker/session/fact_cache.h"

#include <unordered_set>

#include "worker/session/fact_check.h"

namespace jitfarm::worker::session {

// Hash node, list node, control block and the fact itself: measured with a heap profile, rounded
// up.
constexpr std::size_t kEntryOverhead = 320;

std::size_t FactCache::cost(const facts::Fact& fact) {
  return kEntryOverhead + fact.value.capacity();
}

FactPtr FactCache::add(FactPtr fact) {
  const facts::Lifetime lifetime = facts::lifetime(fact->key.kind);
  if (!fact->known ||
      (lifetime != facts::Lifetime::session && lifetime != facts::Lifetime::monotone))
    return nullptr;
  const ClassId about = class_of(*fact);
  std::lock_guard lock(mutex_);
  if (auto known = facts_.find(fact->key); known != facts_.end()) {
    if (known->second.fact->value != fact->value) ++counts_.contradictions;
    return known->second.fact;
  }
  order_.push_front(fact->key);
  counts_.bytes += cost(*fact);
  facts_.emplace(fact->key, Entry{fact, about, order_.begin()});
  while (counts_.bytes > bytes_max_ && !order_.empty()) {
    auto oldest = facts_.find(order_.back());
    counts_.bytes -= cost(*oldest->second.fact);
    ++counts_.evicted;
    facts_.erase(oldest);
    order_.pop_back();
  }
  return fact;
}

FactPtr FactCache::find(const facts::FactKey& key) {
  std::lock_guard lock(mutex_);
  auto known = facts_.find(key);
  if (known == facts_.end()) {
    ++counts_.misses;
    return nullptr;
  }
  ++counts_.hits;
  order_.splice(order_.begin(), order_, known->second.place);
  return known->second.fact;
}

void FactCache::unload(std::span<const ClassId> classes) {
  // One pass over the cache per message: unloading comes in batches, once per collection.
  const std::unordered_set<ClassId> gone(classes.begin(), classes.end());
  std::lock_guard lock(mutex_);
  for (auto it = facts_.begin(); it != facts_.end();) {
    if (!it->second.about || !gone.contains(it->second.about)) {
      ++it;
      continue;
    }
    counts_.bytes -= cost(*it->second.fact);
    ++counts_.unloaded;
    order_.erase(it->second.place);
    it = facts_.erase(it);
  }
}

FactCache::Counts FactCache::counts() const {
  std::lock_guard lock(mutex_);
  Counts counts = counts_;
  counts.facts = facts_.size();
  return counts;
}

}  // namespace jitfarm::worker::session
