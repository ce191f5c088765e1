#include <catch2/catch.hpp>
#include <functional>
#include <random>

#include "tests/unit/vmagent_install/sample.h"
#include "vmagent/hotspot/shell/check.h"

using namespace jitfarm;
using namespace jitfarm::vmagent::hotspot::shell;
using tests::sample_config;
using tests::sample_frame;
using tests::sample_image;

namespace {

/// A method with a static call (landing pad), a virtual call, a trap, a poll and a cell.
code::CodeImage rich_image() {
  Bytes body(80, 0x90);
  Bytes load{0x48, 0x8b, 0x05, 0, 0, 0, 0};
  std::ranges::copy(load, body.begin() + 60);
  code::CodeImage image = sample_image(body);
  image.sites = {
      {.kind = code::SiteKind::call_static,
       .offset = 8,
       .size = 8,
       .method = MethodId{9},
       .landing_pad = 60,
       .frames = {sample_frame(1, true)}},
      {.kind = code::SiteKind::call_virtual,
       .offset = 16,
       .size = 18,
       .method = MethodId{9},
       .frames = {sample_frame(2, true)}},
      {.kind = code::SiteKind::runtime_call,
       .offset = 36,
       .size = 5,
       .target = code::Target::uncommon_trap,
       .frames = {sample_frame(3, false)}},
      {.kind = code::SiteKind::poll, .offset = 44, .size = 10, .frames = {sample_frame(4, false)}}};
  image.constants = {{.kind = code::ConstantKind::klass, .klass = ClassId{1}}};
  image.relocations = {{.kind = code::RelocationKind::rel32_cell,
                        .offset = 68,
                        .cell = 0,
                        .addend = -4,
                        .instruction_offset = 65}};
  return image;
}

Result<AssembledCode> assemble(const code::CodeImage& image) {
  auto shell = make_jdk17_shell(sample_config());
  REQUIRE(shell);
  return (*shell)->assemble(image, 0);
}

}  // namespace

TEST_CASE("shell: an image that breaks a rule of the JDK is refused, with the rule's name") {
  REQUIRE(assemble(rich_image()));
  struct Case {
    const char* what;
    std::function<void(code::CodeImage&)> spoil;
  };
  for (const Case& c : std::vector<Case>{
           {"on-stack replacement", [](auto& i) { i.task.entry_bci = 4, i.has_receiver = true; }},
           {"thread slot", [](auto& i) { i.thread_slot_offset = 8; }},
           {"size of text", [](auto& i) { i.text.clear(); }},
           {"push rbp", [](auto& i) { i.text[0] = 0x53; }},
           {"frame_size is 72", [](auto& i) { i.frame_size = 72; }},
           {"frame_size", [](auto& i) { i.frame_size = 1u << 20; }},
           {"rescue", [](auto& i) { i.deopt_rescue_offset = -1; }},
           {"rescue slot", [](auto& i) { i.deopt_rescue_offset = 48; }},
           {"site 0: size of a direct call", [](auto& i) { i.sites[0].size = 5; }},
           {"site 1: size of an inline-cache call", [](auto& i) { i.sites[1].size = 8; }},
           {"site 2: target", [](auto& i) { i.sites[2].target = code::Target::return_stub; }},
           {"site 2: a trap has no landing pad", [](auto& i) { i.sites[2].landing_pad = 3; }},
           {"site 3: size of a poll", [](auto& i) { i.sites[3].size = 18; }},
           {"site 3: outside the text", [](auto& i) { i.sites[3].offset = 80; }},
           {"site 3: outside the text", [](auto& i) { i.sites[3].offset = 0xfffffff8; }},
           {"site 0: landing pad", [](auto& i) { i.sites[0].landing_pad = 4000; }},
           {"site 0: no frame state", [](auto& i) { i.sites[0].frames.clear(); }},
           {"site 0: unknown kind",
            [](auto& i) { i.sites[0].kind = static_cast<code::SiteKind>(99); }},
           {"relocation 0: no such cell", [](auto& i) { i.relocations[0].cell = 1; }},
           {"relocation 0: not a plain load", [](auto& i) { i.relocations[0].addend = -5; }},
           {"rule 8", [](auto& i) { i.text[66] = 0x8d; }},
           {"relocation 0: outside its section",
            [](auto& i) {
              i.relocations[0].offset = 82;
              i.relocations[0].instruction_offset = 79;
            }},
           {"relocation 0: unknown kind",
            [](auto& i) { i.relocations[0].kind = static_cast<code::RelocationKind>(99); }},
           {"relocation 0: not a target inside",
            [](auto& i) {
              i.relocations[0] = {.kind = code::RelocationKind::rel32_target,
                                  .offset = 8,
                                  .target = code::Target::drem,
                                  .addend = -4};
            }},
           {"relocation 0: not a C leaf",
            [](auto& i) {
              i.relocations[0] = {.kind = code::RelocationKind::abs64_target,
                                  .offset = 8,
                                  .target = code::Target::return_stub};
            }},
           {"relocation 0: outside rodata",
            [](auto& i) {
              i.relocations[0] = {
                  .kind = code::RelocationKind::rel32_rodata, .offset = 8, .addend = 5000};
            }},
       }) {
    code::CodeImage image = rich_image();
    c.spoil(image);
    auto result = assemble(image);
    CAPTURE(c.what);
    REQUIRE_FALSE(result);
    CAPTURE(result.error().message());
    CHECK(result.error().code == Errc::invalid_code_image);
    CHECK(result.error().detail.find(c.what) != std::string::npos);
  }
}

