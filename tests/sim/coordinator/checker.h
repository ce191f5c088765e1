// What must be true of every run? Looks at what goes into and comes out of the coordinator, and
// knows nothing of how it works.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "coordinator/relay/relay.h"
#include "tests/sim/coordinator/network.h"

namespace jitfarm::sim {

/// The first broken promise is kept, with its time; later ones follow from it.
class Checker {
 public:
  explicit Checker(Agenda& agenda) : agenda_(agenda) {}

  const std::string& violation() const { return violation_; }
  void violate(const std::string& what);

  /// The coordinator begins (again): nothing of the former one counts.
  void coordinator_started(const coordinator::relay::RelayOptions& options);
  void session_opened(PeerKey peer, SessionId session) { peers_[session] = peer; }
  void packet_in(const coordinator::relay::Relay& relay, Side side, PeerKey peer,
                 const Packet& packet);
  void packet_out(Side side, PeerKey peer, const Packet& packet);
  /// A worker died of this method, which this life of the coordinator had sent to it.
  void killed(const std::string& method, std::uint64_t coordinator_life);
  /// After every event of the coordinator.
  void look(const coordinator::relay::Relay& relay);
  /// At the end of a run that was left to calm down.
  void at_rest(const coordinator::relay::Relay& relay);

  std::uint64_t life() const { return life_; }
  std::size_t slots = 0;  ///< that may be in use at once, counting each worker's former self that
                          ///< is still believed to live
  // For the report of a run: a simulation in which nothing happens proves nothing.
  std::uint64_t requests = 0, results = 0, failures = 0, kills = 0, quarantines = 0,
                retries_seen = 0, deadlines = 0, no_worker = 0;

 private:
  using Key = std::pair<SessionId, RequestId>;
  Agenda& agenda_;
  std::string violation_;
  std::uint64_t life_ = 0;
  coordinator::relay::RelayOptions options_;
  std::map<SessionId, PeerKey> peers_;
  std::map<Key, TimePoint> open_;  ///< delivered requests and when their answer is due
  std::set<std::pair<TimePoint, Key>> due_;
  std::map<Key, std::string> answered_;  ///< and how
  std::map<std::pair<std::string, std::uint64_t>, int> deaths_;
};

}  // namespace jitfarm::sim
