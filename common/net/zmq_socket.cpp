#include "common/net/zmq_socket.h"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "common/net/zmq_authenticator.h"
#include "common/protocol/packet.h"

namespace jitfarm::net {
namespace {

// A path that is silent for twelve seconds is dead.
constexpr int kKeepaliveIdleSeconds = 6, kKeepaliveIntervalSeconds = 2, kKeepaliveProbes = 3;

/// What ZeroMQ's I/O thread frees when a frame is written or discarded.
struct Flight {
  std::shared_ptr<const void> owner;
  std::shared_ptr<Credit> credit;
  std::size_t bytes;
  // ZeroMQ hands the frame over in its own lock-free queue; this says so to whoever cannot see into
  // it (ThreadSanitizer).
  std::atomic<bool> taken_off{false};
};
void land(void*, void* hint) {
  auto* flight = static_cast<Flight*>(hint);
  (void)flight->taken_off.load(std::memory_order_acquire);
  if (flight->credit) flight->credit->bytes.fetch_sub(flight->bytes, std::memory_order_relaxed);
  delete flight;
}

/// Wraps a received frame: the bytes stay where ZeroMQ put them.
Blob keep(Frame& frame) {
  auto owner = std::make_shared<Frame>();
  zmq_msg_move(owner->raw(), frame.raw());
  const ByteView view = owner->view();
  return {view, std::move(owner)};
}

bool send_copy(void* socket, ByteView bytes, int flags) {
  zmq_msg_t message;
  if (zmq_msg_init_size(&message, bytes.size()) != 0) return false;
  if (!bytes.empty()) std::memcpy(zmq_msg_data(&message), bytes.data(), bytes.size());
  if (zmq_msg_send(&message, socket, flags) >= 0) return true;
  const int error = errno;
  zmq_msg_close(&message);
  errno = error;
  return false;
}

bool send_shared(void* socket, const Blob& blob, std::shared_ptr<Credit> credit,
                 std::size_t charged, int flags) {
  auto* flight = new Flight{blob.owner(), std::move(credit), charged, {}};
  zmq_msg_t message;
  auto* data = const_cast<std::uint8_t*>(blob.data());  // ZeroMQ only reads a message that it sends
  if (zmq_msg_init_data(&message, data, blob.size(), land, flight) != 0) {
    delete flight;
    return false;
  }
  if (flight->credit) flight->credit->bytes.fetch_add(charged, std::memory_order_relaxed);
  flight->taken_off.store(true, std::memory_order_release);
  if (zmq_msg_send(&message, socket, flags) >= 0) return true;
  const int error = errno;
  zmq_msg_close(&message);  // lands, returns the credit
  errno = error;
  return false;
}

}  // namespace

int milliseconds(Duration d) {
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(d).count();
  return static_cast<int>(std::clamp<std::int64_t>(ms, 0, 1 << 30));
}

std::string last_error(std::string_view what) {
  return std::string(what) + ": " + zmq_strerror(zmq_errno());
}

Status set(void* socket, int option, int value) {
  if (zmq_setsockopt(socket, option, &value, sizeof value) == 0) return {};
  return fail(Errc::bad_configuration, last_error("socket option " + std::to_string(option)));
}
Status set(void* socket, int option, std::string_view value) {
  if (zmq_setsockopt(socket, option, value.data(), value.size()) == 0) return {};
  return fail(Errc::bad_configuration, last_error("socket option " + std::to_string(option)));
}

BlockSignals::BlockSignals() {
  static_assert(sizeof(sigset_t) <= sizeof saved_);
  sigset_t all;
  sigfillset(&all);
  for (const int synchronous : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT})
    sigdelset(&all, synchronous);
  pthread_sigmask(SIG_SETMASK, &all, reinterpret_cast<sigset_t*>(saved_));
}
BlockSignals::~BlockSignals() {
  pthread_sigmask(SIG_SETMASK, reinterpret_cast<sigset_t*>(saved_), nullptr);
}

ZmqContext::ZmqContext(ContextEnd end) : raw_(zmq_ctx_new()), end_(end) {
  // The limit of sockets is about load generators; peers of a listener do not count.
  if (raw_ != nullptr) zmq_ctx_set(raw_, ZMQ_MAX_SOCKETS, 4096);
}
ZmqContext::~ZmqContext() {
  if (raw_ == nullptr || end_ == ContextEnd::leave) {
    authenticator_
        .release();  // NOLINT: its thread lives as long as the context, to the end of the process
    return;
  }
  zmq_ctx_shutdown(raw_);
  authenticator_.reset();
  while (zmq_ctx_term(raw_) != 0 && errno == EINTR) {
  }
}
Result<std::string> ZmqContext::allow(const CurveServer& server) {
  if (!authenticator_) {
    JF_TRY(authenticator_, Authenticator::start(raw_));
  }
  return authenticator_->add(server);
}

Result<std::shared_ptr<ZmqContext>> make_context(ContextEnd end) {
  auto context = std::make_shared<ZmqContext>(end);
  if (context->raw() == nullptr) return fail(Errc::io_failure, last_error("ZeroMQ context"));
  return context;
}

