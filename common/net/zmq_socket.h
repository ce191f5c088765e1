// What do both ends share? Frames, byte credit, options and the monitor of a ZeroMQ socket.
// Internal to the room.
#pragma once
#include <zmq.h>

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/net/zmq_transport.h"

namespace jitfarm::net {

/// Owns one zmq_msg_t.
class Frame {
 public:
  Frame() { zmq_msg_init(&raw_); }
  ~Frame() { zmq_msg_close(&raw_); }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  zmq_msg_t* raw() { return &raw_; }
  ByteView view() {
    return {static_cast<const std::uint8_t*>(zmq_msg_data(&raw_)), zmq_msg_size(&raw_)};
  }
  bool more() { return zmq_msg_more(&raw_) != 0; }

 private:
  zmq_msg_t raw_;
};

/// Bytes that ZeroMQ holds for one peer: taken when a packet is accepted, returned by its I/O
/// thread when the bytes are written or discarded. Bounds memory, which a high-water mark in
/// messages does not.
struct Credit {
  std::atomic<std::size_t> bytes{0};
};

/// The threads and the authenticator of one ZeroMQ context.
class ZmqContext {
 public:
  explicit ZmqContext(ContextEnd end);
  ~ZmqContext();
  ZmqContext(const ZmqContext&) = delete;
  ZmqContext& operator=(const ZmqContext&) = delete;
  void* raw() const { return raw_; }
  /// Registers the list of a listener; the answer is its ZAP domain. Starts the authenticator on
  /// first use.
  Result<std::string> allow(const CurveServer& server);

 private:
  class Authenticator;
  void* raw_;
  ContextEnd end_;
  std::unique_ptr<Authenticator> authenticator_;
};

/// While it lives, threads that start have all signals blocked: a signal to the JVM must not be
/// handled on a thread of ours. Synchronous ones (a fault of this very thread) stay as they were.
class BlockSignals {
 public:
  BlockSignals();
  ~BlockSignals();
  BlockSignals(const BlockSignals&) = delete;
  BlockSignals& operator=(const BlockSignals&) = delete;

 private:
  alignas(8) unsigned char saved_[128];  // sigset_t; its header stays out of this one
};

/// What a monitor reports, reduced to what is used.
struct ConnectionEvent {
  bool up;  ///< false: the connection ended
  int fd;   ///< of the connection; the system uses the number again
};

/// One ZeroMQ socket and its monitor. One owner thread.
class Socket {
 public:
  static Result<std::unique_ptr<Socket>> open(int type, const ZmqOptions& options);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  void* raw() const { return raw_; }
  void* monitor() const { return monitor_; }
  std::optional<ConnectionEvent> take_event();
  /// Runs what the I/O thread has asked this socket to do (a peer is gone): sends and receives do
  /// it only now and then.
  void settle();
  const std::shared_ptr<ZmqContext>& context() const { return context_; }

 private:
  Socket() = default;
  std::shared_ptr<ZmqContext> context_;
  void* raw_ = nullptr;
  void* monitor_ = nullptr;
};

Status set(void* socket, int option, int value);
Status set(void* socket, int option, std::string_view value);
int milliseconds(Duration d);  ///< rounded up, clamped to int
/// "what: the system's text for errno"
std::string last_error(std::string_view what);

/// Sends the frames of a packet after whatever was sent with SNDMORE. `credit` is charged. False
/// (errno is set) when the first frame was not accepted; later frames are accepted or vanish with
/// their peer.
bool send_packet(void* socket, const protocol::Packet& packet,
                 const std::shared_ptr<Credit>& credit);

/// Receives the rest of a message. malformed_frame when it is no packet or has more than
/// `frames_max` frames.
Result<protocol::Packet> receive_packet(void* socket, Frame& first, std::size_t frames_max);

}  // namespace jitfarm::net
