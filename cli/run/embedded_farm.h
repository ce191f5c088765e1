// Where does a farm come from when the user names none? A coordinator and workers of our own, on loopback.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "cli/run/process.h"
#include "common/base/result.h"

namespace jitfarm::cli {

struct FarmOptions {
  unsigned workers = 1;
  std::string record;    ///< folder for replay bundles, empty: none
  std::string log_file;  ///< of the farm's programs, empty: nowhere
};

/// A farm as child processes: gone when this object or this process ends, however it ends. The ports are chosen by the
/// kernel. One thread uses it.
class EmbeddedFarm {
 public:
  /// Starts the programs beside `programs` (the folder of jitfarm-coordinator and jitfarm-worker). Returns when
  /// the coordinator listens, without waiting for the workers.
  static Result<EmbeddedFarm> start(const std::filesystem::path& programs, const FarmOptions& options);

  /// What agents connect to, "tcp://127.0.0.1:40123".
  const std::string& endpoint() const { return endpoint_; }
  /// Environment that agents need to be let in (keys); empty values are not set.
  const std::map<std::string, std::string>& agent_environment() const { return agent_environment_; }
  /// Orderly end: workers drain, the coordinator says goodbye; killed after two seconds.
  void stop();

 private:
  EmbeddedFarm() = default;
  std::string endpoint_;
  std::map<std::string, std::string> agent_environment_;
  std::vector<Process> processes_;  ///< coordinator first
};

}  // namespace jitfarm::cli
