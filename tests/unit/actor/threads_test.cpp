// Does it hold with several threads, foreign wake-ups and a pool? Made to be run under the
// sanitizers.
#include <algorithm>
#include <catch2/catch.hpp>
#include <latch>
#include <memory>
#include <thread>

#include "common/actor/channel.h"
#include "common/actor/group.h"
#include "common/actor/mailbox.h"
#include "common/actor/pool.h"
#include "common/actor/select.h"
#include "tests/unit/actor/actor_fixture.h"

using namespace jitfarm;
using namespace jitfarm::actor;
using namespace jitfarm::actor::test;

namespace {

Task<void> stop_when_done(Scheduler* s, Task<void> work) {
  co_await std::move(work);
  s->stop();
}
/// Runs `work` to its end on `threads` threads.
void run_on(std::size_t threads, Task<void> (*work)(Scheduler*)) {
  SteadyClock clock;
  Scheduler s(clock, {.threads = threads});
  REQUIRE(s.spawn(stop_when_done(&s, work(&s))));
  s.run();
}

Task<void> produce(Channel<long>* out, long n) {
  for (long i = 0; i < n; ++i) (void)co_await out->write(1);
}
Task<void> consume(Channel<long>* a, Channel<long>* b, std::atomic<long>* sum) {
  Channel<long>::Read from_a(*a), from_b(*b);
  for (;;) {
    auto which = co_await select(kNever, from_a, from_b);
    if (!which) co_return;
    auto v = *which == 0 ? from_a.value() : from_b.value();
    if (!v) co_return;
    *sum += *v;
  }
}
Task<void> close_both(Channel<long>* a, Channel<long>* b, std::vector<Task<void>> producers) {
  (void)co_await par(std::move(producers));
  a->close();
  b->close();
}

Task<void> many_to_many(Scheduler* s) {
  Channel<long> a(*s), b(*s, 3);
  std::atomic<long> sum{0};
  std::vector<Task<void>> producers;
  for (int i = 0; i < 8; ++i) producers.push_back(produce(i % 2 ? &a : &b, 2000));
  std::vector<Task<void>> all;
  for (int i = 0; i < 5; ++i) all.push_back(consume(&a, &b, &sum));
  all.push_back(close_both(&a, &b, std::move(producers)));
  (void)co_await par(std::move(all));
  CHECK(sum == 16000);
}

Task<void> sleeper(Scheduler* s, std::atomic<int>* ended) {
  (void)co_await sleep_until(s->after(10s));
  ++*ended;
}
Task<void> cancel_race(Scheduler* s) {
  std::atomic<int> ended{0};
  for (int round = 0; round < 200; ++round) {
    CancelScope scope(*s);
    TaskGroup group(*s, &scope);
    for (int i = 0; i < 8; ++i) CHECK(group.spawn(sleeper(s, &ended)));
    co_await yield();
    scope.cancel();
    co_await group.join();
  }
  CHECK(ended == 1600);
}

Task<void> short_deadlines(Scheduler* s, Channel<long>* c, std::atomic<int>* late) {
  for (int i = 0; i < 200; ++i) {
    auto v = co_await c->read(s->after(50us));
    if (!v) ++*late;
  }
}
Task<void> deadline_race(Scheduler* s) {
  Channel<long> c(*s);
  std::atomic<int> late{0};
  std::vector<Task<void>> all;
  for (int i = 0; i < 6; ++i) all.push_back(short_deadlines(s, &c, &late));
  CHECK(co_await par(std::move(all)));
  CHECK(late == 1200);
}

Task<void> pool_work(BlockingPool* pool, int n, std::atomic<long>* sum) {
  auto r = co_await pool->run([n] { return n * 2L; });
  if (r) *sum += *r;
}
Task<void> pool_many(Scheduler* s) {
  BlockingPool pool(*s, 2, 1000);
  std::atomic<long> sum{0};
  std::vector<Task<void>> all;
  for (int i = 0; i < 500; ++i) all.push_back(pool_work(&pool, i, &sum));
  CHECK(co_await par(std::move(all)));
  CHECK(sum == 499 * 500);
}

Task<void> receive_n(Mailbox<int>* box, int n, Scheduler* s) {
  for (int i = 0; i < n; ++i) {
    auto v = co_await box->receive();
    CHECK(v);
  }
  s->stop();
}

}  // namespace

