// Sessions and workers: are they bound to their connections, bounded, and given up after their
// lease?
#include <catch2/catch.hpp>
#include <set>

#include "coordinator/session/sessions.h"
#include "coordinator/workers/workers.h"
#include "tests/support/hello.h"

namespace jitfarm::coordinator {
namespace {

using namespace std::chrono_literals;
using net::PeerKey;

const TimePoint kNow = TimePoint{} + 1h;

protocol::Hello hello(protocol::Role role = protocol::Role::agent) { return test::hello(role); }

TEST_CASE("sessions: a session is found by its connection until it closes") {
  session::Sessions s({}, 1);
  const SessionId id = (*s.open(PeerKey{5}, hello(), {}, kNow))->id;
  REQUIRE(s.find(PeerKey{5}) != nullptr);
  CHECK(s.find(PeerKey{5})->id == id);
  CHECK(s.find(PeerKey{6}) == nullptr);
  CHECK(s.agents() == 1);
  s.close(id);
  CHECK(s.find(PeerKey{5}) == nullptr);
  CHECK(s.size() == 0);
  CHECK(s.agents() == 0);
}

TEST_CASE("sessions: ids never come back after a restart, since workers cache facts by them") {
  std::set<SessionId> ids;
  for (std::uint64_t epoch : {1u, 2u, 3u}) {  // neighbours, the worst case
    session::Sessions s({}, epoch * 0x12345678'9abcdef1u);
    for (std::uint64_t p = 1; p <= 2000; ++p)
      ids.insert((*s.open(PeerKey{p}, hello(), {}, kNow))->id);
  }
  CHECK(ids.size() == 6000);
}

TEST_CASE("sessions: the table is bounded, operators do not count as clients") {
  session::Sessions s({.sessions = 2}, 1);
  CHECK(s.open(PeerKey{1}, hello(), {}, kNow));
  CHECK(s.open(PeerKey{2}, hello(protocol::Role::operator_), {}, kNow));
  CHECK(s.open(PeerKey{3}, hello(), {}, kNow).error().code == Errc::limit_exceeded);
  CHECK(s.agents() == 1);
}

TEST_CASE("sessions: silence beyond the lease ends a session, whatever the transport believes") {
  session::Sessions s({.lease = 10s}, 1);
  const SessionId quiet = (*s.open(PeerKey{1}, hello(), {}, kNow))->id;
  s.open(PeerKey{2}, hello(), {}, kNow).value()->last_heard = kNow + 5s;
  CHECK(s.expired(kNow + 10s).empty());
  CHECK(s.expired(kNow + 10s + 1ns) == std::vector<SessionId>{quiet});
}

TEST_CASE("sessions: one that speaks keeps its session until it is silent for a lease again") {
  session::Sessions s({.lease = 10s}, 1);
  const SessionId id = (*s.open(PeerKey{1}, hello(), {}, kNow))->id;
  for (int second = 1; second <= 60; ++second) {
    s.find(id)->last_heard = kNow + second * 1s;
    CHECK(s.expired(kNow + second * 1s + 9s).empty());
  }
  CHECK(s.expired(kNow + 70s).empty());
  CHECK(s.expired(kNow + 70s + 1ns) == std::vector<SessionId>{id});
  CHECK(s.expired(kNow + 71s) == std::vector<SessionId>{id});  // until the caller closes it
  s.close(id);
  CHECK(s.expired(kNow + 90s).empty());
}

TEST_CASE(
    "sessions: each request is seen once, also when they overtake each other, in bounded memory") {
  session::SeenRequests seen;
  for (std::uint64_t r : {3u, 1u, 2u}) CHECK(seen.insert(RequestId{r}));
  for (std::uint64_t r : {1u, 2u, 3u}) CHECK_FALSE(seen.insert(RequestId{r}));
  constexpr auto kWindow = session::SeenRequests::kWindow;
  CHECK(seen.insert(RequestId{kWindow + 3}));
  CHECK(seen.contains(RequestId{3}));        // out of the window: taken for seen
  CHECK_FALSE(seen.contains(RequestId{4}));  // in it, and not seen
  CHECK(seen.insert(RequestId{4}));
  CHECK(seen.insert(RequestId{100 * kWindow}));  // a leap clears the whole window
  CHECK_FALSE(seen.contains(RequestId{99 * kWindow + 1}));
  CHECK(seen.insert(RequestId{~std::uint64_t{0}}));
}

TEST_CASE("workers: silence beyond the lease ends a registration") {
  workers::Workers w({.lease = 6s});
  const WorkerId id = (*w.join(PeerKey{1}, hello(protocol::Role::worker), {}, kNow))->id;
  CHECK(w.expired(kNow + 6s).empty());
  CHECK(w.expired(kNow + 6s + 1ns) == std::vector<WorkerId>{id});
  w.remove(id);
  CHECK(w.find(PeerKey{1}) == nullptr);
  CHECK(w.size() == 0);
}

TEST_CASE("workers: slots are bounded, draining ones take nothing") {
  workers::Workers w({.workers = 2, .slots = 10});
  protocol::Hello h = hello(protocol::Role::worker);
  h.slots = 1'000'000;
  (*w.join(PeerKey{1}, h, {}, kNow))->draining = true;
  h.slots = 0;
  CHECK((*w.join(PeerKey{2}, h, {}, kNow))->slots == 1);
  CHECK(w.open_slots() == 1);
  CHECK(w.join(PeerKey{3}, h, {}, kNow).error().code == Errc::limit_exceeded);
}

}  // namespace
}  // namespace jitfarm::coordinator
