// Does a whole worker do its job over a bad network? On a loopback with seeded faults and a manual
// clock.
#include <catch2/catch.hpp>
#include <map>

#include "common/net/loopback.h"
#include "tests/unit/worker/worker_fixture.h"
#include "worker/program/worker_program.h"

using namespace jitfarm;
using namespace jitfarm::worker;
using namespace jitfarm::worker::test;
using namespace std::chrono_literals;

namespace {

/// A coordinator and a client in one: welcomes the worker, sends requests, answers questions.
struct Peer {
  std::unique_ptr<net::LoopbackListener> listener;
  net::PeerKey worker;
  std::uint64_t next_id = 1;
  std::map<std::uint64_t, int> replies;  // by request
  int goodbyes = 0, hellos = 0;
  bool mute = false;

  void turn() {
    while (auto in = listener->receive()) {
      const auto& p = in->packet;
      if (mute) continue;
      if (p.envelope.type == protocol::Hello::kRecord.id) {
        ++hellos;
        worker = in->peer;
        send(protocol::Welcome{.version = protocol::kVersionMax,
                               .capabilities = {},
                               .peer = next_id++,
                               .heartbeat_ms = 1000,
                               .lease_ms = 3000});
      } else if (p.envelope.type == protocol::Heartbeat::kRecord.id) {
        send(protocol::HeartbeatAck{});
      } else if (p.envelope.type == protocol::FactQuery::kRecord.id) {
        auto query = protocol::read<protocol::FactQuery>(p);
        REQUIRE(query);
        protocol::FactAnswer answer{
            .request = query->request, .wave = query->wave, .facts = {}, .shapes = {}};
        for (const FactKey& key : query->keys)
          answer.facts.push_back(facts::encode_value(
              key, facts::MethodInfo{.holder = {3}, .name = "b", .descriptor = "()V"}));
        send(answer, p.envelope.session);
      } else if (p.envelope.type == protocol::CompileResult::kRecord.id ||
                 p.envelope.type == protocol::CompileFailed::kRecord.id) {
        ++replies[p.envelope.correlation.value];
      } else if (p.envelope.type == protocol::Goodbye::kRecord.id) {
        ++goodbyes;
      }
    }
  }
  template <class M>
  void send(const M& m, SessionId session = {}, RequestId correlation = {},
            std::uint32_t deadline_ms = 0) {
    (void)listener->send(worker, protocol::make_packet(m, {.session = session,
                                                           .correlation = correlation,
                                                           .deadline_ms = deadline_ms}));
  }
  void request(std::uint64_t id) {
    send(protocol::CompileRequest{.request = {id},
                                  .task = {.method = {7}},
                                  .facts = {},
                                  .shapes = {},
                                  .method_name = "A.b()V"},
         {1}, {id}, 2000);
  }
};

struct Rig {
  ManualClock clock;
  std::shared_ptr<net::LoopbackNet> net;
  Peer peer;
  std::unique_ptr<net::LoopbackConnection> connection;
  FakeCompiler compiler;
  program::WorkerMetrics metrics;
  std::unique_ptr<program::WorkerProgram> worker;

  explicit Rig(std::uint64_t seed, net::LoopbackFaults faults = {})
      : net(net::LoopbackNet::make(clock, seed, faults)) {
    peer.listener = net->listen("tcp://c:1");
    connection = net->connect("tcp://c:1");
    program::WorkerOptions options;
    options.service.slots = 0;
    worker = std::make_unique<program::WorkerProgram>(
        clock, *connection,
        [this](const code::CompileTask& t, const compiler::FactSource& f) {
          return compiler(t, f);
        },
        options, metrics);
  }
  void turn() {
    worker->turn();
    while (worker->service().run_one()) worker->turn();
    peer.turn();
  }
  void pass(Duration total, Duration step = 10ms) {
    for (Duration d{}; d < total && !worker->over(); d += step) {
      turn();
      clock.advance(step);
    }
    turn();
  }
};

}  // namespace

TEST_CASE("worker: joins, asks, compiles, replies, drains") {
  Rig r(1);
  r.compiler.waves = {{key_of(FactKind::method_info, 7)}};
  r.pass(100ms);
  CHECK(r.worker->link().state() == link::LinkState::joined);
  r.peer.request(10);
  r.pass(100ms);
  CHECK(r.peer.replies[10] == 1);
  r.worker->request_drain();
  r.pass(100ms);
  CHECK(r.worker->over());
  CHECK(r.peer.goodbyes == 1);
}

TEST_CASE("worker: a coordinator that falls silent is greeted again and old work is dropped") {
  Rig r(1);
  r.compiler.waves = {{key_of(FactKind::method_info, 7)}};
  r.pass(100ms);
  r.peer.mute = true;
  r.peer.request(10);
  r.pass(500ms);
  CHECK(r.worker->service().jobs() == 1);
  r.pass(3s);
  CHECK(r.worker->service().idle());
  CHECK(r.worker->link().state() == link::LinkState::greeting);
  r.peer.mute = false;
  r.pass(2s);
  CHECK(r.worker->link().state() == link::LinkState::joined);
  CHECK(r.peer.replies.empty());
  r.peer.request(11);
  r.pass(100ms);
  CHECK(r.peer.replies[11] == 1);
}

TEST_CASE(
    "worker: with loss, delay, duplication and reordering every request ends, and the worker stays "
    "whole") {
  const std::uint64_t seed = GENERATE(1u, 2u, 3u, 4u, 5u);
  INFO("seed " << seed);
  Rig r(seed,
        {.delay_min = 1ms, .delay_max = 30ms, .loss = 0.05, .duplication = 0.1, .reorder = true});
  r.compiler.waves = {{key_of(FactKind::method_info, 7)}, {key_of(FactKind::method_info, 8)}};
  r.pass(2s);
  for (std::uint64_t id = 1; id <= 100; ++id) {
    r.peer.request(id);
    if (id % 7 == 0) r.peer.send(protocol::CancelCompile{.request = {id}}, {1});
    if (id % 31 == 0) r.connection->cut();
    if (id % 23 == 0) r.peer.send(protocol::SessionClosed{.session = {1}});
    r.pass(50ms);
  }
  r.pass(5s);  // longer than every deadline
  CHECK(r.worker->service().idle());
  CHECK(r.worker->service().counts().compiled > 20);
  r.worker->request_drain();
  r.pass(200ms);
  CHECK(r.worker->over());
}
