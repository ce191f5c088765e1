#include "tests/sim/coordinator/checker.h"

namespace jitfarm::sim {
namespace {

using namespace std::chrono_literals;
// An answer may be so much later than its deadline: the coordinator's loop sleeps up to 50 ms,
// milliseconds are rounded up.
constexpr Duration kTolerance = 200ms;

}  // namespace

void Checker::violate(const std::string& what) {
  if (violation_.empty())
    violation_ =
        "at " +
        std::to_string(std::chrono::duration<double>(agenda_.now().time_since_epoch()).count()) +
        " s: " + what;
}

void Checker::coordinator_started(const coordinator::relay::RelayOptions& options) {
  ++life_;
  options_ = options;
  peers_.clear();
  open_.clear();
  due_.clear();
  answered_.clear();
}

void Checker::packet_in(const coordinator::relay::Relay& relay, Side side, PeerKey peer,
                        const Packet& packet) {
  if (side != Side::clients || packet.envelope.type != protocol::CompileRequest::kRecord.id) return;
  const auto session = relay.sessions().all().find(packet.envelope.session);
  if (session == relay.sessions().all().end() || session->second.peer != peer) return;
  const Key key{packet.envelope.session, packet.envelope.correlation};
  if (open_.contains(key) || answered_.contains(key)) return;  // the network doubled it
  ++requests;
  const TimePoint due = agenda_.now() +
                        std::min<Duration>(std::chrono::milliseconds(packet.envelope.deadline_ms),
                                           options_.scheduler.deadline_max) +
                        kTolerance;
  open_.emplace(key, due);
  due_.emplace(due, key);
}

void Checker::packet_out(Side side, PeerKey peer, const Packet& packet) {
  const Key key{packet.envelope.session, packet.envelope.correlation};
  const bool result = packet.envelope.type == protocol::CompileResult::kRecord.id;
  const bool failure = packet.envelope.type == protocol::CompileFailed::kRecord.id;
  if (side == Side::clients && packet.envelope.session) {
    const auto owner = peers_.find(packet.envelope.session);
    if (owner != peers_.end() && owner->second != peer)
      violate("a " + std::string(protocol::message_name(packet.envelope.type)) +
              " about the session of client " + std::to_string(owner->second.value) +
              " went to client " + std::to_string(peer.value));
  }
  if (side != Side::clients || (!result && !failure)) return;
  ++(result ? results : failures);
  std::string answer = "compile_result";
  if (failure) {
    const auto read = protocol::read<protocol::CompileFailed>(packet);
    if (!read) return violate("compile_failed does not decode");
    answer = read->error + " (" + read->detail + ")";
    if (read->error == "quarantined") ++quarantines;
    if (read->error == "deadline_passed") ++deadlines;
    if (read->error == "no_worker") ++no_worker;
  }
  if (const auto [first, fresh] = answered_.emplace(key, answer); !fresh)
    return violate("request " + std::to_string(key.second.value) +
                   " was answered twice: " + first->second + ", then " + answer);
  if (const auto it = open_.find(key); it != open_.end()) {
    if (agenda_.now() > it->second)
      violate("request " + std::to_string(key.second.value) + " was answered after its deadline");
    due_.erase({it->second, key});
    open_.erase(it);
  }
}

void Checker::killed(const std::string& method, std::uint64_t coordinator_life) {
  ++kills;
  if (++deaths_[{method, coordinator_life}] > 2)
    violate("method " + method + " cost a third worker");
}

void Checker::look(const coordinator::relay::Relay& relay) {
  const auto& s = relay.scheduler();
  // Lost workers give their requests back to a queue that may be full.
  if (s.queued() + s.in_flight() > options_.scheduler.queued + slots)
    violate("more requests are held than queue and slots take");
  if (s.held_bytes() > options_.scheduler.held_bytes) violate("more bytes are held than the limit");
  if (relay.sessions().size() > options_.sessions.sessions) violate("more sessions than the limit");
  while (!due_.empty() && due_.begin()->first < agenda_.now()) {
    const Key key = due_.begin()->second;
    due_.erase(due_.begin());
    open_.erase(key);
    // A client that left is not answered.
    if (relay.sessions().all().contains(key.first))
      violate("request " + std::to_string(key.second.value) + " was not answered by its deadline");
  }
}

void Checker::at_rest(const coordinator::relay::Relay& relay) {
  const auto& s = relay.scheduler();
  if (s.in_flight() != 0 || s.queued() != 0)
    violate("at the end " + std::to_string(s.in_flight()) + " requests are in flight and " +
            std::to_string(s.queued()) + " queued");
  if (s.held_bytes() != 0)
    violate("at the end " + std::to_string(s.held_bytes()) + " bytes are held");
  for (const auto& [id, w] : relay.workers().all())
    if (s.in_flight_at(id) != 0)
      violate("at the end worker " + std::to_string(id.value) + " is believed to be busy");
}

}  // namespace jitfarm::sim
