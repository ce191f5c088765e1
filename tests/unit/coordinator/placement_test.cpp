#include "coordinator/scheduler/placement.h"

#include <catch2/catch.hpp>
#include <vector>

namespace jitfarm::coordinator::scheduler {
namespace {

constexpr WorkerId kA{1}, kB{2}, kC{3};

TEST_CASE("placement: a new client goes to the least loaded worker and stays there") {
  Affinity affinity;
  CHECK(choose_worker(std::vector<Candidate>{{kA, 8, 3}, {kB, 8, 1}, {kC, 8, 2}}, affinity, 6, 24,
                      0) == kB);
  CHECK(affinity.first == kB);
  CHECK(choose_worker(std::vector<Candidate>{{kA, 8, 0}, {kB, 8, 3}, {kC, 8, 0}}, affinity, 3, 24,
                      0) == kB);
}

TEST_CASE("placement: an overloaded favourite overflows to a second one, which is remembered too") {
  Affinity affinity{.first = kA, .second = {}};
  const std::vector<Candidate> busy{{kA, 8, 7}, {kB, 8, 1}, {kC, 8, 0}};
  CHECK(choose_worker(busy, affinity, 8, 24, 0) == kC);
  CHECK(affinity.first == kA);
  CHECK(affinity.second == kC);
  const std::vector<Candidate> later{{kA, 8, 7}, {kB, 8, 0}, {kC, 8, 1}};
  CHECK(choose_worker(later, affinity, 8, 24, 0) == kC);
}

TEST_CASE("placement: when all are equally busy the favourite is not overloaded") {
  Affinity affinity{.first = kA, .second = {}};
  CHECK(choose_worker(std::vector<Candidate>{{kA, 8, 6}, {kB, 8, 6}, {kC, 8, 6}}, affinity, 18, 24,
                      0) == kA);
}

TEST_CASE("placement: load is relative to slots") {
  Affinity affinity;
  CHECK(choose_worker(std::vector<Candidate>{{kA, 2, 1}, {kB, 64, 8}}, affinity, 9, 66, 0) == kB);
}

TEST_CASE("placement: equal workers share new clients by the tie") {
  const std::vector<Candidate> equal{{kA, 8, 0}, {kB, 8, 0}, {kC, 8, 0}};
  for (std::uint64_t tie = 0; tie < 3; ++tie) {
    Affinity affinity;
    CHECK(choose_worker(equal, affinity, 0, 24, tie) == equal[tie].worker);
  }
}

TEST_CASE("placement: without room there is no choice and nothing is remembered") {
  Affinity affinity;
  CHECK_FALSE(choose_worker({}, affinity, 10, 10, 0));
  CHECK_FALSE(affinity.first);
}

TEST_CASE("placement: a worker of one slot can be a favourite") {
  CHECK(affinity_bound({kA, 1, 0}, 0, 100) == 1);
  CHECK(affinity_bound({kA, 10, 0}, 0, 100) == 5);
  CHECK(affinity_bound({kA, 10, 0}, 79, 100) == 10);
}

}  // namespace
}  // namespace jitfarm::coordinator::scheduler
