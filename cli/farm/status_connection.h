// How does a program of the operator's ask a running coordinator?
#pragma once
#include <chrono>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/net/transport.h"
#include "common/protocol/envelope.h"
#include "common/protocol/messages.h"

namespace jitfarm::cli {

/// A session as operator. Its lease is some seconds: ask more often, or open another. One thread.
class StatusConnection {
 public:
  /// `who` is shown to nobody but logs. peer_unreachable when nobody answers within `timeout`,
  /// handshake_refused with the coordinator's sentence, bad_configuration for what is no address.
  static Result<StatusConnection> open(const std::string& coordinator, const std::string& who,
                                       std::chrono::milliseconds timeout);
  StatusConnection(StatusConnection&&) = default;
  StatusConnection& operator=(StatusConnection&&) = default;
  /// Says goodbye.
  ~StatusConnection();

  /// Errors as of open().
  Result<protocol::StatusReply> ask(const protocol::StatusRequest& request);

 private:
  StatusConnection(std::unique_ptr<net::Connection> connection, std::chrono::milliseconds timeout)
      : connection_(std::move(connection)), timeout_(timeout) {}

  std::unique_ptr<net::Connection> connection_;
  std::chrono::milliseconds timeout_;
  protocol::Envelope envelope_;
};

}  // namespace jitfarm::cli
