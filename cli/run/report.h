// What happened in a run?
#pragma once
#include <fstream>
#include <string>
#include <vector>

#include "cli/run/process.h"
#include "common/base/result.h"
#include "common/stats/stats_file.h"

namespace jitfarm::cli {

struct RunReport {
  stats::Snapshot agent;  ///< zeros when the agent never started
  Exit jvm;
  double wall_seconds = 0;
  std::string coordinator;  ///< endpoint, empty: the run was without a farm
  bool embedded = false;
  std::string without_farm;           ///< why, empty: with
  bool agent_started = false;         ///< it left statistics
  std::vector<std::string> problems;  ///< of the farm and the agent, a sentence each
  /// At least one method ran through the farm's compiler and into the JVM.
  bool farm_used() const { return agent.installed > 0; }
};

/// Why a farm elsewhere was of no use to the JVM, at all or from some moment on; empty: it was.
std::string remote_trouble(const RunReport& report);
std::string report_json(const RunReport& report);
/// A few lines for people.
std::string report_summary(const RunReport& report);
/// The file of --report. It is opened before the JVM starts: what cannot be written is an error
/// then, and not after the JVM has done its work.
class ReportFile {
 public:
  /// io_failure. What stands in `path` stays until write().
  static Result<ReportFile> open(const std::string& path);
  ReportFile(ReportFile&& other) noexcept;
  ReportFile& operator=(ReportFile&&) = delete;
  ~ReportFile();
  /// Replaces `path` at once. io_failure.
  Status write(const RunReport& report);

 private:
  explicit ReportFile(std::string path);
  std::string path_, draft_;  ///< draft_ is empty once it is renamed
  std::ofstream out_;
};

}  // namespace jitfarm::cli
