// What can hostile peers do to a coordinator and to a worker? Thousands of damaged and misplaced
// messages of every type, from both sides, with and without a session; afterwards nothing of them
// is left and an honest pair is served. Repeat a failure with the seed it prints.
#include <catch2/catch.hpp>

#include "common/base/log.h"
#include "coordinator/relay/relay.h"
#include "tests/fuzz/mutate.h"
#include "tests/support/hello.h"
#include "tests/unit/worker/worker_fixture.h"

namespace jitfarm::fuzz {
namespace {

using namespace std::chrono_literals;
using coordinator::relay::Side;
using net::PeerKey;

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr int kMessages = 1'000;  // ten times slower there
#else
constexpr int kMessages = 10'000;  // of every type
#endif
constexpr int kRound = 500;  // then the hostile peers leave

/// A message of this type for one of few requests and sessions, three of four times damaged.
template <protocol::Message M>
protocol::Packet hostile(test::Random& random, const std::vector<SessionId>& sessions) {
  M message = test::random_record<M>(random);
  protocol::Envelope envelope;
  envelope.correlation = RequestId{1 + random.below(6)};
  if (!sessions.empty()) envelope.session = sessions[random.below(sessions.size())];
  envelope.deadline_ms = static_cast<std::uint32_t>(random.below(20'000));
  if (random.one_in(16)) envelope = test::random_record<protocol::Envelope>(random);
  if constexpr (requires { message.request; })
    if (!random.one_in(8)) message.request = envelope.correlation;
  if constexpr (std::same_as<M, protocol::Hello>) {
    message.version_min = protocol::kVersionMin;
    message.version_max = protocol::kVersionMax;
  }
  protocol::Packet packet = protocol::make_packet(message, envelope);
  if (random.one_in(4)) return packet;
  Input input{Bytes(packet.body.view().begin(), packet.body.view().end()), packet.blobs};
  mutate(random, input);
  packet.body = Blob(std::move(input.body));
  packet.blobs = std::move(input.blobs);
  return packet;
}

/// Keeps the last message to every peer, so that the test can answer it.
struct LastSent final : coordinator::relay::Outbox {
  Status send(Side side, PeerKey peer, protocol::Packet packet) override {
    last[{side, peer}] = std::move(packet);
    return {};
  }
  void drop(Side, PeerKey) override {}
  std::map<std::pair<Side, PeerKey>, protocol::Packet> last;
};

struct Drops final : coordinator::admin::Telemetry {
  void dropped(Errc) override { ++count; }
  int count = 0;
};

using test::hello;

class Coordinator {
 public:
  Coordinator() : relay_({}, outbox_, telemetry_, clock_.now()) {}

  template <protocol::Message M>
  void storm(std::uint64_t seed) {
    test::Random random(seed);
    for (int i = 0; i < kRound; ++i) {
      const bool workers_say_it =
          M::kRecord.direction == protocol::Direction::worker_to_agent ||
          M::kRecord.direction == protocol::Direction::worker_to_coordinator;
      const Side side = workers_say_it != random.one_in(8) ? Side::workers : Side::clients;
      const PeerKey peer{1 + random.below(4)};
      if (!sessions_.contains({side, peer}) || random.one_in(50)) enter(side, peer);
      if (workers_say_it && random.one_in(3))
        ask(PeerKey{1 + random.below(4)}, RequestId{1 + random.below(6)});
      std::vector<SessionId> known;  // of clients; a client mostly names its own
      for (const auto& [who, session] : sessions_)
        if (who.first == Side::clients && (side == Side::workers || who.second == peer))
          known.push_back(session);
      relay_.receive(side, peer, hostile<M>(random, known), clock_.now());
      if constexpr (std::same_as<M, protocol::Goodbye>) sessions_.erase({side, peer});
      if (random.one_in(50)) clock_.advance(std::chrono::milliseconds(random.below(5'000)));
      relay_.tick(clock_.now());
    }
    sessions_.clear();
    for (const Side side : {Side::clients, Side::workers})
      for (std::uint64_t peer = 1; peer <= 4; ++peer)
        relay_.lost(side, PeerKey{peer}, clock_.now());
    clock_.advance(60s);
    relay_.tick(clock_.now());
  }

  /// An honest client's request reaches an honest worker and comes back.
  void serves() {
    CHECK(relay_.gauges(clock_.now()).clients == 0);
    CHECK(relay_.gauges(clock_.now()).workers == 0);
    CHECK(relay_.scheduler().queued() == 0);
    CHECK(relay_.scheduler().in_flight() == 0);
    const PeerKey client{101}, worker{102};
    const SessionId session = enter(Side::clients, client);
    enter(Side::workers, worker);
    const RequestId request{77};
    ask(client, request);
    REQUIRE(protocol::read<protocol::CompileRequest>(outbox_.last[{Side::workers, worker}]));
    protocol::CompileResult done;
    done.request = request;
    relay_.receive(Side::workers, worker,
                   protocol::make_packet(done, {.session = session, .correlation = request}),
                   clock_.now());
    REQUIRE(protocol::read<protocol::CompileResult>(outbox_.last[{Side::clients, client}]));
    relay_.lost(Side::clients, client, clock_.now());
    relay_.lost(Side::workers, worker, clock_.now());
    sessions_.clear();
    outbox_.last.clear();
  }

  int dropped() const { return telemetry_.count; }

 private:
  SessionId enter(Side side, PeerKey peer) {
    relay_.receive(side, peer,
                   protocol::make_packet(hello(side == Side::clients ? protocol::Role::agent
                                                                     : protocol::Role::worker)),
                   clock_.now());
    const auto welcome = protocol::read<protocol::Welcome>(outbox_.last[{side, peer}]);
    if (!welcome) return {};
    return sessions_[{side, peer}] = SessionId{welcome->peer};
  }
  void ask(PeerKey client, RequestId request) {
    if (!sessions_.contains({Side::clients, client})) enter(Side::clients, client);
    protocol::CompileRequest message;
    message.request = request;
    message.method_name = "honest." + std::to_string(++asked_) + "()V";
    relay_.receive(Side::clients, client,
                   protocol::make_packet(message, {.session = sessions_[{Side::clients, client}],
                                                   .correlation = request,
                                                   .deadline_ms = 1000}),
                   clock_.now());
  }

  ManualClock clock_;
  LastSent outbox_;
  Drops telemetry_;
  coordinator::relay::Relay relay_;
  std::map<std::pair<Side, PeerKey>, SessionId> sessions_;
  int asked_ = 0;
};

TEST_CASE(
    "fuzz_peers: a coordinator outlives 10,000 messages of every type from hostile peers, and "
    "nothing stays",
    "[fuzz]") {
  spdlog::set_level(spdlog::level::off);
  std::uint64_t seed = 0;
  int messages = 0, dropped = 0;
  protocol::AllMessages::for_each([&]<protocol::Message M>() {
    Coordinator coordinator;
    for (int i = 0; i < kMessages / kRound; ++i) {
      INFO(M::kRecord.name << " seed " << ++seed);
      coordinator.storm<M>(seed);
      coordinator.serves();
    }
    messages += kMessages;
    dropped += coordinator.dropped();
  });
  // A canary: were all refused at the door, the rooms behind it would not have been tried. Most
  // types are for one side only, and some only for who was asked.
  CHECK(dropped > messages / 10);
  CHECK(dropped < messages * 19 / 20);
}

TEST_CASE("fuzz_peers: a worker outlives 10,000 messages of every type, and compiles", "[fuzz]") {
  spdlog::set_level(spdlog::level::off);
  std::uint64_t seed = 0;
  protocol::AllMessages::for_each([&]<protocol::Message M>() {
    worker::test::Fixture worker({.sessions_max = 4});
    worker.compiler().waves = {{worker::test::key_of(facts::FactKind::vm_config, 0)}};
    for (int i = 0; i < kMessages / kRound; ++i) {
      INFO(M::kRecord.name << " seed " << ++seed);
      test::Random random(seed);
      const std::vector<SessionId> sessions{{1}, {2}, {3}, {4}, {5}, {6}};
      for (int k = 0; k < kRound; ++k) {
        if (random.one_in(10)) worker.request(1 + random.below(6), 1 + random.below(6));
        worker.give(hostile<M>(random, sessions));
        worker.out.clear();
      }
      worker.advance(60s);  // deadlines
      worker.out.clear();
      worker.request(99, 1000 + static_cast<std::uint64_t>(i));
      REQUIRE(worker.sent<protocol::FactQuery>());  // asks, as an honest client would see it
      worker.cancel(99, 1000 + static_cast<std::uint64_t>(i));
    }
  });
}

}  // namespace
}  // namespace jitfarm::fuzz
