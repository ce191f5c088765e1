#include "coordinator/scheduler/scheduler.h"

#include <catch2/catch.hpp>

namespace jitfarm::coordinator::scheduler {
namespace {

using namespace std::chrono_literals;

constexpr WorkerId kA{1}, kB{2}, kC{3};
constexpr SessionId kClient{11}, kOther{12};

/// A scheduler with its clock, and the decisions of the last event sorted by kind.
struct Bench {
  explicit Bench(const SchedulerLimits& limits = {}) : s(limits, TimePoint{}, 1) { now += 1h; }

  template <class F>
  void event(F f) {
    Decisions out;
    f(out);
    dispatched.clear();
    answered.clear();
    cancelled.clear();
    for (Decision& d : out) {
      if (auto* dispatch = std::get_if<Dispatch>(&d)) dispatched.push_back(*dispatch);
      if (auto* answer = std::get_if<Answer>(&d)) answered.push_back(*answer);
      if (auto* cancel = std::get_if<CancelAt>(&d)) cancelled.push_back(*cancel);
    }
  }
  void join(WorkerId w, std::uint32_t slots = 4) {
    event([&](Decisions& out) { s.worker_joined(w, slots, now, out); });
  }
  void gone(WorkerId w, bool crashed = true) {
    event([&](Decisions& out) { s.worker_gone(w, crashed, now, out); });
  }
  bool submit(JobKey key, std::uint64_t method = 0, Duration deadline = 10s,
              std::uint32_t hotness = 1) {
    Job job;
    job.key = key;
    job.method =
        MethodKey{method != 0 ? method : 1000 + key.request.value + 100'000 * key.session.value};
    job.hotness = hotness;
    job.bytes = 100;
    job.arrived = now;
    job.deadline = now + deadline;
    bool fresh = false;
    event([&](Decisions& out) { fresh = s.submit(std::move(job), now, out); });
    return fresh;
  }
  bool finish(WorkerId w, JobKey key) {
    bool ours = false;
    event([&](Decisions& out) { ours = s.finished(w, key, now, out).has_value(); });
    return ours;
  }
  void report(WorkerId w, std::vector<JobKey> in_flight) {
    event([&](Decisions& out) { s.worker_reports(w, in_flight, now, out); });
  }
  void tick(Duration d) {
    now += d;
    event([&](Decisions& out) { s.tick(now, out); });
  }

  Scheduler s;
  TimePoint now{};
  std::vector<Dispatch> dispatched;
  std::vector<Answer> answered;
  std::vector<CancelAt> cancelled;
};

JobKey key(std::uint64_t request, SessionId session = kClient) {
  return {session, RequestId{request}};
}

// ---- admission ----------------------------------------------------------------------------------

TEST_CASE("scheduler_admission: without a worker a request fails at once and may come again") {
  Bench b;
  CHECK(b.submit(key(1)));
  REQUIRE(b.answered.size() == 1);
  CHECK(b.answered[0].error.code == Errc::no_worker);
  CHECK(b.answered[0].retry_later);
  CHECK(b.s.queued() == 0);
}

TEST_CASE(
    "scheduler_admission: just after the start requests wait for the first worker, but not longer "
    "than the grace") {
  Bench b;
  b.now = TimePoint{} + 1s;
  b.submit(key(1));
  CHECK(b.answered.empty());
  CHECK(b.s.next_event() == TimePoint{} + 2s);
  SECTION("it comes") {
    b.join(kA);
    REQUIRE(b.dispatched.size() == 1);
    CHECK(b.dispatched[0].waited == 0ns);
  }
  SECTION("it does not come") {
    b.tick(1s);
    REQUIRE(b.answered.size() == 1);
    CHECK(b.answered[0].error.code == Errc::no_worker);
  }
}

TEST_CASE("scheduler_admission: the limits refuse with their reason") {
  SchedulerLimits limits;
  limits.queued_per_client = 2;
  limits.queued = 3;
  limits.held_bytes = 100'000;
  Bench b(limits);
  b.join(kA, 1);
  SECTION("one client") {
    for (std::uint64_t r = 1; r <= 2; ++r) b.submit(key(r));
    b.submit(key(3));
    REQUIRE(b.answered.size() == 1);
    CHECK(b.answered[0].error.code == Errc::queue_full);
    CHECK(b.answered[0].retry_later);
    b.submit(key(1, kOther));
    CHECK(b.answered.empty());
  }
  SECTION("all clients") {
    for (std::uint64_t c = 1; c <= 4; ++c) b.submit(key(1, SessionId{c}));
    CHECK(b.answered.empty());  // one runs, three wait
    b.submit(key(1, SessionId{5}));
    REQUIRE(b.answered.size() == 1);
    CHECK(b.answered[0].error.code == Errc::queue_full);
  }
  SECTION("bytes") {
    Job job;
    job.key = key(1);
    job.bytes = 100'001;
    job.deadline = b.now + 1s;
    b.event([&](Decisions& out) { b.s.submit(std::move(job), b.now, out); });
    REQUIRE(b.answered.size() == 1);
    CHECK(b.answered[0].error.code == Errc::queue_full);
  }
}

TEST_CASE("scheduler_admission: a repeated request is not taken twice") {
  Bench b;
  b.join(kA);
  CHECK(b.submit(key(1)));
  CHECK_FALSE(b.submit(key(1)));
  CHECK(b.dispatched.empty());
}

// ---- placing ------------------------------------------------------------------------------------

TEST_CASE("scheduler_placing: no worker gets more than its slots, the rest waits its turn") {
  Bench b;
  b.join(kA, 2);
  for (std::uint64_t r = 1; r <= 5; ++r) b.submit(key(r));
  CHECK(b.s.in_flight() == 2);
  CHECK(b.s.queued() == 3);
  CHECK(b.finish(kA, key(1)));
  REQUIRE(b.dispatched.size() == 1);
  CHECK(b.dispatched[0].key == key(3));
}

TEST_CASE("scheduler_placing: a busy client does not delay another by more than its turn") {
  Bench b;
  b.join(kA, 1);
  for (std::uint64_t r = 1; r <= 50; ++r) b.submit(key(r));
  b.submit(key(1, kOther));
  b.finish(kA, key(1));
  b.finish(kA, b.dispatched.at(0).key);
  CHECK(b.dispatched.at(0).key == key(1, kOther));
}

TEST_CASE("scheduler_placing: a client stays with its worker") {
  Bench b;
  b.join(kA, 8);
  b.join(kB, 8);
  b.submit(key(1));
  const WorkerId home = b.dispatched.at(0).worker;
  CHECK(b.s.affinity(kClient) == home);
  for (std::uint64_t r = 2; r <= 4; ++r) {
    b.submit(key(r));
    CHECK(b.dispatched.at(0).worker == home);
  }
  CHECK(b.s.visited(kClient) == std::vector<WorkerId>{home});
}

TEST_CASE("scheduler_placing: a draining worker gets nothing new and keeps what it has") {
  Bench b;
  b.join(kA);
  b.submit(key(1));
  b.join(kB);
  b.event([&](Decisions& out) { b.s.worker_draining(kA, b.now, out); });
  b.submit(key(2));
  CHECK(b.dispatched.at(0).worker == kB);
  CHECK(b.s.runs(kA, key(1)));
  CHECK(b.finish(kA, key(1)));
}

TEST_CASE("scheduler_placing: when the last worker drains, waiting requests are answered") {
  Bench b;
  b.join(kA, 1);
  b.submit(key(1));
  b.submit(key(2));
  b.event([&](Decisions& out) { b.s.worker_draining(kA, b.now, out); });
  REQUIRE(b.answered.size() == 1);
  CHECK(b.answered[0].error.code == Errc::no_worker);
  CHECK(b.finish(kA, key(1)));
}

TEST_CASE("scheduler_placing: a worker that does not take a packet is left alone for a while") {
  Bench b;
  b.join(kA);
  b.submit(key(1));
  b.event([&](Decisions& out) { b.s.not_delivered(kA, key(1), b.now + 500ms, b.now, out); });
  CHECK(b.dispatched.empty());
  CHECK(b.s.queued() == 1);
  CHECK(b.s.next_event() == b.now + 500ms);
  b.tick(500ms);
  CHECK(b.dispatched.at(0).key == key(1));
}

TEST_CASE("scheduler_placing: moving sessions at random uses every worker") {
  SchedulerLimits limits;
  limits.random_moves = 1;
  Bench b(limits);
  for (const WorkerId w : {kA, kB, kC}) b.join(w, 100);
  std::set<WorkerId> used;
  for (std::uint64_t r = 1; r <= 50; ++r) {
    b.submit(key(r));
    used.insert(b.dispatched.at(0).worker);
  }
  CHECK(used.size() == 3);
}

// ---- in flight ----------------------------------------------------------------------------------

TEST_CASE("scheduler_in_flight: a second result of the same request is dropped") {
  Bench b;
  b.join(kA);
  b.submit(key(1));
  CHECK(b.finish(kA, key(1)));
  CHECK_FALSE(b.finish(kA, key(1)));
  CHECK(b.s.in_flight() == 0);
  CHECK(b.s.held_bytes() == 0);
}

TEST_CASE("scheduler_in_flight: a worker cannot answer for another") {
  Bench b;
  b.join(kA);
  b.submit(key(1));
  b.join(kB);
  CHECK_FALSE(b.finish(kB, key(1)));
  CHECK_FALSE(b.s.runs(kB, key(1)));
  CHECK(b.s.runs(kA, key(1)));
}

TEST_CASE(
    "scheduler_in_flight: at the deadline the client is answered, the worker is told, its late "
    "result is dropped") {
  Bench b;
  b.join(kA);
  b.submit(key(1), 0, 3s);
  CHECK(b.s.next_event() == b.now + 3s);
  b.tick(3s);
  REQUIRE(b.answered.size() == 1);
  CHECK(b.answered[0].error.code == Errc::deadline_passed);
  REQUIRE(b.cancelled.size() == 1);
  CHECK(b.cancelled[0].worker == kA);
  CHECK_FALSE(b.finish(kA, key(1)));
}

TEST_CASE("scheduler_in_flight: a request in the queue meets its deadline too") {
  Bench b;
  b.join(kA, 1);
  b.submit(key(1), 0, 60s);
  b.submit(key(2), 0, 3s);
  b.tick(3s);
  REQUIRE(b.answered.size() == 1);
  CHECK(b.answered[0].key == key(2));
  CHECK(b.cancelled.empty());
}

TEST_CASE("scheduler_in_flight: no deadline is longer than the limit") {
  Bench b;
  b.join(kA);
  b.submit(key(1), 0, 24h);
  CHECK(b.dispatched.at(0).time_left == SchedulerLimits{}.deadline_max);
}

TEST_CASE(
    "scheduler_in_flight: what nobody waits for still uses its slot until the worker lets go of "
    "it") {
  Bench b;
  b.join(kA, 1);
  b.submit(key(1), 0, 3s);
  b.tick(3s);  // answered; the worker may be in the middle of it
  b.submit(key(2), 0, 100s);
  CHECK(b.dispatched.empty());
  SECTION("it answers late") { b.finish(kA, key(1)); }
  SECTION("it stops mentioning it") {
    b.report(kA, {key(1)});
    CHECK(b.dispatched.empty());
    CHECK(b.cancelled.size() == 1);  // told again: the first cancel may be lost
    b.now += SchedulerLimits{}.report_grace;
    b.report(kA, {});
  }
  CHECK(b.dispatched.at(0).key == key(2));
}

TEST_CASE("scheduler_in_flight: a cancelled request is answered once, its worker told") {
  Bench b;
  b.join(kA);
  b.submit(key(1));
  bool known = false;
  b.event([&](Decisions& out) { known = b.s.cancel(key(1), b.now, out); });
  CHECK(known);
  CHECK(b.answered.at(0).error.code == Errc::cancelled);
  CHECK(b.cancelled.size() == 1);
  b.event([&](Decisions& out) { known = b.s.cancel(key(1), b.now, out); });
  CHECK_FALSE(known);
  CHECK(b.answered.empty());
}

TEST_CASE("scheduler_in_flight: a closed session leaves nothing behind and is not answered") {
  Bench b;
  b.join(kA, 1);
  b.submit(key(1));
  b.submit(key(2));
  b.event([&](Decisions& out) { b.s.session_closed(kClient, b.now, out); });
  CHECK(b.answered.empty());
  CHECK(b.cancelled.size() == 1);
  CHECK(b.s.queued() + b.s.in_flight() == 0);
  CHECK(b.s.held_bytes() == 0);
}

TEST_CASE("scheduler_in_flight: shutting down answers everything and takes nothing") {
  Bench b;
  b.join(kA, 1);
  b.submit(key(1));
  b.submit(key(2));
  b.event([&](Decisions& out) { b.s.shut_down(out); });
  CHECK(b.answered.size() == 2);
  CHECK(b.cancelled.size() == 1);
  for (const Answer& a : b.answered) CHECK(a.retry_later);
  b.submit(key(3));
  CHECK(b.answered.size() == 1);
}

// ---- lost workers -------------------------------------------------------------------------------

TEST_CASE("scheduler_lost_worker: its requests go to another one, once") {
  Bench b;
  b.join(kA);
  b.submit(key(1));
  b.join(kB);
  b.join(kC);
  b.gone(kA);
  REQUIRE(b.dispatched.size() == 1);
  CHECK(b.dispatched[0].worker != kA);
  CHECK(b.dispatched[0].retry);
  CHECK(b.answered.empty());
  b.gone(b.dispatched[0].worker);
  CHECK(b.dispatched.empty());
  REQUIRE(b.answered.size() == 1);
  CHECK(b.answered[0].error.code == Errc::quarantined);  // its only method cost both
}

TEST_CASE(
    "scheduler_lost_worker: a late result of the lost worker is dropped, that of the new one "
    "counts") {
  Bench b;
  b.join(kA);
  b.submit(key(1));
  b.join(kB);
  b.gone(kA);
  CHECK_FALSE(b.finish(kA, key(1)));
  CHECK(b.finish(kB, key(1)));
}

TEST_CASE("scheduler_lost_worker: the last worker's requests are answered") {
  Bench b;
  b.join(kA);
  b.submit(key(1));
  b.gone(kA);
  REQUIRE(b.answered.size() == 1);
  CHECK(b.answered[0].error.code == Errc::no_worker);
  CHECK(b.answered[0].retry_later);
}

TEST_CASE("scheduler_lost_worker: an orderly goodbye puts no method under suspicion") {
  Bench b;
  b.join(kA);
  b.submit(key(1), 77);
  b.join(kB);
  b.join(kC);
  b.gone(kA, false);
  const WorkerId second = b.dispatched.at(0).worker;
  b.gone(second, false);
  CHECK(b.dispatched.size() == 1);
  CHECK(b.s.quarantined(b.now) == 0);
}

// ---- dangerous methods --------------------------------------------------------------------------

TEST_CASE("scheduler_quarantine: a method that everybody wants costs two workers, no more") {
  Bench b;
  for (std::uint64_t w = 1; w <= 6; ++w) b.join(WorkerId{w}, 2);
  std::set<WorkerId> holders;
  for (std::uint64_t c = 1; c <= 20; ++c) {
    b.submit(key(1, SessionId{c}), 666);
    for (const Dispatch& d : b.dispatched) holders.insert(d.worker);
  }
  CHECK(holders.size() == 2);
  std::size_t answered = 0;
  b.gone(*holders.begin());
  CHECK(b.dispatched.empty());  // its fate is being decided at the other
  answered += b.answered.size();
  b.gone(*holders.rbegin());
  CHECK(b.dispatched.empty());
  answered += b.answered.size();
  CHECK(answered == 20);
  b.submit(key(2), 666);
  REQUIRE(b.answered.size() == 1);
  CHECK(b.answered[0].error.code == Errc::quarantined);
  CHECK_FALSE(b.answered[0].retry_later);
  CHECK(b.s.quarantined(b.now) == 1);
}

TEST_CASE("scheduler_quarantine: suspects are not put together, so the innocent one is cleared") {
  Bench b;
  b.join(kA, 8);
  b.submit(key(1), 666);
  b.submit(key(2), 42);
  b.join(kB, 8);
  b.join(kC, 8);
  b.gone(kA);
  REQUIRE(b.dispatched.size() == 2);
  CHECK(b.dispatched[0].worker != b.dispatched[1].worker);
  const Dispatch guilty = b.dispatched[0].key == key(1) ? b.dispatched[0] : b.dispatched[1];
  const Dispatch innocent = b.dispatched[0].key == key(1) ? b.dispatched[1] : b.dispatched[0];
  b.gone(guilty.worker);
  REQUIRE(b.answered.size() == 1);
  CHECK(b.answered[0].key == key(1));
  CHECK(b.finish(innocent.worker, innocent.key));
  b.submit(key(3), 42);
  CHECK(b.dispatched.size() == 1);
}

TEST_CASE(
    "scheduler_quarantine: a suspect waits for a worker without one, and does not hold up others") {
  Bench b;
  b.join(kA, 8);
  b.submit(key(1), 666);
  b.submit(key(2), 42);
  b.join(kB, 8);
  b.gone(kA);
  REQUIRE(b.dispatched.size() == 1);  // one suspect at the only worker
  const JobKey first = b.dispatched[0].key;
  b.submit(key(3), 1);
  CHECK(b.dispatched.size() == 1);
  b.finish(kB, first);
  REQUIRE(b.dispatched.size() == 1);
  CHECK(b.dispatched[0].key != first);
}

TEST_CASE(
    "scheduler_quarantine: a method whose deadline passed is still to blame when its worker dies") {
  Bench b;
  b.join(kA);
  b.submit(key(1), 666, 1s);
  b.tick(1s);
  b.gone(kA);
  b.join(kB);
  b.submit(key(2), 666, 1s);
  b.tick(1s);
  b.gone(kB);
  CHECK(b.s.quarantined(b.now) == 1);
}

TEST_CASE("scheduler_quarantine: a method that gets workers stuck until they leave is to blame") {
  Bench b;
  for (const WorkerId w : {kA, kB}) {
    b.join(w);
    b.submit(key(w.value), 666, 5s);
    b.submit(key(100 + w.value), w.value,
             60s);  // beside it, and handed over when the worker leaves
    b.tick(5s);     // nobody waits for the first any more
    b.now += SchedulerLimits{}.stuck;
    b.gone(w, false);
  }
  CHECK(b.s.quarantined(b.now) == 1);
}

// ---- level-triggered reports --------------------------------------------------------------------

TEST_CASE(
    "scheduler_reports: a request that the worker never heard of is sent again after the grace") {
  Bench b;
  b.join(kA);
  b.submit(key(1), 0, 100s);
  b.report(kA, {});
  CHECK(b.dispatched.empty());  // it may be on its way
  b.now += SchedulerLimits{}.report_grace;
  b.report(kA, {});
  REQUIRE(b.dispatched.size() == 1);
  CHECK(b.dispatched[0].retry);
  CHECK(b.s.quarantined(b.now) == 0);
}

TEST_CASE("scheduler_reports: a request that is lost again and again is given up") {
  Bench b;
  b.join(kA);
  b.submit(key(1), 0, 100s);
  int dispatches = 1;
  for (int i = 0; i < 10 && b.answered.empty(); ++i) {
    b.now += SchedulerLimits{}.report_grace;
    b.report(kA, {});
    dispatches += static_cast<int>(b.dispatched.size());
  }
  CHECK(dispatches == SchedulerLimits{}.dispatches);
  REQUIRE(b.answered.size() == 1);
  CHECK(b.answered[0].error.code == Errc::worker_lost);
}

TEST_CASE("scheduler_reports: work that nobody waits for is cancelled") {
  Bench b;
  b.join(kA);
  b.report(kA, {key(99), key(98, kOther)});
  CHECK(b.cancelled.size() == 2);
}

TEST_CASE("scheduler_reports: what the worker still has is left alone") {
  Bench b;
  b.join(kA);
  b.submit(key(1), 0, 100s);
  b.now += 50s;
  b.report(kA, {key(1)});
  CHECK(b.dispatched.empty());
  CHECK(b.cancelled.empty());
}

TEST_CASE("scheduler_handed_back: goes to another worker, or is answered when there is none") {
  Bench b;
  b.join(kA);
  b.submit(key(1));
  const auto hand_back = [&](WorkerId w) {
    b.event([&](Decisions& out) {
      b.s.handed_back(w, key(1), {Errc::worker_lost, "out of memory"}, b.now, out);
    });
  };
  SECTION("there is none") {
    hand_back(kA);
    REQUIRE(b.answered.size() == 1);
    CHECK(b.answered[0].retry_later);
  }
  SECTION("there is one, it cannot either") {
    b.join(kB);
    hand_back(kA);
    REQUIRE(b.dispatched.size() == 1);
    CHECK(b.dispatched[0].worker == kB);
    hand_back(kB);
    CHECK(b.dispatched.empty());
    CHECK(b.answered.size() == 1);
  }
}

}  // namespace
}  // namespace jitfarm::coordinator::scheduler
