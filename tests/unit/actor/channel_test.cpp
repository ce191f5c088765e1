// Do channels and mailboxes keep order, bounds and fairness?
#include "common/actor/channel.h"

#include <catch2/catch.hpp>
#include <memory>

#include "common/actor/group.h"
#include "common/actor/mailbox.h"
#include "tests/unit/actor/actor_fixture.h"

using namespace jitfarm;
using namespace jitfarm::actor;
using namespace jitfarm::actor::test;

namespace {

Task<void> read_all(Channel<int>* in, std::vector<int>* out) {
  while (auto v = co_await in->read()) out->push_back(*v);
}
Task<void> read_one(Channel<int>* in, int id, std::vector<std::pair<int, int>>* out,
                    TimePoint deadline = kNever) {
  auto v = co_await in->read(deadline);
  out->push_back({id, v ? *v : -1});
}
Task<void> write_one(Channel<int>* out, int v, Log* log, TimePoint deadline = kNever) {
  log->push_back(std::to_string(v) + " " + said(co_await out->write(v, deadline)));
}
Task<void> write_range(Channel<int>* out, int from, int to) {
  for (int i = from; i < to; ++i)
    if (!co_await out->write(i)) co_return;
}
Task<void> write_tracked(Channel<Tracked>* out) { (void)co_await out->write(Tracked(5)); }

}  // namespace

TEST_CASE("channel: a rendezvous write ends when its value was taken, not before") {
  World w;
  Channel<int> c(w.scheduler);
  Log log;
  w.start(write_one(&c, 1, &log));
  w.run();
  CHECK(log.empty());
  CHECK(c.try_read() == 1);
  w.run();
  CHECK(log == Log{"1 ok"});
}

TEST_CASE(
    "channel: a buffer takes its capacity and no more; order is kept across buffer and writers") {
  World w;
  Channel<int> c(w.scheduler, 2);
  Log log;
  for (int i = 0; i < 4; ++i) w.start(write_one(&c, i, &log));
  w.run();
  CHECK(log == Log{"0 ok", "1 ok"});
  std::vector<int> got;
  w.start(read_all(&c, &got));
  w.run();
  CHECK(got == std::vector{0, 1, 2, 3});
  CHECK(log.size() == 4);
}

TEST_CASE("channel: try_read and try_write never wait") {
  World w;
  Channel<int> rendezvous(w.scheduler), one(w.scheduler, 1);
  int v = 5;
  CHECK(rendezvous.try_read() == std::nullopt);
  CHECK(said(rendezvous.try_write(v)) == "queue_full");
  CHECK(v == 5);
  CHECK(one.try_write(v));
  CHECK(said(one.try_write(v)) == "queue_full");
  CHECK(one.try_read() == 5);
  std::vector<std::pair<int, int>> got;
  w.start(read_one(&rendezvous, 0, &got));
  w.run();
  CHECK(rendezvous.try_write(v));
  w.run();
  CHECK(got == std::vector<std::pair<int, int>>{{0, 5}});
}

TEST_CASE("channel: claims of many readers are served in order") {
  World w;
  Channel<int> c(w.scheduler);
  std::vector<std::pair<int, int>> got;
  for (int id = 0; id < 4; ++id) w.start(read_one(&c, id, &got));
  w.start(write_range(&c, 10, 14));
  w.run();
  CHECK(got == std::vector<std::pair<int, int>>{{0, 10}, {1, 11}, {2, 12}, {3, 13}});
}

TEST_CASE("channel: of many writers and readers none starves and nothing is lost") {
  World w;
  Channel<int> c(w.scheduler);
  std::vector<std::vector<int>> got(4);
  for (auto& g : got) w.start(read_all(&c, &g));
  for (int k = 0; k < 3; ++k) w.start(write_range(&c, k * 1000, k * 1000 + 1000));
  w.run();
  std::vector<int> all;
  for (auto& g : got) {
    CHECK(g.size() >=
          375);  // nobody starves; a running reader may take what has gathered, hence not 750 each
    all.insert(all.end(), g.begin(), g.end());
  }
  std::sort(all.begin(), all.end());
  CHECK(all.size() == 3000);
  CHECK(std::unique(all.begin(), all.end()) == all.end());
}

