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
  if (auto known = shapes_.find(digest); known != shapes_.end()) {
    order_.splice(order_.begin(), order_, known->second.place);
    return known->second.bytes;
  }
  // Copied: a received frame may share its memory with others that would be kept alive unseen.
  Blob kept(Bytes(bytes.begin(), bytes.end()));
  order_.push_front(digest);
  shapes_.emplace(digest, Entry{kept, order_.begin()});
  counts_.bytes += kept.size();
  while (counts_.bytes > bytes_max_ && !order_.empty()) {
    auto oldest = shapes_.find(order_.back());
    counts_.bytes -= oldest->second.bytes.size();
    ++counts_.evicted;
    shapes_.erase(oldest);
    order_.pop_back();
  }
  return kept;
}

Blob ShapeStore::find(const Digest& digest) {
  std::lock_guard lock(mutex_);
  auto known = shapes_.find(digest);
  if (known == shapes_.end()) {
    ++counts_.misses;
    return {};
  }
  ++counts_.hits;
  order_.splice(order_.begin(), order_, known->second.place);
  return known->second.bytes;
}

ShapeStore::Counts ShapeStore::counts() const {
  std::lock_guard lock(mutex_);
  Counts counts = counts_;
  counts.shapes = shapes_.size();
  return counts;
}

}  // namespace jitfarm::worker::session
