// How does one process hold 10,000 connections to a ROUTER? With one descriptor for each: ZMTP 3
// (rfc.zeromq.org/spec/23) by hand, where a ZeroMQ socket takes two and a context 1,023 sockets.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/protocol/envelope.h"

namespace jitfarm::bench {

/// A DEALER without encryption. One thread; sends and reads without blocking. Trusts its peer: it
/// is ours.
class Zmtp {
 public:
  Zmtp() = default;
  ~Zmtp();
  Zmtp(Zmtp&& other) noexcept { *this = std::move(other); }
  Zmtp& operator=(Zmtp&& other) noexcept;

  /// To "tcp://127.0.0.1:port". The greeting is on its way when it returns.
  Status connect(const std::string& endpoint);
  int fd() const { return fd_; }
  void send(const protocol::Packet& packet);
  /// Writes what the socket did not take; true when nothing is left.
  bool flush();
  /// Reads all that is there and calls `on_packet` for each message; io_failure when the peer hung
  /// up, malformed_frame for what is no ZMTP.
  Status read(const std::function<void(protocol::Packet)>& on_packet);

 private:
  static void frame(std::string& to, std::string_view body, unsigned flags);
  Status consume(std::string_view data, std::size_t& used,
                 const std::function<void(protocol::Packet)>& on_packet);
  void command(std::string_view body);

  int fd_ = -1;
  bool greeted_ = false;
  bool ready_ = false;  ///< its READY was read; before, ZeroMQ takes a message for a bad command
  std::string unread_;  ///< the beginning of a frame
  std::string held_;    ///< messages for when it is ready
  std::string unsent_;  ///< beyond the socket's buffer
  std::vector<Blob> frames_;  ///< of the message that is being read
};

}  // namespace jitfarm::bench
