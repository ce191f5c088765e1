// bench_actors: bytes per idle actor, cost of an exchange, growth with the number that waits, and
// how many can wait.
//
//   bench_actors                     the table, in about a minute; 4 GB for the row of 10,000,000
//   bench_actors --crowd 480900001   as many waiting processes as JVMCSP's headline; 20 GB
//   bench_actors --quick             a smoke test
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "tests/bench/actors/measure.h"

using namespace jitfarm::bench;

namespace {

constexpr double kJvmcspHeadline = 480'900'001;  // waiting processes on one core, CPA 2016

void row(const char* what, const Figures& f, const Figures& unit) {
  std::printf("%-34s %8.0f B %6.1fx %9.0f ns %8.1f ns %6.1fx %8.1f ns %6.1fx\n", what, f.idle_bytes,
              f.idle_bytes / unit.idle_bytes, f.spawn_ns, f.commstime_ns,
              f.commstime_ns / unit.commstime_ns, f.ring_ns, f.ring_ns / unit.ring_ns);
}

void table(std::size_t idle, long rounds, const std::vector<std::size_t>& crowds) {
  std::printf("%-34s %10s %7s %12s %11s %7s %11s %7s\n", "one thread, ratios to the process",
              "idle", "", "spawn", "CommsTime", "", "ring hop", "");
  const Figures process = measure_processes(idle, rounds);
  row("process (common/actor/process.h)", process, process);
  row("actor (common/actor/scheduler.h)", measure_actors(idle, rounds), process);
#ifdef JF_BENCH_CAF
  row("CAF event_based_actor", measure_caf(idle / 4, rounds / 4), process);
#else
  std::printf("CAF: not here (libcaf-dev)\n");
#endif
  std::printf("\n%-34s %15s %15s   (ns per communication; must not grow)\n",
              "CommsTime while others wait", "process", "actor");
  double process_one = 0, actor_one = 0;
  for (const std::size_t waiting : crowds) {
    const double p = process_exchange_among(waiting, rounds);
    const double a = actor_exchange_among(waiting, rounds);
    if (process_one == 0) process_one = p, actor_one = a;
    std::printf("%34zu %8.1f %5.2fx %8.1f %5.2fx\n", waiting, p, p / process_one, a, a / actor_one);
    std::fflush(stdout);
  }
}

int crowd(std::size_t count, std::size_t wake) {
  const Crowd c = gather(count, wake);
  std::printf(
      "%zu processes wait in one channel: %.2f GB resident, %.1f B each, made in %.1f s (%.0f ns "
      "each)\n",
      c.count, static_cast<double>(c.resident) / 1e9,
      static_cast<double>(c.resident) / static_cast<double>(c.count), c.create_seconds,
      c.create_seconds / static_cast<double>(c.count) * 1e9);
  std::printf("%zu of them were woken in turn, ran and wait again: %.1f s (%.0f ns each): %s\n",
              c.woken, c.wake_seconds,
              c.wake_seconds / static_cast<double>(std::max<std::size_t>(c.woken, 1)) * 1e9,
              c.correct ? "every value arrived in order" : "WRONG");
  std::printf("ratio to JVMCSP's 480,900,001: %.3f\n",
              static_cast<double>(c.count) / kJvmcspHeadline);
  std::fflush(stdout);
  std::_Exit(c.correct ? 0 : 1);  // taking the crowd apart would take as long as making it
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 0, wake = SIZE_MAX;
  bool quick = false;
  for (int i = 1; i < argc; ++i) {
    if (!std::strcmp(argv[i], "--quick"))
      quick = true;
    else if (!std::strcmp(argv[i], "--crowd") && i + 1 < argc)
      count = std::strtoull(argv[++i], nullptr, 10);
    else if (!std::strcmp(argv[i], "--wake") && i + 1 < argc)
      wake = std::strtoull(argv[++i], nullptr, 10);
    else {
      std::fprintf(stderr, "usage: bench_actors [--quick] [--crowd COUNT [--wake COUNT]]\n");
      return 64;
    }
  }
  if (count > 0) return crowd(count, wake);
  if (quick)
    table(20'000, 100'000, {1, 1000});
  else
    table(1'000'000, 5'000'000, {1, 1000, 1'000'000, 10'000'000});
  return 0;
}
