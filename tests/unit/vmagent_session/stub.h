// A coordinator that does what a test says.
#pragma once
#include <functional>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "common/net/loopback.h"
#include "common/protocol/packet.h"

namespace jitfarm::vmagent::session {

struct CoordinatorStub {
  explicit CoordinatorStub(std::unique_ptr<net::LoopbackListener> l) : listener(std::move(l)) {}

  std::unique_ptr<net::LoopbackListener> listener;
  std::uint64_t next_session = 1;
  std::uint32_t heartbeat_ms = 100, lease_ms = 1000;
  bool mute = false;  ///< hears, says nothing
  int hellos = 0, heartbeats = 0, goodbyes = 0, cancels = 0;
  std::vector<protocol::Packet> requests;
  std::vector<protocol::FactAnswer> answers;
  /// Called for every compile request; `send` goes back to its client.
  using Send = std::function<void(protocol::Packet)>;
  std::function<void(const protocol::CompileRequest&, const Send&)> on_request;
  std::function<void(const protocol::FactAnswer&, const Send&)> on_answer;
  net::PeerKey last_peer;
  std::set<net::PeerKey> known;  ///< peers that said hello
  SessionId session{};

  void run() {
    while (auto in = listener->receive()) {
      last_peer = in->peer;
      const auto type = in->packet.envelope.type;
      const Send send = [this, peer = in->peer,
                         session_of = in->packet.envelope.session](protocol::Packet p) {
        p.envelope.session = session_of;
        (void)listener->send(peer, std::move(p));
      };
      if (type == protocol::Hello::kRecord.id) {
        ++hellos;
        if (mute) continue;
        known.insert(in->peer);
        session = SessionId{next_session++};
        (void)listener->send(
            in->peer, protocol::make_packet(protocol::Welcome{.version = protocol::kVersionMax,
                                                              .peer = session.value,
                                                              .heartbeat_ms = heartbeat_ms,
                                                              .lease_ms = lease_ms},
                                            {.session = session}));
      } else if (!known.contains(in->peer)) {
        if (!mute)
          send(protocol::make_packet(protocol::Refuse{.code = "unknown_session",
                                                      .reason = "say hello",
                                                      .version_min = protocol::kVersionMin,
                                                      .version_max = protocol::kVersionMax}));
      } else if (type == protocol::Heartbeat::kRecord.id) {
        ++heartbeats;
        if (!mute) send(protocol::make_packet(protocol::HeartbeatAck{}));
      } else if (type == protocol::Goodbye::kRecord.id) {
        ++goodbyes;
      } else if (type == protocol::CancelCompile::kRecord.id) {
        ++cancels;
      } else if (type == protocol::CompileRequest::kRecord.id) {
        requests.push_back(in->packet);
        auto request = protocol::read<protocol::CompileRequest>(in->packet);
        if (request && on_request && !mute) on_request(*request, send);
      } else if (type == protocol::FactAnswer::kRecord.id) {
        auto answer = protocol::read<protocol::FactAnswer>(in->packet);
        if (answer && on_answer && !mute) on_answer(*answer, send);
        if (answer) answers.push_back(std::move(*answer));
      }
    }
  }
};

}  // namespace jitfarm::vmagent::session
