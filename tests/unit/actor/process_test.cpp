// Are bare processes as small as process.h says, and do their channels keep order?
#include "common/actor/process.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace jitfarm::actor;

namespace {

using Pipe = ProcessChannel<long>;

Process reader(Pipe& in, std::vector<long>* out) {
  for (;;) {
    const long v = co_await in.read();
    out->push_back(v);
  }
}
Process writer(Pipe& out, long from, long to) {
  for (long i = from; i < to; ++i) co_await out.write(i);
}
Process one_read(Pipe& in, long* out) { *out = co_await in.read(); }
Process adder(Pipe& in, Pipe& out) {
  for (;;) co_await out.write(co_await in.read() + 1);
}

}  // namespace

TEST_CASE("process: a pipeline hands values on in order") {
  ProcessScheduler s;
  Pipe a(s), b(s), c(s);
  std::vector<long> got;
  s.spawn(adder(a, b));
  s.spawn(adder(b, c));
  s.spawn(reader(c, &got));
  s.spawn(writer(a, 0, 100));
  s.run();
  REQUIRE(got.size() == 100);
  for (long i = 0; i < 100; ++i) CHECK(got[static_cast<std::size_t>(i)] == i + 2);
}

TEST_CASE("process: many writers and readers are served in order of their claims") {
  ProcessScheduler s;
  Pipe c(s);
  long got[4]{-1, -1, -1, -1};
  for (long& g : got) s.spawn(one_read(c, &g));
  s.run();
  for (long v = 10; v < 14; ++v) CHECK(c.offer(v));
  CHECK_FALSE(c.offer(99));
  s.run();
  CHECK(got[0] == 10);
  CHECK(got[3] == 13);
  for (long k = 0; k < 3; ++k) s.spawn(writer(c, k * 10, k * 10 + 2));
  std::vector<long> order;
  s.spawn(reader(c, &order));
  s.run();
  CHECK(order.size() == 6);
  CHECK(std::vector(order.begin(), order.begin() + 3) == std::vector<long>{0, 10, 20});
}

TEST_CASE("process: whoever owns a process destroys it") {
  CHECK(Process::alive() == 0);
  {
    ProcessScheduler s;
    Pipe c(s), d(s);
    std::vector<long> out;
    long value = 0;
    s.spawn(reader(c, &out));
    s.spawn(writer(d, 0, 5));
    s.run();
    s.spawn(one_read(c, &value));  // never runs
    Process unused = one_read(c, &value);
    CHECK(Process::alive() == 4);
  }
  CHECK(Process::alive() == 0);
}

TEST_CASE("process: the ready queue grows and runs a bounded number when asked") {
  ProcessScheduler s;
  Pipe c(s);
  std::vector<long> out(1000, -1);
  for (long& v : out) s.spawn(one_read(c, &v));
  CHECK(s.run(300) == 300);
  CHECK(s.ready_count() == 700);
  CHECK(s.run() == 700);
  for (long v = 0; v < 1000; ++v) CHECK(c.offer(v));
  s.run();
  CHECK(out[0] == 0);
  CHECK(out[999] == 999);
  CHECK(Process::alive() == 0);
}
