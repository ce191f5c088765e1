// How does JDK 25 want to hear of the frame at a call, trap or poll?
#pragma once
#include "vmagent/hotspot/writer/jdk25_stream.h"

namespace jitfarm::vmagent::hotspot::writer {

/// Grows a stream. Numbers are little-endian.
class StreamBuilder {
 public:
  void u1(std::uint8_t v) { bytes_.push_back(v); }
  void u2(std::uint16_t v) { number(v); }
  void u4(std::uint32_t v) { number(v); }
  void u8(std::uint64_t v) { number(v); }
  void text(std::string_view t);
  /// A count of at most 65,535; invalid_code_image for more.
  Status count(std::size_t n);
  Bytes take() { return std::move(bytes_); }
  std::size_t size() const { return bytes_.size(); }

 private:
  template <class T>
  void number(T value) {
    for (std::size_t i = 0; i < sizeof value; ++i)
      bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  Bytes bytes_;
};

/// The frame state of `site`; null: a frame without oops and without Java state.
Status encode_debug_info(StreamBuilder& out, const StreamTags& tags, const code::Site* site,
                         StreamNames& names);

}  // namespace jitfarm::vmagent::hotspot::writer
