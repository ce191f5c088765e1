#include "common/wire/codec.h"

namespace jitfarm::wire::detail {
namespace {

Status over(std::string_view record, std::string_view what, std::size_t value, std::size_t limit) {
  return fail(Errc::limit_exceeded, std::string(record) + ": " + std::to_string(value) +
                                        std::string(what) + ", the limit is " +
                                        std::to_string(limit));
}

}  // namespace

Status check_frames(std::string_view record, ByteView body, std::span<const Blob> blobs,
                    const Limits& limits) {
  if (body.size() > limits.body_bytes)
    return over(record, " bytes of body", body.size(), limits.body_bytes);
  if (blobs.size() > limits.blobs) return over(record, " blobs", blobs.size(), limits.blobs);
  std::size_t bytes = 0;
  for (const Blob& b : blobs) bytes += b.size();
  if (bytes > limits.blob_bytes) return over(record, " bytes of blobs", bytes, limits.blob_bytes);
  return {};
}

Status check_consumed(std::string_view record, const Source& in) {
  if (in.reader.bytes_left() != 0)
    return fail(Errc::malformed_frame, std::string(record) + ": " +
                                           std::to_string(in.reader.bytes_left()) +
                                           " bytes are left over");
  if (in.next_blob < in.blobs.size() && !in.skipped_unknown_fields)
    return fail(Errc::malformed_frame, std::string(record) + ": " +
                                           std::to_string(in.blobs.size() - in.next_blob) +
                                           " blobs are not used");
  return {};
}

}  // namespace jitfarm::wire::detail
