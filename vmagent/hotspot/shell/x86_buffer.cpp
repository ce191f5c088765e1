#include "vmagent/hotspot/shell/x86_buffer.h"

#include <algorithm>

namespace jitfarm::vmagent::hotspot::shell {

void fill_nops(std::span<std::uint8_t> bytes) {
  static constexpr std::uint8_t kNops[9][9] = {
      {0x90},
      {0x66, 0x90},
      {0x0f, 0x1f, 0x00},
      {0x0f, 0x1f, 0x40, 0x00},
      {0x0f, 0x1f, 0x44, 0x00, 0x00},
      {0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00},
      {0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00},
      {0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
      {0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
  };
  while (!bytes.empty()) {
    std::size_t n = std::min<std::size_t>(bytes.size(), 9);
    std::memcpy(bytes.data(), kNops[n - 1], n);
    bytes = bytes.subspan(n);
  }
}

void X86Buffer::align(std::uint32_t alignment) {
  std::uint32_t begin = pc();
  bytes_.resize((begin + alignment - 1) / alignment * alignment);
  fill_nops(std::span(bytes_).subspan(begin));
}

namespace {
/// The signed number in the last `size` bytes of an instruction that ends at `end`.
std::int64_t immediate(ByteView text, std::size_t end, std::size_t size) {
  if (size == 1) return static_cast<std::int8_t>(text[end - 1]);
  std::int32_t value;
  std::memcpy(&value, &text[end - 4], 4);
  return value;
}
}  // namespace

Prologue decode_prologue(ByteView text) {
  Prologue p;
  p.frame_bytes = 8;  // the return address
  std::size_t at = 0;
  auto byte = [&](std::size_t k) { return at + k < text.size() ? text[at + k] : 0; };
  while (true) {
    bool wide = byte(0) == 0x41;  // REX.B: push r8 to r15
    if ((byte(wide ? 1 : 0) & 0xf8) != 0x50) break;
    if (at == 0) p.pushes_rbp_first = byte(0) == 0x55;
    at += wide ? 2 : 1;
    p.frame_bytes += 8;
  }
  // sub rsp, imm8 or imm32; LLVM writes a frame of 128 bytes as add rsp, -128.
  if (byte(0) == 0x48 && (byte(1) == 0x83 || byte(1) == 0x81) &&
      (byte(2) == 0xec || byte(2) == 0xc4)) {
    std::size_t size = byte(1) == 0x83 ? 1 : 4;
    std::size_t end = at + 3 + size;
    if (end <= text.size()) {
      std::int64_t by = immediate(text, end, size) * (byte(2) == 0xec ? 1 : -1);
      if (by > 0 && by < (1 << 24)) {
        p.frame_bytes += static_cast<std::uint32_t>(by);
        at = end;
      }
    }
  }
  p.code_bytes = static_cast<std::uint32_t>(at);
  return p;
}

bool is_rip_load64(ByteView instruction) {
  if (instruction.size() != 7 || (instruction[0] & 0xfb) != 0x48)
    return false;  // REX.W, REX.R allowed
  switch (instruction[1]) {
    case 0x03:  // add
    case 0x2b:  // sub
    case 0x39:  // cmp [m], r
    case 0x3b:  // cmp r, [m]
    case 0x85:  // test
    case 0x8b:  // mov
      break;
    default:
      return false;
  }
  return (instruction[2] & 0xc7) == 0x05;  // [rip + disp32]
}

}  // namespace jitfarm::vmagent::hotspot::shell
