#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <functional>

#include "tests/unit/vmagent_install/listing.h"
#include "tests/unit/vmagent_install/sample.h"
#include "vmagent/hotspot/shell/check.h"

using namespace jitfarm;
using namespace jitfarm::vmagent::hotspot::shell;
using tests::listing;
using tests::sample_config25;
using tests::sample_frame;
using tests::sample_image;

namespace {

AssembledCode assembled(const code::CodeImage& image, ShellConfig config = sample_config25()) {
  auto shell = make_jdk25_shell(config);
  REQUIRE(shell);
  auto code = (*shell)->assemble(image, 0);
  INFO((code ? std::string() : code.error().message()));
  REQUIRE(code);
  return *code;
}

InstallSite mark(std::uint32_t pc, std::int32_t id) {
  return {.kind = InstallSiteKind::mark, .pc = pc, .mark = id};
}
InstallSite foreign(std::uint32_t pc, std::uint32_t size, std::uint64_t address) {
  return {.kind = InstallSiteKind::foreign_call, .pc = pc, .size = size, .address = address};
}

/// A direct call with a landing pad, in a frame with a thread slot at 8.
code::CodeImage with_call(code::SiteKind kind, std::uint32_t shift = 0) {
  const bool cache = kind == code::SiteKind::call_virtual || kind == code::SiteKind::call_interface;
  const std::uint32_t size = cache ? jdk25_sleds().virtual_call : jdk25_sleds().static_call;
  code::CodeImage image = sample_image(Bytes(shift + size + 16, 0x90));
  image.thread_slot_offset = 8;
  image.sites = {{.kind = kind,
                  .offset = 5 + shift,
                  .size = size,
                  .method = MethodId{9},
                  .landing_pad = static_cast<std::int32_t>(5 + shift + size),
                  .frames = {sample_frame(3, true)}}};
  return image;
}

const InstallSite& of_kind(const AssembledCode& code, InstallSiteKind kind) {
  auto site = std::ranges::find(code.sites, kind, &InstallSite::kind);
  REQUIRE(site != code.sites.end());
  return *site;
}

Status checked(const AssembledCode& code) {
  return check(code, sample_config25().marks, true, 1, 0);
}

}  // namespace

TEST_CASE("shell 25: a static method without sites, byte by byte") {
  // mov eax, 42; add rsp, 48; pop rbp; jmp return stub
  code::CodeImage image =
      sample_image({0xb8, 42, 0, 0, 0, 0x48, 0x83, 0xc4, 0x30, 0x5d, 0xe9, 0, 0, 0, 0});
  image.relocations = {{.kind = code::RelocationKind::rel32_target,
                        .offset = 16,
                        .target = code::Target::return_stub,
                        .addend = -4}};
  AssembledCode code = assembled(image);
  CHECK(listing(code.code) ==
        "0: nop dword ptr [rax + rax]\n"
        "5: mov dword ptr [rsp - 0x14000], eax\n"
        "c: nop dword ptr [rax]\n"
        "10: cmp dword ptr [r15 + 0x20], 0x0\n"
        "18: jne 0x72\n"
        "1e: nop\n"
        "20: push rbp\n"
        "21: sub rsp, 0x30\n"
        "25: mov eax, 0x2a\n"
        "2a: add rsp, 0x30\n"
        "2e: pop rbp\n"
        "2f: jmp 0xc\n"
        "34: nop word ptr [rax + rax]\n"
        "3d: nop dword ptr [rax]\n"
        "40: cmp rsp, qword ptr [r15 + 0x28]\n"
        "47: ja 0x1\n"
        "49: ret\n"
        "4a: lea r10, [rip - 0x11]\n"
        "51: mov qword ptr [r15 + 0x538], r10\n"
        "58: jmp 0x0\n"
        "5d: nop dword ptr [rax]\n"
        "60: jmp 0x0\n"
        "65: nop word ptr [rax + rax]\n"
        "6e: nop\n"
        "70: call 0x0\n"
        "75: hlt\n"
        "76: nop word ptr [rax + rax]\n"
        "7f: nop\n"
        "80: call 0x0\n"
        "85: sub qword ptr [rsp], 0x5\n"
        "8a: jmp 0x0\n"
        "8f: nop\n"
        "90: push rbp\n"
        "91: mov rbp, rsp\n"
        "94: sub rsp, 0x30\n"
        "9b: call 0x0\n"
        "a0: add rsp, 0x30\n"
        "a7: pop rbp\n"
        "a8: jmp -0x8d\n"
        "ad: nop word ptr [rax + rax]\n"
        "b6: nop word ptr [rax + rax]\n"
        "bf: nop\n");
  CHECK(code.sites == std::vector<InstallSite>{
                          mark(0, 1), mark(0, 2), mark(0x10, 6), mark(0x10, 7), mark(0x40, 16),
                          foreign(0x58, 5, 0x7f0000009000), foreign(0x60, 5, 0x7f0000004000),
                          mark(0x70, 4), foreign(0x70, 5, 0x7f0000005000), mark(0x80, 5),
                          foreign(0x8a, 5, 0x7f0000002000), foreign(0x9b, 5, 0x7f0000008000)});
  CHECK(code.frame_bytes == 64);
  CHECK(code.thread_slot_offset == -1);
}

