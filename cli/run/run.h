// `jitfarm run -- java ...`: how does a Java command line run with the farm?
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace jitfarm::cli {

struct RunOptions {
  std::vector<std::string> command;  ///< java and its arguments
  std::string coordinator;           ///< tcp://host:port; empty: an embedded farm
  std::string report;                ///< JSON file, empty: none
  bool summary = false;              ///< print the summary to standard error at the end
  bool require = false;              ///< fail when the farm was not used
  unsigned workers = 1;              ///< of the embedded farm
  unsigned jvm_threads = 4;          ///< JVMCI compiler threads: compilations in flight at once
  std::vector<std::string> exclude;  ///< method patterns that are not compiled by the farm
  std::string record;                ///< folder for replay bundles
  std::string farm_log;              ///< file for the log of the embedded farm and the agent
  std::string trace;                 ///< file for a timeline of the compilations; empty: none
  std::string trace_method;          ///< only methods whose name contains this
};

/// Exit code when `jitfarm` itself fails: wrong usage, the JVM was not started, or --require was
/// not met.
inline constexpr int kRunFailed = 125;

/// Where the programs and the agent of this installation are.
struct Installation {
  std::filesystem::path programs;  ///< folder of jitfarm-coordinator and jitfarm-worker
  std::filesystem::path agent;     ///< folder of libjvmcicompiler.so
};
/// io_failure, naming the missing file and where it was looked for. The programs are needed for an
/// embedded farm only.
Result<Installation> find_installation(bool with_farm);

/// Runs the command and ends this process as the JVM ended. Returns only when the run itself fails.
Error run(const RunOptions& options);

}  // namespace jitfarm::cli
