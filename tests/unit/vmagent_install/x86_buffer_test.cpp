#include "vmagent/hotspot/shell/x86_buffer.h"

#include <catch2/catch.hpp>

#include "tests/unit/vmagent_install/listing.h"

using namespace jitfarm;
using namespace jitfarm::vmagent::hotspot::shell;

TEST_CASE("x86_buffer: padding of any length decodes as nops and nothing else") {
  for (std::size_t n = 1; n < 40; ++n) {
    Bytes bytes(n, 0xcc);
    fill_nops(bytes);
    std::string text = tests::listing(bytes);
    CAPTURE(n, text);
    CHECK(text.find("??") == std::string::npos);
    std::size_t lines = 0;
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1, ++lines)
      CHECK(text.substr(text.find(": ", at) + 2, 3) ==
            (text.compare(text.find(": ", at) + 2, 3, "xch") == 0 ? "xch" : "nop"));
    CHECK(lines == (n + 8) / 9);
  }
}

TEST_CASE("x86_buffer: a prologue of pushes and a subtraction gives its frame") {
  struct Case {
    Bytes text;
    std::uint32_t code, frame;
    bool rbp;
  };
  for (const Case& c : {
           Case{{0x55, 0xc3}, 1, 16, true},  // push rbp; ret
           Case{{0x55, 0x41, 0x57, 0x53, 0x48, 0x83, 0xec, 0x18, 0x90},
                8,
                56,
                true},                                   // push r15, rbx; sub rsp, 24
           Case{{0x55, 0x50, 0x89, 0xf0}, 2, 24, true},  // push rax instead of sub rsp, 8
           Case{{0x55, 0x48, 0x83, 0xc4, 0x80, 0xc3}, 5, 144, true},  // add rsp, -128
           Case{{0x55, 0x48, 0x81, 0xec, 0x00, 0x10, 0x00, 0x00, 0xc3},
                8,
                4112,
                true},                                                // sub rsp, 4096
           Case{{0x53, 0x55, 0x48, 0x83, 0xec, 0x08}, 6, 32, false},  // rbp is not the first
           Case{{0x89, 0xf0, 0xc3}, 0, 8, false},                     // no frame
           Case{{0x55, 0x48, 0x83, 0xc4, 0x08, 0xc3}, 1, 16, true},   // add rsp, 8 is no frame
           Case{{0x55, 0x48, 0x81, 0xec, 0x00}, 1, 16, true},         // cut off
           Case{{}, 0, 8, false},
       }) {
    Prologue p = decode_prologue(c.text);
    CAPTURE(tests::listing(c.text));
    CHECK(p.code_bytes == c.code);
    CHECK(p.frame_bytes == c.frame);
    CHECK(p.pushes_rbp_first == c.rbp);
  }
}

TEST_CASE(
    "x86_buffer: only plain 64-bit instructions that end in a displacement from rip may have a "
    "cell") {
  CHECK(is_rip_load64(Bytes{0x48, 0x8b, 0x05, 0, 0, 0, 0}));        // mov rax, [rip]
  CHECK(is_rip_load64(Bytes{0x4c, 0x8b, 0x3d, 0, 0, 0, 0}));        // mov r15, [rip]
  CHECK(is_rip_load64(Bytes{0x48, 0x3b, 0x0d, 0, 0, 0, 0}));        // cmp rcx, [rip]
  CHECK_FALSE(is_rip_load64(Bytes{0x48, 0x8b, 0x45, 0, 0, 0, 0}));  // mov rax, [rbp]
  CHECK_FALSE(is_rip_load64(Bytes{0x8b, 0x05, 0, 0, 0, 0, 0}));     // mov eax: half of the cell
  CHECK_FALSE(is_rip_load64(
      Bytes{0x48, 0x8d, 0x05, 0, 0, 0, 0}));  // lea: an address of the data, not its content
  CHECK_FALSE(
      is_rip_load64(Bytes{0x48, 0x83, 0x3d, 0, 0, 0, 0}));  // cmp [rip], imm8: more behind it
  CHECK_FALSE(is_rip_load64(Bytes{0x49, 0x8b, 0x05, 0, 0, 0, 0}));  // REX.B means nothing here
}