TEST_CASE("shell 25: the barrier's cold tail makes a frame of the method's size") {
  code::CodeImage image = sample_image({});
  image.text = {0x55, 0x48, 0x81, 0xec, 0x00, 0x30, 0x00, 0x00, 0xc3};  // sub rsp, 0x3000
  image.frame_size = 0x3010;
  CHECK(listing(assembled(image).code).find("sub rsp, 0x3000\n") != std::string::npos);
  image.text = {0x55, 0xc3};
  image.frame_size = 16;
  image.deopt_rescue_offset = -1;
  CHECK(listing(assembled(image).code).find("sub rsp, 0x0\n") != std::string::npos);
}

TEST_CASE("shell 25: the receiver's class is compared with that of the inline cache's data") {
  code::CodeImage image = sample_image({0xc3});
  image.has_receiver = true;
  ShellConfig config = sample_config25();
  AssembledCode code = assembled(image, config);
  CHECK(
      listing(code.code).starts_with("0: mov r10d, dword ptr [rsi + 0x8]\n"
                                     "7: cmp r10d, dword ptr [rax + 0x8]\n"
                                     "e: jne 0x0\n"));
  CHECK(code.sites[1] == foreign(0xe, 6, 0x7f0000001000));
  config.compressed_class_pointers = false;
  CHECK(listing(assembled(image, config).code)
            .starts_with("0: mov r10, qword ptr [rsi + 0x8]\n"
                         "7: cmp r10, qword ptr [rax + 0x8]\n"));
}

TEST_CASE("shell 25: behind a call, wherever it lies, are HotSpot's nop and the thread's store") {
  using code::SiteKind;
  for (SiteKind kind : {SiteKind::call_static, SiteKind::call_special, SiteKind::call_virtual,
                        SiteKind::call_interface})
    for (std::uint32_t shift = 0; shift < 8; ++shift) {
      const code::CodeImage image = with_call(kind, shift);
      const AssembledCode code = assembled(image);
      const InstallSite& call = of_kind(code, InstallSiteKind::java_call);
      CHECK((call.pc + 1) % 4 == 0);
      const std::uint32_t end = code.text_begin + image.sites[0].offset + image.sites[0].size;
      const std::string text = listing(ByteView(code.code).first(end).subspan(call.pc));
      CAPTURE(text);
      CHECK(
          text.starts_with("0: call 0x0\n"
                           "5: nop dword ptr [rax + rax]\n"
                           "d: mov qword ptr [rsp + 0x8], r15\n"));
      CHECK(text.find("??") == std::string::npos);
      if (kind == SiteKind::call_virtual || kind == SiteKind::call_interface)
        CHECK(std::ranges::count(code.sites,
                                 mark(call.pc - 10, kind == SiteKind::call_virtual ? 9 : 8)) == 1);
      else
        CHECK(std::ranges::count(code.sites,
                                 mark(call.pc, kind == SiteKind::call_static ? 10 : 11)) == 1);
    }
}

TEST_CASE("shell 25: an exception stores the thread before it lands, one thunk for each pad") {
  code::CodeImage image = with_call(code::SiteKind::call_static);
  image.text.insert(image.text.end(), 40, 0x90);
  image.sites.push_back(image.sites[0]);
  image.sites[1].offset += 30;
  const AssembledCode code = assembled(image);
  std::vector<InstallSite> handlers;
  std::ranges::copy_if(code.sites, std::back_inserter(handlers), [](const InstallSite& s) {
    return s.kind == InstallSiteKind::exception_handler;
  });
  REQUIRE(handlers.size() == 2);
  CHECK(handlers[0].handler_pc == handlers[1].handler_pc);
  const std::uint32_t thunk = handlers[0].handler_pc;
  CHECK(thunk >= code.text_end);
  CHECK(listing(ByteView(code.code).subspan(thunk, 8)) == "0: mov qword ptr [rsp + 0x8], r15\n");
  CHECK(code.code[thunk + 8] == 0xe9);
  std::int32_t distance;
  std::memcpy(&distance, &code.code[thunk + 9], 4);
  CHECK(static_cast<std::int64_t>(thunk) + 13 + distance ==
        std::int64_t{code.text_begin} + image.sites[0].landing_pad);
}

