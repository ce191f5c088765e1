// jitfarm-worker: which options does it have, and how is it stopped?
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "common/base/log.h"
#include "common/base/version.h"
#include "common/net/zmq_transport.h"
#include "worker/compiler/compiler.h"
#include "worker/program/worker_program.h"

namespace {

using namespace jitfarm;
using namespace jitfarm::worker;

constexpr int kExitConfiguration = 64;  // EX_USAGE
constexpr int kExitFailed = 1;
constexpr Duration kSameRequest = std::chrono::milliseconds(500);
constexpr Duration kLinger =
    std::chrono::milliseconds(500);  // for the goodbye and the last replies

struct Options {
  std::string coordinator;
  std::string name;
  std::string record;
  std::string metrics;
  std::string log_level = "info";
  std::string log_format = "text";
  std::size_t slots = 0;
  std::size_t memory_mib = 0;
  std::uint32_t hard_limit_seconds = 60;
};

std::string host_and_process() {
  char host[256] = "unknown";
  gethostname(host, sizeof host - 1);
  return std::string(host) + ":" + std::to_string(getpid());
}

int report(const Error& error) {
  std::fprintf(stderr, "jitfarm-worker: %s\n", error.message().c_str());
  return error.code == Errc::bad_configuration ? kExitConfiguration : kExitFailed;
}

void define(CLI::App& app, Options& o) {
  app.set_version_flag("--version", "jitfarm-worker " + std::string(build()));
  app.add_option("--coordinator", o.coordinator, "tcp://host:port where workers connect")
      ->envname("JITFARM_COORDINATOR")
      ->required();
  app.add_option("--slots", o.slots, "Compilations at once; 0: one per hardware thread")
      ->envname("JITFARM_SLOTS")
      ->check(CLI::Range(0, 1024));
  app.add_option("--record", o.record,
                 "Write a replay bundle of every compilation into this folder")
      ->type_name("DIR");
  app.add_option("--metrics", o.metrics, "host:port of /metrics and /healthz; none when not given")
      ->envname("JITFARM_METRICS");
  app.add_option("--name", o.name, "Shown by jitfarm status; host and process id when not given");
  app.add_option("--memory-mib", o.memory_mib,
                 "Address space limit; a compilation that needs more ends the process, 0: none");
  app.add_option("--hard-limit-seconds", o.hard_limit_seconds,
                 "A compilation that takes longer loses its slot")
      ->check(CLI::Range(1, 3600));
  app.add_option("--log-level", o.log_level,
                 "trace, debug, info, warn, error, off; the environment variable JITFARM_LOG wins");
  app.add_option("--log-format", o.log_format, "text, or json: one object per line")
      ->envname("JITFARM_LOG_FORMAT")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  app.footer(
      "CURVE keys: the coordinator's public key in JITFARM_CURVE_SERVER_KEY, a file with our own "
      "secret key in JITFARM_CURVE_SECRET_KEY_FILE.\n"
      "SIGTERM and SIGINT: finish what was taken, then end; a second one: end at once.");
}

Status prepare(Options& o, program::WorkerOptions& worker) {
  if (o.slots == 0) o.slots = std::max(1u, std::thread::hardware_concurrency());
  if (!o.record.empty()) {
    std::error_code error;
    std::filesystem::create_directories(o.record, error);
    if (error)
      return fail(Errc::bad_configuration, "--record " + o.record + ": " + error.message());
  }
  if (o.memory_mib) {
    const rlimit limit{o.memory_mib << 20, o.memory_mib << 20};
    if (setrlimit(RLIMIT_AS, &limit) != 0)
      return fail(Errc::bad_configuration, "--memory-mib " + std::to_string(o.memory_mib));
  }
  if (const char* faults = std::getenv("JITFARM_TEST_FAULT")) {
    JF_TRY(worker.service.faults, job::parse_faults(faults));
    if (worker.service.faults.any())
      spdlog::warn("faults are injected: JITFARM_TEST_FAULT={}", faults);
    if (worker.service.faults.other_version)
      worker.link.spoken.version_min = worker.link.spoken.version_max = protocol::kVersionMax + 1;
  }
  worker.link.name = o.name.empty() ? host_and_process() : o.name;
  worker.link.build = build();
  worker.link.slots = static_cast<std::uint32_t>(o.slots);
  worker.service.slots = o.slots;
  worker.service.record_dir = o.record;
  worker.service.hard_limit = std::chrono::seconds(o.hard_limit_seconds);
  return {};
}

/// Takes the signals of the process on a thread of its own: the first one drains, a later one ends
/// the process. One request to stop may arrive as several signals (to the process and to its group,
/// as timeout(1) and terminals do).
void handle_signals(sigset_t signals, program::WorkerProgram& program) {
  std::thread([signals, &program] {
    int signal = 0;
    sigwait(&signals, &signal);
    program.request_drain();
    const auto first = std::chrono::steady_clock::now();
    do sigwait(&signals, &signal);
    while (std::chrono::steady_clock::now() - first < kSameRequest);
    std::_Exit(128 + signal);
  }).detach();
}

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(
      std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count());
}

int run(Options& o, const sigset_t& signals) {
  program::WorkerOptions options;
  if (const Status ready = prepare(o, options); !ready) return report(ready.error());
  net::ZmqOptions zmq;
  zmq.linger = kLinger;
  auto curve = net::curve_client_from_environment();
  if (!curve) return report(curve.error());
  zmq.curve_client = *std::move(curve);
  auto connection = net::connect(o.coordinator, zmq);
  if (!connection) return report(connection.error());

  program::WorkerMetrics metrics;
  if (!o.metrics.empty()) {
    if (const Status serving = metrics.serve(o.metrics); !serving) return report(serving.error());
    spdlog::info("metrics at {}/metrics", metrics.url());
  }
  const SteadyClock clock;
  // Never destroyed: the signal thread knows it, and threads that are stuck in the compiler would
  // be waited for.
  auto* worker = new program::WorkerProgram(
      clock, **connection,
      [&metrics](const code::CompileTask& task, const compiler::FactSource& facts) {
        compiler::Options timed;
        timed.now_ns = now_ns;
        timed.timed = [&metrics](std::string_view stage, std::uint64_t ns) {
          metrics.on_stage(stage, ns);
          spdlog::debug("stage {}: {:.3f} ms", stage, static_cast<double>(ns) * 1e-6);
        };
        return compiler::compile(task, facts, timed);
      },
      std::move(options), metrics);
  handle_signals(signals, *worker);
  spdlog::info("{} slots, coordinator {}", o.slots, o.coordinator);
  const program::Ending ending = worker->run();
  worker->detach();
  connection->reset();  // sends what is left
  spdlog::info("{}", ending == program::Ending::drained ? "drained" : "ends to be started again");
  std::fflush(nullptr);
  std::_Exit(static_cast<int>(ending));
}

}  // namespace

int main(int argc, char** argv) {
  // Blocked before any thread exists, so that only the signal thread gets them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  CLI::App app{"jitfarm-worker: compiles the methods of client JVMs with LLVM"};
  Options options;
  define(app, options);
  CLI11_PARSE(app, argc, argv);
  init_log("jitfarm-worker", options.log_level, options.log_format);
  return run(options, signals);
}
