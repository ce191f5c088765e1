#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/unit/vmagent_install/listing.h"
#include "tests/unit/vmagent_install/sample.h"

using namespace jitfarm;
using namespace jitfarm::vmagent::hotspot::shell;
using tests::listing;
using tests::sample_config;
using tests::sample_frame;
using tests::sample_image;

namespace {

AssembledCode assembled(const code::CodeImage& image, ShellConfig config = sample_config(),
                        std::uint32_t interpreter = 0) {
  auto shell = make_jdk17_shell(config);
  REQUIRE(shell);
  auto code = (*shell)->assemble(image, interpreter);
  INFO((code ? std::string() : code.error().message()));
  REQUIRE(code);
  return *code;
}

InstallSite mark(std::uint32_t pc, std::int32_t id) {
  return {.kind = InstallSiteKind::mark, .pc = pc, .mark = id};
}
InstallSite foreign(std::uint32_t pc, std::uint32_t size, std::uint64_t address,
                    std::int32_t site = -1) {
  return {.kind = InstallSiteKind::foreign_call,
          .pc = pc,
          .image_site = site,
          .size = size,
          .address = address};
}
InstallSite java_call(std::uint32_t pc, std::int32_t site) {
  return {.kind = InstallSiteKind::java_call, .pc = pc, .image_site = site, .size = 5};
}

/// The lines of a listing before the text.
std::string entry_of(const AssembledCode& code) {
  return listing(ByteView(code.code).first(code.text_begin));
}

// jmp to the return stub, at the end of a body
code::Relocation to_return(std::uint32_t offset) {
  return {.kind = code::RelocationKind::rel32_target,
          .offset = offset,
          .target = code::Target::return_stub,
          .addend = -4};
}

}  // namespace

TEST_CASE("shell: the entry of an on-stack replacement is its verified entry") {
  code::CodeImage image = sample_image({0xe9, 0, 0, 0, 0});
  image.task.entry_bci = 4;
  image.relocations = {to_return(6)};
  const AssembledCode code = assembled(image);
  const Marks marks = sample_config().marks;
  CHECK(std::ranges::count(code.sites, mark(0, marks.osr_entry)) == 1);
  CHECK(std::ranges::count(code.sites, mark(0, marks.verified_entry)) == 1);
  image.task.entry_bci = code::kNormalEntry;
  CHECK(std::ranges::count(assembled(image).sites, mark(0, marks.osr_entry)) == 0);
}

TEST_CASE("shell: a static method without sites, byte by byte") {
  // mov eax, 42; add rsp, 48; pop rbp; jmp return stub
  code::CodeImage image =
      sample_image({0xb8, 42, 0, 0, 0, 0x48, 0x83, 0xc4, 0x30, 0x5d, 0xe9, 0, 0, 0, 0});
  image.relocations = {to_return(16)};
  AssembledCode code = assembled(image);
  CHECK(listing(code.code) ==
        "0: nop dword ptr [rax + rax]\n"
        "5: mov dword ptr [rsp - 0x14000], eax\n"
        "c: nop dword ptr [rax]\n"
        "10: push rbp\n"
        "11: sub rsp, 0x30\n"
        "15: mov eax, 0x2a\n"
        "1a: add rsp, 0x30\n"
        "1e: pop rbp\n"
        "1f: jmp 0xc\n"
        "24: nop word ptr [rax + rax]\n"
        "2d: nop dword ptr [rax]\n"
        "30: mov r10, qword ptr [r15 + 0x348]\n"
        "37: test dword ptr [r10], eax\n"
        "3a: ret\n"
        "3b: nop dword ptr [rax + rax]\n"
        "40: jmp 0x0\n"
        "45: nop word ptr [rax + rax]\n"
        "4e: nop\n"
        "50: call 0x0\n"
        "55: hlt\n"
        "56: nop word ptr [rax + rax]\n"
        "5f: nop\n"
        "60: call 0x0\n"
        "65: sub qword ptr [rsp], 0x5\n"
        "6a: jmp 0x0\n"
        "6f: nop word ptr [rax + rax]\n"
        "78: nop dword ptr [rax + rax]\n");
  CHECK(code.sites == std::vector<InstallSite>{mark(0, 1), mark(0, 2), mark(0x15, 6),
                                               mark(0x37, 15), foreign(0x40, 5, 0x7f0000004000),
                                               mark(0x50, 4), foreign(0x50, 5, 0x7f0000005000),
                                               mark(0x60, 5), foreign(0x6a, 5, 0x7f0000002000)});
  CHECK(code.frame_bytes == 64);
  CHECK(code.text_begin == 0x10);
  CHECK(code.text_end == 0x10 + image.text.size());
  CHECK(code.data.empty());
}