TEST_CASE("shell 25: a call of the VM is followed by the thread's store") {
  code::CodeImage image = sample_image(Bytes(30, 0x90));
  image.thread_slot_offset = 8;
  image.sites = {{.kind = code::SiteKind::runtime_call,
                  .offset = 8,
                  .size = jdk25_sleds().runtime_call,
                  .target = code::Target::uncommon_trap,
                  .frames = {sample_frame(4, false)}}};
  AssembledCode code = assembled(image);
  CHECK(listing(ByteView(code.code).subspan(code.text_begin + 8, 13)) ==
        "0: call 0x0\n5: mov qword ptr [rsp + 0x8], r15\n");
  image.thread_slot_offset = -1;
  auto refused = (*make_jdk25_shell(sample_config25()))->assemble(image, 0);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().detail.find("thread slot") != std::string::npos);
}

TEST_CASE("shell 25: an allocation that answers null is done again by the interpreter") {
  ShellConfig config = sample_config25();
  config.new_instance.function = 0x7f1000000500;
  config.monitor_enter.function = 0x7f1000000600;
  config.thread_vm_result = 1240;
  config.thread_pending_exception = 8;
  auto shell = make_jdk25_shell(config);
  REQUIRE(shell);
  AssembledCode stub = (*shell)->stub(Stub::new_instance);
  CHECK(listing(stub.code).find("47: mov rax, qword ptr [r15 + 0x4d8]\n"
                                "4e: mov qword ptr [r15 + 0x4d8], 0x0\n"
                                "59: test rax, rax\n"
                                "5c: je 0x1\n"
                                "5e: ret\n"
                                "5f: mov dword ptr [r15 + 0x560], 0xfffffff6\n"
                                "6a: jmp 0x0\n"
                                "6f: mov rax, qword ptr [r15 + 0x8]\n") != std::string::npos);
  CHECK(std::ranges::count(stub.sites, foreign(0x6a, 5, 0x7f0000003000)) == 1);
  CHECK(check(stub, config.marks, false, 0, 0));
  CHECK(listing((*shell)->stub(Stub::monitor_enter).code).find("test rax") == std::string::npos);
}

TEST_CASE("shell 25: the check finds a broken barrier, nop, store or thunk") {
  const AssembledCode good = assembled(with_call(code::SiteKind::call_static));
  REQUIRE(checked(good));
  const std::uint32_t call = of_kind(good, InstallSiteKind::java_call).pc;
  const std::uint32_t barrier = of_kind(good, InstallSiteKind::foreign_call).pc;  // of some exit
  REQUIRE(barrier > good.text_end);
  const std::uint32_t guard = 0x10;
  const auto breaks = [&](std::string_view rule, const std::function<void(AssembledCode&)>& how) {
    AssembledCode code = good;
    how(code);
    const Status status = checked(code);
    REQUIRE_FALSE(status);
    CHECK(status.error().detail.find(rule) != std::string::npos);
  };
  breaks("rule 11", [&](AssembledCode& c) { c.code[guard + 1] = 0x83; });
  breaks("rule 11", [&](AssembledCode& c) { c.code[guard + 8] = 0x90; });
  breaks("rule 11", [&](AssembledCode& c) { std::memset(&c.code[guard + 10], 0, 4); });
  breaks("rule 11", [&](AssembledCode& c) {
    std::erase(c.sites, mark(guard, sample_config25().marks.entry_barrier_patch));
  });
  breaks("rule 12", [&](AssembledCode& c) { c.code[call + 6] = 0x1e; });
  breaks("rule 12", [&](AssembledCode& c) { c.code[call + 13] = 0x48; });
  breaks("rule 12", [&](AssembledCode& c) { ++c.code[call + 17]; });
  const std::uint32_t thunk = of_kind(good, InstallSiteKind::exception_handler).handler_pc;
  breaks("rule 12", [&](AssembledCode& c) { c.code[thunk + 4] = 0; });
  breaks("rule 7", [&](AssembledCode& c) { c.code[thunk + 8] = 0xe8; });
  breaks("rule 7", [&](AssembledCode& c) { std::memset(&c.code[thunk + 9], 0, 4); });
}

TEST_CASE("shell 25: a VM without one of its numbers is refused") {
  REQUIRE(make_jdk25_shell(sample_config25()));
  const auto refused = [](const std::function<void(ShellConfig&)>& how) {
    ShellConfig config = sample_config25();
    how(config);
    return !make_jdk25_shell(config);
  };
  CHECK(refused([](ShellConfig& c) { c.marks.entry_barrier_patch = -1; }));
  CHECK(refused([](ShellConfig& c) { c.speculated_klass = 0; }));
  CHECK(refused([](ShellConfig& c) { c.thread_polling_word = 0; }));
  CHECK(refused([](ShellConfig& c) { c.thread_saved_exception_pc = 0; }));
  CHECK(refused([](ShellConfig& c) { c.thread_disarmed_guard = 128; }));
  CHECK(refused([](ShellConfig& c) { c.nmethod_entry_barrier = 0; }));
  CHECK(refused([](ShellConfig& c) { c.polling_page_return_handler = 0; }));
  CHECK(refused([](ShellConfig& c) { c.null_result_request = 0; }));
  CHECK(refused([](ShellConfig& c) { c.uncommon_trap = 0; }));
}
