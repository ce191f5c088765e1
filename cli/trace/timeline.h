// Where did the time of a compilation go? A timeline of the logs of agent, coordinator and worker.
//
// Lines of level debug and format json (common/base/log_ids.h) are joined by session and request.
// Clocks: times are the programs' own when what they say can be true (a coordinator cannot have a
// request before it was sent, nor answer after the answer has arrived); else all times of a program
// are moved to the middle of what is possible, and its name in the trace says by how much.
#pragma once
#include <string>
#include <vector>

#include "common/base/result.h"

namespace jitfarm::cli::trace {

struct TraceOptions {
  std::vector<std::string> logs;
  std::string method;  ///< only compilations of methods whose name contains this
  std::string out;     ///< Chrome's trace format, for Perfetto and chrome://tracing
};

/// Writes the file; the number of compilations in it. io_failure when a log cannot be read or the
/// file not be written. Lines that are none of ours are skipped: an application may write between.
Result<std::size_t> write_timeline(const TraceOptions& options);

}  // namespace jitfarm::cli::trace
