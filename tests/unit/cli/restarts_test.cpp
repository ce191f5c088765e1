// Is a program that dies started again, but not for ever?
#include "cli/run/restarts.h"

#include <catch2/catch.hpp>

namespace jitfarm::cli {
namespace {

using namespace std::chrono_literals;

TEST_CASE("restarts: the pauses grow, and a few deaths in a short time are the end") {
  Restarts restarts({.pause_min = 1s, .pause_max = 3s, .deaths_max = 5, .window = 60s});
  const TimePoint start{};
  CHECK(restarts.died(start) == start + 1s);
  CHECK(restarts.died(start + 10s) == start + 12s);
  CHECK(restarts.died(start + 20s) == start + 23s);
  CHECK(restarts.died(start + 30s) == start + 33s);
  CHECK(restarts.died(start + 40s) == std::nullopt);
}

TEST_CASE("restarts: deaths that are long ago do not count") {
  Restarts restarts({.pause_min = 1s, .pause_max = 3s, .deaths_max = 3, .window = 60s});
  TimePoint now{};
  CHECK(restarts.died(now));
  for (int i = 0; i < 20; ++i) {
    now += 45s;
    CHECK(restarts.died(now) == now + 2s);  // with the one before
  }
}

}  // namespace
}  // namespace jitfarm::cli
