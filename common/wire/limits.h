// What may a peer make us allocate? Checked before memory is spent.
#pragma once
#include <cstddef>

namespace jitfarm::wire {

struct Limits {
  std::size_t body_bytes = 16u << 20;      ///< one MessagePack body
  std::size_t array_elements = 1u << 20;   ///< one array or map
  std::size_t string_bytes = 1u << 20;     ///< one string
  std::size_t binary_bytes = 16u << 20;    ///< one inline byte string
  std::size_t memory_bytes = 64u << 20;    ///< tokens of a body and elements of all its arrays, while it is decoded
  std::size_t depth = 16;                  ///< nesting
  std::size_t blobs = 4096;                ///< blob frames of one message
  std::size_t blob_bytes = 64u << 20;      ///< all blobs of one message together
};

}  // namespace jitfarm::wire
