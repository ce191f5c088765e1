#include <catch2/catch.hpp>
#include <functional>
#include <random>

#include "tests/unit/vmagent_install/sample.h"
#include "vmagent/hotspot/writer/jdk25_stream.h"

using namespace jitfarm;
using namespace jitfarm::vmagent::hotspot;
using namespace jitfarm::vmagent::hotspot::writer;
using code::ValueKind;
using code::ValuePlace;
using tests::sample_config25;

namespace {

/// Addresses that are told apart in a dump.
class FakeNames final : public StreamNames {
 public:
  Result<std::uint64_t> method(MethodId id) override {
    if (id.value > 100) return fail(Errc::class_unreadable, "gone");
    return 0x7f11'0000'0000 + id.value * 0x100;
  }
  Result<std::uint64_t> klass(ClassId id) override { return 0x7f22'0000'0000 + id.value * 0x100; }
  Result<std::uint64_t> object(const code::Constant& c) override {
    return 0x7f33'0000'0000 + c.klass.value * 0x100 + c.cp_index;
  }
};

struct Sample {
  explicit Sample(code::CodeImage of) : image(std::move(of)) {
    auto shell = shell::make_jdk25_shell(config);
    REQUIRE(shell);
    auto code = (*shell)->assemble(image, 0);
    INFO((code ? std::string() : code.error().message()));
    REQUIRE(code);
    assembled = *code;
  }
  StreamContent content() const {
    return {.code = assembled,
            .marks = config.marks,
            .image = &image,
            .name = "jitfarm",
            .compile_state = 0x1234,
            .compile_id = 55};
  }
  Bytes encoded() {
    auto stream = encode_stream(tags, content(), names);
    REQUIRE(stream);
    return *stream;
  }
  Status checked(ByteView stream) { return check_stream(tags, content(), names, stream); }