TEST_CASE("shell: overlapping sites are found by the check of the result") {
  code::CodeImage image = rich_image();
  image.sites[1].offset = 8;  // over the static call
  CHECK_FALSE(assemble(image));
}

TEST_CASE("shell: numbers of the VM that are missing are refused by name") {
  for (auto spoil : std::vector<std::function<void(ShellConfig&)>>{
           [](ShellConfig& c) { c.marks.poll_far = -1; },
           [](ShellConfig& c) { c.klass_offset = 0; }, [](ShellConfig& c) { c.page_bytes = 0; },
           [](ShellConfig& c) { c.stack_shadow_pages = 0; },
           [](ShellConfig& c) { c.thread_polling_page = 0; },
           [](ShellConfig& c) { c.uncommon_trap = 0; },
           [](ShellConfig& c) { c.exception_handler_for_pc = 0; }}) {
    ShellConfig config = sample_config();
    spoil(config);
    auto shell = make_jdk17_shell(config);
    REQUIRE_FALSE(shell);
    CHECK(shell.error().code == Errc::vm_unsupported);
  }
  ShellConfig config = sample_config();
  config.exception_stub = 0;  // known only after the stubs are installed
  auto shell = make_jdk17_shell(config);
  REQUIRE(shell);
  CHECK((*shell)->assemble(rich_image(), 0).error().code == Errc::vm_unsupported);
}

TEST_CASE("shell: a spoiled list of sites does not pass the check") {
  auto good = assemble(rich_image());
  REQUIRE(good);
  Marks marks = sample_config().marks;
  auto passes = [&](const AssembledCode& code) {
    return check(code, marks, true, 4, 1).has_value();
  };
  REQUIRE(passes(*good));
  for (std::size_t i = 0; i < good->sites.size(); ++i) {
    CAPTURE(i);
    AssembledCode bad = *good;
    if (bad.sites[i].kind == InstallSiteKind::mark && bad.sites[i].mark != marks.poll_return_far) {
      bad.sites.erase(bad.sites.begin() + static_cast<std::ptrdiff_t>(i));
      CHECK_FALSE(passes(bad));
      bad = *good;
    }
    bad.sites[i].pc = static_cast<std::uint32_t>(bad.code.size());
    CHECK_FALSE(passes(bad));
    bad = *good;
    if (bad.sites[i].image_site >= 0) {
      bad.sites[i].image_site = 4;
      CHECK_FALSE(passes(bad));
    }
    bad = *good;
    if (bad.sites[i].kind == InstallSiteKind::java_call ||
        bad.sites[i].kind == InstallSiteKind::safepoint ||
        bad.sites[i].kind == InstallSiteKind::foreign_call ||
        bad.sites[i].kind == InstallSiteKind::data_patch) {
      bad.code[bad.sites[i].pc] = 0xcc;
      CHECK_FALSE(passes(bad));
    }
  }
}

TEST_CASE("shell: random images are refused or assembled, never anything else") {
  std::uint32_t seed = Catch::rngSeed() ? Catch::rngSeed() : 1;
  CAPTURE(seed);
  std::mt19937 rng(seed);
  auto any = [&](std::uint32_t n) { return rng() % n; };
  std::size_t assembled = 0;
  for (int round = 0; round < 20'000; ++round) {
    code::CodeImage image = rich_image();
    for (std::uint32_t changes = 1 + any(3); changes > 0; --changes) {
      code::Site& site = image.sites[any(4)];
      switch (any(12)) {
        case 0:
          site.offset = any(100);
          break;
        case 1:
          site.offset = rng();
          break;
        case 2:
          site.size = any(20);
          break;
        case 3:
          site.kind = static_cast<code::SiteKind>(any(8));
          break;
        case 4:
          site.landing_pad = static_cast<std::int32_t>(any(120)) - 10;
          break;
        case 5:
          image.relocations[0].offset = any(2) ? rng() : any(90);
          break;
        case 6:
          image.relocations[0].instruction_offset = any(2) ? rng() : any(90);
          break;
        case 7:
          image.relocations[0].kind = static_cast<code::RelocationKind>(any(7));
          break;
        case 8:
          image.relocations[0].addend = static_cast<std::int32_t>(rng()) >> any(31);
          break;
        case 9:
          image.text.resize(any(100));
          break;
        case 10:
          image.frame_size = any(200);
          break;
        case 11:
          image.text[any(static_cast<std::uint32_t>(image.text.size() ? image.text.size() : 1)) %
                     std::max<std::size_t>(1, image.text.size())] =
              static_cast<std::uint8_t>(rng());
          break;
      }
      if (image.text.empty()) break;
    }
    if (auto code = assemble(image)) {
      ++assembled;
      CHECK(check(*code, sample_config().marks, true, 4, 1));
    }
  }
  CHECK(assembled > 0);
  CHECK(assembled < 20'000);
}
