// Does every message and stored record survive the wire, in the bytes that other versions expect?
// Walks the catalogue: a new message is covered by itself.
#include <catch2/catch.hpp>

#include "common/facts/fact_codec.h"
#include "common/protocol/packet.h"
#include "tests/support/random_value.h"
#include "tests/support/stored_records.h"

namespace jitfarm {
namespace {

constexpr std::uint64_t kSeed = 20'261'121;
constexpr int kRounds = 60;

template <class F>
void for_each_record(F&& f) {
  protocol::AllMessages::for_each(f);
  test::for_each_stored_record(f);
}

TEST_CASE("codec: every record decodes to what was encoded", "[wire]") {
  test::Random random(kSeed);
  INFO("seed " << kSeed);
  for_each_record([&]<wire::Record T>() {
    for (int i = 0; i < kRounds; ++i) {
      const T value = test::random_record<T>(random);
      const wire::Encoded encoded = wire::encode(value);
      const Result<T> decoded = wire::decode<T>(encoded.body, encoded.blobs);
      INFO(T::kRecord.name << " round " << i << (decoded ? "" : ": " + decoded.error().message()));
      REQUIRE(decoded);
      const wire::Encoded again = wire::encode(*decoded);
      REQUIRE(again.body == encoded.body);
      REQUIRE(again.blobs == encoded.blobs);
      REQUIRE(wire::encoded_size(value) == encoded.body.size());
      if constexpr (std::equality_comparable<T>) REQUIRE(*decoded == value);
    }
  });
}

TEST_CASE("codec: a record cut anywhere is an error", "[wire]") {
  test::Random random(kSeed + 1);
  INFO("seed " << kSeed + 1);
  for_each_record([&]<wire::Record T>() {
    wire::Encoded encoded;
    do encoded = wire::encode(test::random_record<T>(random));
    while (encoded.body.size() > 4000);
    INFO(T::kRecord.name);
    for (std::size_t cut = 0; cut < encoded.body.size(); ++cut)
      REQUIRE_FALSE(wire::decode<T>(ByteView(encoded.body).first(cut), encoded.blobs));
  });
}

std::string hex(ByteView bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t b : bytes) (out += kDigits[b >> 4]) += kDigits[b & 15];
  return out;
}

// When this fails, peers of another version misread us. New fields at the end are the only change
// allowed: then the array's head and the end of the expected bytes change, nothing between.
TEST_CASE("messages: their bytes do not drift", "[wire]") {
  CHECK(hex(wire::encode(
                protocol::Envelope{
                    .type = 12, .session = {5}, .correlation = {123'456}, .deadline_ms = 2000})
                .body) == "95020c05ce0001e240cd07d0");
  const Blob shape(Bytes{1});
  const wire::Encoded request = wire::encode(protocol::CompileRequest{
      .request = {7},
      .task = {.method = {300}, .trap_history = {0, 255}},
      .hotness = 5000,
      .facts = {facts::unknown_fact({facts::FactKind::class_info, 99, 17, 0xb4}),
                facts::encode_value({facts::FactKind::class_state, 1}, facts::ClassState{true})},
      .shapes = {{{}, shape}},
      .method_name = "A.f()I"});
  CHECK(hex(request.body) ==
        "970793cd012cffc40200ffcd1388a6412e66282949c42000000000000000000000000000000000"
        "00000000000000000000000000000000929394026311ccb4c2c400939404010000c3c40291c391"
        "92c420000000000000000000000000000000000000000000000000000000000000000000");
  CHECK(request.blobs == std::vector{shape});
  CHECK(hex(wire::encode(protocol::CompileResult{.request = {7},
                                                 .image = shape,
                                                 .waves = 2,
                                                 .queue_ns = 1'000'000'000'000,
                                                 .compile_ns = 65'536})
                .body) == "95070002cf000000e8d4a51000ce00010000");
  CHECK(hex(wire::encode(
                protocol::CompileFailed{
                    .request = {7}, .error = "bail_out", .reason = "monitor", .retry_later = true})
                .body) == "9507a86261696c5f6f7574a76d6f6e69746f72a0c3");
  CHECK(hex(wire::encode(code::FrameValue{.offset = -40, .bits = INT64_MIN}).body) ==
        "940000d0d8d38000000000000000");
}

TEST_CASE("codec: blobs are passed on, not copied", "[wire]") {
  const Blob code(Bytes{1, 2, 3});
  const protocol::Packet packet =
      protocol::make_packet(protocol::CompileResult{.request = {7}, .image = code});
  REQUIRE(packet.blobs.size() == 1);
  CHECK(packet.blobs[0].data() == code.data());
  const auto frames = protocol::from_frames(protocol::to_frames(packet));
  REQUIRE(frames);
  const auto result = protocol::read<protocol::CompileResult>(*frames);
  REQUIRE(result);
  CHECK(result->image.data() == code.data());
  CHECK(result->request == RequestId{7});
}

TEST_CASE("packet: every message survives frames, with its envelope", "[protocol]") {
  test::Random random(kSeed + 2);
  INFO("seed " << kSeed + 2);
  protocol::AllMessages::for_each([&]<protocol::Message M>() {
    const auto envelope = test::random_record<protocol::Envelope>(random);
    const M message = test::random_record<M>(random);
    const protocol::Packet packet = protocol::make_packet(message, envelope);
    const std::vector<Blob> frames = protocol::to_frames(packet);
    std::size_t bytes = 0;
    for (const Blob& frame : frames) bytes += frame.size();
    INFO(M::kRecord.name);
    CHECK(packet.size() == bytes);
    const auto received = protocol::from_frames(frames);
    REQUIRE(received);
    CHECK(received->envelope.type == M::kRecord.id);
    CHECK(received->envelope.session == envelope.session);
    CHECK(received->envelope.deadline_ms == envelope.deadline_ms);
    const auto read = protocol::read<M>(*received);
    REQUIRE(read);
    CHECK(wire::encode(*read).body == wire::encode(message).body);
  });
}

TEST_CASE("packet: reading as another type is refused", "[protocol]") {
  const auto packet = protocol::make_packet(protocol::StatusRequest{});
  const auto read = protocol::read<protocol::Goodbye>(packet);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == Errc::unexpected_message);
  CHECK(read.error().detail == "status_request where goodbye belongs");
}

TEST_CASE("packet: a message needs two frames, and its sizes are limited", "[protocol]") {
  CHECK(protocol::from_frames({}).error().code == Errc::malformed_frame);
  const std::vector<Blob> good =
      protocol::to_frames(protocol::make_packet(protocol::StatusRequest{}));
  CHECK(protocol::from_frames({good[0]}).error().code == Errc::malformed_frame);
  std::vector<Blob> many = good;
  many.resize(2 + wire::Limits{}.blobs + 1);
  CHECK(protocol::from_frames(many).error().code == Errc::limit_exceeded);
  const Bytes big(wire::Limits{}.body_bytes + 1);
  CHECK(protocol::from_frames({good[0], Blob(big)}).error().code == Errc::limit_exceeded);
  CHECK(protocol::from_frames({Blob(Bytes(300)), good[1]}).error().code == Errc::limit_exceeded);
}

TEST_CASE("packet: the type may be unknown here", "[protocol]") {
  const auto packet = protocol::from_frames(
      {Blob(wire::encode(protocol::Envelope{.type = 999}).body), Blob(Bytes{0x90})});
  REQUIRE(packet);
  CHECK(packet->envelope.type == 999);
  CHECK(protocol::message_name(999) == "unknown");
}

}  // namespace
}  // namespace jitfarm
