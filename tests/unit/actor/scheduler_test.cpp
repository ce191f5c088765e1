// Do actors run, wait, wake, end and get counted as scheduler.h says?
#include <catch2/catch.hpp>
#include <random>

#include "common/actor/channel.h"
#include "common/actor/group.h"
#include "tests/unit/actor/actor_fixture.h"

using namespace jitfarm;
using namespace jitfarm::actor;
using namespace jitfarm::actor::test;

namespace {

Task<void> note_after(TimePoint when, int id, std::vector<int>* order) {
  if (co_await sleep_until(when)) order->push_back(id);
}
Task<void> sleep_and_say(TimePoint when, Log* log) {
  log->push_back(said(co_await sleep_until(when)));
}
Task<void> yield_n(int id, int n, std::vector<int>* order) {
  for (int i = 0; i < n; ++i) {
    order->push_back(id);
    co_await yield();
  }
}
Task<void> wait_for_ever(Channel<int>* c) { (void)co_await c->read(); }
Task<void> every_kind(Scheduler* s, Channel<int>* c, Log* log) {
  log->push_back(said(co_await sleep_until(s->after(1h))));
  log->push_back(said(co_await c->read()));
  log->push_back(said(co_await c->write(1)));
  log->push_back(co_await is_cancelled() ? "told" : "not told");
}

}  // namespace

TEST_CASE("scheduler: ready actors take turns in the order in which they became ready") {
  World w;
  std::vector<int> order;
  for (int id : {1, 2, 3}) w.start(yield_n(id, 3, &order));
  w.run();
  CHECK(order == std::vector{1, 2, 3, 1, 2, 3, 1, 2, 3});
}

