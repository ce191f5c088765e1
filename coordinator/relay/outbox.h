// How does the relay send? Two sides, one call; a socket in the program, a simulated network in
// tests.
#pragma once
#include <cstdint>

#include "common/net/transport.h"

namespace jitfarm::coordinator::relay {

enum class Side : std::uint8_t { clients, workers };

class Outbox {
 public:
  virtual ~Outbox() = default;
  /// Never blocks. queue_full: the peer is stalled. peer_unreachable: it is gone.
  virtual Status send(Side side, net::PeerKey peer, protocol::Packet packet) = 0;
  /// Forget the peer.
  virtual void drop(Side side, net::PeerKey peer) = 0;
};

}  // namespace jitfarm::coordinator::relay
