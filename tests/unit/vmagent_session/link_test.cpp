// Does the link keep a session over a bad network, and does every waiter get a last word?
#include "vmagent/session/link.h"

#include <catch2/catch.hpp>
#include <random>

#include "common/stats/stats_file.h"
#include "tests/unit/vmagent_session/stub.h"

namespace jitfarm::vmagent::session {
namespace {

using namespace std::chrono_literals;

struct RecordingWaiter final : Waiter {
  std::vector<std::uint32_t> waves;
  int results = 0, failures = 0, losses = 0;
  Errc why = Errc::cancelled;
  void on_query(protocol::FactQuery q) override { waves.push_back(q.wave); }
  void on_result(protocol::CompileResult) override { ++results; }
  void on_failed(protocol::CompileFailed) override { ++failures; }
  void on_lost(Error e) override {
    ++losses;
    why = e.code;
  }
  int last_words() const { return results + failures + losses; }
};

struct World {
  explicit World(net::LoopbackFaults faults = {}, std::uint64_t seed = 1)
      : net(net::LoopbackNet::make(clock, seed, faults)),
        stub(net->listen("loop")),
        connection(net->connect("loop")) {}

  ManualClock clock;
  std::shared_ptr<net::LoopbackNet> net;
  CoordinatorStub stub;
  std::unique_ptr<net::LoopbackConnection> connection;
  stats::Layout* stats = *stats::anonymous();
  int established = 0, lost = 0;
  Link link{*connection,
            {.role = protocol::Role::agent,
             .version_min = protocol::kVersionMin,
             .version_max = protocol::kVersionMax,
             .name = "test"},
            LinkPolicy{},
            1,
            *stats,
            {.established = [this](SessionId) { ++established; },
             .lost = [this](const Error&) { ++lost; }}};

  void run(Duration time) {
    const TimePoint end = clock.now() + time;
    while (clock.now() < end) {
      clock.advance(5ms);
      stub.run();
      link.run(clock.now());
    }
  }
  Status submit(std::uint64_t id, Waiter& waiter) {
    protocol::CompileRequest request{.request = RequestId{id}};
    return link.submit(request.request,
                       protocol::make_packet(request, {.correlation = request.request}), waiter);
  }
};

TEST_CASE("link: says hello, keeps its lease, says goodbye") {
  World w;
  w.link.open(w.clock.now());
  w.run(5s);
  CHECK(w.established == 1);
  CHECK(w.lost == 0);
  CHECK(w.stub.heartbeats >= 40);
  w.link.close("test");
  w.run(100ms);
  CHECK(w.stub.goodbyes == 1);
  CHECK(w.link.state() == Link::State::idle);
  const auto s = stats::snapshot(*w.stats, 0);
  CHECK(s.sessions == 1);
}

TEST_CASE(
    "link: a silent coordinator loses its lease, waiters are told, and the session comes back") {
  World w;
  w.link.open(w.clock.now());
  w.run(100ms);
  REQUIRE(w.link.state() == Link::State::established);
  RecordingWaiter waiter;
  REQUIRE(w.submit(1, waiter));
  w.stub.mute = true;
  w.run(1200ms);
  CHECK(w.lost >= 1);
  CHECK(waiter.losses == 1);
  CHECK(waiter.why == Errc::peer_unreachable);
  w.stub.mute = false;
  w.run(15s);
  CHECK(w.established == 2);
}

TEST_CASE("link: a restarted coordinator is greeted again") {
  World w;
  w.link.open(w.clock.now());
  w.run(100ms);
  RecordingWaiter waiter;
  REQUIRE(w.submit(1, waiter));
  w.stub.listener->cut_all();
  w.run(1s);
  CHECK(waiter.last_words() == 1);
  CHECK(w.established == 2);
  CHECK(w.link.session() == SessionId{2});
}

TEST_CASE("link: answers of another session, twice, or for nobody are dropped") {
  World w;
  w.link.open(w.clock.now());
  w.run(100ms);
  RecordingWaiter waiter;
  REQUIRE(w.submit(1, waiter));
  const auto send = [&](SessionId session, std::uint64_t id) {
    (void)w.stub.listener->send(
        w.stub.last_peer, protocol::make_packet(protocol::CompileResult{.request = RequestId{id}},
                                                {.session = session}));
  };
  w.run(50ms);
  send(SessionId{99}, 1);
  send(w.stub.session, 2);
  w.run(50ms);
  CHECK(waiter.results == 0);
  send(w.stub.session, 1);
  send(w.stub.session, 1);
  w.run(50ms);
  CHECK(waiter.results == 1);
}

TEST_CASE("link: a refusal for another version is not repeated at once") {
  World w;
  w.link.open(w.clock.now());
  w.run(100ms);
  const auto refuse = [&](SessionId session, const char* code) {
    (void)w.stub.listener->send(
        w.stub.last_peer,
        protocol::make_packet(
            protocol::Refuse{.code = code, .reason = "no", .version_min = 7, .version_max = 9},
            {.session = session}));
  };
  SECTION("an unknown session is greeted again soon") {
    refuse(w.stub.session, "unknown_session");
    w.run(1s);
    CHECK(w.established == 2);
  }
  SECTION("a refusal of an old session does not matter") {
    refuse(SessionId{77}, "unknown_session");
    w.run(1s);
    CHECK(w.established == 1);
  }
}

TEST_CASE("link: a body that does not decode ends its request at once") {
  World w;
  w.link.open(w.clock.now());
  w.run(100ms);
  RecordingWaiter waiter;
  REQUIRE(w.submit(1, waiter));
  w.run(20ms);
  protocol::Packet garbage =
      protocol::make_packet(protocol::CompileResult{.request = RequestId{1}},
                            {.session = w.stub.session, .correlation = RequestId{1}});
  garbage.body = Blob(Bytes{0xc1, 0xff, 0x00});
  (void)w.stub.listener->send(w.stub.last_peer, garbage);
  w.run(50ms);
  CHECK(waiter.losses == 1);
  CHECK(w.link.state() == Link::State::established);
}

TEST_CASE("link: on a network that loses, repeats and reorders, nobody gets two last words") {
  const std::uint64_t seed = std::random_device{}();
  INFO("seed " << seed);
  World w({.delay_min = 1ms, .delay_max = 60ms, .loss = 0.1, .duplication = 0.1, .reorder = true},
          seed);
  w.stub.on_request = [](const protocol::CompileRequest& r, const CoordinatorStub::Send& send) {
    send(protocol::make_packet(protocol::FactQuery{.request = r.request, .wave = 0}));
    if (r.request.value % 2 == 0)
      send(protocol::make_packet(protocol::CompileResult{.request = r.request}));
    else
      send(protocol::make_packet(
          protocol::CompileFailed{.request = r.request, .error = "bail_out", .reason = "monitor"}));
  };
  w.link.open(w.clock.now());
  std::vector<std::unique_ptr<RecordingWaiter>> waiters;
  for (std::uint64_t i = 1; i <= 300; ++i) {
    waiters.push_back(std::make_unique<RecordingWaiter>());
    if (!w.submit(i, *waiters.back())) ++waiters.back()->losses;
    w.run(20ms);
  }
  w.run(3s);
  w.link.close("end");
  int answered = 0;
  for (const auto& waiter : waiters) {
    CHECK(waiter->last_words() == 1);
    answered += waiter->results + waiter->failures;
  }
  CHECK(answered > 100);
}

}  // namespace
}  // namespace jitfarm::vmagent::session