TEST_CASE(
    "scheduler: timers fire in the order of their deadlines, not before, and several thousand at "
    "once") {
  World w;
  std::vector<int> order;
  std::vector<int> delays;
  for (int i = 0; i < 5000; ++i) delays.push_back(i + 1);
  std::shuffle(delays.begin(), delays.end(), std::mt19937(7));
  for (int d : delays) w.start(note_after(TimePoint{} + std::chrono::milliseconds(d), d, &order));
  w.run();
  CHECK(order.empty());
  CHECK(w.scheduler.counts().timers == 5000);
  CHECK(w.scheduler.next_event() == TimePoint{} + 1ms);
  w.advance(1ms);
  CHECK(order == std::vector{1});
  w.advance(5s);
  CHECK(order.size() == 5000);
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("scheduler: cancelled timers leave the heap wherever they are") {
  World w;
  std::vector<int> order;
  std::mt19937 random(3);
  std::vector<std::unique_ptr<CancelScope>> scopes;
  for (int i = 0; i < 1000; ++i) {
    scopes.push_back(std::make_unique<CancelScope>(w.scheduler));
    const int delay = static_cast<int>(random() % 500) + 1;
    w.start(note_after(TimePoint{} + std::chrono::milliseconds(delay), delay, &order),
            scopes.back().get());
  }
  w.run();
  for (std::size_t i = 0; i < scopes.size(); i += 2) scopes[i]->cancel();
  w.run();
  CHECK(w.scheduler.counts().timers == 500);
  w.advance(1s);
  CHECK(order.size() == 500);
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("scheduler: a cancelled scope ends every kind of wait, now and from now on") {
  World w;
  Channel<int> c(w.scheduler);
  CancelScope scope(w.scheduler);
  Log log;
  w.start(every_kind(&w.scheduler, &c, &log), &scope);
  w.run();
  scope.cancel();
  w.run();
  CHECK(log == Log{"cancelled", "cancelled", "cancelled", "told"});
  CHECK(w.live() == 0);
  SECTION("also for actors that start in it later") {
    w.start(sleep_and_say(TimePoint{} + 1s, &log), &scope);
    w.run();
    CHECK(log.back() == "cancelled");
  }
}

TEST_CASE("scheduler: cancelling an outer scope cancels the inner ones, not the other way round") {
  World w;
  CancelScope outer(w.scheduler), inner(w.scheduler, &outer), other(w.scheduler);
  Log a, b, c;
  w.start(sleep_and_say(TimePoint{} + 1s, &a), &outer);
  w.start(sleep_and_say(TimePoint{} + 1s, &b), &inner);
  w.start(sleep_and_say(TimePoint{} + 1s, &c), &other);
  w.run();
  SECTION("outer") {
    outer.cancel();
    w.run();
    CHECK(a == Log{"cancelled"});
    CHECK(b == Log{"cancelled"});
    CancelScope late(w.scheduler, &inner);
    CHECK(late.cancelled());
  }
  SECTION("inner") {
    inner.cancel();
    w.run();
    CHECK(a.empty());
    CHECK(b == Log{"cancelled"});
  }
  CHECK(c.empty());
}

TEST_CASE("scheduler: actors outlive their scope and go on without it") {
  World w;
  Log log;
  {
    CancelScope scope(w.scheduler);
    w.start(sleep_and_say(TimePoint{} + 1s, &log), &scope);
    w.run();
  }
  w.advance(1s);
  CHECK(log == Log{"ok"});
}

TEST_CASE("scheduler: live, ready and blocked actors are counted") {
  World w;
  Channel<int> c(w.scheduler);
  Log log;
  w.start(wait_for_ever(&c));
  w.start(sleep_and_say(TimePoint{} + 1s, &log));
  CHECK(w.scheduler.counts().ready == 2);
  w.run();
  auto counts = w.scheduler.counts();
  CHECK(counts.live == 2);
  CHECK(counts.ready == 0);
  CHECK(counts.blocked == 2);
  CHECK(counts.timers == 1);
  CHECK_FALSE(counts.deadlocked);
}

TEST_CASE("scheduler: a deadlock is reported once, and again after it moved") {
  ManualClock clock;
  int reports = 0;
  Scheduler s(clock, {.on_deadlock = [&](const Counts& counts) {
                ++reports;
                CHECK(counts.blocked == 1);
              }});
  Channel<int> c(s);
  REQUIRE(s.spawn(wait_for_ever(&c)));
  SECTION("a promise from outside is no deadlock") {
    s.outside_begin();
    s.run_ready();
    CHECK(reports == 0);
    s.outside_end();
  }
  s.run_ready();
  s.run_ready();
  CHECK(reports == 1);
  CHECK(s.counts().deadlocked);
  int v = 1;
  REQUIRE(c.try_write(v));
  s.run_ready();
  CHECK_FALSE(s.counts().deadlocked);
  REQUIRE(s.spawn(wait_for_ever(&c)));
  s.run_ready();
  CHECK(reports == 2);
}

TEST_CASE("scheduler: it refuses actors and posts above its limits") {
  ManualClock clock;
  Scheduler s(clock, {.actors_max = 2, .posts_max = 3});
  Channel<int> c(s);
  CHECK(s.spawn(wait_for_ever(&c)));
  CHECK(s.spawn(wait_for_ever(&c)));
  CHECK(said(s.spawn(wait_for_ever(&c))) == "queue_full");
  int ran = 0;
  for (int i = 0; i < 3; ++i) CHECK(s.post([&] { ++ran; }));
  CHECK(said(s.post([&] { ++ran; })) == "queue_full");
  s.run_ready();
  CHECK(ran == 3);
  CHECK(s.post([&] { ++ran; }));
}

TEST_CASE("scheduler: a post may post and start actors") {
  World w;
  Log log;
  int depth = 0;
  REQUIRE(w.scheduler.post([&] {
    ++depth;
    REQUIRE(w.scheduler.post([&] { ++depth; }));
    w.start(sleep_and_say(TimePoint{}, &log));
  }));
  w.run();
  CHECK(depth == 2);
  CHECK(log == Log{"ok"});
}

namespace {
Task<void> slow(TimePoint when, int* done, Log* log) {
  const Status s = co_await sleep_until(when);
  log->push_back(said(s));
  if (s) ++*done;
}
std::vector<Task<void>> three(int* done, Log* log) {
  std::vector<Task<void>> tasks;
  for (int i = 1; i <= 3; ++i) tasks.push_back(slow(TimePoint{} + i * 1ms, done, log));
  return tasks;
}
Task<void> par_block(int* done, Log* inner, Log* log, TimePoint deadline) {
  log->push_back(said(co_await par(three(done, inner), deadline)));
}
Task<void> empty_par(Log* log) { log->push_back(said(co_await par({}))); }
}  // namespace

TEST_CASE("par: goes on when all members are done") {
  World w;
  int done = 0;
  Log inner, log;
  w.start(par_block(&done, &inner, &log, kNever));
  w.start(empty_par(&log));
  w.run();
  CHECK(log == Log{"ok"});  // the empty one
  w.advance(2ms);
  CHECK(log.size() == 1);
  w.advance(1ms);
  CHECK(log == Log{"ok", "ok"});
  CHECK(done == 3);
  CHECK(w.live() == 0);
}

TEST_CASE("par: a deadline or a cancellation cancels the members and still waits for them") {
  World w;
  int done = 0;
  Log inner, log;
  CancelScope scope(w.scheduler);
  SECTION("deadline") {
    w.start(par_block(&done, &inner, &log, TimePoint{} + 2ms), &scope);
    w.run();
    w.advance(1ms);
    w.advance(1ms);
    CHECK(log == Log{"deadline_passed"});
    CHECK(inner.size() == 3);
  }
  SECTION("cancel") {
    w.start(par_block(&done, &inner, &log, kNever), &scope);
    w.run();
    scope.cancel();
    w.run();
    CHECK(log == Log{"cancelled"});
    CHECK(inner == Log{"cancelled", "cancelled", "cancelled"});
  }
  SECTION("the scheduler ends in the middle") {
    w.start(par_block(&done, &inner, &log, kNever), &scope);
    w.run();
    CHECK(w.live() == 4);
    return;
  }
  CHECK(w.live() == 0);
}

TEST_CASE("par: what cannot start ends the block") {
  ManualClock clock;
  Scheduler s(clock, {.actors_max = 3});
  int done = 0;
  Log inner, log;
  REQUIRE(s.spawn(par_block(&done, &inner, &log, kNever)));
  s.run_ready();
  CHECK(log == Log{"queue_full"});
  CHECK(inner == Log{"cancelled", "cancelled"});
  CHECK(s.counts().live == 0);
}

TEST_CASE("scheduler: the cost of an exchange does not depend on those that wait") {
  // Not a clock but a count: a waiting actor is never looked at.
  World w;
  Channel<int> idle(w.scheduler);
  for (int i = 0; i < 20'000; ++i) w.start(wait_for_ever(&idle));
  w.run();
  const auto before = w.scheduler.counts().resumes;
  std::vector<int> order;
  w.start(yield_n(1, 10, &order));
  w.run();
  CHECK(w.scheduler.counts().resumes - before <= 11);
}
