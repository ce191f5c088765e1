#include "cli/run/run.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <optional>

#include "cli/run/embedded_farm.h"
#include "cli/run/jdk.h"
#include "cli/run/jvm_command.h"
#include "cli/run/process.h"
#include "cli/run/report.h"
#include "cli/run/scratch_folder.h"

namespace jitfarm::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAgentLibrary = "libjvmcicompiler.so";

void say(const std::string& sentence) { std::fprintf(stderr, "jitfarm: %s\n", sentence.c_str()); }

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const auto& part : parts) all += (all.empty() ? "" : ",") + part;
  return all;
}

/// Why this command cannot have the farm although the JVM can run it; empty: it can.
std::string obstacle(const RunOptions& options) {
  auto collector = unsupported_collector({options.command.begin() + 1, options.command.end()});
  return collector.empty() ? "" : collector + " is not supported; supported are SerialGC, ParallelGC and G1GC";
}

/// What the agent and the farm need to find each other.
Result<std::map<std::string, std::string>> agent_environment(const RunOptions& options, const fs::path& stats) {
  std::map<std::string, std::string> environment{{"JITFARM_STATS_FILE", stats.string()}};
  if (!options.exclude.empty()) environment["JITFARM_EXCLUDE"] = joined(options.exclude);
  if (!options.farm_log.empty()) {
    environment["JITFARM_LOG_FILE"] = options.farm_log;
    if (!::getenv("JITFARM_LOG")) environment["JITFARM_LOG"] = "info";
  }
  return environment;
}

}  // namespace

Result<Installation> find_installation() {
  std::error_code error;
  auto programs = fs::canonical("/proc/self/exe", error).parent_path();
  if (error) return fail(Errc::io_failure, "cannot tell where this program is: " + error.message());
  for (const char* name : {"jitfarm-coordinator", "jitfarm-worker"})
    if (!fs::exists(programs / name)) return fail(Errc::io_failure, std::string("missing program: no ") + name + " in " + programs.string());
  for (const char* place : {"../lib", JITFARM_AGENT_FOLDER}) {
    auto folder = (programs / place).lexically_normal();
    if (fs::exists(folder / kAgentLibrary)) return Installation{programs, folder};
  }
  return fail(Errc::io_failure, std::string("missing library: no ") + kAgentLibrary + " in " + (programs / "../lib").lexically_normal().string() +
                                    " or " + (programs / JITFARM_AGENT_FOLDER).lexically_normal().string());
}

Error run(const RunOptions& options) {
  RunReport report;
  auto prepared = [&]() -> Result<Exit> {
    JF_TRY(auto jdk, find_jdk(options.command.front()));
    JF_CHECK_OK(check_supported(jdk));
    JF_TRY(auto scratch, ScratchFolder::create());
    const auto stats = scratch / "stats";

    std::optional<EmbeddedFarm> farm;
    stats::Layout* counters = nullptr;
    Command jvm{.arguments = options.command};
    report.without_farm = obstacle(options);
    if (!report.without_farm.empty()) {
      if (options.require) return fail(Errc::bad_configuration, report.without_farm);
      say(report.without_farm + ": running without the farm");
    } else {
      JF_TRY(auto installation, find_installation());
      JF_TRY(counters, stats::create(stats.string()));
      JF_TRY(jvm.environment, agent_environment(options, stats));
      report.coordinator = options.coordinator;
      if (options.coordinator.empty()) {
        JF_TRY(farm, EmbeddedFarm::start(installation.programs, {options.workers, options.record, options.farm_log}));
        report.coordinator = farm->endpoint();
        report.embedded = true;
        for (const auto& [name, value] : farm->agent_environment()) jvm.environment[name] = value;
      }
      jvm.environment["JITFARM_COORDINATOR"] = report.coordinator;
      jvm.arguments = with_farm_flags(options.command, jdk, installation.agent, options.jvm_threads);
    }

    const auto start = std::chrono::steady_clock::now();
    JF_TRY(auto process, Process::start(jvm));
    if (counters) counters->owner = static_cast<std::uint64_t>(process.pid());
    {
      SignalForwarder forwarder(process.pid());
      report.jvm = process.wait();
    }
    const auto end_ns = stats::monotonic_ns();
    report.wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (farm) farm->stop();
    // Zeros: the JVM asked for no compilation at all, or ended before.
    if (counters) report.agent = stats::snapshot(*counters, end_ns);
    return report.jvm;
  }();
  if (!prepared) return prepared.error();

  if (!options.report.empty())
    if (auto written = write_report(options.report, report); !written) return written.error();
  if (options.summary) std::fputs(report_summary(report).c_str(), stderr);
  if (options.require && !report.farm_used() && report.jvm.code() == 0)
    return {Errc::bad_configuration, "--require: the farm compiled nothing for this JVM (" + std::to_string(report.agent.requested) +
                                         " methods requested, " + std::to_string(report.agent.sessions) + " sessions)"};
  end_like(report.jvm);
}

}  // namespace jitfarm::cli
