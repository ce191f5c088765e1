// What did a real agent and a real farm say to each other? Read from what tests/e2e/many_clients.py
// recorded.
#pragma once
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/result.h"
#include "common/protocol/messages.h"
#include "common/protocol/packet.h"

namespace jitfarm::bench {

/// The messages of one compilation, bodies as they were. Ids of requests are of a session, so that
/// many sessions may use the same.
struct Compilation {
  protocol::Packet request;
  std::vector<protocol::Packet> questions, answers;  ///< in order of waves
  protocol::Packet end;                              ///< compile_result or compile_failed
  std::optional<protocol::Packet> report;            ///< install_report
};

struct Recording {
  protocol::Hello hello;  ///< of the agent
  std::vector<protocol::Telemetry> telemetry;
  std::vector<Compilation> compilations;  ///< those that ended; never empty
  std::unordered_map<RequestId, std::size_t> by_request;
  std::size_t bytes = 0;  ///< of all messages of the compilations

  /// A file of messages between an agent and the coordinator, in order: one byte (1: to the
  /// coordinator), the number of frames, then each frame as size and bytes; numbers of 32 bits,
  /// little-endian. io_failure, malformed_frame.
  static Result<Recording> load(const std::string& file);
};

}  // namespace jitfarm::bench
