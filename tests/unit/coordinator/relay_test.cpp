#include "coordinator/relay/relay.h"

#include <catch2/catch.hpp>
#include <deque>
#include <set>

#include "common/base/log.h"
#include "tests/support/hello.h"

namespace jitfarm::coordinator::relay {
namespace {

using namespace std::chrono_literals;
using net::PeerKey;
using protocol::Packet;

struct Sent {
  Side side;
  PeerKey peer;
  Packet packet;
};

/// Records what is sent; peers can be stalled or gone.
class FakeOutbox final : public Outbox {
 public:
  Status send(Side side, PeerKey peer, Packet packet) override {
    if (gone.contains({side, peer})) return fail(Errc::peer_unreachable);
    if (stalled.contains({side, peer})) return fail(Errc::queue_full);
    sent.push_back({side, peer, std::move(packet)});
    return {};
  }
  void drop(Side side, PeerKey peer) override { dropped.insert({side, peer}); }

  std::deque<Sent> sent;
  std::set<std::pair<Side, PeerKey>> stalled, gone, dropped;
};

struct CountingTelemetry final : admin::Telemetry {
  void dropped(Errc cause) override { ++drops[cause]; }
  void worker_lost() override { ++losses; }
  void retried() override { ++retries; }
  std::map<Errc, int> drops;
  int losses = 0, retries = 0;
};

using test::hello;

/// A relay with its clock and peers by number: 1.. are clients, 101.. workers.
struct Farm {
  explicit Farm(RelayOptions o = {}) : relay(o, outbox, telemetry, clock.now()) {
    spdlog::set_level(spdlog::level::off);
    clock.advance(1h);
  }
  static Side side(int peer) { return peer > 100 ? Side::workers : Side::clients; }
  template <protocol::Message M>
  void say(int peer, const M& message, protocol::Envelope envelope = {}) {
    relay.receive(side(peer), PeerKey{static_cast<std::uint64_t>(peer)},
                  protocol::make_packet(message, envelope), clock.now());
  }
  /// The next message to that peer, which must be an M.
  template <protocol::Message M>
  M hear(int peer, protocol::Envelope* envelope = nullptr) {
    for (auto it = outbox.sent.begin(); it != outbox.sent.end(); ++it)
      if (it->side == side(peer) && it->peer.value == static_cast<std::uint64_t>(peer)) {
        const auto message = protocol::read<M>(it->packet);
        INFO("heard " << protocol::message_name(it->packet.envelope.type) << ", expected "
                      << M::kRecord.name);
        REQUIRE(message);
        if (envelope != nullptr) *envelope = it->packet.envelope;
        outbox.sent.erase(it);
        return *message;
      }
    FAIL("nothing was sent to peer " << peer << ", expected " << M::kRecord.name);
    std::abort();
  }
  bool silent(int peer) const {
    return std::ranges::none_of(outbox.sent, [&](const Sent& s) {
      return s.side == side(peer) && s.peer.value == static_cast<std::uint64_t>(peer);
    });
  }
  SessionId agent(int peer) {
    say(peer, hello(protocol::Role::agent));
    return SessionId{hear<protocol::Welcome>(peer).peer};
  }
  WorkerId worker(int peer) {
    say(peer, hello(protocol::Role::worker));
    return WorkerId{hear<protocol::Welcome>(peer).peer};
  }
  void request(int peer, SessionId session, std::uint64_t id,
               const std::string& method = "a.B.c()V", std::uint32_t deadline_ms = 10'000,
               const Digest& shape = {}) {
    protocol::CompileRequest r;
    r.shape = shape;
    r.request = RequestId{id};
    r.method_name = method;
    say(peer, r, {.session = session, .correlation = RequestId{id}, .deadline_ms = deadline_ms});
  }
  void wait(Duration d) {
    clock.advance(d);
    relay.tick(clock.now());
  }
  template <protocol::Message M>
  void answer(int worker_peer, SessionId session, std::uint64_t id, M message) {
    message.request = RequestId{id};
    say(worker_peer, message, {.session = session, .correlation = RequestId{id}});
  }

