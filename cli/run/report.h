// What happened in a run?
#pragma once
#include <string>

#include "cli/run/process.h"
#include "common/base/result.h"
#include "common/stats/stats_file.h"

namespace jitfarm::cli {

struct RunReport {
  stats::Snapshot agent;   ///< zeros when the agent never started
  Exit jvm;
  double wall_seconds = 0;
  std::string coordinator;   ///< endpoint, empty: the run was without a farm
  bool embedded = false;
  std::string without_farm;  ///< why, empty: with
  /// At least one method ran through the farm's compiler and into the JVM.
  bool farm_used() const { return agent.installed > 0; }
};

std::string report_json(const RunReport& report);
/// A few lines for people.
std::string report_summary(const RunReport& report);
/// Replaces `path` at once. io_failure.
Status write_report(const std::string& path, const RunReport& report);

}  // namespace jitfarm::cli
