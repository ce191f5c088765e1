// Which keys get in? The ZAP handler (ZeroMQ RFC 27) of a context. Internal to the room.
#pragma once
#include <array>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "common/net/zmq_socket.h"

namespace jitfarm::net {

/// Answers the I/O thread's question for every connection that comes in. A thread of its own,
/// asleep between connections. A domain is one listener, so that a client's key does not open the
/// workers' door.
class ZmqContext::Authenticator {
 public:
  static Result<std::unique_ptr<Authenticator>> start(void* context);
  /// Waits for the thread, which ends when the context is shut down.
  ~Authenticator();
  Result<std::string> add(const CurveServer& server);

 private:
  using Names = std::unordered_map<std::string, std::string>;  ///< raw 32-byte key -> name
  explicit Authenticator(void* socket) : socket_(socket) {}
  void run();

  void* socket_;  ///< owned by the thread once it runs
  std::mutex mutex_;
  std::unordered_map<std::string, Names> domains_;
  std::thread thread_;
};

}  // namespace jitfarm::net
