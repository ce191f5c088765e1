// jitfarm-coordinator: reads options, runs the loop, ends in order on SIGTERM and SIGINT.
#include <csignal>
#include <exception>

#include "common/base/log.h"
#include "coordinator/program/options.h"
#include "coordinator/program/program.h"

namespace {
jitfarm::coordinator::program::Program* running =
    nullptr;  // for the signal handler; set before it is installed
void on_signal(int) { running->stop(); }
}  // namespace

int main(int argc, char** argv) try {
  using namespace jitfarm;
  using namespace jitfarm::coordinator::program;
  const auto options = parse_options(argc, argv);
  if (!options) return options.error();
  init_log("jitfarm-coordinator", options->log_level, options->log_format);
  const auto program = Program::start(*options);
  if (!program) {
    spdlog::error("{}", program.error().message());
    return program.error().code == Errc::bad_configuration ? 2 : 1;
  }
  running = program->get();
  struct sigaction action{};
  action.sa_handler = on_signal;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  (*program)->run();
  std::signal(SIGTERM, SIG_DFL);  // a second signal ends a process that hangs while it leaves
  std::signal(SIGINT, SIG_DFL);
  return 0;
} catch (const std::exception& e) {
  spdlog::critical("out of resources: {}", e.what());
  return 1;
}