TEST_CASE("shell: the inline-cache check follows the VM's class pointers") {
  code::CodeImage image = sample_image({0xc3});
  image.has_receiver = true;
  ShellConfig config = sample_config();
  SECTION("compressed with a base") {
    AssembledCode code = assembled(image, config);
    CHECK(entry_of(code) ==
          "0: mov r10d, dword ptr [rsi + 0x8]\n"
          "7: movabs r11, 0x7fa5cb000000\n"
          "11: add r10, r11\n"
          "14: cmp r10, rax\n"
          "17: jne 0x0\n"
          "1d: nop dword ptr [rax]\n"
          "20: nop dword ptr [rax + rax]\n"
          "25: mov dword ptr [rsp - 0x14000], eax\n"
          "2c: nop dword ptr [rax]\n");
    CHECK(code.sites[0] == mark(0, 2));
    CHECK(code.sites[1] == foreign(0x17, 6, 0x7f0000001000));
    CHECK(code.sites[2] == mark(0x20, 1));
  }
  SECTION("compressed with base and shift") {
    config.narrow_klass_shift = 3;
    CHECK(entry_of(assembled(image, config)).find("7: shl r10, 0x3\nb: movabs r11") !=
          std::string::npos);
  }
  SECTION("compressed with neither") {
    config.narrow_klass_base = 0;
    CHECK(entry_of(assembled(image, config))
              .starts_with("0: mov r10d, dword ptr [rsi + 0x8]\n7: cmp r10, rax\na: jne 0x0\n"));
  }
  SECTION("full pointers") {
    config.compressed_class_pointers = false;
    CHECK(entry_of(assembled(image, config))
              .starts_with("0: mov r10, qword ptr [rsi + 0x8]\n7: cmp r10, rax\na: jne 0x0\n"));
  }
}

TEST_CASE(
    "shell: every page of a large frame is banged, and what the interpreter needs after a "
    "deoptimisation") {
  code::CodeImage image = sample_image({});
  image.text = {0x55, 0x48, 0x81, 0xec, 0x00, 0x30, 0x00, 0x00, 0xc3};  // sub rsp, 0x3000
  image.frame_size = 0x3010;
  auto banged = [](const AssembledCode& code) {
    std::string entry = entry_of(code);
    std::vector<std::string> out;
    for (std::size_t at = entry.find("[rsp - "); at != std::string::npos;
         at = entry.find("[rsp - ", at + 1))
      out.push_back(entry.substr(at + 7, entry.find(']', at) - at - 7));
    return out;
  };
  CHECK(banged(assembled(image)) ==
        std::vector<std::string>{"0x14000", "0x15000", "0x16000", "0x17000"});
  CHECK(banged(assembled(image, sample_config(), 0x5000)).size() == 6);
  CHECK(banged(assembled(sample_image({0xc3}), sample_config(), 4096)).size() == 1);
  CHECK(banged(assembled(sample_image({0xc3}), sample_config(), 4104)) ==
        std::vector<std::string>{"0x14000", "0x15000"});
}

TEST_CASE(
    "shell: a direct call has an aligned displacement wherever its sled lies, and keeps the rest "
    "as nops") {
  for (std::uint32_t shift = 0; shift < 8; ++shift) {
    Bytes body(shift, 0x90);
    body.insert(body.end(), 8, 0xcc);
    body.push_back(0xc3);
    code::CodeImage image = sample_image(body);
    auto kind = shift % 2 ? code::SiteKind::call_static : code::SiteKind::call_special;
    image.sites = {{.kind = kind,
                    .offset = 5 + shift,
                    .size = 8,
                    .method = MethodId{9},
                    .frames = {sample_frame(3, true)}}};
    AssembledCode code = assembled(image);
    std::uint32_t begin = code.text_begin + 5 + shift;
    auto call = std::ranges::find(code.sites, InstallSiteKind::java_call, &InstallSite::kind);
    REQUIRE(call != code.sites.end());
    CHECK(call->pc >= begin);
    CHECK(call->pc + 5 <= begin + 8);
    CHECK((call->pc + 1) % 4 == 0);
    CHECK(*call == java_call(call->pc, 0));
    CHECK(*(call - 1) == mark(call->pc, shift % 2 ? 9 : 10));
    std::string text = listing(ByteView(code.code).subspan(begin, 8));
    CAPTURE(text);
    CHECK(text.find("call") != std::string::npos);
    CHECK(text.find("int3") == std::string::npos);
    CHECK(text.find("??") == std::string::npos);
  }
}

