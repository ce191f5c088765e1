// Does exactly one alternative complete, and do the others stay untouched?
#include "common/actor/select.h"

#include <catch2/catch.hpp>

#include "common/actor/barrier.h"
#include "common/actor/channel.h"
#include "common/actor/mailbox.h"
#include "tests/unit/actor/actor_fixture.h"

using namespace jitfarm;
using namespace jitfarm::actor;
using namespace jitfarm::actor::test;

namespace {

Task<void> choose(Channel<int>* in, Mailbox<int>* box, Channel<int>* out, Log* log,
                  TimePoint deadline = kNever) {
  Channel<int>::Read read(*in);
  auto message = box->receiving();
  Channel<int>::Write write(*out, 99);
  auto which = co_await select(deadline, read, message, write);
  if (!which) {
    log->push_back(said(which));
  } else if (*which == 0) {
    auto v = read.value();
    log->push_back(v ? "read " + std::to_string(*v) : "read " + said(v));
  } else if (*which == 1) {
    log->push_back("message " + said(message.value()));
  } else {
    log->push_back("write " + said(write.status()));
  }
}
Task<void> serve(Channel<int>* a, Channel<int>* b, std::vector<int>* got) {
  Channel<int>::Read from_a(*a), from_b(*b);
  for (;;) {
    auto which = co_await select(kNever, from_a, from_b);
    if (!which) co_return;
    auto v = *which == 0 ? from_a.value() : from_b.value();
    if (!v) co_return;
    got->push_back(*v);
  }
}
Task<void> produce(Channel<int>* out, int from, int to) {
  for (int i = from; i < to; ++i) (void)co_await out->write(i);
}
Task<void> arrive(Barrier* b, Log* log, std::string name, TimePoint deadline = kNever) {
  log->push_back(name + " " + said(co_await b->arrive(deadline)));
}

struct Three {
  World w;
  Channel<int> in{w.scheduler}, out{w.scheduler};
  Mailbox<int> box{w.scheduler, 4};
  Log log;
};

}  // namespace

TEST_CASE("select: the first alternative that can go on wins; the others have had no effect") {
  Three t;
  int v = 7;
  t.w.start(choose(&t.in, &t.box, &t.out, &t.log));
  t.w.run();
  CHECK(t.log.empty());
  SECTION("read") {
    CHECK(t.in.try_write(v));
    t.w.run();
    CHECK(t.log == Log{"read 7"});
  }
  SECTION("message") {
    CHECK(t.box.try_send(1));
    t.w.run();
    CHECK(t.log == Log{"message ok"});
  }
  SECTION("write") {
    CHECK(t.out.try_read() == 99);
    t.w.run();
    CHECK(t.log == Log{"write ok"});
  }
  SECTION("a closed channel ends it, too") {
    t.in.close();
    t.w.run();
    CHECK(t.log == Log{"read channel_closed"});
  }
  CHECK(t.log.size() == 1);
  // Nobody is enlisted any more.
  CHECK(t.out.try_read() == std::nullopt);
  CHECK_FALSE(t.in.try_write(v));
  CHECK(t.box.try_send(2));
  CHECK(t.box.size() == 1);
}

TEST_CASE("select: what is there at once is taken in the order of the arguments") {
  Three t;
  CHECK(t.box.try_send(1));
  std::vector<int> got;
  t.w.start(produce(&t.in, 5, 6));
  t.w.run();
  t.w.start(choose(&t.in, &t.box, &t.out, &t.log));
  t.w.run();
  CHECK(t.log == Log{"read 5"});
  CHECK(t.box.size() == 1);
}

TEST_CASE("select: it ends by deadline and by cancellation, and leaves nothing behind") {
  Three t;
  CancelScope scope(t.w.scheduler);
  t.w.start(choose(&t.in, &t.box, &t.out, &t.log, t.w.scheduler.after(3ms)), &scope);
  t.w.run();
  SECTION("deadline") {
    t.w.advance(3ms);
    CHECK(t.log == Log{"deadline_passed"});
  }
  SECTION("cancel") {
    scope.cancel();
    t.w.run();
    CHECK(t.log == Log{"cancelled"});
  }
  CHECK(t.out.try_read() == std::nullopt);
  CHECK(t.w.scheduler.counts().timers == 0);
}

TEST_CASE("select: two selects meet and each completes once") {
  World w;
  Channel<int> c(w.scheduler), unused(w.scheduler);
  Mailbox<int> box(w.scheduler, 1);
  Log a, b;
  w.start(choose(&c, &box, &unused, &a));
  w.run();
  w.start(choose(&unused, &box, &c,
                 &b));  // its write meets the other's read; its read could meet the other's write
  w.run();
  CHECK(a.size() == 1);
  CHECK(b.size() == 1);
  CHECK(w.live() == 0);
}

TEST_CASE("select: in a loop it serves several channels and loses nothing") {
  World w;
  Channel<int> a(w.scheduler), b(w.scheduler);
  std::vector<int> got;
  w.start(serve(&a, &b, &got));
  w.start(produce(&a, 0, 500));
  w.start(produce(&b, 500, 1000));
  w.run();
  std::sort(got.begin(), got.end());
  CHECK(got.size() == 1000);
  CHECK(std::unique(got.begin(), got.end()) == got.end());
}

TEST_CASE("select: frames may be dropped in the middle") {
  auto t = std::make_unique<Three>();
  t->w.start(choose(&t->in, &t->box, &t->out, &t->log));
  t->w.run();
  CHECK(t->w.live() == 1);
}

TEST_CASE("barrier: opens when all have arrived, round after round") {
  World w;
  Barrier b(w.scheduler, 3);
  Log log;
  for (int round = 0; round < 2; ++round) {
    log.clear();
    w.start(arrive(&b, &log, "x"));
    w.start(arrive(&b, &log, "y"));
    w.run();
    CHECK(log.empty());
    w.start(arrive(&b, &log, "z"));
    w.run();
    CHECK(log.size() == 3);
  }
}

TEST_CASE("barrier: an arrival that is cancelled or late is taken back") {
  World w;
  CancelScope scope(w.scheduler);
  Barrier b(w.scheduler, 2);
  Log log;
  w.start(arrive(&b, &log, "x"), &scope);
  w.start(arrive(&b, &log, "late", w.scheduler.after(1ms)));  // opens with x
  w.run();
  CHECK(log.size() == 2);
  log.clear();
  w.start(arrive(&b, &log, "x"), &scope);
  w.run();
  scope.cancel();
  w.start(arrive(&b, &log, "y"));
  w.run();
  CHECK(log == Log{"x cancelled"});
  b.resign();
  w.run();
  CHECK(log == Log{"x cancelled", "y ok"});
  b.enroll();
  w.start(arrive(&b, &log, "z", w.scheduler.after(1ms)));
  w.run();
  w.advance(1ms);
  CHECK(log.back() == "z deadline_passed");
}

TEST_CASE("barrier: it may die before those who wait") {
  World w;
  auto b = std::make_unique<Barrier>(w.scheduler, 2);
  Log log;
  w.start(arrive(b.get(), &log, "x"));
  w.run();
  b.reset();
  w.run();
  CHECK(log == Log{"x channel_closed"});
}
