// What is known about one client's VM beyond a single compilation?
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "common/base/id.h"
#include "common/base/lru.h"
#include "common/facts/fact.h"

namespace jitfarm::worker::session {

using FactPtr = std::shared_ptr<const facts::Fact>;

/// Known facts of lifetime session or monotone, least recently used out first. An unknown fact is
/// never kept: it may become known, and what is not here is asked again, never guessed. Any thread:
/// compilations read through it.
class FactCache {
 public:
  explicit FactCache(std::size_t bytes_max) : facts_(bytes_max) {}

  /// Keeps a checked fact if its lifetime allows. A known value never changes: of two the first
  /// stays, and the second is counted as a contradiction. Returns what is cached now, or null.
  FactPtr add(FactPtr fact);
  FactPtr find(const facts::FactKey& key);
  /// Forgets everything about these classes and their methods.
  void unload(std::span<const ClassId> classes);

  struct Counts {
    std::size_t facts = 0;
    std::size_t bytes = 0;
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::uint64_t evicted = 0;
    std::uint64_t unloaded = 0;
    std::uint64_t contradictions = 0;
  };
  Counts counts() const;
  using ByKind = std::array<std::uint32_t, 256>;
  /// Facts that left for want of room since the last call, by number of the kind.
  ByKind take_evictions();

 private:
  struct Entry {
    FactPtr fact;
    ClassId about;
  };

  mutable std::mutex mutex_;
  Lru<facts::FactKey, Entry> facts_;
  Counts counts_;
  ByKind evictions_{};
};

}  // namespace jitfarm::worker::session