TEST_CASE("channel: closing ends every wait; what is buffered can still be read") {
  World w;
  Channel<int> c(w.scheduler, 1);
  Log log;
  for (int i = 0; i < 3; ++i) w.start(write_one(&c, i, &log));
  w.run();
  c.close();
  w.run();
  CHECK(log == Log{"0 ok", "1 channel_closed", "2 channel_closed"});
  std::vector<int> got;
  w.start(read_all(&c, &got));
  w.start(write_one(&c, 9, &log));
  w.run();
  CHECK(got == std::vector{0});
  CHECK(log.back() == "9 channel_closed");
  CHECK(w.live() == 0);
}

TEST_CASE("channel: a wait that ends by its deadline or by cancellation has had no effect") {
  World w;
  Channel<int> c(w.scheduler);
  CancelScope scope(w.scheduler);
  Log log;
  w.start(write_one(&c, 1, &log, w.scheduler.after(5ms)));
  w.start(write_one(&c, 2, &log), &scope);
  w.start(write_one(&c, 3, &log));
  w.run();
  w.advance(5ms);
  scope.cancel();
  w.run();
  CHECK(log == Log{"1 deadline_passed", "2 cancelled"});
  CHECK(c.try_read() == 3);
}

TEST_CASE("channel: a deadline in the past still takes what is there") {
  World w;
  w.clock.advance(10ms);
  Channel<int> c(w.scheduler, 1);
  int v = 4;
  REQUIRE(c.try_write(v));
  std::vector<std::pair<int, int>> got;
  w.start(read_one(&c, 0, &got, TimePoint{} + 1ms));
  w.start(read_one(&c, 1, &got, TimePoint{} + 1ms));
  w.run();
  CHECK(got == std::vector<std::pair<int, int>>{{0, 4}, {1, -1}});
}

TEST_CASE("channel: it may die before those who wait for it") {
  World w;
  auto c = std::make_unique<Channel<int>>(w.scheduler);
  Log log;
  w.start(write_one(c.get(), 1, &log));
  w.run();
  c.reset();
  w.run();
  CHECK(log == Log{"1 channel_closed"});
}

TEST_CASE("channel: frames that wait may die before the channel") {
  ManualClock clock;
  {
    auto scheduler = std::make_unique<Scheduler>(clock);
    auto c = std::make_unique<Channel<Tracked>>(*scheduler);
    for (int i = 0; i < 3; ++i) REQUIRE(scheduler->spawn(write_tracked(c.get())));
    scheduler->run_ready();
    CHECK(Tracked::alive >= 3);
    c.reset();
    scheduler.reset();  // the writers were made ready and are never resumed
  }
  CHECK(Tracked::alive == 0);
}

namespace {
Task<void> own_channel_and_wait() {
  const Self self = co_await this_actor();
  Channel<int> own(self.scheduler);
  Channel<int>::Read read(own);
  (void)co_await own.read();
}
Task<void> wait_for_foreign(std::shared_ptr<Channel<int>> channel) {
  (void)co_await channel->read();
}
}  // namespace

TEST_CASE("channel: a scheduler that ends destroys frames in any order of ownership") {
  World w;
  auto shared = std::make_shared<Channel<int>>(w.scheduler);
  w.start(own_channel_and_wait());
  w.start(wait_for_foreign(shared));
  w.start(wait_for_foreign(shared));
  shared.reset();  // the frames own it now; the last one closes it while the others wait in it
  w.run();
  CHECK(w.live() == 3);
}

namespace {
Task<void> receive_all(Mailbox<int>* box, std::vector<int>* out) {
  while (auto v = co_await box->receive()) out->push_back(*v);
}
}  // namespace

TEST_CASE("mailbox: it refuses when it is full, and after it was closed") {
  World w;
  Mailbox<int> box(w.scheduler, 2);
  CHECK(box.try_send(1));
  CHECK(box.try_send(2));
  CHECK(said(box.try_send(3)) == "queue_full");
  CHECK(box.size() == 2);
  std::vector<int> got;
  w.start(receive_all(&box, &got));
  w.run();
  CHECK(got == std::vector{1, 2});
  CHECK(box.try_send(4));
  box.close();
  CHECK(said(box.try_send(5)) == "channel_closed");
  w.run();
  CHECK(got == std::vector{1, 2, 4});
  CHECK(w.live() == 0);
}
