#include "cli/run/report.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "cli/run/scratch_folder.h"

namespace jitfarm::cli {
namespace {

std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_CASE("report: a file that cannot be written is an error before the JVM starts") {
  auto folder = ScratchFolder::create().value();
  CHECK(ReportFile::open("/nonexistent/r.json").error().code == Errc::io_failure);
  std::filesystem::create_directory(folder / "r.json");
  CHECK(ReportFile::open((folder / "r.json").string()).error().code == Errc::io_failure);
}

TEST_CASE("report: the old file stands until the new one is complete") {
  auto folder = ScratchFolder::create().value();
  const auto path = folder / "r.json";
  std::ofstream(path) << "old";
  {
    CHECK(ReportFile::open(path.string()));
  }
  CHECK(contents(path) == "old");
  auto file = ReportFile::open(path.string());
  REQUIRE(file);
  RunReport report;
  report.problems = {"the embedded worker ended early with exit code 64"};
  REQUIRE(file->write(report));
  CHECK(contents(path).find("exit code 64") != std::string::npos);
  CHECK(std::distance(std::filesystem::directory_iterator(path.parent_path()), {}) == 1);
}

TEST_CASE("report: what the agent says about itself is there") {
  RunReport report;
  CHECK(report_json(report).find("\"agent\": \"not started\"") != std::string::npos);
  report.agent_started = true;
  report.agent.agent = stats::AgentState::refused;
  report.problems = {"a sentence \xff that is not UTF-8"};
  CHECK(report_json(report).find("\"agent\": \"refused\"") != std::string::npos);
  CHECK(report_summary(report).find("problem: a sentence") != std::string::npos);
}

TEST_CASE("report: a farm elsewhere that was of no use is one sentence") {
  RunReport report;
  report.coordinator = "tcp://farm:1";
  auto& a = report.agent;
  CHECK(remote_trouble(report).empty());  // nothing was to be compiled
  a.requested = 5;
  CHECK(remote_trouble(report) ==
        "no session with the farm at tcp://farm:1: all methods stayed in C1");
  a.trouble = "version_mismatch: too new";
  CHECK(remote_trouble(report) ==
        "no session with the farm at tcp://farm:1: all methods stayed in C1: version_mismatch: too "
        "new");
  a.sessions = 1;
  CHECK(remote_trouble(report).empty());  // cut off by the end of the JVM
  a.failed = {{"deadline_passed", 3}, {"no_worker", 1}};
  a.trouble = "no_worker: none";
  CHECK(remote_trouble(report) ==
        "the farm at tcp://farm:1 gave no code, 4 of 5 methods failed (deadline_passed 3, "
        "no_worker 1): all methods stayed in C1: no_worker: none");
  a.installed = 1;
  CHECK(remote_trouble(report).empty());
  a.unavailable_seconds = 2.5;
  CHECK(remote_trouble(report) ==
        "the farm at tcp://farm:1 was lost 2.5 s before the JVM ended, later methods stayed in C1: "
        "no_worker: none");
  report.embedded = true;
  CHECK(remote_trouble(report).empty());  // it tells for itself
}

TEST_CASE("report: what people read has every counter") {
  RunReport report;
  auto& a = report.agent;
  std::uint64_t number = 1'000'001;
  std::vector<std::uint64_t*> counters{&a.requested,
                                       &a.installed,
                                       &a.invalidated,
                                       &a.remembered,
                                       &a.deferred_installed,
                                       &a.sessions,
                                       &a.cancelled,
                                       &a.bailed_out["monitor"],
                                       &a.failed["worker_lost"]};
  for (std::uint64_t* counter : counters) *counter = number++;
  a.messages.push_back({"hello", true, number++, 1024 * 77});
  counters.push_back(&a.messages.back().count);
  a.code_bytes = 1024 * 4711;
  const std::string summary = report_summary(report), json = report_json(report);
  for (const std::uint64_t* counter : counters) {
    CHECK(summary.find(std::to_string(*counter)) != std::string::npos);
    CHECK(json.find(std::to_string(*counter)) != std::string::npos);
  }
  CHECK(summary.find("4711 KiB") != std::string::npos);
}

TEST_CASE("report: the compile latency comes with its stages") {
  RunReport report;
  report.agent.worker_queue_seconds.p50 = 0.123;
  report.agent.compiler_seconds.p99 = 0.456;
  const std::string summary = report_summary(report), json = report_json(report);
  CHECK(summary.find("123.0 ms") != std::string::npos);
  CHECK(summary.find("456.0 ms") != std::string::npos);
  CHECK(json.find("\"worker_queue_seconds\"") != std::string::npos);
  CHECK(json.find("\"compiler_seconds\"") != std::string::npos);
}

}  // namespace
}  // namespace jitfarm::cli
