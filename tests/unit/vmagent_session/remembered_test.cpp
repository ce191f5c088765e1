// Are the methods of an outage kept once each, in order, and not for ever?
#include "vmagent/session/remembered.h"

#include <catch2/catch.hpp>

namespace jitfarm::vmagent::session {
namespace {

using namespace std::chrono_literals;

TEST_CASE("remembered: each method once, first in first out, at the allowed rate") {
  ManualClock clock;
  Remembered list({.methods_max = 10, .attempts_max = 5, .interval = 5ms, .first = 0ms});
  CHECK(list.add(MethodId{1}, clock.now()));
  CHECK(list.add(MethodId{2}, clock.now()));
  CHECK_FALSE(list.add(MethodId{1}, clock.now()));
  CHECK(list.size() == 2);
  CHECK(list.take(clock.now()) == MethodId{1});
  CHECK(list.take(clock.now()) == std::nullopt);  // too early
  clock.advance(5ms);
  CHECK(list.take(clock.now()) == MethodId{2});
  clock.advance(5ms);
  CHECK(list.take(clock.now()) == std::nullopt);
}

TEST_CASE("remembered: the list is bounded") {
  ManualClock clock;
  Remembered list({.methods_max = 3, .attempts_max = 5, .interval = 0ms, .first = 0ms});
  for (std::uint64_t i = 1; i <= 3; ++i) CHECK(list.add(MethodId{i}, clock.now()));
  CHECK_FALSE(list.add(MethodId{4}, clock.now()));
  CHECK(list.size() == 3);
  // What was taken makes room; entries that only count attempts do not pile up.
  for (std::uint64_t i = 5; i < 1000; ++i) {
    REQUIRE(list.take(clock.now()));
    CHECK(list.add(MethodId{i}, clock.now()));
  }
  CHECK(list.size() == 3);
}

TEST_CASE("remembered: a method that fails every time is given up") {
  ManualClock clock;
  Remembered list(
      {.methods_max = 10, .attempts_max = 3, .interval = 0ms, .first = 0ms, .again = 100ms});
  for (int i = 0; i < 3; ++i) {
    REQUIRE(list.add(MethodId{7}, clock.now()));
    if (i > 0) CHECK(list.take(clock.now()) == std::nullopt);
    CHECK(list.next_at() == clock.now() + (i == 0 ? 0ms : i == 1 ? 100ms : 200ms));
    clock.advance(200ms);
    REQUIRE(list.take(clock.now()) == MethodId{7});
  }
  CHECK_FALSE(list.add(MethodId{7}, clock.now()));
  list.forget(MethodId{7});
  CHECK(list.add(MethodId{7}, clock.now()));
}

TEST_CASE("remembered: a method that HotSpot compiled meanwhile is not compiled again") {
  ManualClock clock;
  Remembered list({.methods_max = 10, .attempts_max = 3, .interval = 0ms, .first = 0ms});
  list.add(MethodId{1}, clock.now());
  list.add(MethodId{2}, clock.now());
  list.forget(MethodId{1});
  CHECK(list.size() == 1);
  CHECK(list.take(clock.now()) == MethodId{2});
}

}  // namespace
}  // namespace jitfarm::vmagent::session
