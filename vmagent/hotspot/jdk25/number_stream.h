// Which numbers are in a compressed stream of metaspace? UNSIGNED5, as HotSpot calls it.
#pragma once
#include <cstdint>
#include <utility>

namespace jitfarm::vmagent::hotspot::jdk25 {

/// Numbers of 32 bits in one to five bytes. A byte from 1 to 191 is the last of its number, one from
/// 192 on has another behind it; each byte less one counts 64 times what the byte before it does.
/// The byte 0 occurs in no number. `Byte`: std::uint8_t(int index).
template <class Byte>
class NumberStream {
 public:
  NumberStream(Byte byte, int length) : byte_(std::move(byte)), length_(length) {}
  /// 0 once the stream has failed.
  std::uint32_t next() {
    constexpr int kBytesMax = 5, kDigitBits = 6;
    constexpr std::uint32_t kFirstHigh = 192;
    std::uint32_t value = 0;
    for (int i = 0; !failed_ && i < kBytesMax; ++i) {
      const std::uint32_t b = at_ < length_ ? byte_(at_) : 0;
      failed_ = b == 0;
      if (failed_) return 0;
      ++at_;
      value += (b - 1) << (kDigitBits * i);
      if (b < kFirstHigh) break;
    }
    return failed_ ? 0 : value;
  }
  /// A number was asked for that is not there.
  bool failed() const { return failed_; }

 private:
  Byte byte_;
  int length_;
  int at_ = 0;
  bool failed_ = false;
};

}  // namespace jitfarm::vmagent::hotspot::jdk25
