// How are facts kept, found and forgotten?
#include "worker/session/fact_cache.h"

#include <unordered_set>
#include <utility>

#include "worker/session/fact_check.h"

namespace jitfarm::worker::session {

// Hash node, list node, control block and the fact itself: measured with a heap profile, rounded
// up.
constexpr std::size_t kEntryOverhead = 320;

FactPtr FactCache::add(FactPtr fact) {
  const facts::Lifetime lifetime = facts::lifetime(fact->key.kind);
  if (!fact->known ||
      (lifetime != facts::Lifetime::session && lifetime != facts::Lifetime::monotone))
    return nullptr;
  const ClassId about = class_of(*fact);
  std::lock_guard lock(mutex_);
  if (const Entry* known = facts_.find(fact->key)) {
    if (known->fact->value != fact->value) ++counts_.contradictions;
    return known->fact;
  }
  facts_.add(
      fact->key, {fact, about}, kEntryOverhead + fact->value.capacity(),
      [this](const facts::FactKey& key) { ++evictions_[static_cast<std::uint8_t>(key.kind)]; });
  return fact;
}

FactPtr FactCache::find(const facts::FactKey& key) {
  std::lock_guard lock(mutex_);
  const Entry* known = facts_.find(key);
  ++(known != nullptr ? counts_.hits : counts_.misses);
  return known != nullptr ? known->fact : nullptr;
}

void FactCache::unload(std::span<const ClassId> classes) {
  // One pass over the cache per message: unloading comes in batches, once per collection.
  const std::unordered_set<ClassId> gone(classes.begin(), classes.end());
  std::lock_guard lock(mutex_);
  counts_.unloaded += facts_.erase_if([&](const facts::FactKey&, const Entry& entry) {
    return entry.about && gone.contains(entry.about);
  });
}

FactCache::ByKind FactCache::take_evictions() {
  std::lock_guard lock(mutex_);
  return std::exchange(evictions_, {});
}

FactCache::Counts FactCache::counts() const {
  std::lock_guard lock(mutex_);
  Counts counts = counts_;
  counts.facts = facts_.size();
  counts.bytes = facts_.bytes();
  counts.evicted = facts_.evicted();
  return counts;
}

}  // namespace jitfarm::worker::session
