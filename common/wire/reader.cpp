#include "common/wire/reader.h"

#include <bit>
#include <cstring>

namespace jitfarm::wire {
namespace {

// First bytes, from the MessagePack specification (github.com/msgpack/msgpack/blob/master/spec.md).
enum : std::uint8_t {
  kPositiveFixintMax = 0x7f,
  kFixmap = 0x80,
  kFixarray = 0x90,
  kFixstr = 0xa0,
  kNil = 0xc0,
  kNeverUsed = 0xc1,
  kFalse = 0xc2,
  kTrue = 0xc3,
  kBin8 = 0xc4,
  kBin16 = 0xc5,
  kBin32 = 0xc6,
  kExt8 = 0xc7,
  kExt16 = 0xc8,
  kExt32 = 0xc9,
  kFloat32 = 0xca,
  kFloat64 = 0xcb,
  kUint8 = 0xcc,
  kUint16 = 0xcd,
  kUint32 = 0xce,
  kUint64 = 0xcf,
  kInt8 = 0xd0,
  kInt16 = 0xd1,
  kInt32 = 0xd2,
  kInt64 = 0xd3,
  kFixext1 = 0xd4,
  kFixext16 = 0xd8,
  kStr8 = 0xd9,
  kStr16 = 0xda,
  kStr32 = 0xdb,
  kArray16 = 0xdc,
  kArray32 = 0xdd,
  kMap16 = 0xde,
  kMap32 = 0xdf,
  kNegativeFixint = 0xe0,
};

std::string_view type_name(std::uint8_t first) {
  if (first <= kPositiveFixintMax || first >= kNegativeFixint) return "an integer";
  if (first < kFixarray) return "a map";
  if (first < kFixstr) return "an array";
  if (first < kNil) return "a string";
  switch (first) {
    case kNil:
      return "nil";
    case kFalse:
    case kTrue:
      return "a boolean";
    case kBin8:
    case kBin16:
    case kBin32:
      return "a byte string";
    case kFloat32:
    case kFloat64:
      return "a floating-point number";
    case kStr8:
    case kStr16:
    case kStr32:
      return "a string";
    case kArray16:
    case kArray32:
      return "an array";
    case kMap16:
    case kMap32:
      return "a map";
    default:
      return first >= kUint8 && first <= kInt64 ? "an integer" : "an extension or reserved type";
  }
}

}  // namespace

template <class T>
T Reader::big_endian() {
  T value;
  std::memcpy(&value, at_, sizeof value);
  at_ += sizeof value;
  return std::byteswap(value);
}

bool Reader::fail(Errc code, std::string detail) {
  error_ = {code, std::move(detail)};
  return false;
}

Error Reader::take_error(std::string_view record) {
  path_.insert(0, record).append(": ");
  error_.detail.insert(0, path_);
  return std::move(error_);
}

bool Reader::too_short(std::size_t needed) {
  return fail(Errc::malformed_frame, "needs " + std::to_string(needed) + " bytes, " +
                                         std::to_string(bytes_left()) + " are left");
}

bool Reader::wrong_type(std::string_view wanted) {
  return fail(Errc::malformed_frame,
              std::string(type_name(*at_)) + " where " + std::string(wanted) + " belongs");
}

bool Reader::any_unsigned_integer(std::uint64_t& value, std::uint64_t max) {
  if (!need(1)) return false;
  const std::uint8_t first = *at_;
  bool negative = false;
  if (first <= kPositiveFixintMax) {
    value = first;
    ++at_;
  } else if (first >= kUint8 && first <= kInt64) {
    const std::size_t width = std::size_t{1} << ((first - kUint8) & 3);
    if (!need(1 + width)) return false;
    ++at_;
    switch (first) {
      case kUint8:
        value = big_endian<std::uint8_t>();
        break;
      case kUint16:
        value = big_endian<std::uint16_t>();
        break;
      case kUint32:
        value = big_endian<std::uint32_t>();
        break;
      case kUint64:
        value = big_endian<std::uint64_t>();
        break;
      case kInt8:
        value = static_cast<std::uint64_t>(std::int64_t{big_endian<std::int8_t>()});
        break;
      case kInt16:
        value = static_cast<std::uint64_t>(std::int64_t{big_endian<std::int16_t>()});
        break;
      case kInt32:
        value = static_cast<std::uint64_t>(std::int64_t{big_endian<std::int32_t>()});
        break;
      default:
        value = static_cast<std::uint64_t>(big_endian<std::int64_t>());
        break;
    }
    negative = first >= kInt8 && static_cast<std::int64_t>(value) < 0;
  } else if (first >= kNegativeFixint) {
    value = static_cast<std::uint64_t>(std::int64_t{static_cast<std::int8_t>(first)});
    negative = true;
  } else {
    return wrong_type("an unsigned integer");
  }
  if (!negative && value <= max) [[likely]]
    return true;
  return fail(Errc::malformed_frame, (negative ? std::to_string(static_cast<std::int64_t>(value))
                                               : std::to_string(value)) +
                                         " is outside 0.." + std::to_string(max));
}

bool Reader::any_signed_integer(std::int64_t& value, std::int64_t min, std::int64_t max) {
  if (!need(1)) return false;
  const std::uint8_t first = *at_;
  if (first >= kNegativeFixint) {
    value = static_cast<std::int8_t>(first);
    ++at_;
  } else if (first >= kInt8 && first <= kInt64) {
    if (!need(1 + (std::size_t{1} << (first - kInt8)))) return false;
    ++at_;
    switch (first) {
      case kInt8:
        value = big_endian<std::int8_t>();
        break;
      case kInt16:
        value = big_endian<std::int16_t>();
        break;
      case kInt32:
        value = big_endian<std::int32_t>();
        break;
      default:
        value = big_endian<std::int64_t>();
        break;
    }
  } else if (first <= kPositiveFixintMax || (first >= kUint8 && first <= kUint64)) {
    std::uint64_t positive;
    if (!unsigned_integer(positive, static_cast<std::uint64_t>(max))) return false;
    value = static_cast<std::int64_t>(positive);
    return true;  // `max` is not negative for any type that we have, nor is `min` positive
  } else {
    return wrong_type("an integer");
  }
  if (value >= min && value <= max) [[likely]]
    return true;
  return fail(Errc::malformed_frame, std::to_string(value) + " is outside " + std::to_string(min) +
                                         ".." + std::to_string(max));
}

bool Reader::boolean(bool& value) {
  if (!need(1)) return false;
  if (*at_ != kFalse && *at_ != kTrue) return wrong_type("a boolean");
  value = *at_++ == kTrue;
  return true;
}

bool Reader::float32(float& value) {
  if (!need(1)) return false;
  if (*at_ != kFloat32) return wrong_type("a 32-bit float");
  if (!need(5)) return false;
  ++at_;
  value = std::bit_cast<float>(big_endian<std::uint32_t>());
  return true;
}

bool Reader::float64(double& value) {
  if (!need(1)) return false;
  if (*at_ != kFloat64) return wrong_type("a 64-bit float");
  if (!need(9)) return false;
  ++at_;
  value = std::bit_cast<double>(big_endian<std::uint64_t>());
  return true;
}

bool Reader::string(std::string_view& value) {
  if (!need(1)) return false;
  const std::uint8_t first = *at_;
  std::size_t size;
  if (first >= kFixstr && first < kNil) {
    size = first & 0x1f;
    ++at_;
  } else if (first >= kStr8 && first <= kStr32) {
    if (!need(1 + (std::size_t{1} << (first - kStr8)))) return false;
    ++at_;
    size = first == kStr8    ? big_endian<std::uint8_t>()
           : first == kStr16 ? big_endian<std::uint16_t>()
                             : big_endian<std::uint32_t>();
  } else {
    return wrong_type("a string");
  }
  if (size > limits_.string_bytes)
    return fail(Errc::limit_exceeded, "string of " + std::to_string(size) +
                                          " bytes, the limit is " +
                                          std::to_string(limits_.string_bytes));
  if (!need(size)) return false;
  value = {reinterpret_cast<const char*>(at_), size};
  at_ += size;
  return true;
}

bool Reader::binary(ByteView& value) {
  if (!need(1)) return false;
  const std::uint8_t first = *at_;
  if (first < kBin8 || first > kBin32) return wrong_type("a byte string");
  if (!need(1 + (std::size_t{1} << (first - kBin8)))) return false;
  ++at_;
  const std::size_t size = first == kBin8    ? big_endian<std::uint8_t>()
                           : first == kBin16 ? big_endian<std::uint16_t>()
                                             : big_endian<std::uint32_t>();
  if (size > limits_.binary_bytes)
    return fail(Errc::limit_exceeded, "byte string of " + std::to_string(size) +
                                          " bytes, the limit is " +
                                          std::to_string(limits_.binary_bytes));
  if (!need(size)) return false;
  value = {at_, size};
  at_ += size;
  return true;
}

bool Reader::nil() {
  if (at_ == end_ || *at_ != kNil) return false;
  ++at_;
  return true;
}

bool Reader::array_header(std::uint32_t& count) {
  if (!need(1)) return false;
  const std::uint8_t first = *at_;
  if (first >= kFixarray && first < kFixstr) {
    count = first & 0x0f;
    ++at_;
  } else if (first == kArray16 || first == kArray32) {
    if (!need(first == kArray16 ? 3 : 5)) return false;
    ++at_;
    count = first == kArray16 ? big_endian<std::uint16_t>() : big_endian<std::uint32_t>();
  } else {
    return wrong_type("an array");
  }
  if (count > limits_.array_elements)
    return fail(Errc::limit_exceeded, "array of " + std::to_string(count) +
                                          " elements, the limit is " +
                                          std::to_string(limits_.array_elements));
  return need(count);  // an element has one byte at least
}

bool Reader::enter_array(std::uint32_t& count, std::size_t element_bytes) {
  if (depth_ >= limits_.depth)
    return fail(Errc::limit_exceeded, "nested deeper than " + std::to_string(limits_.depth));
  if (!array_header(count)) return false;
  const std::size_t memory =
      count * element_bytes;  // no overflow: 32 bits times the size of a struct
  if (memory > memory_left_)
    return fail(Errc::limit_exceeded,
                "decoded arrays take more than " + std::to_string(limits_.memory_bytes) + " bytes");
  memory_left_ -= memory;
  ++depth_;
  return true;
}

bool Reader::skip() {
  if (!need(1)) return false;
  const std::uint8_t first = *at_;
  std::size_t bytes = 1;
  std::uint64_t children = 0;
  const auto length_of =
      [&](unsigned log2_width) -> std::uint64_t {  // of a counted type; its bytes are there
    std::uint64_t length = 0;
    for (unsigned i = 0; i < (1u << log2_width); ++i) length = length << 8 | at_[1 + i];
    bytes += 1u << log2_width;
    return length;
  };
  if (first <= kPositiveFixintMax || first >= kNegativeFixint || first == kNil || first == kFalse ||
      first == kTrue) {
  } else if (first < kFixarray) {
    children = 2u * (first & 0x0f);
  } else if (first < kFixstr) {
    children = first & 0x0f;
  } else if (first < kNil) {
    bytes += first & 0x1f;
  } else if (first == kNeverUsed) {
    return fail(Errc::malformed_frame, "the byte 0xc1, which MessagePack never uses");
  } else if (first >= kUint8 && first <= kInt64) {
    bytes += std::size_t{1} << ((first - kUint8) & 3);
  } else if (first == kFloat32 || first == kFloat64) {
    bytes += first == kFloat32 ? 4 : 8;
  } else if (first >= kFixext1 && first <= kFixext16) {
    bytes += 1 + (std::size_t{1} << (first - kFixext1));
  } else {
    const unsigned log2_width = first <= kBin32   ? first - kBin8
                                : first <= kExt32 ? first - kExt8
                                : first <= kStr32 ? first - kStr8
                                                  : 1u + ((first - kArray16) & 1);
    if (!need(1 + (std::size_t{1} << log2_width))) return false;
    const std::uint64_t length = length_of(log2_width);
    if (first >= kArray16)
      children = first >= kMap16 ? 2 * length : length;
    else
      bytes += length + (first >= kExt8 && first <= kExt32 ? 1 : 0);
  }
  if (!need(bytes)) return false;
  at_ += bytes;
  if (children == 0) return true;
  if (children > bytes_left()) return need(children);
  if (depth_ >= limits_.depth)
    return fail(Errc::limit_exceeded, "nested deeper than " + std::to_string(limits_.depth));
  ++depth_;
  for (; children > 0; --children)
    if (!skip()) return false;
  --depth_;
  return true;
}

}  // namespace jitfarm::wire