  code::CodeImage image;
  shell::ShellConfig config = sample_config25();
  shell::AssembledCode assembled;
  StreamTags tags;
  FakeNames names;
};

/// One of everything that a stream can say.
code::CodeImage rich_image() {
  code::CodeImage image = tests::sample_image(Bytes(120, 0x90));
  image.thread_slot_offset = 40;
  const Bytes load{0x48, 0x8b, 0x05, 0, 0, 0, 0};
  std::ranges::copy(load, image.text.begin() + 110);
  const auto in_slot = [](ValueKind kind, std::int32_t offset) {
    return code::FrameValue{.kind = kind, .place = ValuePlace::stack_slot, .offset = offset};
  };
  const auto constant = [](ValueKind kind, std::int64_t bits) {
    return code::FrameValue{.kind = kind, .place = ValuePlace::constant, .bits = bits};
  };
  code::Frame outer{.method = MethodId{7},
                    .bci = 3,
                    .during_call = true,
                    .locals = {in_slot(ValueKind::object, 8)},
                    .locks = {{.owner = in_slot(ValueKind::object, 8), .slot = 32}}};
  code::Frame inner{.method = MethodId{8},
                    .bci = 1,
                    .during_call = true,
                    .locals = {in_slot(ValueKind::long_, 16), {}, constant(ValueKind::int_, -7)},
                    .stack = {constant(ValueKind::double_, 0x4000'0000'0000'0000),
                              {},
                              constant(ValueKind::object, 0),
                              constant(ValueKind::float_, 0)}};
  code::Frame again{.method = MethodId{7}, .bci = 9, .locals = {{}}};
  code::Frame thrown{.method = MethodId{7},
                     .bci = 12,
                     .rethrows = true,
                     .stack = {in_slot(ValueKind::object, 24)}};
  const shell::Sleds sleds = shell::jdk25_sleds();
  image.sites = {{.kind = code::SiteKind::call_virtual,
                  .offset = 8,
                  .size = sleds.virtual_call,
                  .method = MethodId{9},
                  .landing_pad = 104,
                  .frames = {outer, inner},
                  .oops = {{8, 8}, {24, 8}}},
                 {.kind = code::SiteKind::call_static,
                  .offset = 44,
                  .size = sleds.static_call,
                  .method = MethodId{10},
                  .frames = {outer, inner}},
                 {.kind = code::SiteKind::runtime_call,
                  .offset = 70,
                  .size = sleds.runtime_call,
                  .target = code::Target::uncommon_trap,
                  .frames = {thrown}},
                 {.kind = code::SiteKind::poll,
                  .offset = 84,
                  .size = sleds.poll,
                  .frames = {again},
                  .oops = {{8, 8}}}};
  image.constants = {{.kind = code::ConstantKind::klass, .klass = ClassId{4}},
                     {.kind = code::ConstantKind::mirror, .klass = ClassId{5}, .cp_index = 6}};
  image.relocations = {{.kind = code::RelocationKind::rel32_cell,
                        .offset = 113,
                        .cell = 1,
                        .addend = -4,
                        .instruction_offset = 110}};
  image.methods = {MethodId{7}, MethodId{8}};
  image.assumptions = {{.klass = ClassId{4}, .context_method = MethodId{9}, .method = MethodId{9}}};
  return image;
}

std::string hex(ByteView bytes) {
  std::string out;
  for (std::uint8_t b : bytes) {
    out += "0123456789abcdef"[b >> 4];
    out += "0123456789abcdef"[b & 15];
  }
  return out;
}

}  // namespace

TEST_CASE("stream: a stub, byte by byte") {
  shell::ShellConfig config = sample_config25();
  auto shell = shell::make_jdk25_shell(config);
  REQUIRE(shell);
  const shell::AssembledCode stub = (*shell)->stub(shell::Stub::exception);
  FakeNames names;
  const StreamContent content{.code = stub, .marks = config.marks, .name = "ex"};
  auto stream = encode_stream({}, content, names);
  REQUIRE(stream);
  CHECK(hex(*stream) ==
        "0000000000000000"  // no chunk behind this one
        "39000000"          // bytes of this one
        "00"                // no nmethod
        "02000000657800"    // "ex"
        "02000000"          // sites
        "55000000"          // bytes of code
        "10000000"          // frame
        "00000000"
        "10"  // no data, aligned to 16
        "0000"
        "0000"  // no calls of methods
        "0000"  // no cells
        "16000000"
        "2d06"  // mark: frame complete
        "20000000"
        "27"
        "00040000107f0000"  // call of a stub
        "01"
        "0800"
        "0000"    // a reference map, without references
        "0000");  // no virtual objects
  CHECK(check_stream({}, content, names, *stream));
}

TEST_CASE("stream: what is encoded is what the check reads") {
  Sample s(rich_image());
  const Bytes stream = s.encoded();
  const Status status = s.checked(stream);
  INFO((status ? std::string() : status.error().message()));
  CHECK(status);
  // The parts of one frame, as HotSpot's reader has them.
  const std::string text = hex(stream);
  CHECK(text.find("00080000117f0000"      // method
                  "01000000"              // bci
                  "0b"                    // locals, stack, during a call
                  "0300"                  // locals
                  "0b05100000"            // long in slot 16
                  "6300"                  // its second half
                  "0a12f9ffffff"          // int -7
                  "0400"                  // stack
                  "07130000000000000040"  // double 2.0
                  "6300"
                  "0c0f"                          // null
                  "0611") != std::string::npos);  // float 0
  CHECK(text.find("00070000117f0000"
                  "03000000"
                  "0d"  // locals, locks, during a call
                  "0100"
                  "0c06080000"
                  "0100"
                  "00"
                  "06080000"
                  "05200000") != std::string::npos);
  // Two references, the second derived from the first.
  CHECK(text.find("05"
                  "0800"
                  "0200"
                  "00"
                  "0800"
                  "ffff0800"
                  "01"
                  "0800"
                  "ffff1800"
                  "ffff0800"
                  "0000"
                  "0200") != std::string::npos);
}

TEST_CASE("stream: the check finds every changed, lost and added byte") {
  Sample s(rich_image());
  const Bytes good = s.encoded();
  REQUIRE(s.checked(good));
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (std::uint8_t bits : {0x01, 0x80, 0xff}) {
      Bytes changed = good;
      changed[at] ^= bits;
      CAPTURE(at, bits);
      CHECK_FALSE(s.checked(changed));
    }
    Bytes lost = good;
    lost.erase(lost.begin() + static_cast<std::ptrdiff_t>(at));
    CAPTURE(at);
    CHECK_FALSE(s.checked(lost));
    Bytes added = good;
    added.insert(added.begin() + static_cast<std::ptrdiff_t>(at), 0x5a);
    CHECK_FALSE(s.checked(added));
    CHECK_FALSE(s.checked(ByteView(good).first(at)));
  }
  Bytes more = good;
  more.push_back(0);
  CHECK_FALSE(s.checked(more));
}

