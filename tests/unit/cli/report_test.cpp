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
  { CHECK(ReportFile::open(path.string())); }
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

}  // namespace
}  // namespace jitfarm::cli
