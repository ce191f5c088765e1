// How is the lease gained, kept and lost?
#include "worker/link/coordinator_link.h"

#include "common/base/log.h"

namespace jitfarm::worker::link {

using protocol::Packet;

CoordinatorLink::CoordinatorLink(LinkOptions options, Hooks hooks)
    : options_(std::move(options)), hooks_(std::move(hooks)), lease_(options_.lease_default) {}

bool CoordinatorLink::on_packet(const Packet& packet, TimePoint now) {
  last_heard_ = now;
  switch (packet.envelope.type) {
    case protocol::Welcome::kRecord.id:
      on_welcome(packet, now);
      return true;
    case protocol::Refuse::kRecord.id:
      on_refuse(packet, now);
      return true;
    case protocol::HeartbeatAck::kRecord.id:
      return true;
    case protocol::CoordinatorGoodbye::kRecord.id:
      if (state_ == LinkState::joined)
        lose("the coordinator shuts down", now + options_.hello_interval);
      return true;
    default:
      // Before the welcome there is no session that a message could be about.
      return state_ != LinkState::joined;
  }
}

void CoordinatorLink::on_welcome(const Packet& packet, TimePoint now) {
  if (state_ == LinkState::leaving) return;
  const auto welcome = protocol::read<protocol::Welcome>(packet);
  const auto agreement = welcome ? protocol::accept_welcome(*welcome, options_.spoken)
                                 : std::unexpected(welcome.error());
  if (!agreement) {
    spdlog::error("the coordinator's welcome is not accepted: {}", agreement.error().message());
    state_ = LinkState::refused;
    next_send_ = now + options_.refused_interval;
    return;
  }
  // A second welcome answers a hello that was repeated; another id means that the coordinator began
  // anew with us.
  const WorkerId id{welcome->peer};
  if (state_ == LinkState::joined && id == id_) return;
  if (state_ == LinkState::joined && hooks_.lost)
    hooks_.lost("the coordinator gave a new worker id");
  state_ = LinkState::joined;
  id_ = id;
  version_ = agreement->version;
  heartbeat_ = std::chrono::milliseconds(welcome->heartbeat_ms);
  lease_ = std::chrono::milliseconds(welcome->lease_ms);
  spdlog::info("joined as worker {}: heartbeat {} ms, lease {} ms", id.value, welcome->heartbeat_ms,
               welcome->lease_ms);
  if (hooks_.joined) hooks_.joined(id);
  send_heartbeat(now);
}

void CoordinatorLink::on_refuse(const Packet& packet, TimePoint now) {
  const auto refuse = protocol::read<protocol::Refuse>(packet);
  if (!refuse) {
    spdlog::warn("a refusal does not decode: {}", refuse.error().message());
    return;
  }
  const Error error = protocol::refused(*refuse, options_.spoken);
  if (error.code ==
      Errc::unknown_session) {  // it was restarted, or our lease ran out: begin anew at once
    if (state_ == LinkState::joined) lose(error.message(), now);
    return;
  }
  spdlog::error("the coordinator refuses this worker: {}", error.message());
  const bool was_joined = state_ == LinkState::joined;
  state_ = LinkState::refused;
  next_send_ = now + options_.refused_interval;
  if (was_joined && hooks_.lost) hooks_.lost(error.message());
}

void CoordinatorLink::lose(const std::string& why, TimePoint next_hello) {
  spdlog::warn("the coordinator is lost: {}", why);
  state_ = LinkState::greeting;
  next_send_ = next_hello;
  if (hooks_.lost) hooks_.lost(why);
}

TimePoint CoordinatorLink::tick(TimePoint now) {
  if (state_ == LinkState::leaving) return TimePoint::max();
  if (state_ == LinkState::joined && now - last_heard_ >= lease_)
    lose("silent for a whole lease", now);
  if (now >= next_send_) state_ == LinkState::joined ? send_heartbeat(now) : send_hello(now);
  return state_ == LinkState::joined ? std::min(next_send_, last_heard_ + lease_) : next_send_;
}

void CoordinatorLink::send_hello(TimePoint now) {
  next_send_ =
      now + (state_ == LinkState::refused ? options_.refused_interval : options_.hello_interval);
  const bool sent =
      send(protocol::make_packet(protocol::Hello{.role = protocol::Role::worker,
                                                 .version_min = options_.spoken.version_min,
                                                 .version_max = options_.spoken.version_max,
                                                 .capabilities = options_.spoken.capabilities,
                                                 .name = options_.name,
                                                 .build = options_.build,
                                                 .slots = options_.slots,
                                                 .vm = {}},
                                 {.version = protocol::kVersionMin}));
  if (!sent) next_send_ = now + options_.dial_interval;
}

void CoordinatorLink::send_heartbeat(TimePoint now) {
  next_send_ = now + heartbeat_;
  InFlightList list = hooks_.in_flight ? hooks_.in_flight() : InFlightList{};
  send(protocol::make_packet(protocol::Heartbeat{.in_flight = std::move(list.requests),
                                                 .in_flight_sessions = std::move(list.sessions),
                                                 .draining = draining_},
                             {.version = version_}));
  send_telemetry();
}

void CoordinatorLink::send_telemetry() {
  if (!hooks_.telemetry) return;
  if (const auto telemetry = hooks_.telemetry())
    send(protocol::make_packet(*telemetry, {.version = version_}));
}

void CoordinatorLink::drain(TimePoint now) {
  if (draining_) return;
  draining_ = true;
  if (state_ == LinkState::joined) send_heartbeat(now);
}

void CoordinatorLink::leave(const std::string& reason) {
  if (state_ == LinkState::joined) {
    send_telemetry();
    send(protocol::make_packet(protocol::Goodbye{.reason = reason}, {.version = version_}));
  }
  state_ = LinkState::leaving;
}

bool CoordinatorLink::send(Packet packet) {
  // What is refused is repeated at the next interval: hello and heartbeat carry the whole state.
  const Status sent = hooks_.send(std::move(packet));
  if (!sent) spdlog::debug("not sent: {}", sent.error().message());
  return sent.has_value();
}

}  // namespace jitfarm::worker::link
