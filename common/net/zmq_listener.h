// The accepting end on ZeroMQ: which peer is which connection? Internal to the room.
#pragma once
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/net/zmq_socket.h"

namespace jitfarm::net {

class ZmqListener final : public Listener {
 public:
  static Result<std::unique_ptr<ZmqListener>> open(const std::string& endpoint,
                                                   const ZmqOptions& options);

  Status send(PeerKey peer, protocol::Packet packet) override;
  std::optional<Incoming> receive() override;
  void drop(PeerKey peer) override;
  std::optional<PeerKey> take_lost() override;
  std::string endpoint() const override { return endpoint_; }
  TransportCounters counters() const override { return counters_; }

  const Socket& socket() const { return *socket_; }

 private:
  struct Peer {
    std::string routing_id;  ///< of the connection, made by ZeroMQ unless the peer chose one; a
                             ///< handle, never an identity
    std::shared_ptr<Credit> credit;
    int fd = -1;
  };
  struct Suspect {
    PeerKey peer;
    std::chrono::steady_clock::time_point next;  ///< probe
    Duration pause;                              ///< after it, doubled every time
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };

  ZmqListener() = default;
  PeerKey peer_of(Frame& routing_id);
  void forget(PeerKey peer);
  void lost(PeerKey peer);
  /// False when the peer's connection is gone. True proves nothing: ZeroMQ may not know yet.
  bool probe(const Peer& peer);
  void probe_suspects();

  std::unique_ptr<Socket> socket_;
  std::string endpoint_;
  std::size_t queue_bytes_ = 0, frames_max_ = 0, peers_max_ = 0;
  std::uint64_t next_peer_ = 1;
  std::unordered_map<PeerKey, Peer> peers_;
  std::unordered_map<std::string, PeerKey, Hash, std::equal_to<>> by_routing_id_;
  std::unordered_map<int, PeerKey> by_fd_;
  std::vector<Suspect> suspects_;
  std::deque<PeerKey> lost_;
  bool reported_ = false;
  TransportCounters counters_;
};

}  // namespace jitfarm::net
