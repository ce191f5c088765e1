// `jitfarm status`: what is going on in a running farm?
#pragma once
#include <chrono>
#include <string>

#include "common/base/result.h"
#include "common/protocol/messages.h"

namespace jitfarm::cli {

struct StatusOptions {
  std::string coordinator;  ///< tcp://host:port, where agents connect
  bool json = false;
  std::chrono::milliseconds timeout{2000};
};

/// Asks the coordinator. peer_unreachable when it does not answer in time, handshake_refused with
/// its sentence.
Result<protocol::StatusReply> ask_status(const StatusOptions& options);

/// For people: a table of clients, of workers, of message types.
std::string status_table(const protocol::StatusReply& status);
/// For programs. Field names are those of the message catalogue.
std::string status_json(const protocol::StatusReply& status);

}  // namespace jitfarm::cli