TEST_CASE("shell: an inline-cache call starts with an empty cache directly before the call") {
  for (std::uint32_t shift = 0; shift < 8; ++shift) {
    Bytes body(shift, 0x90);
    body.insert(body.end(), 18, 0xcc);
    body.push_back(0xc3);
    code::CodeImage image = sample_image(body);
    auto kind = shift % 2 ? code::SiteKind::call_virtual : code::SiteKind::call_interface;
    image.sites = {{.kind = kind,
                    .offset = 5 + shift,
                    .size = 18,
                    .method = MethodId{9},
                    .frames = {sample_frame(3, true)}}};
    AssembledCode code = assembled(image);
    std::uint32_t begin = code.text_begin + 5 + shift;
    auto call = std::ranges::find(code.sites, InstallSiteKind::java_call, &InstallSite::kind);
    REQUIRE(call != code.sites.end());
    CHECK((call->pc + 1) % 4 == 0);
    CHECK(*(call - 1) == mark(call->pc - 10, shift % 2 ? 8 : 7));
    std::string text = listing(ByteView(code.code).subspan(begin, 18));
    CAPTURE(text);
    CHECK(text.find("movabs rax, -0x1") != std::string::npos);
    CHECK(text.find("int3") == std::string::npos);
    CHECK(text.find("??") == std::string::npos);
  }
}

TEST_CASE("shell: an exception handler is keyed by the exact return address of its call") {
  code::CodeImage image = sample_image(Bytes(24, 0x90));
  image.sites = {{.kind = code::SiteKind::call_static,
                  .offset = 8,
                  .size = 8,
                  .landing_pad = 20,
                  .frames = {sample_frame(3, true)}}};
  AssembledCode code = assembled(image);
  auto call = std::ranges::find(code.sites, InstallSiteKind::java_call, &InstallSite::kind);
  auto handler =
      std::ranges::find(code.sites, InstallSiteKind::exception_handler, &InstallSite::kind);
  REQUIRE(handler != code.sites.end());
  CHECK(handler->pc == call->pc + 5);
  CHECK(handler->handler_pc == code.text_begin + 20);
}

TEST_CASE("shell: a trap and a loop poll") {
  code::CodeImage image = sample_image(Bytes(20, 0xcc));
  image.sites = {
      {.kind = code::SiteKind::poll, .offset = 5, .size = 10, .frames = {sample_frame(2, false)}},
      {.kind = code::SiteKind::runtime_call,
       .offset = 16,
       .size = 5,
       .target = code::Target::uncommon_trap,
       .frames = {sample_frame(4, false)}}};
  AssembledCode code = assembled(image);
  CHECK(listing(ByteView(code.code).subspan(code.text_begin, 25)) ==
        "0: push rbp\n"
        "1: sub rsp, 0x30\n"
        "5: mov r11, qword ptr [r15 + 0x348]\n"
        "c: test dword ptr [r11], eax\n"
        "f: int3\n"
        "10: call 0x0\n"
        "15: int3\n16: int3\n17: int3\n18: int3\n");
  auto poll = std::ranges::find(code.sites, InstallSiteKind::safepoint, &InstallSite::kind);
  REQUIRE(poll != code.sites.end());
  CHECK(poll->pc == code.text_begin + 12);
  CHECK(*(poll - 1) == mark(poll->pc, 14));
  CHECK(std::ranges::count(code.sites, foreign(code.text_begin + 16, 5, 0x7f0000003000, 1)) == 1);
}

