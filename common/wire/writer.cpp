#include "common/wire/writer.h"

#include <msgpack.hpp>

namespace jitfarm::wire {
namespace {

msgpack::packer<Writer> packer(Writer& writer) { return msgpack::packer<Writer>(writer); }

}  // namespace

void Writer::nil() { packer(*this).pack_nil(); }

void Writer::boolean(bool value) {
  if (value)
    packer(*this).pack_true();
  else
    packer(*this).pack_false();
}

void Writer::unsigned_integer(std::uint64_t value) { packer(*this).pack_uint64(value); }
void Writer::signed_integer(std::int64_t value) { packer(*this).pack_int64(value); }

void Writer::string(std::string_view value) {
  const auto size = static_cast<std::uint32_t>(value.size());
  packer(*this).pack_str(size).pack_str_body(value.data(), size);
}

void Writer::binary(ByteView value) {
  const auto size = static_cast<std::uint32_t>(value.size());
  packer(*this).pack_bin(size).pack_bin_body(reinterpret_cast<const char*>(value.data()), size);
}

void Writer::array(std::size_t count) {
  packer(*this).pack_array(static_cast<std::uint32_t>(count));
}

void Writer::blob(const Blob& value) {
  if (blobs_) blobs_->push_back(value);
  unsigned_integer(blob_count_++);
}

}  // namespace jitfarm::wire
