// Which class shapes are here? Shared by all clients, named by what they contain.
#pragma once
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "common/base/bytes.h"
#include "common/base/digest.h"
#include "common/base/lru.h"
#include "common/base/result.h"

namespace jitfarm::worker::session {

inline constexpr std::size_t kShapeBytesMax =
    16u << 20;  // of one shape; the largest class of a JDK is below 1 MiB

/// Canonical class shapes by digest, least recently used out first. Any thread. Dropping a shape
/// never hurts a compilation that uses it: it holds the Blob.
class ShapeStore {
 public:
  explicit ShapeStore(std::size_t bytes_max) : shapes_(bytes_max) {}

  /// Keeps a copy of `bytes`. facts_inconsistent when they are not what `digest` names,
  /// limit_exceeded above kShapeBytesMax.
  Result<Blob> add(const Digest& digest, ByteView bytes);
  /// Empty when it is not here.
  Blob find(const Digest& digest);

  struct Counts {
    std::size_t shapes = 0;
    std::size_t bytes = 0;
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::uint64_t evicted = 0;
    std::uint64_t refused = 0;
  };
  Counts counts() const;

 private:
  mutable std::mutex mutex_;
  Lru<Digest, Blob> shapes_;
  Counts counts_;
};

}  // namespace jitfarm::worker::session
