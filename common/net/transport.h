// How do packets get from one program to another? Sockets and their pitfalls end behind these
// interfaces.
//
// Implementations: zmq_transport.h (the only room that sees zmq.hpp) and loopback.h (in process,
// with seeded delay, loss and reordering). Sending never blocks; a packet that was accepted may
// still be lost, so whoever needs an answer keeps a deadline. docs/adr/ has the reasons for every
// socket option.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/base/id.h"
#include "common/base/result.h"
#include "common/protocol/envelope.h"

namespace jitfarm::net {

/// One connected peer of a Listener. Never reused; says nothing about who the peer claims to be.
using PeerKey = Id<struct PeerKeyTag>;

/// What happened on one socket. Nothing is dropped without a count.
struct TransportCounters {
  std::uint64_t sent = 0, received = 0;  ///< packets
  std::uint64_t sent_bytes = 0, received_bytes = 0;
  std::uint64_t refused_full = 0;         ///< send() said queue_full
  std::uint64_t refused_unreachable = 0;  ///< send() said peer_unreachable
  std::uint64_t malformed = 0;        ///< received and dropped: does not decode, or too many frames
  std::uint64_t over_peer_limit = 0;  ///< received and dropped: the peer table is full
};

/// The dialling end (DEALER): agents, workers, the command line. One owner thread calls everything
/// but wake().
class Connection {
 public:
  virtual ~Connection() = default;
  /// Queues the packet. queue_full when the byte or packet bound is reached; peer_unreachable while
  /// there is no connection, also before the first one: wait() returns when it comes, then
  /// connected() is true and it is time to say hello.
  virtual Status send(protocol::Packet packet) = 0;
  /// The next packet, or nothing. A frame that does not decode is counted, reported once and
  /// dropped.
  virtual std::optional<protocol::Packet> receive() = 0;
  /// Blocks until a packet is there, wake() was called, or the time is over.
  virtual void wait(Duration timeout) = 0;
  virtual void wake() = 0;  ///< any thread
  /// True while the transport believes that the peer's end exists; a hint only, heartbeats decide.
  virtual bool connected() const = 0;
  virtual TransportCounters counters() const = 0;
};

struct Incoming {
  PeerKey peer;
  protocol::Packet packet;
};

/// The accepting end (ROUTER): the coordinator has two, towards agents and towards workers. One
/// owner thread.
class Listener {
 public:
  virtual ~Listener() = default;
  /// queue_full when this peer's bound is reached (it is stalled), peer_unreachable when it is
  /// gone.
  virtual Status send(PeerKey peer, protocol::Packet packet) = 0;
  virtual std::optional<Incoming> receive() = 0;
  /// Forgets a peer and frees what is queued for it.
  virtual void drop(PeerKey peer) = 0;
  /// A peer whose connection is known to have ended, once each; it is forgotten already. Silence is
  /// no proof of life: leases decide.
  virtual std::optional<PeerKey> take_lost() = 0;
  /// "tcp://127.0.0.1:40123": the real port where 0 was asked for.
  virtual std::string endpoint() const = 0;
  virtual TransportCounters counters() const = 0;
};

}  // namespace jitfarm::net
