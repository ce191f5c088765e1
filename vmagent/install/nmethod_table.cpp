#include "vmagent/install/nmethod_table.h"

#include <algorithm>

namespace jitfarm::vmagent::install {

void NmethodTable::add(MethodId method, jvmci::Ref mirror) {
  std::lock_guard lock(mutex_);
  if (entries_.size() >= kEntriesMax) {
    auto oldest = std::ranges::min_element(entries_, {}, &Entry::serial);
    *oldest = std::move(entries_.back());
    entries_.pop_back();
  }
  entries_.push_back({.method = method, .serial = next_serial_++, .mirror = std::move(mirror)});
}

std::size_t NmethodTable::poll(MethodId method, std::size_t count, const Look& look,
                               const Gone& gone) {
  std::vector<Entry> chosen;
  {
    std::lock_guard lock(mutex_);
    if (method)
      for (const Entry& entry : entries_)
        if (entry.method == method && chosen.size() < count) chosen.push_back(entry);
    const std::size_t others = std::min(count - chosen.size(), entries_.size());
    for (std::size_t i = 0; i < others; ++i) {
      const Entry& entry = entries_[cursor_++ % entries_.size()];
      if (entry.method != method) chosen.push_back(entry);
    }
    cursor_ = entries_.empty() ? 0 : cursor_ % entries_.size();
  }
  std::erase_if(chosen, [&](const Entry& entry) {
    return look(*entry.mirror.get()) != hotspot::writer::Liveness::invalidated;
  });
  // Another thread may have looked at the same entry: only who removes it counts it.
  std::erase_if(chosen, [&](const Entry& invalidated) {
    std::lock_guard lock(mutex_);
    return std::erase_if(entries_, [&](const Entry& entry) {
             return entry.serial == invalidated.serial;
           }) == 0;
  });
  if (gone)
    for (const Entry& entry : chosen) gone(entry.method);
  return chosen.size();
}

bool NmethodTable::contains(MethodId method) const {
  std::lock_guard lock(mutex_);
  return std::ranges::find(entries_, method, &Entry::method) != entries_.end();
}

std::size_t NmethodTable::size() const {
  std::lock_guard lock(mutex_);
  return entries_.size();
}

void NmethodTable::clear() {
  std::vector<Entry> dying;
  std::lock_guard lock(mutex_);
  dying.swap(entries_);
}

}  // namespace jitfarm::vmagent::install
