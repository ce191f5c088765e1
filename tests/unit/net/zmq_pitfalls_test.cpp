// Do the known pitfalls of ROUTER and DEALER stay shut? Each case is one row of the list in
// docs/adr/0005-zeromq.md.
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "common/net/zmq_transport.h"
#include "common/protocol/packet.h"
#include "tests/unit/net/net_testing.h"

namespace jitfarm::net {
namespace {

using namespace std::chrono_literals;

/// Sends until the other end, which does not read, has had enough. The number of accepted packets.
template <class Send>
std::size_t flood(Send send, std::size_t limit) {
  std::size_t accepted = 0;
  for (; accepted < limit; ++accepted)
    if (const Status s = send(); !s) {
      CHECK(s.error().code == Errc::queue_full);
      break;
    }
  return accepted;
}

TEST_CASE("zmq pitfall: nothing that was accepted for a stalled peer is dropped silently") {
  ZmqOptions small = quick();
  small.queue_packets = 50;
  Pair p = Pair::make(small, small);
  send(*p.connection, packet(1, "hello"));
  const PeerKey peer = receive(*p.listener).peer;
  const std::size_t accepted =
      flood([&] { return p.listener->send(peer, packet(2, std::string(10'000, 'x'))); }, 1'000'000);
  CHECK(accepted < 1'000'000);  // it said so instead of losing the rest
  CHECK(p.listener->counters().refused_full == 1);
  for (std::size_t i = 0; i < accepted; ++i) receive(*p.connection);
  eventually(
      [&] { return p.listener->send(peer, packet(3, "again")).has_value(); });  // and recovers
}

TEST_CASE(
    "zmq pitfall: a stalled peer holds a bounded number of bytes, whatever the packet count") {
  ZmqOptions o = quick();
  o.queue_bytes = 4u << 20;
  Pair p = Pair::make(o, o);
  send(*p.connection, packet(1, "hello"));
  const PeerKey peer = receive(*p.listener).peer;
  const Blob megabyte(Bytes(1u << 20, 5));
  // Kernel buffers take some; 64 MiB would be far beyond them and the credit.
  const std::size_t accepted =
      flood([&] { return p.listener->send(peer, packet(2, "b", {megabyte})); }, 64);
  CHECK(accepted < 64);
  CHECK(p.listener->counters().refused_full == 1);
}

TEST_CASE("zmq pitfall: a stalled peer does not stop another") {
  ZmqOptions small = quick();
  small.queue_packets = 20;
  Pair p = Pair::make(small, small);
  auto other = connect(p.listener->endpoint(), quick());
  REQUIRE(other);
  send(*p.connection, packet(1, "stalled"));
  const PeerKey stalled = receive(*p.listener).peer;
  send(**other, packet(1, "lively"));
  const PeerKey lively = receive(*p.listener).peer;
  flood([&] { return p.listener->send(stalled, packet(2, std::string(100'000, 'x'))); }, 100'000);
  REQUIRE(p.listener->send(lively, packet(3, "still here")));
  CHECK(receive(**other).envelope.type == 3);
}

TEST_CASE("zmq pitfall: a connection that is not there refuses instead of keeping") {
  const auto c = connect("tcp://127.0.0.1:1", quick());  // nobody listens on port 1
  REQUIRE(c);
  CHECK((*c)->send(packet(1, "x")).error().code == Errc::peer_unreachable);
  CHECK_FALSE((*c)->connected());
  CHECK((*c)->counters().refused_unreachable == 1);
}

TEST_CASE("zmq pitfall: the end of a peer is noticed, and sending to it is an error") {
  Pair p = Pair::make();
  send(*p.connection, packet(1, "hello"));
  const PeerKey peer = receive(*p.listener).peer;
  p.connection.reset();
  std::optional<PeerKey> lost;
  eventually([&] { return (lost = p.listener->take_lost()).has_value(); });
  CHECK(*lost == peer);
  CHECK(p.listener->send(peer, packet(2, "x")).error().code == Errc::peer_unreachable);
  CHECK_FALSE(p.listener->take_lost());
}

// Run by the next case in a process of its own: says hello and waits for its end.
TEST_CASE("a peer that will be killed", "[.peer]") {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto c = connect(getenv("JITFARM_TEST_ENDPOINT"), quick());
  REQUIRE(c);
  send(**c, packet(1, "hello"));
  for (;;) pause();
}

TEST_CASE("zmq pitfall: a killed peer is noticed without heartbeats") {
  auto l = listen("tcp://127.0.0.1:0", quick());
  REQUIRE(l);
  setenv("JITFARM_TEST_ENDPOINT", (*l)->endpoint().c_str(), 1);
  const char* const arguments[] = {"unit_net", "[.peer]", nullptr};
  pid_t child = 0;
  // A program of its own: the child of a fork in a process with threads may do next to nothing.
  REQUIRE(posix_spawn(&child, "/proc/self/exe", nullptr, nullptr,
                      const_cast<char* const*>(arguments), environ) == 0);
  const PeerKey peer = receive(**l).peer;
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  std::optional<PeerKey> lost;
  eventually([&] { return (lost = (*l)->take_lost()).has_value(); });
  CHECK(*lost == peer);
}

TEST_CASE("zmq pitfall: the loss of the listener is noticed, its return too") {
  Pair p = Pair::make();
  const std::string endpoint = p.listener->endpoint();
  p.listener.reset();
  eventually([&] {
    p.connection->wait(50ms);
    return !p.connection->connected();
  });
  CHECK(p.connection->send(packet(1, "x")).error().code == Errc::peer_unreachable);
  std::unique_ptr<Listener> again;
  eventually([&] {  // the port may rest for a moment
    auto l = listen(endpoint, quick());
    if (l) again = *std::move(l);
    return again != nullptr;
  });
  eventually([&] {
    p.connection->wait(50ms);
    return p.connection->connected();
  });
  send(*p.connection, packet(7, "back"));
  CHECK(receive(*again).packet.envelope.type == 7);
}

TEST_CASE("zmq pitfall: a second connection with the same routing id gets nothing of the first") {
  Pair p = Pair::make();
  // A peer that chooses its own routing id, which our connections never do.
  void* context = zmq_ctx_new();
  const auto dial = [&] {
    void* s = zmq_socket(context, ZMQ_DEALER);
    zmq_setsockopt(s, ZMQ_ROUTING_ID, "agent7", 6);
    const int zero = 0, wait = 200;
    zmq_setsockopt(s, ZMQ_LINGER, &zero, sizeof zero);
    zmq_setsockopt(s, ZMQ_RCVTIMEO, &wait, sizeof wait);
    REQUIRE(zmq_connect(s, p.listener->endpoint().c_str()) == 0);
    return s;
  };
  const auto say = [&](void* s) {
    const auto frames = protocol::to_frames(packet(1, "b"));
    zmq_send(s, frames[0].data(), frames[0].size(), ZMQ_SNDMORE);
    zmq_send(s, frames[1].data(), frames[1].size(), 0);
  };
  void* first = dial();
  say(first);
  const PeerKey peer = receive(*p.listener).peer;
  void* second = dial();
  say(second);
  REQUIRE(p.listener->send(peer, packet(2, "secret")));
  char buffer[64];
  CHECK(zmq_recv(first, buffer, sizeof buffer, 0) > 0);
  CHECK(zmq_recv(second, buffer, sizeof buffer, 0) < 0);
  zmq_close(first);
  zmq_close(second);
  zmq_ctx_term(context);
}

TEST_CASE("zmq pitfall: closing does not hang on packets that nobody reads") {
  ZmqOptions small = quick();
  small.queue_packets = 1000;
  std::chrono::steady_clock::time_point closing;
  {
    Pair p = Pair::make(small, small);
    send(*p.connection, packet(1, "hello"));
    const PeerKey peer = receive(*p.listener).peer;
    flood([&] { return p.listener->send(peer, packet(2, std::string(100'000, 'x'))); }, 1000);
    flood([&] { return p.connection->send(packet(2, std::string(100'000, 'x'))); }, 1000);
    closing = std::chrono::steady_clock::now();  // making the packets is slow under ThreadSanitizer
  }
  CHECK(std::chrono::steady_clock::now() - closing < 5s);
}

TEST_CASE("zmq pitfall: frames that are no packet are dropped and counted, later ones arrive") {
  Pair p = Pair::make();
  void* context = zmq_ctx_new();
  void* stranger = zmq_socket(context, ZMQ_DEALER);
  const int zero = 0;
  zmq_setsockopt(stranger, ZMQ_LINGER, &zero, sizeof zero);
  REQUIRE(zmq_connect(stranger, p.listener->endpoint().c_str()) == 0);
  zmq_send(stranger, "garbage", 7, 0);
  zmq_send(stranger, "", 0, ZMQ_SNDMORE);
  zmq_send(stranger, "", 0, 0);
  for (int i = 0; i < 5000; ++i) zmq_send(stranger, "x", 1, ZMQ_SNDMORE);
  zmq_send(stranger, "x", 1, 0);
  const auto frames = protocol::to_frames(packet(9, "good"));
  zmq_send(stranger, frames[0].data(), frames[0].size(), ZMQ_SNDMORE);
  zmq_send(stranger, frames[1].data(), frames[1].size(), 0);
  CHECK(receive(*p.listener).packet.envelope.type == 9);
  CHECK(p.listener->counters().malformed == 3);
  zmq_close(stranger);
  zmq_ctx_term(context);
}

TEST_CASE("zmq pitfall: a frame beyond the limit ends its connection, not the listener") {
  ZmqOptions strict = quick();
  strict.frame_bytes_max = 1000;
  Pair p = Pair::make(strict, quick());
  send(*p.connection, packet(1, std::string(2000, 'x')));
  eventually([&] {
    p.connection->wait(20ms);
    return !p.connection->connected();
  });
  auto other = connect(p.listener->endpoint(), quick());
  REQUIRE(other);
  send(**other, packet(2, "small"));
  CHECK(receive(*p.listener).packet.envelope.type == 2);
}

TEST_CASE("zmq pitfall: a full table of peers turns newcomers away and counts it") {
  ZmqOptions o = quick();
  o.peers_max = 1;
  Pair p = Pair::make(o, quick());
  send(*p.connection, packet(1, "first"));
  receive(*p.listener);
  auto other = connect(p.listener->endpoint(), quick());
  REQUIRE(other);
  send(**other, packet(1, "second"));
  eventually([&] { return !p.listener->receive() && p.listener->counters().over_peer_limit == 1; });
}

TEST_CASE("zmq pitfall: the threads of a context have every signal blocked") {
  Pair p = Pair::make();
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  CHECK(sigismember(&before, SIGTERM) == 0);  // ours is as it was
  // An I/O thread and a reaper for each of two contexts. A thread takes its name when it runs.
  std::vector<std::string> masks;
  eventually([&] {
    masks.clear();
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
      std::ifstream comm(task.path() / "comm"), status(task.path() / "status");
      std::string name, line;
      std::getline(comm, name);
      while (name.starts_with("ZMQ") && std::getline(status, line))
        if (line.starts_with("SigBlk:")) masks.push_back(line.substr(7));
    }
    return masks.size() >= 4;
  });
  for (const std::string& mask : masks)
    for (const int signal : {SIGINT, SIGTERM, SIGQUIT, SIGUSR1, SIGUSR2, SIGCHLD, SIGPROF})
      CHECK(((std::stoull(mask, nullptr, 16) >> (signal - 1)) & 1) == 1);
}

TEST_CASE("zmq pitfall: a context that is left behind does not stop the process from ending") {
  const pid_t child = fork();
  if (child == 0) {
    ZmqOptions o = quick();
    o.context_end = ContextEnd::leave;
    o.linger = std::chrono::hours(1);
    auto c = connect("tcp://127.0.0.1:1", o);
    c->reset();
    _exit(c ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace jitfarm::net