Result<std::unique_ptr<Socket>> Socket::open(int type, const ZmqOptions& options) {
  BlockSignals block;  // the first socket of a context starts its threads
  std::unique_ptr<Socket> s(new Socket);
  s->context_ = options.context;
  if (!s->context_) {
    JF_TRY(s->context_, make_context(options.context_end));
  }
  s->raw_ = zmq_socket(s->context_->raw(), type);
  if (s->raw_ == nullptr) return fail(Errc::io_failure, last_error("ZeroMQ socket"));
  const int packets = static_cast<int>(std::clamp<std::size_t>(options.queue_packets, 1, 1u << 20));
  JF_CHECK_OK(set(s->raw_, ZMQ_LINGER, milliseconds(options.linger)));
  JF_CHECK_OK(set(s->raw_, ZMQ_SNDHWM, packets));
  JF_CHECK_OK(set(s->raw_, ZMQ_RCVHWM, packets));
  JF_CHECK_OK(set(s->raw_, ZMQ_IPV6, 1));
  // Dead paths are found by the kernel's timers at both ends, and by ZMTP heartbeats at the
  // dialling one, which has one connection. ZeroMQ searches its timers from the first for each that
  // it takes back: two timers for each of 10,000 peers took more than a processor. Hence none at
  // the accepting end, and no TTL in a ping, which would make one there.
  JF_CHECK_OK(set(s->raw_, ZMQ_TCP_KEEPALIVE, 1));
  JF_CHECK_OK(set(s->raw_, ZMQ_TCP_KEEPALIVE_IDLE, kKeepaliveIdleSeconds));
  JF_CHECK_OK(set(s->raw_, ZMQ_TCP_KEEPALIVE_INTVL, kKeepaliveIntervalSeconds));
  JF_CHECK_OK(set(s->raw_, ZMQ_TCP_KEEPALIVE_CNT, kKeepaliveProbes));
  if (type == ZMQ_DEALER) {
    JF_CHECK_OK(set(s->raw_, ZMQ_HEARTBEAT_IVL, milliseconds(options.heartbeat_interval)));
    JF_CHECK_OK(set(s->raw_, ZMQ_HEARTBEAT_TIMEOUT, milliseconds(options.heartbeat_timeout)));
  }
  JF_CHECK_OK(set(s->raw_, ZMQ_HANDSHAKE_IVL, milliseconds(options.connect_timeout)));
  const auto frame_max = static_cast<std::int64_t>(options.frame_bytes_max);
  if (zmq_setsockopt(s->raw_, ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max) != 0)
    return fail(Errc::bad_configuration, last_error("ZMQ_MAXMSGSIZE"));

  static std::atomic<std::uint64_t> next_monitor{1};
  const std::string address =
      "inproc://jitfarm-monitor-" + std::to_string(next_monitor.fetch_add(1));
  if (zmq_socket_monitor(s->raw_, address.c_str(),
                         ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED) != 0)
    return fail(Errc::io_failure, last_error("socket monitor"));
  s->monitor_ = zmq_socket(s->context_->raw(), ZMQ_PAIR);
  if (s->monitor_ == nullptr) return fail(Errc::io_failure, last_error("ZeroMQ socket"));
  JF_CHECK_OK(set(s->monitor_, ZMQ_LINGER, 0));
  // Unbounded on purpose: the I/O thread blocks on a full monitor. Two events a connection, drained
  // at every turn of the owner.
  JF_CHECK_OK(set(s->monitor_, ZMQ_RCVHWM, 0));
  if (zmq_connect(s->monitor_, address.c_str()) != 0)
    return fail(Errc::io_failure, last_error("socket monitor"));
  return s;
}
Socket::~Socket() {
  if (raw_ != nullptr) {
    zmq_socket_monitor(raw_, nullptr, 0);
    zmq_close(raw_);
  }
  if (monitor_ != nullptr) zmq_close(monitor_);
}

std::optional<ConnectionEvent> Socket::take_event() {
  Frame event;
  if (zmq_msg_recv(event.raw(), monitor_, ZMQ_DONTWAIT) < 0) return std::nullopt;
  std::uint16_t kind = 0;
  std::int32_t value = 0;
  if (event.view().size() >= 6) {
    std::memcpy(&kind, event.view().data(), sizeof kind);
    std::memcpy(&value, event.view().data() + 2, sizeof value);
  }
  for (bool more = event.more(); more;) {
    Frame address;
    if (zmq_msg_recv(address.raw(), monitor_, ZMQ_DONTWAIT) < 0) break;
    more = address.more();
  }
  return ConnectionEvent{kind == ZMQ_EVENT_HANDSHAKE_SUCCEEDED, value};
}

void Socket::settle() {
  int events = 0;
  std::size_t size = sizeof events;
  zmq_getsockopt(raw_, ZMQ_EVENTS, &events, &size);
}

bool send_packet(void* socket, const protocol::Packet& packet,
                 const std::shared_ptr<Credit>& credit) {
  const std::vector<Blob> frames = protocol::to_frames(packet);
  if (!send_copy(socket, frames[0].view(), ZMQ_DONTWAIT | ZMQ_SNDMORE)) return false;
  // The body's frame carries the charge of the whole packet.
  for (std::size_t i = 1; i < frames.size(); ++i)
    send_shared(socket, frames[i], i == 1 ? credit : nullptr, i == 1 ? packet.size() : 0,
                ZMQ_DONTWAIT | (i + 1 < frames.size() ? ZMQ_SNDMORE : 0));
  return true;
}

Result<protocol::Packet> receive_packet(void* socket, Frame& first, std::size_t frames_max) {
  std::vector<Blob> frames;
  std::size_t count = 1;
  bool more = first.more();
  frames.push_back(keep(first));
  while (more) {
    Frame frame;
    if (zmq_msg_recv(frame.raw(), socket, ZMQ_DONTWAIT) < 0)
      break;  // cannot be: a message arrives whole
    more = frame.more();
    if (++count <= frames_max) frames.push_back(keep(frame));  // the surplus is read and not kept
  }
  if (count > frames_max)
    return fail(Errc::limit_exceeded,
                std::to_string(count) + " frames, at most " + std::to_string(frames_max));
  return protocol::from_frames(std::move(frames));
}

}  // namespace jitfarm::net
