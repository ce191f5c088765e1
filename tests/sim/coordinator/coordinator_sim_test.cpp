// Does the coordinator keep its promises whatever happens? Thousands of random farms, each from a
// seed.
//
// JITFARM_SIM_SEED=N repeats one run, JITFARM_SIM_RUNS=N changes how many there are.
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>

#include "coordinator/scheduler/scheduler.h"
#include "tests/sim/coordinator/farm.h"

namespace jitfarm::sim {
namespace {

using namespace std::chrono_literals;

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr std::uint64_t kRuns = 200;  // ten times slower there
#else
constexpr std::uint64_t kRuns = 1500;
#endif

std::uint64_t number(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

void add(Outcome& sum, const Outcome& o) {
  sum.requests += o.requests;
  sum.results += o.results;
  sum.failures += o.failures;
  sum.kills += o.kills;
  sum.quarantines += o.quarantines;
  sum.deadlines += o.deadlines;
  sum.no_worker += o.no_worker;
  sum.restarts += o.restarts;
  sum.events += o.events;
}

TEST_CASE("sim_coordinator: every promise holds in random farms under random faults") {
  const std::uint64_t only = number("JITFARM_SIM_SEED", 0);
  const std::uint64_t runs = only != 0 ? 1 : number("JITFARM_SIM_RUNS", kRuns);
  Outcome sum;
  for (std::uint64_t i = 0; i < runs; ++i) {
    const std::uint64_t seed = only != 0 ? only : i + 1;
    const Outcome o = run(drawn(seed));
    INFO("repeat with JITFARM_SIM_SEED=" << seed);
    REQUIRE(o.violation == "");
    add(sum, o);
  }
  std::printf(
      "%llu runs: %llu requests, %llu results, %llu failures (%llu deadlines, %llu without worker, "
      "%llu quarantined), %llu workers killed by methods, "
      "%llu coordinator restarts, %llu events\n",
      static_cast<unsigned long long>(runs), static_cast<unsigned long long>(sum.requests),
      static_cast<unsigned long long>(sum.results), static_cast<unsigned long long>(sum.failures),
      static_cast<unsigned long long>(sum.deadlines),
      static_cast<unsigned long long>(sum.no_worker),
      static_cast<unsigned long long>(sum.quarantines), static_cast<unsigned long long>(sum.kills),
      static_cast<unsigned long long>(sum.restarts), static_cast<unsigned long long>(sum.events));
  if (only != 0) return;
  // A simulation in which nothing happens proves nothing.
  CHECK(sum.results > runs * 50);
  CHECK(sum.kills > runs / 10);
  CHECK(sum.quarantines > runs / 10);
  CHECK(sum.deadlines > runs / 10);
  CHECK(sum.restarts > runs / 10);
}

TEST_CASE("sim_coordinator: thousands of clients and tens of workers") {
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    const Outcome o =
        run({.seed = seed, .clients = 3000, .workers = 40, .length = 10s, .pause = 3s});
    INFO("seed " << seed);
    REQUIRE(o.violation == "");
    CHECK(o.requests > 5000);
  }
}

TEST_CASE("sim_coordinator: the same seed gives the same run") {
  for (std::uint64_t seed : {3u, 17u, 99u}) {
    const Outcome a = run(drawn(seed)), b = run(drawn(seed));
    CHECK(a.events == b.events);
    CHECK(a.results == b.results);
    CHECK(a.failures == b.failures);
  }
}

TEST_CASE("sim_coordinator: canary, the checker sees each bug that is put in on purpose") {
  const auto [sabotage, words] = GENERATE(
      table<Sabotage, const char*>({{Sabotage::answers_twice, "answered twice"},
                                    {Sabotage::swallows_answers, "not answered by its deadline"},
                                    {Sabotage::no_quarantine, "cost a third worker"},
                                    {Sabotage::wrong_client, "about the session of client"}}));
  std::size_t seen = 0;
  for (std::uint64_t seed = 1; seed <= 60 && seen == 0; ++seed) {
    RunOptions o = drawn(seed);
    o.clients += 2;
    o.sabotage = sabotage;
    if (run(o).violation.find(words) != std::string::npos) ++seen;
  }
  INFO(words);
  CHECK(seen > 0);
}

TEST_CASE(
    "sim_fairness: clients that wait all the time are served equally, whatever they have queued") {
  using namespace coordinator::scheduler;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    INFO("seed " << seed);
    Chance chance(seed);
    TimePoint now = TimePoint{} + 1h;
    SchedulerLimits limits;
    Scheduler s(limits, TimePoint{}, seed);
    Decisions out;
    const std::size_t workers = 1 + chance.below(5), clients = 2 + chance.below(20);
    std::uint32_t slots = 0;
    for (std::size_t w = 1; w <= workers; ++w) {
      const auto n = static_cast<std::uint32_t>(1 + chance.below(4));
      slots += n;
      s.worker_joined(WorkerId{w}, n, now, out);
    }
    std::uint64_t next = 1;
    std::map<SessionId, std::uint64_t> served, backlog;
    const auto submit = [&](SessionId client) {
      Job job;
      job.key = {client, RequestId{next}};
      job.method = MethodKey{next++};  // each its own, so that no rule but fairness decides
      job.hotness = static_cast<std::uint32_t>(chance.below(1'000'000));
      job.bytes = 10;
      job.arrived = now;
      job.deadline = now + 60s;
      ++backlog[client];
      REQUIRE(s.submit(std::move(job), now, out));
    };
    // The first is greedy, the others always have one or two waiting.
    for (std::size_t c = 1; c <= clients; ++c)
      for (std::size_t n = c == 1 ? 400 : 2; n > 0; --n) submit(SessionId{c});
    std::deque<std::pair<WorkerId, JobKey>> running;
    for (int round = 0; round < 300; ++round) {
      for (Decision& d : out)
        if (auto* dispatch = std::get_if<Dispatch>(&d)) {
          running.emplace_back(dispatch->worker, dispatch->key);
          ++served[dispatch->key.session];
          --backlog[dispatch->key.session];
        }
      out.clear();
      for (std::size_t c = 2; c <= clients; ++c)
        while (backlog[SessionId{c}] < 2) submit(SessionId{c});
      REQUIRE_FALSE(running.empty());
      const std::size_t which = chance.below(running.size());
      std::swap(running[which], running.back());
      const auto [worker, key] = running.back();
      running.pop_back();
      now += 1ms;
      REQUIRE(s.finished(worker, key, now, out));
    }
    std::uint64_t least = ~std::uint64_t{0}, most = 0;
    for (std::size_t c = 1; c <= clients; ++c) {
      least = std::min(least, served[SessionId{c}]);
      most = std::max(most, served[SessionId{c}]);
    }
    // The greedy one filled the idle slots before anybody else was there.
    CHECK(most <= least + slots + 1);
  }
}

}  // namespace
}  // namespace jitfarm::sim
