// Do actors run, wait, wake, and end as scheduler.h says?
#include <catch2/catch.hpp>

#include "common/actor/barrier.h"
#include "common/actor/channel.h"
#include "common/actor/group.h"
#include "common/actor/mailbox.h"
#include "common/actor/pool.h"
#include "common/actor/scheduler.h"
#include "common/actor/select.h"
using namespace jitfarm;
using namespace jitfarm::actor;

namespace {

Task<void> reader(Channel<int>* in, std::vector<int>* out) {
  while (auto v = co_await in->read()) out->push_back(*v);
}
Task<void> writer(Channel<int>* out, int from, int to) {
  for (int i = from; i < to; ++i) (void)co_await out->write(i);
  out->close();
}

}  // namespace

TEST_CASE("channel: a rendezvous hands over every value in order") {
  ManualClock clock;
  Scheduler s(clock);
  Channel<int> c(s);
  std::vector<int> got;
  REQUIRE(s.spawn(reader(&c, &got)));
  REQUIRE(s.spawn(writer(&c, 0, 5)));
  s.run_ready();
  CHECK(got == std::vector{0, 1, 2, 3, 4});
  CHECK(s.counts().live == 0);
}

namespace {
Task<void> sum_on_pool(BlockingPool* pool, int n, int* out) {
  auto r = co_await pool->run([n] { return n * 2; });
  if (r) *out += *r;
}
}  // namespace

TEST_CASE("pool: values come back to their actors") {
  SteadyClock clock;
  Scheduler s(clock, {.threads = 3});
  BlockingPool pool(s, 2, 1000);
  std::vector<int> out(100);
  for (int i = 0; i < 100; ++i) REQUIRE(s.spawn(sum_on_pool(&pool, i, &out[i])));
  std::jthread stopper([&] { while (s.counts().live > 0) std::this_thread::yield(); s.stop(); });
  s.run();
  for (int i = 0; i < 100; ++i) CHECK(out[i] == 2 * i);
}
