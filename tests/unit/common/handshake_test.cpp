// Who may talk to whom, and does each side learn why not?
#include "common/protocol/handshake.h"

#include <catch2/catch.hpp>

namespace jitfarm::protocol {
namespace {

Hello hello(std::uint16_t min, std::uint16_t max, std::vector<std::string> capabilities = {}) {
  return {.role = Role::agent,
          .version_min = min,
          .version_max = max,
          .capabilities = std::move(capabilities),
          .name = "host/17",
          .build = "0.1"};
}

TEST_CASE("handshake: the newest common version is spoken", "[protocol]") {
  CHECK(negotiate(hello(1, 1), {1, 1, {}})->version == 1);
  CHECK(negotiate(hello(1, 5), {2, 3, {}})->version == 3);
  CHECK(negotiate(hello(2, 3), {1, 5, {}})->version == 3);
  CHECK(negotiate(hello(3, 9), {1, 3, {}})->version == 3);
}

TEST_CASE("handshake: a peer of another version is refused with a reason for both sides",
          "[protocol]") {
  const Spoken own{3, 4, {}};
  const auto old_peer = negotiate(hello(1, 2), own);
  REQUIRE_FALSE(old_peer);
  CHECK(old_peer.error().code == Errc::version_mismatch);
  CHECK(old_peer.error().detail ==
        "host/17 (build 0.1) speaks protocol versions 1 to 2, this coordinator versions 3 to 4: "
        "update the peer");
  const auto new_peer = negotiate(hello(5, 5), own);
  REQUIRE_FALSE(new_peer);
  CHECK(new_peer.error().detail ==
        "host/17 (build 0.1) speaks protocol version 5, this coordinator versions 3 to 4: update "
        "the coordinator");

  const Refuse refuse = make_refuse(old_peer.error(), own);
  CHECK(refuse.code == "version_mismatch");
  CHECK(refuse.version_min == 3);
  const Error seen_by_peer = refused(refuse, {1, 2, {}});
  CHECK(seen_by_peer.code == Errc::version_mismatch);
  CHECK(
      seen_by_peer.detail.starts_with("we speak protocol versions 1 to 2, the coordinator versions "
                                      "3 to 4; the coordinator says: version_mismatch"));
}

TEST_CASE("handshake: capabilities are intersected, unknown ones ignored", "[protocol]") {
  const auto agreed = negotiate(hello(1, 1, {"osr", "from-the-future", "zstd", "osr"}),
                                {1, 1, {"zstd", "osr", "dedup"}});
  REQUIRE(agreed);
  CHECK(agreed->capabilities == std::vector<std::string>{"osr", "zstd"});
  CHECK(negotiate(hello(1, 1, {"a"}), {1, 1, {}})->capabilities.empty());
}

TEST_CASE("handshake: a hello without sense or over a limit is refused", "[protocol]") {
  const Spoken own{1, 2, {}};
  CHECK(negotiate(hello(2, 1), own).error().code == Errc::malformed_frame);
  CHECK(negotiate(hello(0, 1), own).error().code == Errc::malformed_frame);
  CHECK(negotiate(hello(1, 1, std::vector<std::string>(kCapabilitiesMax + 1, "x")), own)
            .error()
            .code == Errc::limit_exceeded);
  CHECK(negotiate(hello(1, 1, {std::string(kCapabilityBytesMax + 1, 'x')}), own).error().code ==
        Errc::limit_exceeded);
  CHECK(negotiate(hello(1, 1, {""}), own).error().code == Errc::limit_exceeded);
  Hello chatty = hello(1, 1);
  chatty.vm.resize(kPeerTextBytesMax + 1, 'x');
  CHECK(negotiate(chatty, own).error().detail == "hello.vm of 513 bytes, the limit is 512");
}

TEST_CASE("handshake: a refusal cannot forge log lines", "[protocol]") {
  const Error error =
      refused({.code = "no_worker", .reason = "a\nb\x1b[31m" + std::string(5000, 'x')}, {1, 1, {}});
  CHECK(error.code == Errc::handshake_refused);
  CHECK(error.detail.find('\n') == std::string::npos);
  CHECK(error.detail.find('\x1b') == std::string::npos);
  CHECK(error.detail.size() < 2 * kPeerTextBytesMax);
}

TEST_CASE("handshake: a lost session is told apart from a refusal", "[protocol]") {
  CHECK(refused({.code = "unknown_session"}, {1, 1, {}}).code == Errc::unknown_session);
}

TEST_CASE("handshake: the peer checks the welcome too", "[protocol]") {
  const Spoken own{2, 3, {"osr"}};
  const Welcome good{.version = 3,
                     .capabilities = {"osr", "other"},
                     .peer = 9,
                     .heartbeat_ms = 1000,
                     .lease_ms = 5000};
  const auto agreed = accept_welcome(good, own);
  REQUIRE(agreed);
  CHECK(agreed->version == 3);
  CHECK(agreed->capabilities == std::vector<std::string>{"osr"});
  Welcome bad = good;
  bad.version = 4;
  CHECK(accept_welcome(bad, own).error().code == Errc::version_mismatch);
  bad = good;
  bad.peer = 0;
  CHECK(accept_welcome(bad, own).error().code == Errc::malformed_frame);
  bad = good;
  bad.heartbeat_ms = 5000;
  CHECK(accept_welcome(bad, own).error().code == Errc::malformed_frame);
  bad = good;
  bad.heartbeat_ms = 0;
  CHECK(accept_welcome(bad, own).error().code == Errc::malformed_frame);
}

}  // namespace
}  // namespace jitfarm::protocol
