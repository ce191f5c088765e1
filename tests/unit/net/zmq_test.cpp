// Do the ZeroMQ ends deliver? Loopback sockets on free ports; every wait ends with what it waits
// for or fails after 10 s.
#include <catch2/catch.hpp>
#include <thread>

#include "common/net/zmq_transport.h"
#include "tests/unit/net/net_testing.h"

namespace jitfarm::net {
namespace {

TEST_CASE("zmq: a packet arrives with body and blobs, the answer comes back") {
  Pair p = Pair::make();
  const Blob big(Bytes(100'000, 7)), empty{Bytes{}};
  REQUIRE(p.connection->send(packet(5, "body", {big, empty})));
  const Incoming in = receive(*p.listener);
  CHECK(in.packet.envelope.type == 5);
  CHECK(as_chars(in.packet.body.view()) == "body");
  REQUIRE(in.packet.blobs.size() == 2);
  CHECK(in.packet.blobs[0] == big);
  CHECK(in.packet.blobs[1].empty());
  REQUIRE(p.listener->send(in.peer, packet(6, "back")));
  CHECK(receive(*p.connection).envelope.type == 6);
  CHECK(p.connection->connected());
}

TEST_CASE("zmq: forwarding shares the received memory") {
  Pair p = Pair::make();
  REQUIRE(p.connection->send(packet(5, std::string(50'000, 'x'))));
  Incoming in = receive(*p.listener);
  const std::uint8_t* data = in.packet.body.data();
  const protocol::Packet copy = in.packet;
  CHECK(copy.body.data() == data);
  REQUIRE(p.listener->send(in.peer, std::move(in.packet)));
  CHECK(receive(*p.connection).body.size() == 50'000);
}

TEST_CASE("zmq: what was sent outlives the sender's reference") {
  Pair p = Pair::make();
  auto owner = std::make_shared<const Bytes>(Bytes(200'000, 9));
  std::weak_ptr<const Bytes> watch = owner;
  protocol::Packet out = packet(5, "b");
  out.blobs.emplace_back(ByteView(*owner), owner);
  owner.reset();
  REQUIRE(p.connection->send(std::move(out)));
  CHECK(receive(*p.listener).packet.blobs.at(0) == Blob(Bytes(200'000, 9)));
  eventually([&] { return watch.expired(); });  // and ZeroMQ's thread lets go of it
}

TEST_CASE("zmq: each connection is a peer of its own, keys are not reused") {
  Pair p = Pair::make();
  auto second = connect(p.listener->endpoint(), quick());
  REQUIRE(second);
  send(*p.connection, packet(1, "a"));
  const PeerKey a = receive(*p.listener).peer;
  send(**second, packet(1, "b"));
  const PeerKey b = receive(*p.listener).peer;
  CHECK(a != b);
  p.listener->drop(a);
  CHECK(p.listener->send(a, packet(1, "x")).error().code == Errc::peer_unreachable);
  send(*p.connection, packet(1, "again"));
  const PeerKey c = receive(*p.listener).peer;
  CHECK(c != a);
  CHECK(c != b);
}

TEST_CASE("zmq: a poller wakes for a packet and for wake() from another thread") {
  Pair p = Pair::make();
  auto poller = make_poller();
  REQUIRE(poller);
  REQUIRE((*poller)->add(*p.listener));
  send(*p.connection, packet(1, "a"));
  std::optional<Incoming> in;
  eventually([&] {
    (*poller)->wait(std::chrono::seconds(10));
    in = p.listener->receive();
    return in.has_value();
  });
  std::thread other([&] { (*poller)->wake(); });
  (*poller)->wait(
      std::chrono::hours(1));  // hangs here if wake() is lost; monitor events may end it early
  other.join();
}

TEST_CASE("zmq: a wake() before the wait is not lost") {
  Pair p = Pair::make();
  p.connection->wake();
  p.connection->wait(std::chrono::hours(1));
  SUCCEED();
}

TEST_CASE("zmq: a taken port and a broken endpoint are errors") {
  Pair p = Pair::make();
  CHECK(listen(p.listener->endpoint()).error().code == Errc::io_failure);
  CHECK(listen("nonsense").error().code == Errc::bad_configuration);
  CHECK(connect("nonsense").error().code == Errc::bad_configuration);
}

TEST_CASE("zmq: a poller refuses sockets of another room") {
  ManualClock clock;
  auto net = LoopbackNet::make(clock, 1);
  auto stranger = net->listen("x");
  auto poller = make_poller();
  REQUIRE(poller);
  CHECK((*poller)->add(*stranger).error().code == Errc::bad_configuration);
}

}  // namespace
}  // namespace jitfarm::net
