#include "cli/run/run.h"

#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <optional>

#include "cli/run/embedded_farm.h"
#include "cli/run/jdk.h"
#include "cli/run/jvm_command.h"
#include "cli/run/obstacle.h"
#include "cli/run/preflight.h"
#include "cli/run/process.h"
#include "cli/run/report.h"
#include "cli/run/scratch_folder.h"
#include "cli/trace/timeline.h"

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

/// Something about the farm that the user wants to know although the JVM runs on.
void note(RunReport& report, const std::string& problem) {
  say(problem);
  report.problems.push_back(problem);
}

/// What the agent and the farm need to find each other.
std::map<std::string, std::string> agent_environment(const RunOptions& options,
                                                     const fs::path& stats) {
  std::map<std::string, std::string> environment{{"JITFARM_STATS_FILE", stats.string()}};
  if (!options.exclude.empty()) environment["JITFARM_EXCLUDE"] = joined(options.exclude);
  if (!options.farm_log.empty()) {
    environment["JITFARM_LOG_FILE"] = options.farm_log;
    if (!::getenv("JITFARM_LOG")) environment["JITFARM_LOG"] = "info";
  }
  return environment;
}

/// Waits for the JVM. Tells at once when a program of the embedded farm ends before it, and has
/// workers replaced.
Exit wait_for_jvm(Process& jvm, std::optional<EmbeddedFarm>& farm, RunReport& report) {
  SignalForwarder forwarder(jvm.pid());
  ChildWatch watch;
  for (;;) {
    if (auto exit = jvm.poll()) return *exit;
    std::optional<TimePoint> next;
    if (farm) {
      const TimePoint now = std::chrono::steady_clock::now();
      for (const auto& sentence : farm->ended(now)) note(report, sentence);
      for (const auto& sentence : farm->replace(now)) note(report, sentence);
      next = farm->next_replacement();
    }
    watch.wait(next);
  }
}

/// What the agent counted, and what it says about the farm. Zeros: the JVM asked for no compilation
/// at all, or ended before.
void take_counters(const stats::Layout& counters, std::uint64_t end_ns, RunReport& report) {
  report.agent = stats::snapshot(counters, end_ns);
  report.agent_started = counters.process.load() != 0;
  if (report.agent.agent == stats::AgentState::refused)
    note(report, "the agent did nothing in this JVM: " + report.agent.refusal);
  else if (const auto trouble = remote_trouble(report); !trouble.empty())
    note(report, trouble);
}

std::string unused(const RunReport& report) {
  std::string sentence = "--require: the farm compiled nothing for this JVM (" +
                         std::to_string(report.agent.requested) + " methods requested, " +
                         std::to_string(report.agent.sessions) + " sessions)";
  if (!report.agent_started) sentence += ": the agent was never started";
  for (const auto& problem : report.problems) sentence += "; " + problem;
  return sentence;
}

/// All programs of the run, here and below, log in detail to one file beside the trace.
RunOptions with_traced_log(RunOptions options) {
  ::setenv("JITFARM_LOG", "debug", 1);
  ::setenv("JITFARM_LOG_FORMAT", "json", 1);
  if (options.farm_log.empty()) {
    options.farm_log = options.trace + ".log";
    std::error_code ignored;
    fs::remove(options.farm_log, ignored);  // programs append
  }
  return options;
}

void write_trace(const RunOptions& options) {
  const auto traced = trace::write_timeline(
      {.logs = {options.farm_log}, .method = options.trace_method, .out = options.trace});
  if (!traced)
    say("--trace: " + traced.error().detail);
  else if (*traced == 0)
    say("--trace: no compilation of such a method was asked for");
}

}  // namespace

Result<Installation> find_installation(bool with_farm) {
  std::error_code error;
  auto programs = fs::canonical("/proc/self/exe", error).parent_path();
  if (error) return fail(Errc::io_failure, "cannot tell where this program is: " + error.message());
  for (const char* name : {"jitfarm-coordinator", "jitfarm-worker"})
    if (with_farm && !fs::exists(programs / name))
      return fail(Errc::io_failure,
                  std::string("missing program: no ") + name + " in " + programs.string());
  for (const char* place : {"../lib", JITFARM_AGENT_FOLDER}) {
    auto folder = (programs / place).lexically_normal();
    if (fs::exists(folder / kAgentLibrary)) return Installation{programs, folder};
  }
  return fail(Errc::io_failure, std::string("missing library: no ") + kAgentLibrary + " in " +
                                    (programs / "../lib").lexically_normal().string() + " or " +
                                    (programs / JITFARM_AGENT_FOLDER).lexically_normal().string());
}

Error run(const RunOptions& asked) {
  const RunOptions options = asked.trace.empty() ? asked : with_traced_log(asked);
  RunReport report;
  std::optional<ReportFile> report_file;
  auto prepared = [&]() -> Status {
    JF_CHECK_OK(check_options(options));
    JF_TRY(auto jdk, find_jdk(options.command.front()));
    JF_CHECK_OK(check_supported(jdk));
    JF_TRY(auto scratch, ScratchFolder::create());
    const auto stats = scratch / "stats";

    std::optional<EmbeddedFarm> farm;
    stats::Layout* counters = nullptr;
    Command jvm{.arguments = options.command};
    report.without_farm =
        obstacle({options.command.begin() + 1, options.command.end()}, environment_variable);
    if (!report.without_farm.empty()) {
      if (options.require)
        return fail(Errc::bad_configuration, "--require: " + report.without_farm);
      say(report.without_farm + ": running without the farm");
    } else {
      JF_TRY(auto installation, find_installation(options.coordinator.empty()));
      JF_TRY(counters, stats::create(stats.string()));
      jvm.environment = agent_environment(options, stats);
      report.coordinator = options.coordinator;
      if (options.coordinator.empty()) {
        JF_TRY(auto started,
               EmbeddedFarm::start(installation.programs,
                                   {options.workers, options.record, options.farm_log}));
        farm.emplace(std::move(started));
        report.coordinator = farm->endpoint();
        report.embedded = true;
        for (const auto& [name, value] : farm->agent_environment()) jvm.environment[name] = value;
      }
      jvm.environment["JITFARM_COORDINATOR"] = report.coordinator;
      jvm.arguments =
          with_farm_flags(options.command, jdk, installation.agent, options.jvm_threads);
    }
    if (!options.report.empty()) {
      JF_TRY(auto file, ReportFile::open(options.report));
      report_file.emplace(std::move(file));
    }

    const auto start = std::chrono::steady_clock::now();
    JF_TRY(auto process, Process::start(jvm));
    if (counters) counters->owner = static_cast<std::uint64_t>(process.pid());
    report.jvm = wait_for_jvm(process, farm, report);
    const auto end_ns = stats::monotonic_ns();
    report.wall_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (farm) {
      for (const auto& sentence : farm->ended(std::chrono::steady_clock::now()))
        note(report, sentence);
      farm->stop();
    }
    if (counters) take_counters(*counters, end_ns, report);
    return {};
  }();
  if (!prepared) return prepared.error();

  // The JVM has run: from here on the exit code is its own, but for --require.
  if (report_file)
    if (auto written = report_file->write(report); !written) say(written.error().detail);
  report_file.reset();
  if (!options.trace.empty()) write_trace(options);
  if (options.summary) std::fputs(report_summary(report).c_str(), stderr);
  if (options.require && !report.farm_used() && report.jvm.code() == 0)
    return {Errc::bad_configuration, unused(report)};
  end_like(report.jvm);
}

}  // namespace jitfarm::cli
