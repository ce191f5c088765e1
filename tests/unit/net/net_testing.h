// What do the tests of this room share? Packets, pairs on a free port, waiting without sleeping for
// a fixed time.
#pragma once
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/net/loopback.h"
#include "common/net/zmq_transport.h"

namespace jitfarm::net {

inline protocol::Packet packet(std::uint16_t type, const std::string& body,
                               std::vector<Blob> blobs = {}) {
  protocol::Packet p;
  p.envelope.type = type;
  p.body = Blob(Bytes(body.begin(), body.end()));
  p.blobs = std::move(blobs);
  return p;
}

inline ZmqOptions quick() {
  ZmqOptions o;
  o.reconnect_min = std::chrono::milliseconds(5);
  o.reconnect_max = std::chrono::milliseconds(20);
  return o;
}

/// Repeats `attempt` until it is true; fails the test after 60 s, which only a starved machine
/// takes otherwise.
inline void eventually(const std::function<bool()>& attempt) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!attempt()) {
    if (std::chrono::steady_clock::now() > end) FAIL("it did not happen within 60 s");
    std::this_thread::yield();
  }
}

inline protocol::Packet receive(Connection& c) {
  std::optional<protocol::Packet> got;
  eventually([&] {
    got = c.receive();
    if (!got) c.wait(std::chrono::milliseconds(50));
    return got.has_value();
  });
  return *std::move(got);
}
inline Incoming receive(Listener& l) {
  std::optional<Incoming> got;
  eventually([&] {
    got = l.receive();
    return got.has_value();
  });
  return *std::move(got);
}
inline void send(Connection& c, const protocol::Packet& p) {
  eventually([&] { return c.send(p).has_value(); });
}

struct Pair {
  std::unique_ptr<Listener> listener;
  std::unique_ptr<Connection> connection;

  static Pair make(const ZmqOptions& server = quick(), const ZmqOptions& client = quick()) {
    Pair p;
    auto l = listen("tcp://127.0.0.1:0", server);
    REQUIRE(l);
    p.listener = *std::move(l);
    auto c = connect(p.listener->endpoint(), client);
    REQUIRE(c);
    p.connection = *std::move(c);
    eventually([&] {
      p.connection->wait(std::chrono::milliseconds(50));
      return p.connection->connected();
    });
    return p;
  }
};

}  // namespace jitfarm::net
