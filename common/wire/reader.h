// What does the next piece of these MessagePack bytes say? Bounds-checked; allocates nothing, throws nothing.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/wire/limits.h"

namespace jitfarm::wire {

/// Pulls values out of bytes that a stranger wrote. Every function consumes one value and returns true, or
/// notes the first error and returns false; after that the reader must not be used but for take_error().
/// What it returns by view points into `body`. Any encoding of a number that MessagePack allows is taken.
///
/// Why not msgpack-cxx's unpack: that builds a tree of 24 bytes per element in a zone before the types
/// are looked at, so 16 MiB of body cost 400 MiB (inside somebody's JVM), and it reports by exceptions. The
/// tests use it as the independent judge of what we write and read.
class Reader {
 public:
  Reader(ByteView body, const Limits& limits)
      : at_(body.data()), end_(body.data() + body.size()), memory_left_(limits.memory_bytes), limits_(limits) {}

  bool unsigned_integer(std::uint64_t& value, std::uint64_t max) {
    if (at_ != end_ && *at_ <= 0x7f && *at_ <= max) [[likely]] {  // most numbers are one byte
      value = *at_++;
      return true;
    }
    return any_unsigned_integer(value, max);
  }
  bool signed_integer(std::int64_t& value, std::int64_t min, std::int64_t max) {
    if (at_ != end_ && *at_ <= 0x7f && *at_ <= max) [[likely]] {
      value = *at_++;
      return true;
    }
    return any_signed_integer(value, min, max);
  }
  bool boolean(bool& value);
  bool float32(float& value);
  bool float64(double& value);
  bool string(std::string_view& value);
  bool binary(ByteView& value);
  /// True and consumed when the next value is nil; never an error.
  bool nil();
  /// Opens an array. Its elements must be consumed, then leave_array() called. `count` elements are
  /// really there at one byte each or more, and `element_bytes` of memory for each are in the budget.
  bool enter_array(std::uint32_t& count, std::size_t element_bytes);
  void leave_array() { --depth_; }
  /// Consumes one value of any type: what a newer peer appended.
  bool skip();

  bool at_end() const { return at_ == end_; }
  std::size_t bytes_left() const { return static_cast<std::size_t>(end_ - at_); }

  /// Notes an error found by the caller; false.
  bool fail(Errc code, std::string detail);
  /// The error's place, outwards: called innermost first on the way out.
  void prefix(std::string_view place) { path_.insert(0, place); }
  /// The error with `record` and its place before it.
  Error take_error(std::string_view record);

 private:
  bool any_unsigned_integer(std::uint64_t& value, std::uint64_t max);
  bool any_signed_integer(std::int64_t& value, std::int64_t min, std::int64_t max);
  bool need(std::size_t bytes) {
    if (bytes <= bytes_left()) [[likely]] return true;
    return too_short(bytes);
  }
  bool too_short(std::size_t needed);
  bool wrong_type(std::string_view wanted);
  bool array_header(std::uint32_t& count);
  template <class T>
  T big_endian();

  const std::uint8_t* at_;
  const std::uint8_t* end_;
  std::size_t memory_left_;
  std::size_t depth_ = 0;
  const Limits& limits_;
  Error error_{Errc::malformed_frame, {}};
  std::string path_;
};

}  // namespace jitfarm::wire
