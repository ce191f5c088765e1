// How are shapes checked, kept and dropped?
#include "worker/session/shape_store.h"

#include <string>

namespace jitfarm::worker::session {

Result<Blob> ShapeStore::add(const Digest& digest, ByteView bytes) {
  const bool too_large = bytes.size() > kShapeBytesMax;
  if (too_large || bytes.empty() || digest_of(bytes) != digest) {  // hashed outside the lock
    std::lock_guard lock(mutex_);
    ++counts_.refused;
    if (too_large)
      return fail(Errc::limit_exceeded, "shape of " + std::to_string(bytes.size()) + " bytes");
    return fail(Errc::facts_inconsistent,
                "the bytes of shape " + digest.hex() + " have another digest");
  }
  std::lock_guard lock(mutex_);
  if (const Blob* known = shapes_.find(digest)) return *known;
  // Copied: a received frame may share its memory with others that would be kept alive unseen.
  Blob kept(Bytes(bytes.begin(), bytes.end()));
  shapes_.add(digest, kept, kept.size());
  return kept;
}

Blob ShapeStore::find(const Digest& digest) {
  std::lock_guard lock(mutex_);
  const Blob* known = shapes_.find(digest);
  ++(known != nullptr ? counts_.hits : counts_.misses);
  return known != nullptr ? *known : Blob{};
}

ShapeStore::Counts ShapeStore::counts() const {
  std::lock_guard lock(mutex_);
  Counts counts = counts_;
  counts.shapes = shapes_.size();
  counts.bytes = shapes_.bytes();
  counts.evicted = shapes_.evicted();
  return counts;
}

}  // namespace jitfarm::worker::session