  ManualClock clock;
  FakeOutbox outbox;
  CountingTelemetry telemetry;
  Relay relay;
};

TEST_CASE("relay_figures: what a client costs is known by kind, and status drills into it") {
  Farm f;
  const SessionId quiet = f.agent(1), busy = f.agent(2);
  f.worker(101);
  f.request(1, quiet, 1);
  f.request(2, busy, 1);
  for (int i = 0; i < 2; ++i) f.hear<protocol::CompileRequest>(101);
  f.answer(101, busy, 1,
           protocol::FactQuery{.keys = {{facts::FactKind::class_info, 1, 0, 0},
                                        {facts::FactKind::class_info, 2, 0, 0}}});
  f.clock.advance(6ms);
  f.say(2, protocol::FactAnswer{.request = RequestId{1}},
        {.session = busy, .correlation = RequestId{1}});
  f.say(2, protocol::Telemetry{.sequence = 1, .samples = {{"agent_invalidated_total", "", 3}}});
  f.say(2, protocol::Telemetry{.sequence = 1, .samples = {{"agent_invalidated_total", "", 3}}});
  CHECK(f.telemetry.drops[Errc::unexpected_message] == 1);

  f.say(3, hello(protocol::Role::operator_));
  f.hear<protocol::Welcome>(3);
  f.say(3, protocol::StatusRequest{.session = busy, .kind = "class_info"});
  const auto status = f.hear<protocol::StatusReply>(3);
  REQUIRE(status.clients.size() == 2);
  CHECK(status.clients[0].session == busy);
  CHECK(status.clients[0].kind_asked == 2);
  CHECK(status.clients[0].queries == 1);
  CHECK(status.clients[0].waited_ns == 6'000'000);
  CHECK(status.clients[0].invalidated == 3);
  CHECK(status.clients[0].bytes_received > 0);
  CHECK(status.clients[1].kind_asked == 0);
  const auto kind = std::ranges::find(status.kinds, "class_info", &protocol::KindCount::name);
  REQUIRE(kind != status.kinds.end());
  CHECK(kind->asked == 2);
  CHECK(kind->waited_ns == 6'000'000);
  f.say(3, protocol::StatusRequest{.session = quiet, .kind = "no such kind"});
  const auto other = f.hear<protocol::StatusReply>(3);
  CHECK(std::ranges::none_of(other.kinds, [](const auto& k) { return k.asked != 0; }));
}

// ---- handshake ----------------------------------------------------------------------------------

TEST_CASE(
    "relay_handshake: a client gets a session, a worker an id, both learn heartbeat and lease") {
  Farm f;
  f.say(1, hello(protocol::Role::agent));
  const auto welcome = f.hear<protocol::Welcome>(1);
  CHECK(welcome.peer != 0);
  CHECK(welcome.version == protocol::kVersionMax);
  CHECK(welcome.lease_ms > 2 * welcome.heartbeat_ms);
  CHECK(f.worker(101));
  CHECK(f.relay.sessions().agents() == 1);
  CHECK(f.relay.workers().size() == 1);
}

TEST_CASE("relay_handshake: another version is refused with a sentence for both sides") {
  Farm f;
  auto h = hello(protocol::Role::agent);
  h.version_min = h.version_max = 9;
  f.say(1, h);
  const auto refuse = f.hear<protocol::Refuse>(1);
  CHECK(refuse.code == "version_mismatch");
  CHECK_FALSE(refuse.reason.empty());
  CHECK(refuse.version_max == protocol::kVersionMax);
  CHECK(f.relay.sessions().size() == 0);
  for (int i = 0; i < 100; ++i) f.say(1, h);
  CHECK(f.silent(1));  // nor can it fill the log
}

TEST_CASE("relay_handshake: workers and clients have separate doors") {
  Farm f;
  f.say(1, hello(protocol::Role::worker));
  CHECK(f.hear<protocol::Refuse>(1).code == "handshake_refused");
  f.say(101, hello(protocol::Role::agent));
  CHECK(f.hear<protocol::Refuse>(101).code == "handshake_refused");
}

TEST_CASE("relay_handshake: a repeated hello gets the same welcome and loses nothing") {
  Farm f;
  f.worker(101);
  const SessionId s = f.agent(1);
  f.request(1, s, 1);
  f.say(1, hello(protocol::Role::agent));
  CHECK(f.hear<protocol::Welcome>(1).peer == s.value);
  CHECK(f.relay.scheduler().in_flight() == 1);
}

TEST_CASE("relay_handshake: a stranger is told to say hello, but not at every packet") {
  Farm f;
  for (int i = 0; i < 100; ++i) f.request(1, SessionId{5}, 1);
  CHECK(f.hear<protocol::Refuse>(1).code == "unknown_session");
  CHECK(f.silent(1));
  f.clock.advance(2s);
  f.request(1, SessionId{5}, 1);
  CHECK(f.hear<protocol::Refuse>(1).code == "unknown_session");
  f.say(101, protocol::Heartbeat{});
  CHECK(f.hear<protocol::Refuse>(101).code == "unknown_session");
}

TEST_CASE("relay_handshake: a peer's name cannot forge a line of the log") {
  Farm f;
  f.say(1, hello(protocol::Role::agent, "evil\n2026 fatal"));
  CHECK(f.relay.sessions().all().begin()->second.name == "evil?2026 fatal");
}

// ---- the way of a compilation -------------------------------------------------------------------

TEST_CASE("relay: request, question, answer and result find their way, bodies untouched") {
  Farm f;
  f.worker(101);
  const SessionId s = f.agent(1);
  f.request(1, s, 7, "a.B.c()V", 5000);
  protocol::Envelope e;
  CHECK(f.hear<protocol::CompileRequest>(101, &e).method_name == "a.B.c()V");
  CHECK(e.session == s);
  CHECK(e.correlation == RequestId{7});
  CHECK(e.deadline_ms == 5000);
  f.clock.advance(1s);
  f.answer(101, s, 7, protocol::FactQuery{.request = {}, .wave = 2, .keys = {}});
  CHECK(f.hear<protocol::FactQuery>(1, &e).wave == 2);
  CHECK(e.deadline_ms == 4000);
  f.say(1, protocol::FactAnswer{.request = RequestId{7}, .wave = 2},
        {.session = s, .correlation = RequestId{7}});
  CHECK(f.hear<protocol::FactAnswer>(101, &e).wave == 2);
  CHECK(e.session == s);
  const Blob image(Bytes(10'000, 7));
  f.answer(101, s, 7, protocol::CompileResult{.request = {}, .image = image});
  const auto result = f.hear<protocol::CompileResult>(1);
  CHECK(result.image == image);
  CHECK(result.image.data() == image.data());  // not even copied
  CHECK(f.relay.scheduler().in_flight() == 0);
  f.say(1,
        protocol::InstallReport{.request = RequestId{7},
                                .outcome = protocol::InstallOutcome::installed},
        {.session = s, .correlation = RequestId{7}});
  CHECK(f.relay.sessions().all().at(s).installed == 1);
}

TEST_CASE("relay: a bail-out goes to the client as it is") {
  Farm f;
  f.worker(101);
  const SessionId s = f.agent(1);
  f.request(1, s, 1);
  f.answer(
      101, s, 1,
      protocol::CompileFailed{.request = {}, .error = "bail_out", .reason = "r", .detail = "d"});
  CHECK(f.hear<protocol::CompileFailed>(1).reason == "r");
}

TEST_CASE(
    "relay: a result that comes twice reaches the client once, a repeated request is not compiled "
    "again") {
  Farm f;
  f.worker(101);
  const SessionId s = f.agent(1);
  f.request(1, s, 1);
  f.answer(101, s, 1, protocol::CompileResult{});
  f.answer(101, s, 1, protocol::CompileResult{});
  f.hear<protocol::CompileResult>(1);
  CHECK(f.silent(1));
  f.hear<protocol::CompileRequest>(101);
  f.request(1, s, 1);
  CHECK(f.silent(101));
  CHECK(f.silent(1));
}

TEST_CASE("relay: with no worker the client knows at once") {
  Farm f;
  const SessionId s = f.agent(1);
  f.request(1, s, 1);
  const auto failed = f.hear<protocol::CompileFailed>(1);
  CHECK(failed.error == "no_worker");
  CHECK(failed.retry_later);
}

TEST_CASE("relay: cancel reaches the worker and is answered") {
  Farm f;
  f.worker(101);
  const SessionId s = f.agent(1);
  f.request(1, s, 1);
  f.hear<protocol::CompileRequest>(101);
  f.say(1, protocol::CancelCompile{RequestId{1}}, {.session = s, .correlation = RequestId{1}});
  CHECK(f.hear<protocol::CancelCompile>(101).request == RequestId{1});
  CHECK(f.hear<protocol::CompileFailed>(1).error == "cancelled");
}

TEST_CASE("relay: unloaded classes are told to every worker that knows the client") {
  Farm f;
  f.worker(101);
  f.worker(102);
  const SessionId s = f.agent(1);
  f.request(1, s, 1);
  const int knows = f.silent(101) ? 102 : 101;
  f.hear<protocol::CompileRequest>(knows);
  f.say(1, protocol::ClassesUnloaded{{ClassId{3}}}, {.session = s});
  CHECK(f.hear<protocol::ClassesUnloaded>(knows).classes.size() == 1);
  CHECK(f.silent(knows == 101 ? 102 : 101));
}

/// Two clients, each of whose first request is at a worker of its own.
struct BothBusy : Farm {
  struct Who {
    SessionId a, b;
    int first = 0, second = 0;  ///< workers
  } who;
  BothBusy() {
    worker(101);
    worker(102);
    who.a = agent(1);
    who.b = agent(2);
    request(1, who.a, 1);
    request(2, who.b, 2);
    for (int* const busy : {&who.first, &who.second}) {
      *busy = silent(101) ? 102 : 101;
      hear<protocol::CompileRequest>(*busy);
    }
    REQUIRE(who.first != who.second);
  }
};

TEST_CASE("relay: a shape is asked of one client and serves all workers") {
  BothBusy f;
  const auto [a, b, first, second] = f.who;
  const Blob bytes(Bytes{1, 2, 3});
  const Digest name = digest_of(bytes.view());

  f.answer(first, a, 1, protocol::ShapeQuery{.digests = {name}});
  CHECK(f.hear<protocol::ShapeAnswer>(first).ask == std::vector{name});
  f.answer(second, b, 2, protocol::ShapeQuery{.digests = {name}});
  CHECK(f.hear<protocol::ShapeAnswer>(second).ask.empty());
  f.say(1, protocol::FactAnswer{.request = {1}, .shapes = {{name, bytes}}},
        {.session = a, .correlation = {1}});
  CHECK(f.hear<protocol::FactAnswer>(first).shapes.size() == 1);
  protocol::Envelope envelope;
  const auto served = f.hear<protocol::ShapeAnswer>(second, &envelope);
  CHECK(served.shapes == std::vector<facts::ShapeBytes>{{name, bytes}});
  CHECK(envelope.session == b);
  CHECK(served.request == RequestId{2});
}

TEST_CASE("relay: a client that does not bring its shape is not waited for, by any worker") {
  BothBusy f;
  const auto [a, b, first, second] = f.who;
  const Digest name = digest_of(Bytes{1, 2, 3});
  f.answer(first, a, 1, protocol::ShapeQuery{.digests = {name}});
  f.hear<protocol::ShapeAnswer>(first);
  f.answer(second, b, 2, protocol::ShapeQuery{.digests = {name}});
  f.hear<protocol::ShapeAnswer>(second);
  f.relay.lost(Side::clients, net::PeerKey{1}, f.clock.now());
  CHECK(f.relay.next_event(f.clock.now()) <= f.clock.now() + shapes::DepotLimits{}.patience);
  f.wait(shapes::DepotLimits{}.patience);
  CHECK(f.hear<protocol::ShapeAnswer>(second).ask == std::vector{name});
}

TEST_CASE("relay: a worker that does not run the compilation learns no shapes") {
  Farm f;
  f.worker(101);
  const SessionId a = f.agent(1);
  f.answer(101, a, 1, protocol::ShapeQuery{.digests = {digest_of(Bytes{1})}});
  CHECK(f.silent(101));
}

// ---- trust --------------------------------------------------------------------------------------

TEST_CASE("relay_trust: another client's session in the envelope is dropped") {
  Farm f;
  f.worker(101);
  const SessionId mine = f.agent(1), theirs = f.agent(2);
  f.request(2, theirs, 1);
  f.hear<protocol::CompileRequest>(101);
  f.say(1, protocol::CancelCompile{RequestId{1}}, {.session = theirs, .correlation = RequestId{1}});
  f.say(1, protocol::FactAnswer{.request = RequestId{1}},
        {.session = theirs, .correlation = RequestId{1}});
  CHECK(f.silent(101));
  CHECK(f.relay.scheduler().in_flight() == 1);
  CHECK(f.telemetry.drops[Errc::unknown_session] == 2);
  CHECK(f.hear<protocol::Refuse>(1).code == "unknown_session");
  CHECK(f.relay.sessions().all().contains(mine));
}

TEST_CASE("relay_trust: a message of the wrong direction or role is dropped") {
  Farm f;
  f.worker(101);
  const SessionId s = f.agent(1);
  f.say(1, protocol::CompileResult{.request = RequestId{1}},
        {.session = s, .correlation = RequestId{1}});
  f.say(101, protocol::CompileRequest{.request = RequestId{1}},
        {.session = s, .correlation = RequestId{1}});
  f.say(2, hello(protocol::Role::operator_));
  const SessionId op{f.hear<protocol::Welcome>(2).peer};
  f.request(2, op, 1);
  CHECK(f.telemetry.drops[Errc::unexpected_message] == 3);
  CHECK(f.relay.scheduler().in_flight() == 0);
  CHECK(f.silent(1));
}

TEST_CASE("relay_trust: a worker asks and answers only for what it was given") {
  Farm f;
  f.worker(101);
  const SessionId s = f.agent(1);
  f.request(1, s, 1);
  f.hear<protocol::CompileRequest>(101);
  f.worker(102);
  f.answer(102, s, 1, protocol::FactQuery{});
  CHECK(f.hear<protocol::CancelCompile>(102).request == RequestId{1});
  f.answer(102, s, 1, protocol::CompileResult{});
  CHECK(f.silent(1));
  CHECK(f.relay.scheduler().in_flight() == 1);
}

TEST_CASE("relay_trust: a garbage answer is answered for, a garbage request too") {
  Farm f;
  f.worker(101);
  const SessionId s = f.agent(1);
  const auto garbage = [&](int peer, std::uint16_t type, std::uint64_t id) {
    Packet p;
    p.envelope = {.type = type, .session = s, .correlation = RequestId{id}};
    p.body = Blob(Bytes{0xdd, 0xff, 0, 0, 0});
    f.relay.receive(Farm::side(peer), PeerKey{static_cast<std::uint64_t>(peer)}, p, f.clock.now());
  };
  f.request(1, s, 1);
  garbage(101, protocol::CompileResult::kRecord.id, 1);
  CHECK(f.hear<protocol::CompileFailed>(1).error == "malformed_frame");
  f.request(1, s, 2);
  garbage(101, protocol::CompileFailed::kRecord.id, 2);
  CHECK(f.hear<protocol::CompileFailed>(1).error == "malformed_frame");
  f.request(1, s, 3);
  f.answer(101, s, 3, protocol::FactQuery{});
  f.hear<protocol::FactQuery>(1);
  f.say(101, protocol::CompileResult{.request = RequestId{99}},
        {.session = s, .correlation = RequestId{3}});  // body and envelope disagree
  CHECK(f.hear<protocol::CompileFailed>(1).error == "malformed_frame");
  garbage(1, protocol::CompileRequest::kRecord.id, 4);
  const auto failed = f.hear<protocol::CompileFailed>(1);
  CHECK(failed.request == RequestId{4});
  CHECK(failed.error == "limit_exceeded");  // an array of four thousand million elements
  garbage(101, 12345, 5);
  garbage(1, 12345, 5);
  CHECK(f.relay.scheduler().in_flight() == 0);
  CHECK(f.relay.workers().size() == 1);
}

TEST_CASE("relay_trust: a packet of another version than agreed is dropped") {
  Farm f;
  f.worker(101);
  const SessionId s = f.agent(1);
  f.say(1, protocol::Heartbeat{}, {.version = 7, .session = s});
  CHECK(f.silent(1));
  CHECK(f.telemetry.drops[Errc::version_mismatch] == 1);
}

// ---- losses -------------------------------------------------------------------------------------

TEST_CASE("relay_losses: another program's method of the same name is not in quarantine") {
  Farm f;
  const SessionId s = f.agent(1);
  const Digest mine = digest_of(Bytes{1}), other = digest_of(Bytes{2});
  f.worker(101);
  f.worker(102);
  f.request(1, s, 1, "Main.main()V", 10'000, mine);
  f.relay.lost(Side::workers, PeerKey{f.silent(101) ? 102u : 101u}, f.clock.now());
  f.relay.lost(Side::workers, PeerKey{101}, f.clock.now());
  f.relay.lost(Side::workers, PeerKey{102}, f.clock.now());
  CHECK(f.hear<protocol::CompileFailed>(1).error == name(Errc::quarantined));
  f.worker(103);
  f.request(1, s, 2, "Main.main()V", 10'000, mine);
  CHECK(f.hear<protocol::CompileFailed>(1).error == name(Errc::quarantined));
  f.request(1, s, 3, "Main.main()V", 10'000, other);
  CHECK(f.hear<protocol::CompileRequest>(103).request == RequestId{3});
}

TEST_CASE("relay_losses: a worker's end moves its requests, the client notices nothing") {
  Farm f;
  f.worker(101);
  const SessionId s = f.agent(1);
  f.request(1, s, 1);
  f.worker(102);
  f.relay.lost(Side::workers, PeerKey{101}, f.clock.now());
  CHECK(f.hear<protocol::CompileRequest>(102).request == RequestId{1});
  CHECK(f.silent(1));
  CHECK(f.telemetry.losses == 1);
  CHECK(f.telemetry.retries == 1);
  f.answer(102, s, 1, protocol::CompileResult{});
  f.hear<protocol::CompileResult>(1);
}

TEST_CASE(
    "relay_losses: a worker that is only silent, as when stopped, is given up after its lease") {
  Farm f;
  f.worker(101);
  const SessionId s = f.agent(1);
  f.request(1, s, 1, "m", 60'000);
  f.worker(102);
  f.hear<protocol::CompileRequest>(101);
  for (int i = 0; i < 4; ++i) {
    f.clock.advance(2s);
    f.say(102, protocol::Heartbeat{});
    f.say(1, protocol::Heartbeat{.in_flight = {RequestId{1}}}, {.session = s});
    f.relay.tick(f.clock.now());
  }
  CHECK(f.relay.workers().size() == 1);
  f.hear<protocol::HeartbeatAck>(102);
  CHECK(f.outbox.dropped.contains({Side::workers, PeerKey{101}}));
  // It wakes up: it is a stranger now and begins anew.
  f.answer(101, s, 1, protocol::CompileResult{});
  CHECK(f.hear<protocol::Refuse>(101).code == "unknown_session");
}

TEST_CASE("relay_losses: a client's end frees everything and tells the workers") {
  Farm f;
  f.worker(101);
  const SessionId s = f.agent(1);
  f.request(1, s, 1, "m", 60'000);
  f.hear<protocol::CompileRequest>(101);
  SECTION("its connection ended") { f.relay.lost(Side::clients, PeerKey{1}, f.clock.now()); }
  SECTION("it is silent for its lease") {
    for (int i = 0; i < 6; ++i) {
      f.clock.advance(2s);
      f.say(101, protocol::Heartbeat{.in_flight = {RequestId{1}}, .in_flight_sessions = {s}});
      f.hear<protocol::HeartbeatAck>(101);
      f.relay.tick(f.clock.now());
      if (f.relay.sessions().size() == 0) break;
    }
  }
  SECTION("it said goodbye") { f.say(1, protocol::Goodbye{}, {.session = s}); }
  CHECK(f.relay.sessions().size() == 0);
  CHECK(f.relay.scheduler().in_flight() == 0);
  CHECK(f.relay.scheduler().held_bytes() == 0);
  std::set<std::uint16_t> told;
  for (const Sent& m : f.outbox.sent)
    if (m.side == Side::workers) told.insert(m.packet.envelope.type);
  CHECK(told.contains(protocol::SessionClosed::kRecord.id));
}

TEST_CASE("relay_losses: a stalled worker is passed over, a vanished one is noticed by sending") {
  Farm f;
  f.worker(101);
  f.worker(102);
  const SessionId s = f.agent(1);
  SECTION("stalled") {
    f.outbox.stalled.insert({Side::workers, PeerKey{101}});
    for (std::uint64_t r = 1; r <= 4; ++r) f.request(1, s, r, "m" + std::to_string(r));
    CHECK(f.relay.scheduler().in_flight() == 4);
    CHECK(f.relay.workers().size() == 2);
  }
  SECTION("vanished") {
    f.outbox.gone.insert({Side::workers, PeerKey{101}});
    for (std::uint64_t r = 1; r <= 8; ++r) f.request(1, s, r, "m" + std::to_string(r));
    CHECK(f.relay.scheduler().in_flight() == 4);
    CHECK(f.relay.workers().size() == 1);
  }
  CHECK(f.silent(101));
}

TEST_CASE("relay_losses: a client that does not read loses its answers, nobody waits for it") {
  Farm f;
  f.worker(101);
  const SessionId s = f.agent(1);
  f.request(1, s, 1);
  f.outbox.stalled.insert({Side::clients, PeerKey{1}});
  f.answer(101, s, 1, protocol::CompileResult{});
  CHECK(f.relay.scheduler().in_flight() == 0);
  CHECK(f.telemetry.drops[Errc::queue_full] == 1);
}

TEST_CASE("relay_losses: a request that never arrived is answered when the client names it twice") {
  Farm f;
  f.worker(101);
  const SessionId s = f.agent(1);
  f.say(1, protocol::Heartbeat{.in_flight = {RequestId{9}}}, {.session = s});
  f.hear<protocol::HeartbeatAck>(1);
  CHECK(f.silent(1));
  f.say(1, protocol::Heartbeat{.in_flight = {RequestId{9}}}, {.session = s});
  f.hear<protocol::HeartbeatAck>(1);
  const auto failed = f.hear<protocol::CompileFailed>(1);
  CHECK(failed.request == RequestId{9});
  CHECK(failed.retry_later);
}

// ---- operators and the end ----------------------------------------------------------------------

TEST_CASE("relay_status: an operator sees clients and workers") {
  Farm f;
  const WorkerId w = f.worker(101);
  const SessionId s = f.agent(1);
  f.request(1, s, 1);
  f.say(2, hello(protocol::Role::operator_));
  const SessionId op{f.hear<protocol::Welcome>(2).peer};
  f.clock.advance(5s);
  f.say(2, protocol::StatusRequest{}, {.session = op});
  const auto status = f.hear<protocol::StatusReply>(2);
  REQUIRE(status.clients.size() == 1);
  CHECK(status.clients[0].session == s);
  CHECK(status.clients[0].requested == 1);
  CHECK(status.clients[0].in_flight == 1);
  CHECK(status.clients[0].worker == w);
  CHECK(status.clients[0].age_seconds == 5);
  REQUIRE(status.workers.size() == 1);
  CHECK(status.workers[0].in_flight == 1);
  CHECK(status.in_flight == 1);
  CHECK(status.clients[0].build == "b");
  CHECK(status.workers[0].build == "b");
}

TEST_CASE("relay_status: a bail-out is no failure, of the client or of the worker") {
  Farm f;
  f.worker(101);
  const SessionId s = f.agent(1);
  for (std::uint64_t id : {1, 2, 3}) f.request(1, s, id, "a.B.m" + std::to_string(id) + "()V");
  f.answer(
      101, s, 1,
      protocol::CompileFailed{.request = {}, .error = "bail_out", .reason = "r", .detail = {}});
  f.answer(101, s, 2,
           protocol::CompileFailed{
               .request = {}, .error = "compiler_failure", .reason = {}, .detail = {}});
  f.answer(101, s, 3, protocol::CompileResult{});
  f.say(2, hello(protocol::Role::operator_));
  f.say(2, protocol::StatusRequest{}, {.session = SessionId{f.hear<protocol::Welcome>(2).peer}});
  const auto status = f.hear<protocol::StatusReply>(2);
  REQUIRE(status.clients.size() == 1);
  CHECK(status.clients[0].bailed_out == 1);
  CHECK(status.clients[0].failed == 1);
  REQUIRE(status.workers.size() == 1);
  CHECK(status.workers[0].bailed_out == 1);
  CHECK(status.workers[0].failed == 1);
  CHECK(status.workers[0].completed == 1);
}

TEST_CASE(
    "relay_shutdown: every request is answered, every peer hears goodbye, later packets change "
    "nothing") {
  Farm f;
  f.worker(101);
  const SessionId s = f.agent(1);
  f.request(1, s, 1);
  f.hear<protocol::CompileRequest>(101);
  f.relay.shut_down(f.clock.now());
  const auto failed = f.hear<protocol::CompileFailed>(1);
  CHECK(failed.retry_later);
  f.hear<protocol::CoordinatorGoodbye>(1);
  f.hear<protocol::CancelCompile>(101);
  f.hear<protocol::CoordinatorGoodbye>(101);
  f.request(1, s, 2);
  CHECK(f.silent(1));
}

TEST_CASE("relay_drain: a worker that drains by its heartbeat keeps its work and gets none") {
  Farm f;
  f.worker(101);
  f.worker(102);
  const SessionId s = f.agent(1);
  f.request(1, s, 1);
  const int busy = f.silent(101) ? 102 : 101, other = busy == 101 ? 102 : 101;
  f.say(busy, protocol::Heartbeat{
                  .in_flight = {RequestId{1}}, .in_flight_sessions = {s}, .draining = true});
  f.hear<protocol::CompileRequest>(busy);
  f.hear<protocol::HeartbeatAck>(busy);
  f.request(1, s, 2);
  CHECK(f.hear<protocol::CompileRequest>(other).request == RequestId{2});
  f.answer(busy, s, 1, protocol::CompileResult{});
  f.hear<protocol::CompileResult>(1);
  f.say(busy, protocol::Goodbye{});
  CHECK(f.relay.workers().size() == 1);
  CHECK(f.telemetry.losses == 0);
}

}  // namespace
}  // namespace jitfarm::coordinator::relay
