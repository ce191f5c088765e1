// How are values written as MessagePack? By msgpack-cxx, which takes the shortest encoding: equal
// values have equal bytes.
#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"

namespace jitfarm::wire {

/// Counts bytes, or writes them into memory that another Writer has measured. Lengths are below 4
/// GiB.
class Writer {
 public:
  Writer() = default;  ///< counts only
  /// `out` has room for everything; both outlive the writer.
  Writer(std::uint8_t* out, std::vector<Blob>& blobs) : out_(out), blobs_(&blobs) {}

  void nil();
  void boolean(bool value);
  void unsigned_integer(std::uint64_t value);
  void signed_integer(std::int64_t value);
  void string(std::string_view value);
  void binary(ByteView value);
  void array(std::size_t count);  ///< its elements follow
  void blob(const Blob& value);   ///< its position

  std::size_t size() const { return size_; }

  /// What msgpack::packer calls.
  void write(const char* data, std::size_t bytes) {
    if (out_ && bytes != 0) std::memcpy(out_ + size_, data, bytes);
    size_ += bytes;
  }

 private:
  std::uint8_t* out_ = nullptr;
  std::vector<Blob>* blobs_ = nullptr;
  std::size_t size_ = 0;
  std::uint32_t blob_count_ = 0;
};

}  // namespace jitfarm::wire
