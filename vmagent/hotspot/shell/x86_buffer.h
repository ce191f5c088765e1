// Where do the bytes of a shell go? An append-only buffer that knows little-endian numbers and good
// nops.
#pragma once
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <span>

#include "common/base/bytes.h"

namespace jitfarm::vmagent::hotspot::shell {

/// Fills `bytes` with the long nops that Intel and AMD recommend, at most 9 bytes each.
void fill_nops(std::span<std::uint8_t> bytes);

class X86Buffer {
 public:
  std::uint32_t pc() const { return static_cast<std::uint32_t>(bytes_.size()); }
  X86Buffer& op(std::initializer_list<std::uint8_t> opcode) {
    bytes_.insert(bytes_.end(), opcode);
    return *this;
  }
  X86Buffer& i32(std::int64_t value) { return number(static_cast<std::uint32_t>(value)); }
  X86Buffer& i64(std::uint64_t value) { return number(value); }
  X86Buffer& append(ByteView more) {
    bytes_.insert(bytes_.end(), more.begin(), more.end());
    return *this;
  }
  void align(std::uint32_t alignment);
  std::span<std::uint8_t> at(std::uint32_t pc, std::uint32_t size) {
    return std::span(bytes_).subspan(pc, size);
  }
  void set32(std::uint32_t pc, std::int64_t value) {
    auto narrow = static_cast<std::uint32_t>(value);
    std::memcpy(at(pc, 4).data(), &narrow, 4);
  }
  void set64(std::uint32_t pc, std::uint64_t value) { std::memcpy(at(pc, 8).data(), &value, 8); }
  Bytes take() { return std::move(bytes_); }

 private:
  template <class T>
  X86Buffer& number(T value) {
    std::uint8_t raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    bytes_.insert(bytes_.end(), raw, raw + sizeof value);
    return *this;
  }
  Bytes bytes_;
};

/// The first instructions of an LLVM function: pushes, then the rest of the frame.
struct Prologue {
  std::uint32_t code_bytes = 0;   ///< until the frame is complete
  std::uint32_t frame_bytes = 0;  ///< that it makes, return address included
  bool pushes_rbp_first = false;
};
Prologue decode_prologue(ByteView text);

/// True for `op reg, [rip+disp32]` with 64-bit operands and nothing behind the displacement: the
/// only instructions whose address HotSpot may patch (it decodes them itself, and ends the VM at
/// one it does not know).
bool is_rip_load64(ByteView instruction);

}  // namespace jitfarm::vmagent::hotspot::shell