TEST_CASE("shell: a VM entry is a call of our stub, with frame state and landing pad") {
  code::CodeImage image = sample_image(Bytes(24, 0x90));
  image.sites = {{.kind = code::SiteKind::runtime_call,
                  .offset = 8,
                  .size = 5,
                  .target = code::Target::new_array,
                  .landing_pad = 20,
                  .frames = {sample_frame(4, false)}}};
  ShellConfig config = sample_config();
  auto without = make_jdk17_shell(config);
  REQUIRE(without);
  auto refused = (*without)->assemble(image, 0);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::vm_unsupported);
  CHECK(refused.error().detail.find("site 0") != std::string::npos);

  config.new_array.stub = 0x7f0000006000;
  AssembledCode code = assembled(image, config);
  CHECK(std::ranges::count(code.sites, foreign(code.text_begin + 8, 5, 0x7f0000006000, 0)) == 1);
  auto handler =
      std::ranges::find(code.sites, InstallSiteKind::exception_handler, &InstallSite::kind);
  REQUIRE(handler != code.sites.end());
  CHECK(handler->pc == code.text_begin + 13);
  CHECK(handler->handler_pc == code.text_begin + 20);

  image.sites[0].target = code::Target::monitor_enter;
  CHECK_FALSE((*without)->assemble(image, 0));
  config.monitor_enter.stub = 0x7f0000007000;
  code = assembled(image, config);
  CHECK(std::ranges::count(code.sites, foreign(code.text_begin + 8, 5, 0x7f0000007000, 0)) == 1);
}

TEST_CASE("shell: relocations reach the stubs, the read-only data, the C functions and the cells") {
  // 5: lea rax, [rip+rodata+8]; 12: movabs rax, drem; 22: mov rcx, [rip+cell 1]; 29: jmp unwind;
  // 34: jmp return
  code::CodeImage image =
      sample_image({0x48, 0x8d, 0x05, 0, 0, 0, 0, 0x48, 0xb8, 0, 0, 0, 0,    0, 0, 0, 0,
                    0x48, 0x8b, 0x0d, 0, 0, 0, 0, 0xe9, 0,    0, 0, 0, 0xe9, 0, 0, 0, 0});
  image.rodata = Bytes(16, 0xaa);
  image.constants = {{.kind = code::ConstantKind::klass, .klass = ClassId{1}},
                     {.kind = code::ConstantKind::mirror, .klass = ClassId{2}}};
  image.relocations = {
      {.kind = code::RelocationKind::rel32_rodata, .offset = 8, .addend = 8 - 4},
      {.kind = code::RelocationKind::abs64_target, .offset = 14, .target = code::Target::drem},
      {.kind = code::RelocationKind::rel32_cell,
       .offset = 25,
       .cell = 1,
       .addend = -4,
       .instruction_offset = 22},
      {.kind = code::RelocationKind::rel32_target,
       .offset = 30,
       .target = code::Target::unwind_stub,
       .addend = -4},
      to_return(35),
      // second entry of a jump table at rodata+0: text+12, relative to the table
      {.kind = code::RelocationKind::rel32_text_in_rodata, .offset = 4, .addend = 12 + 4},
  };
  AssembledCode code = assembled(image);
  std::uint32_t text = code.text_begin;
  std::uint32_t rodata = static_cast<std::uint32_t>(code.code.size()) - 16;
  auto rel32 = [&](std::uint32_t pc) {
    std::int32_t value;
    std::memcpy(&value, &code.code[pc], 4);
    return value;
  };
  CHECK(rodata % 32 == 0);
  CHECK(text + 12 + rel32(text + 8) == rodata + 8);
  std::uint64_t leaf;
  std::memcpy(&leaf, &code.code[text + 14], 8);
  CHECK(leaf == 0x7f1000000100);
  CHECK(rodata + rel32(rodata + 4) == text + 12);
  std::uint32_t return_stub = (code.text_end + 15) / 16 * 16;
  CHECK(text + 34 + rel32(text + 30) == return_stub + 16);
  CHECK(text + 39 + rel32(text + 35) == return_stub);
  CHECK(code.data.size() == 16);
  CHECK(code.data_patches == std::vector<DataPatch>{{0, 0}, {8, 1}});
  CHECK(std::ranges::count(code.sites, InstallSite{.kind = InstallSiteKind::data_patch,
                                                   .pc = text + 22,
                                                   .data_offset = 8}) == 1);
}

