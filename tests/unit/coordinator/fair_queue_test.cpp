#include "coordinator/scheduler/fair_queue.h"

#include <catch2/catch.hpp>

namespace jitfarm::coordinator::scheduler {
namespace {

using namespace std::chrono_literals;

JobKey key(std::uint64_t session, std::uint64_t request) {
  return {SessionId{session}, RequestId{request}};
}

TEST_CASE("fair_queue: clients take turns however much each has queued") {
  FairQueue q;
  for (std::uint64_t r = 1; r <= 100; ++r) q.push(key(1, r), static_cast<Rank>(r));
  q.push(key(2, 1), 500);
  q.push(key(3, 1), 600);
  std::vector<std::uint64_t> sessions;
  for (int i = 0; i < 4; ++i) sessions.push_back(q.pop()->session.value);
  CHECK(sessions == std::vector<std::uint64_t>{1, 2, 3, 1});
  CHECK(q.size() == 98);
}

TEST_CASE("fair_queue: inside a client the best rank goes first") {
  FairQueue q;
  q.push(key(1, 1), 30);
  q.push(key(1, 2), 10);
  q.push(key(1, 3), 20);
  CHECK(q.pop() == key(1, 2));
  CHECK(q.pop() == key(1, 3));
  CHECK(q.pop() == key(1, 1));
  CHECK_FALSE(q.pop());
}

TEST_CASE("fair_queue: erasing the last request of a client ends its turn") {
  FairQueue q;
  q.push(key(1, 1), 1);
  q.push(key(2, 1), 1);
  CHECK(q.erase(key(1, 1), 1));
  CHECK_FALSE(q.erase(key(1, 1), 1));
  CHECK(q.pop() == key(2, 1));
  CHECK(q.empty());
}

TEST_CASE(
    "fair_queue: heat moves a request forward by a bounded time, so a cold one is not starved") {
  const TimePoint t{};
  CHECK(rank_of(t, 1000) < rank_of(t, 10));
  CHECK(rank_of(t, 10) < rank_of(t, 0));
  CHECK(rank_of(t, 0) <
        rank_of(t + kHotnessBonus * 32 + 1ns, ~0u));  // older than every possible bonus
  CHECK(rank_of(t + 1ns, 10) > rank_of(t, 10));       // first come, first served at equal heat
}

}  // namespace
}  // namespace jitfarm::coordinator::scheduler
