// Does the breaker leave a sick farm alone, and come back to a healthy one?
#include "vmagent/session/breaker.h"

#include <catch2/catch.hpp>

namespace jitfarm::vmagent::session {
namespace {

using namespace std::chrono_literals;

struct Fixture {
  ManualClock clock;
  BreakerPolicy policy{.failures_to_open = 3, .backoff_min = 1s, .backoff_max = 8s};
  Breaker breaker{policy, 42};
  void fail(int times) {
    for (int i = 0; i < times; ++i) breaker.failure(clock.now());
  }
};

TEST_CASE("breaker: only failures in a row open it") {
  Fixture f;
  f.fail(2);
  f.breaker.success();
  f.fail(2);
  CHECK(f.breaker.admit(f.clock.now()));
  f.fail(1);
  CHECK(f.breaker.state() == Breaker::State::open);
  CHECK_FALSE(f.breaker.admit(f.clock.now()));
}

TEST_CASE("breaker: after the backoff exactly one probe goes out") {
  Fixture f;
  f.fail(3);
  f.clock.advance(999ms);
  CHECK_FALSE(f.breaker.admit(f.clock.now()));
  f.clock.advance(252ms);  // backoff and the most jitter
  CHECK(f.breaker.admit(f.clock.now()));
  CHECK(f.breaker.state() == Breaker::State::half_open);
  CHECK_FALSE(f.breaker.admit(f.clock.now()));
  f.breaker.success();
  CHECK(f.breaker.state() == Breaker::State::closed);
  CHECK(f.breaker.admit(f.clock.now()));
}

TEST_CASE("breaker: the backoff doubles with every failed probe up to its limit") {
  Fixture f;
  f.fail(3);
  Duration last{};
  for (int i = 0; i < 6; ++i) {
    const Duration wait = f.breaker.probe_at() - f.clock.now();
    CHECK(wait >= std::min<Duration>(1s * (1 << i), 8s));
    CHECK(wait <= std::min<Duration>(1s * (1 << i), 8s) * 5 / 4);
    last = wait;
    f.clock.advance(wait);
    REQUIRE(f.breaker.admit(f.clock.now()));
    f.fail(1);
    CHECK(f.breaker.state() == Breaker::State::open);
  }
  CHECK(last <= 10s);
}

TEST_CASE("breaker: a probe that nobody reports on does not close the door for ever") {
  Fixture f;
  f.fail(3);
  f.clock.advance(2s);
  REQUIRE(f.breaker.admit(f.clock.now()));
  f.clock.advance(7s);
  CHECK_FALSE(f.breaker.admit(f.clock.now()));
  f.clock.advance(1s);
  CHECK(f.breaker.admit(f.clock.now()));
  f.breaker.withdraw();
  CHECK(f.breaker.admit(f.clock.now()));
}

TEST_CASE("breaker: late answers to old requests do not close it") {
  Fixture f;
  f.fail(3);
  f.breaker.success();
  CHECK(f.breaker.state() == Breaker::State::open);
}

TEST_CASE("breaker: a lost connection opens it, and its return closes it") {
  Fixture f;
  f.breaker.connection_lost(f.clock.now());
  f.clock.advance(1h);
  CHECK_FALSE(f.breaker.admit(f.clock.now()));
  f.breaker.connection_made(f.clock.now());
  CHECK(f.breaker.state() == Breaker::State::closed);
}

TEST_CASE("breaker: a farm that failed before it was lost gets a probe first") {
  Fixture f;
  f.fail(3);
  f.breaker.connection_lost(f.clock.now());
  f.breaker.connection_lost(f.clock.now());
  f.breaker.connection_made(f.clock.now());
  CHECK(f.breaker.state() == Breaker::State::open);
  CHECK(f.breaker.admit(f.clock.now()));
  CHECK_FALSE(f.breaker.admit(f.clock.now()));
}

TEST_CASE("breaker: jitter spreads VMs that lost the same farm") {
  ManualClock clock;
  TimePoint first{};
  bool differs = false;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    Breaker breaker({.failures_to_open = 1}, seed);
    breaker.failure(clock.now());
    if (seed == 1) first = breaker.probe_at();
    differs |= breaker.probe_at() != first;
  }
  CHECK(differs);
}

}  // namespace
}  // namespace jitfarm::vmagent::session
