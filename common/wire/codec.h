// How do records become bytes and back? MessagePack arrays; blobs travel beside them, uncopied.
#pragma once
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/wire/describe.h"

namespace jitfarm::wire {

/// Limits on what a peer may make us allocate; checked before memory is spent.
struct Limits {
  std::size_t body_bytes = 16u << 20;      ///< one MessagePack body
  std::size_t array_elements = 1u << 20;   ///< one array
  std::size_t string_bytes = 1u << 20;     ///< one string or inline byte string
  std::size_t depth = 16;                  ///< nesting
  std::size_t blobs = 4096;                ///< blob frames of one message
  std::size_t blob_bytes = 64u << 20;      ///< all blobs of one message together
};

/// A body and the blobs that it refers to by position. Blob members of a record are written as
/// their index in `blobs`.
struct Encoded {
  Bytes body;
  std::vector<Blob> blobs;
};

// Supported members: bool, integers, float, double, enum (as its number; must have a `kCount` or be
// checked by the owner), Id, Digest, std::string, Bytes, Blob, std::optional, std::vector,
// std::array, Record. Out-of-range integers, surplus blobs and dangling blob indices are errors.
//
//   template <Record T> Encoded encode(const T& value);
//   template <Record T> Result<T> decode(ByteView body, std::span<const Blob> blobs = {}, const Limits& = {});
//
// Implemented in codec.inc.h, which includes msgpack and is included only by .cpp files
// that instantiate; the common instantiations (every message, VmConfig, CodeImage,
// ReplayBundle) live in .cpp files of their rooms.

}  // namespace jitfarm::wire
