#include "tests/sim/coordinator/network.h"

#include <algorithm>

namespace jitfarm::sim {

bool Agenda::step(TimePoint end) {
  if (events_.empty() || events_.top().time > end) return false;
  auto action = std::move(const_cast<Event&>(events_.top()).action);
  const TimePoint time = events_.top().time;
  events_.pop();
  if (time > clock_.now()) clock_.advance(time - clock_.now());
  action();
  return true;
}

PeerKey Network::dial(Side side, Endpoint& endpoint) {
  if (!up_) return {};
  const PeerKey peer{next_++};
  lines_.emplace(peer, Line{side, &endpoint, {}, {}});
  return peer;
}

void Network::deliver(TimePoint& last, std::function<void()> action) {
  if (chance_.happens(faults.loss)) return;
  for (int copies = chance_.happens(faults.duplication) ? 2 : 1; copies > 0; --copies) {
    TimePoint at = agenda_.now() + chance_.between(faults.delay_min, faults.delay_max);
    if (!faults.reorder) at = std::max(at, last);
    last = std::max(last, at);
    ++under_way_;
    agenda_.at(at, [this, action] {
      --under_way_;
      action();
    });
  }
}

void Network::send_up(PeerKey peer, Packet packet) {
  const auto it = lines_.find(peer);
  if (it == lines_.end()) return;
  deliver(it->second.last_up, [this, peer, side = it->second.side, packet = std::move(packet)] {
    if (up_ && lines_.contains(peer)) to_coordinator(side, peer, packet);
  });
}

Status Network::send_down(Side side, PeerKey peer, Packet packet) {
  const auto it = lines_.find(peer);
  if (it == lines_.end() || it->second.side != side) return fail(Errc::peer_unreachable);
  deliver(it->second.last_down, [this, peer, packet = std::move(packet)] {
    if (const auto line = lines_.find(peer); line != lines_.end())
      line->second.endpoint->arrived(packet);
  });
  return {};
}

void Network::hang_up(PeerKey peer) {
  const auto it = lines_.find(peer);
  if (it == lines_.end()) return;
  const Side side = it->second.side;
  // What was sent before the end may still arrive, or not.
  const bool noticed = !chance_.happens(faults.unnoticed);
  agenda_.in(faults.delay_max, [this, peer, side, noticed] {
    if (lines_.erase(peer) != 0 && noticed && up_) line_ended(side, peer);
  });
  it->second.endpoint = nullptr;
  static struct Nobody final : Endpoint {
    void arrived(Packet) override {}
    void disconnected() override {}
  } nobody;
  it->second.endpoint = &nobody;
}

void Network::forget(PeerKey) {}

void Network::coordinator_down() {
  up_ = false;
  const auto ended = std::exchange(lines_, {});
  for (const auto& [peer, line] : ended) line.endpoint->disconnected();
}

}  // namespace jitfarm::sim
