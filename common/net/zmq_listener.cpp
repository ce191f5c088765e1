#include "common/net/zmq_listener.h"

#include <array>
#include <cerrno>

#include "common/base/log.h"

namespace jitfarm::net {
namespace {
// The monitor reports an end slightly before the socket knows it: by microseconds, or by as long as
// the system lets ZeroMQ's I/O thread wait for a processor. Afterwards the number belonged to a
// newer connection that lives.
constexpr Duration kFirstPause = std::chrono::microseconds(100);
constexpr Duration kLastPause = std::chrono::seconds(8);  // 16 s in all, 18 probes

/// The endpoint as it was asked for, with the port that it got. ZeroMQ's own answer spells IPv4
/// addresses as IPv6 ones.
std::string with_real_port(std::string_view asked, std::string_view bound) {
  if (!asked.starts_with("tcp://") || asked.starts_with("tcp://*")) return std::string(bound);
  return std::string(asked.substr(0, asked.rfind(':'))).append(bound.substr(bound.rfind(':')));
}
}  // namespace

Result<std::unique_ptr<ZmqListener>> ZmqListener::open(const std::string& endpoint,
                                                       const ZmqOptions& options) {
  std::unique_ptr<ZmqListener> l(new ZmqListener);
  l->queue_bytes_ = options.queue_bytes;
  l->frames_max_ = options.frames_max;
  l->peers_max_ = options.peers_max;
  JF_TRY(l->socket_, Socket::open(ZMQ_ROUTER, options));
  void* raw = l->socket_->raw();
  // Else a packet for a stalled or unknown peer vanishes without an error: 195,500 of 200,000 in
  // the experiment.
  JF_CHECK_OK(set(raw, ZMQ_ROUTER_MANDATORY, 1));
  // A second connection never takes over the name, and with it the answers, of a first one.
  JF_CHECK_OK(set(raw, ZMQ_ROUTER_HANDOVER, 0));
  JF_CHECK_OK(set(raw, ZMQ_BACKLOG, 1024));
  if (options.curve_server) {
    JF_TRY(const std::string domain, l->socket_->context()->allow(*options.curve_server));
    JF_CHECK_OK(
        set(raw, ZMQ_ZAP_DOMAIN, domain));  // without a domain the authenticator would not be asked
    JF_CHECK_OK(set(raw, ZMQ_CURVE_SERVER, 1));
    JF_CHECK_OK(set(raw, ZMQ_CURVE_SECRETKEY, options.curve_server->secret_key));
  }
  if (zmq_bind(raw, endpoint.c_str()) != 0)
    return fail(errno == EADDRINUSE || errno == EACCES ? Errc::io_failure : Errc::bad_configuration,
                last_error(endpoint));
  std::array<char, 512> last{};
  std::size_t size = last.size();
  if (zmq_getsockopt(raw, ZMQ_LAST_ENDPOINT, last.data(), &size) != 0)
    return fail(Errc::io_failure, last_error("ZMQ_LAST_ENDPOINT"));
  l->endpoint_ = with_real_port(endpoint, last.data());
  return l;
}

PeerKey ZmqListener::peer_of(Frame& routing_id) {
  const std::string_view id = as_chars(routing_id.view());
  if (const auto it = by_routing_id_.find(id); it != by_routing_id_.end()) return it->second;
  if (peers_.size() >= peers_max_) return {};
  const PeerKey key{next_peer_++};
  const int fd = zmq_msg_get(routing_id.raw(), ZMQ_SRCFD);
  peers_.emplace(key, Peer{std::string(id), std::make_shared<Credit>(), fd});
  by_routing_id_.emplace(id, key);
  if (fd >= 0) {
    auto [it, fresh] = by_fd_.try_emplace(fd, key);
    if (!fresh) {
      const PeerKey former = it->second;
      it->second = key;
      lost(former);  // the system gave its number to this connection
    }
  }
  return key;
}

void ZmqListener::forget(PeerKey key) {
  const auto it = peers_.find(key);
  if (it == peers_.end()) return;
  by_routing_id_.erase(it->second.routing_id);
  if (const auto fd = by_fd_.find(it->second.fd); fd != by_fd_.end() && fd->second == key)
    by_fd_.erase(fd);
  peers_.erase(it);
}

void ZmqListener::lost(PeerKey key) {
  if (!peers_.contains(key)) return;
  forget(key);
  lost_.push_back(key);
}

void ZmqListener::drop(PeerKey peer) { forget(peer); }

Status ZmqListener::send(PeerKey key, protocol::Packet packet) {
  const auto it = peers_.find(key);
  if (it == peers_.end()) {
    ++counters_.refused_unreachable;
    return fail(Errc::peer_unreachable, "no such peer");
  }
  const Peer& peer = it->second;
  const std::size_t bytes = packet.size();
  const std::size_t under_way = peer.credit->bytes.load(std::memory_order_relaxed);
  if (under_way != 0 && under_way + bytes > queue_bytes_) {
    ++counters_.refused_full;
    return fail(Errc::queue_full, std::to_string(under_way) + " bytes wait for the peer");
  }
  if (zmq_send(socket_->raw(), peer.routing_id.data(), peer.routing_id.size(),
               ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
    if (errno == EHOSTUNREACH) {
      ++counters_.refused_unreachable;
      lost(key);
      return fail(Errc::peer_unreachable, "the connection has ended");
    }
    if (errno == EAGAIN) {
      ++counters_.refused_full;
      return fail(Errc::queue_full, "the peer does not read");
    }
    return fail(Errc::io_failure, last_error(endpoint_));
  }
  if (!send_packet(socket_->raw(), packet, peer.credit))
    return fail(Errc::io_failure, last_error(endpoint_));
  ++counters_.sent;
  counters_.sent_bytes += bytes;
  return {};
}

std::optional<Incoming> ZmqListener::receive() {
  for (;;) {
    Frame routing_id;
    if (zmq_msg_recv(routing_id.raw(), socket_->raw(), ZMQ_DONTWAIT) < 0) {
      if (errno == EINTR) continue;
      return std::nullopt;
    }
    if (!routing_id.more()) continue;  // cannot be: a ROUTER always delivers [routing id][..]
    Frame first;
    if (zmq_msg_recv(first.raw(), socket_->raw(), ZMQ_DONTWAIT) < 0) continue;
    auto packet = receive_packet(socket_->raw(), first, frames_max_);
    if (!packet) {
      ++counters_.malformed;
      if (!std::exchange(reported_, true))
        spdlog::warn("{}: a packet was dropped: {}", endpoint_, packet.error().message());
      continue;
    }
    const PeerKey peer = peer_of(routing_id);
    if (!peer) {
      ++counters_.over_peer_limit;
      continue;
    }
    ++counters_.received;
    counters_.received_bytes += packet->size();
    return Incoming{peer, *std::move(packet)};
  }
}

bool ZmqListener::probe(const Peer& peer) {
  if (zmq_send(socket_->raw(), peer.routing_id.data(), peer.routing_id.size(),
               ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
    return errno != EHOSTUNREACH;
  zmq_send(socket_->raw(), "", 0, ZMQ_DONTWAIT);  // a connection ignores an empty message
  return true;
}

void ZmqListener::probe_suspects() {
  if (suspects_.empty()) return;
  socket_->settle();
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(suspects_, [&](Suspect& s) {
    if (now < s.next) return false;
    const auto it = peers_.find(s.peer);
    if (it == peers_.end()) return true;
    if (!probe(it->second)) {
      lost(s.peer);
      return true;
    }
    s.next = now + s.pause;
    s.pause *= 2;
    return s.pause > 2 * kLastPause;
  });
}

std::optional<PeerKey> ZmqListener::take_lost() {
  while (auto event = socket_->take_event()) {
    if (event->up) continue;
    if (const auto it = by_fd_.find(event->fd); it != by_fd_.end())
      suspects_.push_back({it->second, {}, kFirstPause});
  }
  probe_suspects();
  if (lost_.empty()) return std::nullopt;
  const PeerKey peer = lost_.front();
  lost_.pop_front();
  return peer;
}

}  // namespace jitfarm::net
