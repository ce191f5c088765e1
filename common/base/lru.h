// Which values stay when memory is bounded? Those that were used last.
#pragma once
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>
#include <unordered_map>
#include <utility>

namespace jitfarm {

/// A map with a bound in bytes; the least recently used entries leave first, the new one, too, when it alone is above
/// the bound. Not synchronised. The caller says what an entry costs.
template <class Key, class Value>
class Lru {
 public:
  explicit Lru(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Makes it the most recently used. Null when it is not here; valid until the next change.
  Value* find(const Key& key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return &found->second->value;
  }

  /// Precondition: `key` is not here. `evicts(key)` is told of each entry that has to leave.
  template <class Evicts>
  void add(const Key& key, Value value, std::size_t bytes, Evicts evicts) {
    order_.push_front({key, std::move(value), bytes});
    places_.emplace(key, order_.begin());
    bytes_ += bytes;
    while (bytes_ > bytes_max_) {
      evicts(order_.back().key);
      erase(std::prev(order_.end()));
      ++evicted_;
    }
  }
  void add(const Key& key, Value value, std::size_t bytes) {
    add(key, std::move(value), bytes, [](const Key&) {});
  }

  /// Removes the entries of which `is_gone(key, value)` says so, in one pass. How many.
  template <class Predicate>
  std::size_t erase_if(Predicate is_gone) {
    const std::size_t before = order_.size();
    for (auto at = order_.begin(); at != order_.end();) {
      const auto next = std::next(at);
      if (is_gone(at->key, at->value)) erase(at);
      at = next;
    }
    return before - order_.size();
  }

  std::size_t size() const { return order_.size(); }
  std::size_t bytes() const { return bytes_; }
  std::uint64_t evicted() const { return evicted_; }  ///< since the start, for want of room

 private:
  struct Entry {
    Key key;
    Value value;
    std::size_t bytes;
  };
  using Place = typename std::list<Entry>::iterator;

  void erase(Place at) {
    bytes_ -= at->bytes;
    places_.erase(at->key);
    order_.erase(at);
  }

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::uint64_t evicted_ = 0;
  std::list<Entry> order_;  // most recently used first
  std::unordered_map<Key, Place> places_;
};

}  // namespace jitfarm
