// What does one coordinator do with thousands of clients?
//
//   bench_clients AGENTS_ENDPOINT WORKERS_ENDPOINT RECORDING CLIENTS IN_FLIGHT
//
// Clients join, a worker of ours too, and they repeat a recorded session at the real coordinator
// that listens there. Prints a line of JSON every second from when all are in, until its standard
// input ends: figures since then. tests/e2e/many_clients.py records, measures and judges.
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/bench/clients/crowd.h"
#include "tests/bench/clients/replaying_worker.h"

namespace {

using namespace jitfarm;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "bench_clients: %s\n", why.c_str());
  std::exit(1);
}
void check(const Status& status) {
  if (!status) give_up(status.error().message());
}

bool input_ended() {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  char byte;
  return ::poll(&input, 1, 0) > 0 && ::read(STDIN_FILENO, &byte, 1) <= 0;
}

void raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6)
    give_up("usage: bench_clients AGENTS_ENDPOINT WORKERS_ENDPOINT RECORDING CLIENTS IN_FLIGHT");
  raise_descriptor_limit();
  const auto recording = bench::Recording::load(argv[3]);
  if (!recording) give_up(recording.error().message());
  const bench::CrowdOptions options{.endpoint = argv[1],
                                    .clients = std::strtoul(argv[4], nullptr, 10),
                                    .in_flight = std::strtoul(argv[5], nullptr, 10)};
  const auto worker = bench::ReplayingWorker::start(
      argv[2], *recording, static_cast<std::uint32_t>(options.in_flight) * 2);
  if (!worker) give_up(worker.error().message());
  bench::Crowd crowd(options, *recording);
  check(crowd.join());
  const bench::CrowdFigures before = crowd.figures();
  const auto began = std::chrono::steady_clock::now();
  do {
    const bench::CrowdFigures& f = crowd.figures();
    std::printf(
        "{\"seconds\": %.3f, \"clients\": %zu, \"compiled\": %lu, \"failed\": %lu, "
        "\"lost\": %lu, \"forwarded\": %lu, \"not_sent\": %lu, \"bytes_per_compilation\": %zu}\n",
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(), f.welcomed,
        f.compiled, f.failed, f.lost, f.sent + f.received - before.sent - before.received,
        (*worker)->not_sent(), recording->bytes / recording->compilations.size());
    std::fflush(stdout);
    check(crowd.run(std::chrono::seconds(1)));
  } while (!input_ended());
}
