// Is the lease gained, kept and lost as the coordinator says?
#include <catch2/catch.hpp>
#include <deque>

#include "worker/link/coordinator_link.h"

using namespace jitfarm;
using namespace jitfarm::worker::link;
using namespace std::chrono_literals;

namespace {

struct Rig {
  explicit Rig(LinkOptions with = {.name = "w", .build = "1", .slots = 3})
      : options(std::move(with)) {}

  const LinkOptions options;
  std::deque<protocol::Packet> out;
  int lost = 0;
  bool connected = true;
  TimePoint now{};
  CoordinatorLink link{options,
                       {.send = [this](protocol::Packet p) -> Status {
                          if (!connected) return fail(Errc::peer_unreachable);
                          out.push_back(std::move(p));
                          return {};
                        },
                        .in_flight = [] { return InFlightList{{{5}}, {{6}}}; },
                        .joined = {},
                        .lost = [this](const std::string&) { ++lost; }}};

  template <class M>
  std::optional<M> next() {
    if (out.empty() || out.front().envelope.type != M::kRecord.id) return std::nullopt;
    auto m = protocol::read<M>(out.front());
    out.pop_front();
    return m ? std::optional(*std::move(m)) : std::nullopt;
  }
  void give(const protocol::Packet& p) { link.on_packet(p, now); }
  void welcome(std::uint64_t id = 9) {
    give(protocol::make_packet(protocol::Welcome{.version = protocol::kVersionMax,
                                                 .capabilities = {},
                                                 .peer = id,
                                                 .heartbeat_ms = 1000,
                                                 .lease_ms = 3000}));
  }
  void pass(Duration d) {
    now += d;
    link.tick(now);
  }
};

}  // namespace

TEST_CASE("link: hello until welcome, then heartbeats with what is in flight") {
  Rig r;
  r.pass(0s);
  auto hello = r.next<protocol::Hello>();
  REQUIRE(hello);
  CHECK(hello->role == protocol::Role::worker);
  CHECK(hello->slots == 3);
  r.pass(999ms);
  CHECK(r.out.empty());
  r.pass(1ms);
  CHECK(r.next<protocol::Hello>());
  r.welcome();
  CHECK(r.link.state() == LinkState::joined);
  CHECK(r.link.id() == WorkerId{9});
  auto beat = r.next<protocol::Heartbeat>();
  REQUIRE(beat);
  CHECK(beat->in_flight == std::vector<RequestId>{{5}});
  CHECK(beat->in_flight_sessions == std::vector<SessionId>{{6}});
  r.pass(1s);
  CHECK(r.next<protocol::Heartbeat>());
}

TEST_CASE("link: silence for a lease drops the work and greets again") {
  Rig r;
  r.pass(0s);
  r.welcome();
  for (int i = 0; i < 5; ++i) {
    r.pass(1s);
    r.give(protocol::make_packet(protocol::HeartbeatAck{}));
  }
  CHECK(r.lost == 0);
  r.pass(2999ms);
  CHECK(r.lost == 0);
  r.out.clear();
  r.pass(1ms);
  CHECK(r.lost == 1);
  CHECK(r.link.state() == LinkState::greeting);
  CHECK(r.next<protocol::Hello>());
  r.welcome(10);
  CHECK(r.link.id() == WorkerId{10});
  CHECK(r.lost == 1);
}

TEST_CASE("link: a restarted coordinator says unknown_session and is greeted at once") {
  Rig r;
  r.pass(0s);
  r.welcome();
  r.out.clear();
  r.give(protocol::make_packet(protocol::make_refuse({Errc::unknown_session, "who?"}, {})));
  CHECK(r.lost == 1);
  r.pass(0s);
  CHECK(r.next<protocol::Hello>());
  r.give(protocol::make_packet(protocol::make_refuse({Errc::unknown_session, "who?"},
                                                     {})));  // to a heartbeat that was under way
  CHECK(r.lost == 1);
}

TEST_CASE("link: a refused worker waits before it asks again") {
  Rig r;
  r.pass(0s);
  r.out.clear();
  r.give(protocol::make_packet(protocol::make_refuse({Errc::version_mismatch, "update"}, {})));
  CHECK(r.link.state() == LinkState::refused);
  r.pass(4999ms);
  CHECK(r.out.empty());
  r.pass(1ms);
  CHECK(r.next<protocol::Hello>());
  r.welcome();
  CHECK(r.link.state() == LinkState::joined);
}

TEST_CASE("link: the hello names the versions that the options say") {
  Rig r({.spoken = {.version_min = 7, .version_max = 9, .capabilities = {"x"}}});
  r.pass(0s);
  const auto hello = r.next<protocol::Hello>();
  REQUIRE(hello);
  CHECK(hello->version_min == 7);
  CHECK(hello->version_max == 9);
  CHECK(hello->capabilities == std::vector<std::string>{"x"});
}

TEST_CASE("link: a welcome that was not offered is not accepted") {
  Rig r;
  r.pass(0s);
  r.give(protocol::make_packet(protocol::Welcome{
      .version = 77, .capabilities = {}, .peer = 1, .heartbeat_ms = 1000, .lease_ms = 3000}));
  CHECK(r.link.state() == LinkState::refused);
  r.give({{.type = protocol::Welcome::kRecord.id}, Blob(Bytes{0xc1}), {}});
  CHECK(r.link.state() == LinkState::refused);
}

TEST_CASE(
    "link: a goodbye of the coordinator drops the work; a second welcome with another id does, "
    "too") {
  Rig r;
  r.pass(0s);
  r.welcome(9);
  r.welcome(9);
  CHECK(r.lost == 0);
  r.welcome(10);
  CHECK(r.lost == 1);
  r.give(protocol::make_packet(protocol::CoordinatorGoodbye{.reason = "stop"}));
  CHECK(r.lost == 2);
  CHECK(r.link.state() == LinkState::greeting);
}

TEST_CASE("link: draining is told at once and goodbye ends it") {
  Rig r;
  r.pass(0s);
  r.welcome();
  r.out.clear();
  r.link.drain(r.now);
  auto beat = r.next<protocol::Heartbeat>();
  REQUIRE(beat);
  CHECK(beat->draining);
  r.link.leave("done");
  CHECK(r.next<protocol::Goodbye>());
  r.pass(10s);
  CHECK(r.out.empty());
}

TEST_CASE("link: before the welcome nothing else is let through") {
  Rig r;
  const auto request =
      protocol::make_packet(protocol::CancelCompile{.request = {1}}, {.session = {1}});
  CHECK(r.link.on_packet(request, r.now));
  r.welcome();
  CHECK_FALSE(r.link.on_packet(request, r.now));
}

TEST_CASE("link: a hello that could not be sent is tried again soon") {
  Rig r;
  r.connected = false;
  r.pass(0s);
  r.connected = true;
  r.pass(49ms);
  CHECK(r.out.empty());
  r.pass(1ms);
  CHECK(r.next<protocol::Hello>());
}
