// Does the simulated network do what it is asked for, and the same again from the same seed?
#include "common/net/loopback.h"

#include <catch2/catch.hpp>

#include "tests/unit/net/net_testing.h"

namespace jitfarm::net {
namespace {

using namespace std::chrono_literals;

/// The types in the order in which they arrive, each with its time.
std::vector<std::pair<int, Duration>> arrivals(std::uint64_t seed, const LoopbackFaults& faults,
                                               int packets) {
  ManualClock clock;
  auto net = LoopbackNet::make(clock, seed, faults);
  auto l = net->listen("a");
  auto c = net->connect("a");
  for (int i = 0; i < packets; ++i) REQUIRE(c->send(packet(static_cast<std::uint16_t>(i), "x")));
  std::vector<std::pair<int, Duration>> got;
  while (const auto at = net->next_arrival()) {
    if (*at > clock.now()) clock.advance(*at - clock.now());
    while (auto in = l->receive())
      got.emplace_back(in->packet.envelope.type, clock.now().time_since_epoch());
  }
  return got;
}

TEST_CASE("loopback: without faults everything arrives at once and in order") {
  const auto got = arrivals(1, {}, 100);
  REQUIRE(got.size() == 100);
  for (int i = 0; i < 100; ++i)
    CHECK(got[static_cast<std::size_t>(i)] == std::pair<int, Duration>(i, 0ns));
}

TEST_CASE("loopback: the same seed gives the same faults, another seed others") {
  const LoopbackFaults faults{
      .delay_min = 1ms, .delay_max = 20ms, .loss = 0.2, .duplication = 0.1, .reorder = true};
  CHECK(arrivals(7, faults, 200) == arrivals(7, faults, 200));
  CHECK(arrivals(7, faults, 200) != arrivals(8, faults, 200));
}

TEST_CASE("loopback: loss, duplication and reordering happen, and only when asked for") {
  const auto lossy = arrivals(3, {.loss = 0.5}, 1000);
  CHECK(lossy.size() > 300);
  CHECK(lossy.size() < 700);
  CHECK(arrivals(3, {.duplication = 0.5}, 1000).size() > 1300);
  const auto delayed = arrivals(3, {.delay_min = 1ms, .delay_max = 50ms}, 100);
  CHECK(std::ranges::is_sorted(delayed));
  const auto mixed = arrivals(3, {.delay_min = 1ms, .delay_max = 50ms, .reorder = true}, 100);
  CHECK(mixed.size() == 100);
  CHECK_FALSE(std::ranges::is_sorted(mixed));
}

TEST_CASE("loopback: a full queue refuses") {
  ManualClock clock;
  auto net = LoopbackNet::make(clock, 1, {.queue_packets = 3});
  auto l = net->listen("a");
  auto c = net->connect("a");
  for (int i = 0; i < 3; ++i) REQUIRE(c->send(packet(1, "x")));
  CHECK(c->send(packet(1, "x")).error().code == Errc::queue_full);
}

TEST_CASE(
    "loopback: a cut connection comes back as another peer, the listener learns of the loss") {
  ManualClock clock;
  auto net = LoopbackNet::make(clock, 1);
  auto l = net->listen("a");
  auto c = net->connect("a");
  REQUIRE(c->send(packet(1, "x")));
  const PeerKey before = l->receive()->peer;
  c->cut();
  CHECK(l->take_lost() == before);
  CHECK(l->send(before, packet(2, "x")).error().code == Errc::peer_unreachable);
  REQUIRE(c->send(packet(1, "x")));
  CHECK(l->receive()->peer != before);
}

TEST_CASE("loopback: silence moves the clock to the end of the wait, a packet to its arrival") {
  ManualClock clock;
  auto net = LoopbackNet::make(clock, 1, {.delay_min = 5ms, .delay_max = 5ms});
  auto l = net->listen("a");
  auto c = net->connect("a");
  c->wait(3ms);
  CHECK(clock.now().time_since_epoch() == 3ms);
  REQUIRE(c->send(packet(1, "x")));
  c->wait(5ms);
  REQUIRE(l->send(l->receive()->peer, packet(2, "y")));
  c->wait(1h);
  CHECK(clock.now().time_since_epoch() == 13ms);
  CHECK(c->receive()->envelope.type == 2);
}

TEST_CASE("loopback: without a listener there is nobody to send to") {
  ManualClock clock;
  auto net = LoopbackNet::make(clock, 1);
  auto c = net->connect("a");
  CHECK(c->send(packet(1, "x")).error().code == Errc::peer_unreachable);
  auto l = net->listen("a");
  CHECK(c->send(packet(1, "x")));
  l.reset();
  CHECK_FALSE(c->connected());
}

}  // namespace
}  // namespace jitfarm::net
