// How does a statistics file come into being, and how is it read?
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/stats/layout.h"

namespace jitfarm::stats {

// Mappings are never undone: threads count until the process is gone.

/// Memory of this process. Errors: io_failure.
Result<Layout*> anonymous();
/// A new file that no process counts in yet. Errors: io_failure, also when there is one.
Result<Layout*> create(const std::string& path);
/// The file at `path` as the one place where this process counts; it is made if there is none. Its
/// children inherit the path and must not count there too: the first one to claim has it, and when
/// it was made for a program (Layout::owner) that still runs, nobody else. Nothing is believed that
/// the file says.
///
/// Errors: io_failure, malformed_frame (not one of ours), version_mismatch, bad_configuration (it
/// is another process's).
Result<Layout*> claim(const std::string& path);

struct Distribution {
  std::uint64_t count = 0;
  double mean = 0, p50 = 0, p99 = 0;  ///< 0 when nothing was counted
};

struct MessageTraffic {
  std::string name;
  bool sent = false;  ///< by the agent; else received
  std::uint64_t count = 0, bytes = 0;
};

/// What a file says, names instead of numbers. Only entries that are not zero.
struct Snapshot {
  std::uint64_t requested = 0, installed = 0, invalidated = 0, remembered = 0,
                deferred_installed = 0, code_bytes = 0, sessions = 0, cancelled = 0;
  std::map<std::string, std::uint64_t> bailed_out;  ///< by reason
  std::map<std::string, std::uint64_t> failed;      ///< by error
  std::vector<MessageTraffic> messages;
  Distribution round_trips;                             ///< fact queries per compilation, exact
  Distribution compile_seconds;                         ///< p50, p99 within 13 %
  Distribution worker_queue_seconds, compiler_seconds;  ///< of it, likewise; installed ones only
  double available_seconds = 0;                         ///< with a session and a closed breaker
  AgentState agent = AgentState::loaded;
  std::string refusal;                            ///< a sentence, when refused
  std::optional<double> first_available_seconds;  ///< after the agent was loaded
  std::string trouble;  ///< the last thing that was wrong with the farm, a sentence
  std::optional<double> unavailable_seconds;  ///< the farm was not there at the end, for so long
  double longest_wait_seconds = 0;            ///< of a thread that compiles, for the farm
};

/// `end_ns`: CLOCK_MONOTONIC when the JVM ended (or now), for a period of availability that it did
/// not close itself. Errors: io_failure (no file), malformed_frame (not one of ours, or cut off),
/// version_mismatch.
Result<Snapshot> read(const std::string& path, std::uint64_t end_ns);
Snapshot snapshot(const Layout& layout, std::uint64_t end_ns);

std::uint64_t monotonic_ns();

}  // namespace jitfarm::stats
