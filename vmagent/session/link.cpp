#include "vmagent/session/link.h"

#include <algorithm>

#include "common/protocol/handshake.h"
#include "common/protocol/packet.h"
#include "common/base/log_ids.h"
#include "vmagent/log/log.h"

namespace jitfarm::vmagent::session {

namespace {

protocol::Spoken spoken(const protocol::Hello& hello) {
  return {hello.version_min, hello.version_max, hello.capabilities};
}

void count(stats::Traffic* table, const protocol::Packet& packet) {
  if (packet.envelope.type >= stats::kMessagesMax) return;
  table[packet.envelope.type].count.fetch_add(1, std::memory_order_relaxed);
  table[packet.envelope.type].bytes.fetch_add(packet.size(), std::memory_order_relaxed);
}

}  // namespace

Link::Link(net::Connection& connection, protocol::Hello hello, const LinkPolicy& policy,
           std::uint64_t seed, stats::Layout& stats, Events events)
    : connection_(connection),
      hello_(std::move(hello)),
      policy_(policy),
      random_(static_cast<std::minstd_rand::result_type>(seed)),
      stats_(stats),
      events_(std::move(events)) {}

Status Link::transmit(protocol::Packet packet) {
  const auto type = packet.envelope.type;
  protocol::Packet counted{packet.envelope, packet.body, packet.blobs};
  Status status = connection_.send(std::move(packet));
  if (status)
    count(stats_.sent, counted);
  else
    JF_AGENT_LOG(debug, "message {} was not sent: {}", protocol::message_name(type),
                 status.error().message());
  return status;
}

void Link::open(TimePoint now) {
  if (state_ == State::idle) greet(now);
}

void Link::greet(TimePoint now) {
  session_ = {};
  state_ = State::greeting;
  hello_sent_ = false;
  say_hello(now);
}

/// Without a connection there is nothing to wait for but the connection.
void Link::say_hello(TimePoint now) {
  hello_sent_ =
      transmit(protocol::make_packet(hello_, {.version = protocol::kVersionMin})).has_value();
  timer_ = hello_sent_ ? now + policy_.hello_timeout : TimePoint::max();
}

void Link::end_waiters(const Error& why) {
  auto waiters = std::exchange(waiters_, {});
  for (auto& [request, waiter] : waiters) waiter->on_lost(why);
}

void Link::lose(Error why, TimePoint now, Duration backoff) {
  JF_AGENT_LOG(info, "no session: {}", why.message());
  end_waiters(why);
  session_ = {};
  state_ = State::waiting;
  const auto jitter = std::uniform_int_distribution<Duration::rep>(0, backoff.count() / 2)(random_);
  timer_ = now + backoff + Duration(jitter);
  events_.lost(why);
}

void Link::close(const std::string& reason) {
  if (state_ == State::established)
    (void)send(protocol::make_packet(protocol::Goodbye{.reason = reason}));
  end_waiters({Errc::cancelled, reason});
  session_ = {};
  state_ = State::idle;
}

Status Link::send(protocol::Packet packet) {
  if (state_ != State::established) return fail(Errc::peer_unreachable, "no session");
  packet.envelope.version = version_;
  packet.envelope.session = session_;
  return transmit(std::move(packet));
}

Status Link::submit(RequestId request, protocol::Packet packet, Waiter& waiter) {
  if (waiters_.size() >= policy_.in_flight_max)
    return fail(Errc::queue_full, "compilations in flight");
  JF_CHECK_OK(send(std::move(packet)));
  waiters_[request] = &waiter;
  return {};
}

void Link::drop(RequestId request) { waiters_.erase(request); }

void Link::run(TimePoint now) {
  while (auto packet = connection_.receive()) {
    count(stats_.received, *packet);
    handle(*packet, now);
  }
  switch (state_) {
    case State::idle:
      break;
    case State::greeting:
      if (!hello_sent_) {
        if (connection_.connected()) say_hello(now);
      } else if (now >= timer_) {
        backoff_ = std::clamp(backoff_ * 2, policy_.backoff_min, policy_.backoff_max);
        lose({Errc::peer_unreachable, "the coordinator does not answer"}, now, backoff_);
      }
      break;
    case State::waiting:
      if (now >= timer_) greet(now);
      break;
    case State::established:
      if (!connection_.connected())
        lose({Errc::peer_unreachable, "the connection is lost"}, now, policy_.backoff_min);
      else if (now >= lease_until_)
        lose({Errc::peer_unreachable, "the coordinator has been silent for a whole lease"}, now,
             policy_.backoff_min);
      else if (now >= heartbeat_at_)
        heartbeat(now);
      break;
  }
}

TimePoint Link::next_run() const {
  switch (state_) {
    case State::idle:
      return TimePoint::max();
    case State::greeting:
    case State::waiting:
      return timer_;
    case State::established:
      return std::min(heartbeat_at_, lease_until_);
  }
  return TimePoint::max();
}

void Link::heartbeat(TimePoint now) {
  heartbeat_at_ = now + heartbeat_every_;
  protocol::Heartbeat beat;
  beat.in_flight.reserve(waiters_.size());
  for (const auto& [request, waiter] : waiters_) beat.in_flight.push_back(request);
  std::ranges::sort(beat.in_flight);
  (void)send(protocol::make_packet(beat));  // the lease notices when none arrives
}

void Link::handle(const protocol::Packet& packet, TimePoint now) {
  const auto type = packet.envelope.type;
  if (type == protocol::Refuse::kRecord.id) return handle_refusal(packet, now);
  if (state_ == State::greeting && type == protocol::Welcome::kRecord.id) {
    auto welcome = protocol::read<protocol::Welcome>(packet);
    if (!welcome) return lose(welcome.error(), now, policy_.backoff_max);
    auto agreed = protocol::accept_welcome(*welcome, spoken(hello_));
    if (!agreed) return lose(agreed.error(), now, policy_.refused_backoff);
    if (welcome->peer == 0 || welcome->lease_ms == 0)
      return lose({Errc::malformed_frame, "a welcome without session or lease"}, now,
                  policy_.backoff_max);
    version_ = agreed->version;
    session_ = SessionId{welcome->peer};
    lease_ = std::chrono::milliseconds(welcome->lease_ms);
    // At least three heartbeats fit in a lease, whatever the coordinator says.
    heartbeat_every_ = std::clamp<Duration>(std::chrono::milliseconds(welcome->heartbeat_ms),
                                            policy_.heartbeat_min,
                                            std::max<Duration>(policy_.heartbeat_min, lease_ / 3));
    lease_until_ = now + lease_;
    heartbeat_at_ = now + heartbeat_every_;
    backoff_ = {};
    state_ = State::established;
    stats_.sessions.fetch_add(1, std::memory_order_relaxed);
    const LogAbout about(session_);
    JF_AGENT_LOG(info, "session established");
    events_.established(session_);
    return;
  }
  if (state_ != State::established || packet.envelope.session != session_) {
    const LogAbout about(packet.envelope.session, packet.envelope.correlation);
    JF_AGENT_LOG(debug, "message {} is of another session and dropped",
                 protocol::message_name(type));
    return;
  }
  handle_in_session(packet, now);
}

void Link::handle_refusal(const protocol::Packet& packet, TimePoint now) {
  if (state_ != State::greeting && state_ != State::established) return;
  // One that concerns an earlier session came late.
  if (state_ == State::established && packet.envelope.session &&
      packet.envelope.session != session_)
    return;
  auto refuse = protocol::read<protocol::Refuse>(packet);
  if (!refuse) return lose(refuse.error(), now, policy_.backoff_max);
  Error why = protocol::refused(*refuse, spoken(hello_));
  const bool curable = why.code == Errc::unknown_session || state_ == State::established;
  lose(std::move(why), now, curable ? policy_.backoff_min : policy_.refused_backoff);
}

template <class M, class Deliver>
void Link::deliver(const protocol::Packet& packet, bool last, Deliver deliver) {
  auto message = protocol::read<M>(packet);
  if (!message) {
    // The envelope may still say whose answer it was: then its waiter need not wait for its
    // deadline.
    JF_AGENT_LOG(warn, "malformed {}: {}", M::kRecord.name, message.error().message());
    if (auto it = waiters_.find(packet.envelope.correlation); it != waiters_.end()) {
      Waiter* waiter = it->second;
      waiters_.erase(it);
      waiter->on_lost(message.error());
    }
    return;
  }
  auto it = waiters_.find(message->request);
  if (it == waiters_.end()) return;  // too late, or twice
  Waiter* waiter = it->second;
  if (last) waiters_.erase(it);
  deliver(*waiter, std::move(*message));
}

void Link::handle_in_session(const protocol::Packet& packet, TimePoint now) {
  const LogAbout about(session_, packet.envelope.correlation);
  lease_until_ = now + lease_;  // whatever arrives in the session proves that the coordinator lives
  switch (packet.envelope.type) {
    case protocol::HeartbeatAck::kRecord.id:
      break;
    case protocol::FactQuery::kRecord.id:
      deliver<protocol::FactQuery>(packet, false,
                                   [](Waiter& w, auto m) { w.on_query(std::move(m)); });
      break;
    case protocol::CompileResult::kRecord.id:
      deliver<protocol::CompileResult>(packet, true,
                                       [](Waiter& w, auto m) { w.on_result(std::move(m)); });
      break;
    case protocol::CompileFailed::kRecord.id:
      deliver<protocol::CompileFailed>(packet, true,
                                       [](Waiter& w, auto m) { w.on_failed(std::move(m)); });
      break;
    case protocol::CoordinatorGoodbye::kRecord.id:
      lose({Errc::peer_unreachable, "the coordinator shuts down"}, now, policy_.backoff_min * 5);
      break;
    default:
      JF_AGENT_LOG(warn, "message {} has no meaning for an agent",
                   protocol::message_name(packet.envelope.type));
      break;
  }
}

}  // namespace jitfarm::vmagent::session
