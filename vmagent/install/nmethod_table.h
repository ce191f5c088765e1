// Which code of ours has the VM thrown away?
//
// HotSpot tells nobody when it invalidates an nmethod of a native compiler: the mirror of each has
// to be looked at. Looking costs the VM's code cache lock, so it is done a few at a time, round and
// round, whenever a compiler thread has work anyway.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "common/base/id.h"
#include "vmagent/hotspot/writer/code_writer.h"
#include "vmagent/jvmci/object.h"

namespace jitfarm::vmagent::install {

/// Thread-safe. Holds one count of every mirror.
class NmethodTable {
 public:
  using Look = std::function<hotspot::writer::Liveness(jvmci::Object& mirror)>;
  using Gone = std::function<void(MethodId)>;

  void add(MethodId method, jvmci::Ref mirror);
  /// Looks at up to `count` entries, those of `method`, if given, first, forgets the invalidated
  /// ones and returns how many they were; `gone`, if given, is told of each. Both are called
  /// without the lock held.
  std::size_t poll(MethodId method, std::size_t count, const Look& look, const Gone& gone = {});
  /// Whether code of `method` is here: in use, as far as the last look at it told.
  bool contains(MethodId method) const;
  std::size_t size() const;
  /// Forgets everything without looking: the runtime that the mirrors belong to is going.
  void clear();

  /// Entries beyond this are forgotten, oldest first, and their invalidation is not counted. A
  /// large application server compiles some 20,000 methods; an entry costs about 300 bytes.
  static constexpr std::size_t kEntriesMax = 100'000;

 private:
  struct Entry {
    MethodId method;
    std::uint64_t serial = 0;  ///< names the entry while the lock is not held
    jvmci::Ref mirror;
  };
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  std::uint64_t next_serial_ = 1;
  std::size_t cursor_ = 0;
};

}  // namespace jitfarm::vmagent::install