TEST_CASE("shell: the stubs, byte by byte") {
  auto shell = make_jdk17_shell(sample_config());
  REQUIRE(shell);
  AssembledCode unwind = (*shell)->stub(Stub::unwind);
  CHECK(listing(unwind.code) ==
        "0: push rax\n"
        "1: mov rdi, r15\n"
        "4: mov rsi, qword ptr [rsp + 0x8]\n"
        "9: movabs r10, 0x7f1000000300\n"
        "13: call r10\n"
        "16: mov r10, rax\n"
        "19: pop rax\n"
        "1a: pop rdx\n"
        "1b: jmp r10\n");
  CHECK(unwind.sites.empty());
  CHECK(unwind.frame_bytes == 8);
  AssembledCode exception = (*shell)->stub(Stub::exception);
  CHECK(listing(exception.code) ==
        "0: mov qword ptr [r15 + 0x3d0], rax\n"
        "7: mov qword ptr [r15 + 0x3d8], rdx\n"
        "e: mov qword ptr [rsp], rdx\n"
        "12: push rbp\n"
        "13: mov rbp, rsp\n"
        "16: mov qword ptr [r15 + 0x290], rsp\n"
        "1d: mov rdi, r15\n"
        "20: movabs r10, 0x7f1000000400\n"
        "2a: call r10\n"
        "2d: mov qword ptr [r15 + 0x290], 0x0\n"
        "38: mov qword ptr [r15 + 0x2a0], 0x0\n"
        "43: mov qword ptr [r15 + 0x298], 0x0\n"
        "4e: pop rbp\n"
        "4f: add rsp, 0x8\n"
        "53: jmp rax\n");
  CHECK(exception.sites == std::vector<InstallSite>{mark(0x16, 6),
                                                    {.kind = InstallSiteKind::foreign_call,
                                                     .pc = 0x20,
                                                     .size = 13,
                                                     .address = 0x7f1000000400,
                                                     .empty_reference_map = true}});
  CHECK(exception.frame_bytes == 16);
}

TEST_CASE("shell: the stub of a VM entry, byte by byte") {
  ShellConfig config = sample_config();
  config.new_instance.function = 0x7f1000000500;
  auto incomplete = make_jdk17_shell(config);
  REQUIRE(incomplete);
  CHECK((*incomplete)->stub(Stub::new_instance).code.empty());
  config.thread_vm_result = 744;
  config.thread_pending_exception = 8;
  auto shell = make_jdk17_shell(config);
  REQUIRE(shell);
  CHECK((*shell)->stub(Stub::new_array).code.empty());
  CHECK((*shell)->stub(Stub::monitor_enter).code.empty());
  AssembledCode stub = (*shell)->stub(Stub::new_instance);
  CHECK(listing(stub.code) ==
        "0: push rbp\n"
        "1: mov rbp, rsp\n"
        "4: mov qword ptr [r15 + 0x290], rsp\n"
        "b: mov rdi, r15\n"
        "e: movabs r10, 0x7f1000000500\n"
        "18: call r10\n"
        "1b: mov qword ptr [r15 + 0x290], 0x0\n"
        "26: mov qword ptr [r15 + 0x2a0], 0x0\n"
        "31: mov qword ptr [r15 + 0x298], 0x0\n"
        "3c: pop rbp\n"
        "3d: cmp qword ptr [r15 + 0x8], 0x0\n"
        "45: jne 0x13\n"
        "47: mov rax, qword ptr [r15 + 0x2e8]\n"
        "4e: mov qword ptr [r15 + 0x2e8], 0x0\n"
        "59: ret\n"
        "5a: mov rax, qword ptr [r15 + 0x8]\n"
        "61: mov qword ptr [r15 + 0x8], 0x0\n"
        "6c: mov qword ptr [r15 + 0x2e8], 0x0\n"
        "77: push rax\n"
        "78: mov rdi, r15\n"
        "7b: mov rsi, qword ptr [rsp + 0x8]\n"
        "80: movabs r10, 0x7f1000000300\n"
        "8a: call r10\n"
        "8d: mov r10, rax\n"
        "90: pop rax\n"
        "91: pop rdx\n"
        "92: jmp r10\n");
  CHECK(stub.sites == std::vector<InstallSite>{mark(0x4, 6),
                                               {.kind = InstallSiteKind::foreign_call,
                                                .pc = 0xe,
                                                .size = 13,
                                                .address = 0x7f1000000500,
                                                .empty_reference_map = true}});
  CHECK(stub.frame_bytes == 16);
  config.monitor_enter.function = config.new_instance.function;
  auto with_monitors = make_jdk17_shell(config);
  REQUIRE(with_monitors);
  CHECK((*with_monitors)->stub(Stub::monitor_enter).code == stub.code);
}

TEST_CASE("shell: the same image gives the same bytes") {
  code::CodeImage image = sample_image(Bytes(24, 0x90));
  image.sites = {{.kind = code::SiteKind::call_static,
                  .offset = 8,
                  .size = 8,
                  .frames = {sample_frame(3, true)}}};
  CHECK(assembled(image).code == assembled(image).code);
}
