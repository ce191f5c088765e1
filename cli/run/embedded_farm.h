// Where does a farm come from when the user names none? A coordinator and workers of our own, on
// loopback.
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/run/process.h"
#include "cli/run/restarts.h"
#include "cli/run/scratch_folder.h"
#include "common/base/result.h"

namespace jitfarm::cli {

struct FarmOptions {
  unsigned workers = 1;
  std::string record;    ///< folder for replay bundles, empty: none
  std::string log_file;  ///< of the farm's programs, empty: nowhere
};

/// A farm as child processes: gone when this object or this process ends, however it ends. The
/// ports are chosen by the kernel. A worker that dies is replaced, unless it dies again and again;
/// without the coordinator there is no farm any more. One thread uses it.
class EmbeddedFarm {
 public:
  /// Starts the programs beside `programs` (the folder of jitfarm-coordinator and jitfarm-worker).
  /// Returns when the coordinator listens, without waiting for the workers.
  static Result<EmbeddedFarm> start(const std::filesystem::path& programs,
                                    const FarmOptions& options);

  /// What agents connect to, "tcp://127.0.0.1:40123".
  const std::string& endpoint() const { return endpoint_; }
  /// Environment that agents need to be let in: names of key files of this farm.
  const std::map<std::string, std::string>& agent_environment() const { return agent_environment_; }
  /// A sentence for each program that ended since the last call although nobody stopped it, and
  /// what becomes of it.
  std::vector<std::string> ended(TimePoint now);
  /// Starts the workers that are due. A sentence for each one that could not be started; it is
  /// given up.
  std::vector<std::string> replace(TimePoint now);
  /// When replace() has something to do.
  std::optional<TimePoint> next_replacement() const;
  /// Orderly end: workers drain, the coordinator says goodbye; killed after two seconds.
  void stop();

 private:
  explicit EmbeddedFarm(ScratchFolder scratch) : scratch_(std::move(scratch)) {}
  ScratchFolder scratch_;  ///< keys, for as long as somebody may connect
  std::string endpoint_;
  std::map<std::string, std::string> agent_environment_;
  struct Worker {
    std::string name;                ///< "worker", "worker 2"
    std::optional<Process> process;  ///< nothing: it died
    Restarts restarts;
    std::optional<TimePoint> due;  ///< it died and is to be replaced then
  };
  /// What becomes of the JVM's methods without the workers that were given up.
  std::string what_is_left() const;

  std::optional<Process> coordinator_;  ///< nothing: it died
  Command worker_command_;
  std::vector<Worker> workers_;
};

}  // namespace jitfarm::cli
