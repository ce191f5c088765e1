#include "common/net/zmq_connection.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <random>

#include "common/base/log.h"

namespace jitfarm::net {

Result<std::unique_ptr<ZmqConnection>> ZmqConnection::open(const std::string& endpoint,
                                                           const ZmqOptions& options) {
  std::unique_ptr<ZmqConnection> c(new ZmqConnection);
  c->endpoint_ = endpoint;
  c->queue_bytes_ = options.queue_bytes;
  c->frames_max_ = options.frames_max;
  c->on_dropped_ = options.on_dropped;
  c->wake_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (c->wake_fd_ < 0) return fail(Errc::io_failure, last_error("eventfd"));
  JF_TRY(c->socket_, Socket::open(ZMQ_DEALER, options));
  void* raw = c->socket_->raw();
  // Without a connection a packet is refused instead of kept for a coordinator that may never come.
  JF_CHECK_OK(set(raw, ZMQ_IMMEDIATE, 1));
  JF_CHECK_OK(set(raw, ZMQ_CONNECT_TIMEOUT, milliseconds(options.connect_timeout)));
  const int min = std::max(1, milliseconds(options.reconnect_min));
  // ZeroMQ adds up to one interval of its own; this spreads clients that were started or cut off in
  // the same instant.
  std::random_device entropy;
  const int jitter = static_cast<int>(entropy() % static_cast<unsigned>(min));
  JF_CHECK_OK(set(raw, ZMQ_RECONNECT_IVL, min + jitter));
  JF_CHECK_OK(
      set(raw, ZMQ_RECONNECT_IVL_MAX, std::max(min + jitter, milliseconds(options.reconnect_max))));
  if (options.curve_client) {
    JF_CHECK_OK(set(raw, ZMQ_CURVE_SERVERKEY, options.curve_client->server_key));
    JF_CHECK_OK(set(raw, ZMQ_CURVE_PUBLICKEY, options.curve_client->own.public_key));
    JF_CHECK_OK(set(raw, ZMQ_CURVE_SECRETKEY, options.curve_client->own.secret_key));
  }
  if (zmq_connect(raw, endpoint.c_str()) != 0)
    return fail(Errc::bad_configuration, last_error(endpoint));
  return c;
}

ZmqConnection::~ZmqConnection() {
  socket_.reset();
  if (wake_fd_ >= 0) close(wake_fd_);
}

void ZmqConnection::take_events() {
  while (auto event = socket_->take_event()) up_ = event->up;
}

Status ZmqConnection::send(protocol::Packet packet) {
  const std::size_t bytes = packet.size();
  take_events();
  if (!up_) {  // ZeroMQ would still take packets for a moment, and lose them
    ++counters_.refused_unreachable;
    return fail(Errc::peer_unreachable, endpoint_);
  }
  // One packet may always be under way, whatever its size: the frame limit of the peer judges it.
  const std::size_t under_way = credit_->bytes.load(std::memory_order_relaxed);
  const bool full = under_way != 0 && under_way + bytes > queue_bytes_;
  if (full || !send_packet(socket_->raw(), packet, credit_)) {
    if (!full && errno != EAGAIN) return fail(Errc::io_failure, last_error(endpoint_));
    ++counters_.refused_full;
    return fail(Errc::queue_full, endpoint_);
  }
  ++counters_.sent;
  counters_.sent_bytes += bytes;
  return {};
}

std::optional<protocol::Packet> ZmqConnection::receive() {
  take_events();
  for (;;) {
    Frame first;
    if (zmq_msg_recv(first.raw(), socket_->raw(), ZMQ_DONTWAIT) < 0) {
      if (errno == EINTR) continue;
      return std::nullopt;
    }
    if (first.view().empty() && !first.more())
      continue;  // the listener asks whether the connection is still there
    auto packet = receive_packet(socket_->raw(), first, frames_max_);
    if (packet) {
      ++counters_.received;
      counters_.received_bytes += packet->size();
      return *std::move(packet);
    }
    ++counters_.malformed;
    if (std::exchange(reported_, true)) continue;
    const std::string what = endpoint_ + ": a packet was dropped: " + packet.error().message();
    if (on_dropped_)
      on_dropped_(what);
    else
      spdlog::warn(what);
  }
}

void ZmqConnection::wait(Duration timeout) {
  std::array<zmq_pollitem_t, 3> items{{{socket_->raw(), 0, ZMQ_POLLIN, 0},
                                       {socket_->monitor(), 0, ZMQ_POLLIN, 0},
                                       {nullptr, wake_fd_, ZMQ_POLLIN, 0}}};
  zmq_poll(items.data(), static_cast<int>(items.size()), milliseconds(timeout));
  std::uint64_t ignored;
  while (read(wake_fd_, &ignored, sizeof ignored) > 0) {
  }
  take_events();
}

void ZmqConnection::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written =
      write(wake_fd_, &one, sizeof one);  // EAGAIN: it is awake already
}

}  // namespace jitfarm::net
