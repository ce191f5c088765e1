// How are values written as MessagePack? Shortest encodings only, so that equal values have equal bytes.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"

namespace jitfarm::wire {

/// Counts bytes. Same interface as ByteSink, so that one description drives both passes.
class SizeSink {
 public:
  void byte(std::uint8_t) { ++size_; }
  template <class T>
  void big_endian(T) {
    size_ += sizeof(T);
  }
  void raw(const void*, std::size_t bytes) { size_ += bytes; }
  std::uint32_t blob(const Blob&) { return blobs_++; }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_ = 0;
  std::uint32_t blobs_ = 0;
};

/// Writes into memory that SizeSink has measured.
class ByteSink {
 public:
  ByteSink(std::uint8_t* at, std::vector<Blob>& blobs) : at_(at), blobs_(blobs) {}
  void byte(std::uint8_t b) { *at_++ = b; }
  template <class T>
  void big_endian(T value) {
    value = std::byteswap(value);
    std::memcpy(at_, &value, sizeof value);
    at_ += sizeof value;
  }
  void raw(const void* data, std::size_t bytes) {
    if (bytes != 0) std::memcpy(at_, data, bytes);
    at_ += bytes;
  }
  std::uint32_t blob(const Blob& b) {
    blobs_.push_back(b);
    return static_cast<std::uint32_t>(blobs_.size() - 1);
  }

 private:
  std::uint8_t* at_;
  std::vector<Blob>& blobs_;
};

template <class Sink>
void put_unsigned(Sink& sink, std::uint64_t value) {
  if (value <= 0x7f) {
    sink.byte(static_cast<std::uint8_t>(value));
  } else if (value <= 0xff) {
    sink.byte(0xcc);
    sink.byte(static_cast<std::uint8_t>(value));
  } else if (value <= 0xffff) {
    sink.byte(0xcd);
    sink.big_endian(static_cast<std::uint16_t>(value));
  } else if (value <= 0xffff'ffff) {
    sink.byte(0xce);
    sink.big_endian(static_cast<std::uint32_t>(value));
  } else {
    sink.byte(0xcf);
    sink.big_endian(value);
  }
}

template <class Sink>
void put_signed(Sink& sink, std::int64_t value) {
  if (value >= 0) {
    put_unsigned(sink, static_cast<std::uint64_t>(value));
  } else if (value >= -32) {
    sink.byte(static_cast<std::uint8_t>(value));
  } else if (value >= INT8_MIN) {
    sink.byte(0xd0);
    sink.byte(static_cast<std::uint8_t>(value));
  } else if (value >= INT16_MIN) {
    sink.byte(0xd1);
    sink.big_endian(static_cast<std::uint16_t>(value));
  } else if (value >= INT32_MIN) {
    sink.byte(0xd2);
    sink.big_endian(static_cast<std::uint32_t>(value));
  } else {
    sink.byte(0xd3);
    sink.big_endian(static_cast<std::uint64_t>(value));
  }
}

template <class Sink>
void put_bool(Sink& sink, bool value) {
  sink.byte(value ? 0xc3 : 0xc2);
}
template <class Sink>
void put_nil(Sink& sink) {
  sink.byte(0xc0);
}
template <class Sink>
void put_float(Sink& sink, float value) {
  sink.byte(0xca);
  sink.big_endian(std::bit_cast<std::uint32_t>(value));
}
template <class Sink>
void put_float(Sink& sink, double value) {
  sink.byte(0xcb);
  sink.big_endian(std::bit_cast<std::uint64_t>(value));
}

template <class Sink>
void put_counted(Sink& sink, std::uint8_t code8, std::uint8_t code16, std::uint8_t code32, std::size_t size) {
  if (code8 != 0 && size <= 0xff) {
    sink.byte(code8);
    sink.byte(static_cast<std::uint8_t>(size));
  } else if (size <= 0xffff) {
    sink.byte(code16);
    sink.big_endian(static_cast<std::uint16_t>(size));
  } else {
    sink.byte(code32);
    sink.big_endian(static_cast<std::uint32_t>(size));
  }
}

template <class Sink>
void put_string(Sink& sink, std::string_view value) {
  if (value.size() <= 31)
    sink.byte(static_cast<std::uint8_t>(0xa0 | value.size()));
  else
    put_counted(sink, 0xd9, 0xda, 0xdb, value.size());
  sink.raw(value.data(), value.size());
}
template <class Sink>
void put_binary(Sink& sink, ByteView value) {
  put_counted(sink, 0xc4, 0xc5, 0xc6, value.size());
  sink.raw(value.data(), value.size());
}
template <class Sink>
void put_array(Sink& sink, std::size_t count) {
  if (count <= 15)
    sink.byte(static_cast<std::uint8_t>(0x90 | count));
  else
    put_counted(sink, 0, 0xdc, 0xdd, count);
}

}  // namespace jitfarm::wire
