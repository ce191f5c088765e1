// What do our processes and actors cost?
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "common/actor/channel.h"
#include "common/actor/process.h"
#include "common/actor/scheduler.h"
#include "common/base/clock.h"
#include "tests/bench/actors/measure.h"

namespace jitfarm::bench {

using namespace actor;

double seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

std::size_t resident_bytes() {
  long total = 0, resident = 0;
  if (FILE* f = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(f, "%ld %ld", &total, &resident) != 2) resident = 0;
    std::fclose(f);
  }
  return static_cast<std::size_t>(resident) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

namespace {

constexpr long kRing = 1000;

// ---- processes -------------------------------------------------------------------------------

using Pipe = ProcessChannel<long>;

long received = 0;
Process p_idle(Pipe& in) {
  for (;;) received += co_await in.read();
}
Process p_prefix(Pipe& in, Pipe& out) {
  co_await out.write(0);
  for (;;) co_await out.write(co_await in.read());
}
Process p_delta(Pipe& in, Pipe& a, Pipe& b) {
  for (;;) {
    const long v = co_await in.read();
    co_await a.write(v);
    co_await b.write(v);
  }
}
Process p_successor(Pipe& in, Pipe& out) {
  for (;;) co_await out.write(co_await in.read() + 1);
}
Process p_consume(Pipe& in, long n, bool* done) {
  for (long i = 0; i < n; ++i) (void)co_await in.read();
  *done = true;
}
Process p_ring(Pipe& in, Pipe& out) {
  for (;;) {
    const long v = co_await in.read();
    if (v > 0) co_await out.write(v - 1);
  }
}
Process p_inject(Pipe& out, long v) { co_await out.write(v); }

double process_commstime(ProcessScheduler& s, long rounds) {
  Pipe a(s), b(s), c(s), d(s);
  bool done = false;
  s.spawn(p_prefix(c, d));
  s.spawn(p_delta(d, a, b));
  s.spawn(p_successor(b, c));
  s.spawn(p_consume(a, rounds, &done));
  const double start = seconds();
  while (!done) s.run(1024);
  return (seconds() - start) / static_cast<double>(rounds) / 4 * 1e9;
}

// ---- actors ----------------------------------------------------------------------------------

using Wire = Channel<long>;

Task<void> a_idle(Wire* in, long* sum) {
  while (auto v = co_await in->read()) *sum += *v;
}
Task<void> a_prefix(Wire* in, Wire* out) {
  if (!co_await out->write(0)) co_return;
  while (auto v = co_await in->read())
    if (!co_await out->write(*v)) co_return;
}
Task<void> a_delta(Wire* in, Wire* a, Wire* b) {
  while (auto v = co_await in->read()) {
    if (!co_await a->write(*v)) co_return;
    if (!co_await b->write(*v)) co_return;
  }
}
Task<void> a_successor(Wire* in, Wire* out) {
  while (auto v = co_await in->read())
    if (!co_await out->write(*v + 1)) co_return;
}
Task<void> a_consume(Wire* in, long n, Wire* a, Wire* b, Wire* c, Wire* d) {
  for (long i = 0; i < n; ++i)
    if (!co_await in->read()) co_return;
  for (Wire* w : {a, b, c, d}) w->close();
}
Task<void> a_ring(Wire* in, Wire* out, std::vector<std::unique_ptr<Wire>>* all) {
  while (auto v = co_await in->read()) {
    if (*v == 0) {
      for (auto& w : *all) w->close();
      co_return;
    }
    if (!co_await out->write(*v - 1)) co_return;
  }
}
Task<void> a_inject(Wire* out, long v) { (void)co_await out->write(v); }

void must(const Status& status) {
  if (!status) std::abort();
}

double actor_commstime(Scheduler& s, long rounds) {
  Wire a(s), b(s), c(s), d(s);
  must(s.spawn(a_prefix(&c, &d)));
  must(s.spawn(a_delta(&d, &a, &b)));
  must(s.spawn(a_successor(&b, &c)));
  must(s.spawn(a_consume(&a, rounds, &a, &b, &c, &d)));
  const double start = seconds();
  s.run_ready();
  return (seconds() - start) / static_cast<double>(rounds) / 4 * 1e9;
}

}  // namespace

Figures measure_processes(std::size_t idle, long rounds) {
  Figures f;
  {
    ProcessScheduler s;
    Pipe c(s);
    const std::size_t before = resident_bytes();
    const double start = seconds();
    for (std::size_t i = 0; i < idle; ++i) {
      s.spawn(p_idle(c));
      s.run();
    }
    f.spawn_ns = (seconds() - start) / static_cast<double>(idle) * 1e9;
    f.idle_bytes = static_cast<double>(resident_bytes() - before) / static_cast<double>(idle);
  }
  ProcessScheduler s;
  f.commstime_ns = process_commstime(s, rounds);
  std::vector<std::unique_ptr<Pipe>> ring;
  for (long i = 0; i < kRing; ++i) ring.push_back(std::make_unique<Pipe>(s));
  for (long i = 0; i < kRing; ++i)
    s.spawn(p_ring(*ring[static_cast<std::size_t>(i)],
                   *ring[static_cast<std::size_t>((i + 1) % kRing)]));
  const double start = seconds();
  s.spawn(p_inject(*ring[0], rounds));
  s.run();
  f.ring_ns = (seconds() - start) / static_cast<double>(rounds) * 1e9;
  return f;
}

Figures measure_actors(std::size_t idle, long rounds) {
  const SteadyClock clock;
  Figures f;
  {
    Scheduler s(clock, {.actors_max = idle + 1});
    Wire c(s);
    long sum = 0;
    const std::size_t before = resident_bytes();
    const double start = seconds();
    for (std::size_t i = 0; i < idle; ++i) {
      must(s.spawn(a_idle(&c, &sum)));
      s.run_ready();
    }
    f.spawn_ns = (seconds() - start) / static_cast<double>(idle) * 1e9;
    f.idle_bytes = static_cast<double>(resident_bytes() - before) / static_cast<double>(idle);
    c.close();
    s.run_ready();
  }
  Scheduler s(clock);
  f.commstime_ns = actor_commstime(s, rounds);
  std::vector<std::unique_ptr<Wire>> ring;
  for (long i = 0; i < kRing; ++i) ring.push_back(std::make_unique<Wire>(s));
  for (long i = 0; i < kRing; ++i)
    must(s.spawn(a_ring(ring[static_cast<std::size_t>(i)].get(),
                        ring[static_cast<std::size_t>((i + 1) % kRing)].get(), &ring)));
  must(s.spawn(a_inject(ring[0].get(), rounds)));
  const double start = seconds();
  s.run_ready();
  f.ring_ns = (seconds() - start) / static_cast<double>(rounds) * 1e9;
  return f;
}

double process_exchange_among(std::size_t waiting, long rounds) {
  ProcessScheduler s;
  Pipe crowd(s);
  for (std::size_t i = 0; i < waiting; ++i) {
    s.spawn(p_idle(crowd));
    s.run();
  }
  return process_commstime(s, rounds);
}

double actor_exchange_among(std::size_t waiting, long rounds) {
  const SteadyClock clock;
  Scheduler s(clock, {.actors_max = waiting + 16});
  Wire crowd(s);
  long sum = 0;
  for (std::size_t i = 0; i < waiting; ++i) {
    must(s.spawn(a_idle(&crowd, &sum)));
    s.run_ready();
  }
  const double ns = actor_commstime(s, rounds);
  crowd.close();
  s.run_ready();
  return ns;
}

// ---- the crowd -------------------------------------------------------------------------------

namespace {

// One channel for all, of static duration: a frame of 40 bytes instead of 48 with a reference to
// it.
ProcessScheduler crowd_scheduler;
ProcessChannel<std::uint64_t> crowd(crowd_scheduler);
std::uint64_t crowd_sum = 0;
std::uint64_t crowd_next = 0;
bool crowd_in_order = true;

Process member() {
  for (;;) {
    const std::uint64_t v = co_await crowd.read();
    crowd_in_order = crowd_in_order && v == crowd_next++;
    crowd_sum += v;
  }
}

}  // namespace

Crowd gather(std::size_t count, std::size_t wake) {
  Crowd result;
  const std::size_t before = resident_bytes();
  double start = seconds();
  for (std::size_t i = 0; i < count; ++i) {
    crowd_scheduler.spawn(member());
    crowd_scheduler.run();
  }
  result.create_seconds = seconds() - start;
  result.count = Process::alive();
  result.resident = resident_bytes() - before;
  start = seconds();
  for (std::size_t i = 0; i < std::min(wake, count);
       ++i) {  // each goes to the one that has waited longest; it waits again
    result.woken += crowd.offer(i);
    crowd_scheduler.run();
  }
  result.wake_seconds = seconds() - start;
  const std::uint64_t n = result.woken;
  result.correct = crowd_in_order && crowd_next == n &&
                   crowd_sum == (n == 0 ? 0 : n * (n - 1) / 2) && result.count == count;
  return result;
}

}  // namespace jitfarm::bench