TEST_CASE("stream: the check survives any bytes") {
  Sample s(rich_image());
  const Bytes good = s.encoded();
  std::mt19937 random(25);
  for (int round = 0; round < 2000; ++round) {
    Bytes bytes = good;
    const std::size_t from = random() % bytes.size();
    for (std::size_t at = from; at < std::min(from + 1 + random() % 40, bytes.size()); ++at)
      bytes[at] = static_cast<std::uint8_t>(random());
    if (bytes == good) continue;
    CHECK_FALSE(s.checked(bytes));
  }
}

TEST_CASE("stream: the check compares with the image, not with the encoder") {
  const code::CodeImage image = rich_image();
  const Bytes good = Sample(image).encoded();
  const auto differs = [&](const std::function<void(code::CodeImage&)>& how) {
    code::CodeImage other = image;
    how(other);
    return !Sample(other).checked(good);
  };
  CHECK_FALSE(differs([](code::CodeImage&) {}));
  CHECK(differs([](code::CodeImage& i) { i.task.method = MethodId{8}; }));
  CHECK(differs([](code::CodeImage& i) { i.sites[0].method = MethodId{10}; }));
  CHECK(differs([](code::CodeImage& i) { i.sites[0].oops.pop_back(); }));
  CHECK(differs([](code::CodeImage& i) { std::swap(i.sites[0].oops[0], i.sites[0].oops[1]); }));
  CHECK(differs([](code::CodeImage& i) { i.sites[0].frames[0].bci = 4; }));
  CHECK(differs([](code::CodeImage& i) { std::swap(i.sites[0].frames[0], i.sites[0].frames[1]); }));
  CHECK(differs([](code::CodeImage& i) { i.sites[0].frames[1].locals[2].bits = -6; }));
  CHECK(differs([](code::CodeImage& i) { i.sites[2].frames[0].rethrows = false; }));
  CHECK(differs([](code::CodeImage& i) { i.sites[0].landing_pad = 105; }) ==
        false);  // by its thunk
  CHECK(differs([](code::CodeImage& i) { i.sites[0].landing_pad = -1; }));
  CHECK(differs([](code::CodeImage& i) { std::swap(i.constants[0], i.constants[1]); }));
  CHECK(differs([](code::CodeImage& i) { std::swap(i.methods[0], i.methods[1]); }));
  CHECK(differs([](code::CodeImage& i) { i.assumptions.clear(); }));
}

TEST_CASE("stream: what HotSpot could not read is refused") {
  const auto refused = [](const std::function<void(code::CodeImage&)>& how) {
    code::CodeImage image = rich_image();
    how(image);
    Sample s(image);
    auto stream = encode_stream(s.tags, s.content(), s.names);
    return !stream || !s.checked(*stream);
  };
  // HotSpot takes a long with the entry behind it.
  CHECK(refused([](code::CodeImage& i) { i.sites[0].frames[1].locals.resize(1); }));
  CHECK(refused(
      [](code::CodeImage& i) { i.sites[0].frames[1].locals[1] = i.sites[0].frames[1].locals[2]; }));
  // The return address, and what is above the frame.
  CHECK(refused([](code::CodeImage& i) { i.sites[0].oops[0] = {56, 56}; }));
  CHECK(refused([](code::CodeImage& i) { i.sites[0].frames[0].locals[0].offset = 64; }));
  CHECK(refused([](code::CodeImage& i) { i.sites[0].frames[0].locals[0].offset = 6; }));
  CHECK(refused([](code::CodeImage& i) { i.methods.assign(70'000, MethodId{7}); }));
  CHECK(refused([](code::CodeImage& i) { i.methods.push_back(MethodId{200}); }));
  CHECK(refused([](code::CodeImage& i) { i.sites[0].frames[0].bci = -2; }));
}