TEST_CASE("threads: many writers and readers with select lose nothing") {
  run_on(1, many_to_many);
  run_on(3, many_to_many);
}
TEST_CASE("threads: cancellation races with running and waiting actors") {
  run_on(1, cancel_race);
  run_on(3, cancel_race);
}
TEST_CASE("threads: deadlines fire on every thread") {
  run_on(1, deadline_race);
  run_on(3, deadline_race);
}
TEST_CASE("threads: values come back from the pool") {
  run_on(1, pool_many);
  run_on(3, pool_many);
}

TEST_CASE("threads: posts of foreign threads arrive, all of them") {
  for (std::size_t threads : {1u, 3u}) {
    SteadyClock clock;
    Scheduler s(clock, {.threads = threads});
    Mailbox<int> box(s, 100'000);
    REQUIRE(s.spawn(receive_n(&box, 4 * 2000, &s)));
    std::vector<std::jthread> senders;
    for (int t = 0; t < 4; ++t)
      senders.emplace_back([&] {
        for (int i = 0; i < 2000; ++i)
          if (!s.post([&, i] { (void)box.try_send(i); })) std::abort();
      });
    s.run();
  }
}

namespace {
Task<void> say_run(BlockingPool* pool, int v, Log* log, TimePoint deadline = kNever) {
  auto r = co_await pool->run([v] { return v; }, deadline);
  log->push_back(r ? std::to_string(*r) : said(r));
}
}  // namespace

TEST_CASE("pool: without threads it is driven by hand; its queue is bounded") {
  World w;
  BlockingPool pool(w.scheduler, 0, 2);
  Log log;
  for (int i = 0; i < 3; ++i) w.start(say_run(&pool, i, &log));
  w.run();
  CHECK(log == Log{"queue_full"});
  CHECK(pool.counts().queued == 2);
  CHECK_FALSE(w.scheduler.counts().deadlocked);  // the pool has promised two wake-ups
  CHECK(pool.run_one());
  CHECK(pool.run_one());
  CHECK_FALSE(pool.run_one());
  w.run();
  CHECK(log == Log{"queue_full", "0", "1"});
  CHECK(w.scheduler.counts().outside == 0);
}

TEST_CASE("pool: what nobody waits for is not started and makes room") {
  World w;
  BlockingPool pool(w.scheduler, 0, 2);
  Log log;
  CancelScope scope(w.scheduler);
  w.start(say_run(&pool, 1, &log), &scope);
  w.start(say_run(&pool, 2, &log, w.scheduler.after(1ms)));
  w.run();
  scope.cancel();
  w.advance(1ms);
  CHECK(log == Log{"cancelled", "deadline_passed"});
  w.start(say_run(&pool, 3, &log));
  w.run();
  CHECK(pool.counts().queued == 1);
  CHECK(w.scheduler.counts().outside == 1);
  CHECK(pool.run_one());
  w.run();
  CHECK(log.back() == "3");
}

TEST_CASE("pool: a value that comes too late is dropped, wherever the actor is by then") {
  World w;
  Log log;
  std::latch started(1), go(1);
  {
    BlockingPool pool(w.scheduler, 1, 2);
    struct Slow {
      static Task<void> run(BlockingPool* p, std::latch* started, std::latch* go, Log* log,
                            TimePoint deadline) {
        auto r = co_await p->run([=] { return started->count_down(), go->wait(), Tracked(1); },
                                 deadline);
        log->push_back(said(r));
      }
    };
    w.start(Slow::run(&pool, &started, &go, &log, w.scheduler.after(1ms)));
    w.run();
    started.wait();
    w.advance(1ms);
    CHECK(log == Log{"deadline_passed"});
    go.count_down();
  }
  w.run();
  CHECK(Tracked::alive == 0);
  CHECK(w.live() == 0);
}
