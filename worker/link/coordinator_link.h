// Does the coordinator know us, and do we still hold its lease? The worker's side of handshake and
// liveness.
//
// A state machine without socket and clock: packets and the time come in, packets and events go
// out. The one rule: while not joined nothing that we do counts, so a lost lease drops all work
// (the coordinator has given it to others).
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/id.h"
#include "common/protocol/handshake.h"
#include "common/protocol/packet.h"

namespace jitfarm::worker::link {

struct LinkOptions {
  std::string name;  ///< host and process, for people
  std::string build;
  std::uint32_t slots = 1;
  protocol::Spoken spoken;
  Duration hello_interval = std::chrono::seconds(1);  // while there is no answer
  Duration dial_interval =
      std::chrono::milliseconds(50);  // while there is no connection to send it on
  Duration refused_interval =
      std::chrono::seconds(5);  // after a refusal: the coordinator may be updated
  Duration lease_default = std::chrono::seconds(10);  // until a welcome says otherwise
};

enum class LinkState : std::uint8_t { greeting, joined, refused, leaving };

struct InFlightList {
  std::vector<RequestId> requests;
  std::vector<SessionId> sessions;  ///< of each, same order
};

class CoordinatorLink {
 public:
  struct Hooks {
    std::function<Status(protocol::Packet)> send;
    std::function<InFlightList()> in_flight;
    std::function<void(WorkerId)> joined = {};
    std::function<void(const std::string& why)> lost =
        {};  ///< drop all work: also before every new greeting
    /// What is sent after a heartbeat, if anything.
    std::function<std::optional<protocol::Telemetry>()> telemetry = {};
  };
  CoordinatorLink(LinkOptions options, Hooks hooks);

  /// True when the packet was for the link. Every packet of the coordinator renews the lease while
  /// joined.
  bool on_packet(const protocol::Packet& packet, TimePoint now);
  /// Sends what is due and notices what is over. Returns when to call again.
  TimePoint tick(TimePoint now);
  /// Tells the coordinator at once that no new work is taken.
  void drain(TimePoint now);
  /// The orderly end; nothing may be in flight any more.
  void leave(const std::string& reason);

  LinkState state() const { return state_; }
  WorkerId id() const { return id_; }

 private:
  void on_welcome(const protocol::Packet& packet, TimePoint now);
  void on_refuse(const protocol::Packet& packet, TimePoint now);
  void lose(const std::string& why, TimePoint next_hello);
  void send_hello(TimePoint now);
  void send_heartbeat(TimePoint now);
  void send_telemetry();
  bool send(protocol::Packet packet);

  const LinkOptions options_;
  const Hooks hooks_;
  LinkState state_ = LinkState::greeting;
  WorkerId id_;
  std::uint16_t version_ = protocol::kVersionMin;
  bool draining_ = false;
  Duration heartbeat_ = std::chrono::seconds(1);
  Duration lease_;
  TimePoint next_send_{};  // of the next hello or heartbeat
  TimePoint last_heard_{};
};

}  // namespace jitfarm::worker::link
