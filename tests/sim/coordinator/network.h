// What happens between the programs of the simulated farm, and when? One queue of events, all
// chance from one generator.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <queue>
#include <random>
#include <set>
#include <vector>

#include "common/base/clock.h"
#include "common/protocol/packet.h"
#include "coordinator/relay/outbox.h"

namespace jitfarm::sim {

using coordinator::relay::Side;
using net::PeerKey;
using protocol::Packet;

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : generator_(seed) {}
  bool happens(double probability) { return probability > 0 && uniform() < probability; }
  double uniform() { return std::uniform_real_distribution<>(0, 1)(generator_); }
  std::uint64_t below(std::uint64_t n) {
    return std::uniform_int_distribution<std::uint64_t>(0, n - 1)(generator_);
  }
  Duration between(Duration min, Duration max) {
    return min + Duration(static_cast<Duration::rep>(uniform() *
                                                     static_cast<double>((max - min).count())));
  }
  /// Mostly short, sometimes long; mean `mean`.
  Duration around(Duration mean) {
    return Duration(static_cast<Duration::rep>(std::exponential_distribution<>(1)(generator_) *
                                               static_cast<double>(mean.count())));
  }

 private:
  std::mt19937_64 generator_;
};

/// Actions in the order of their time; equal times in the order in which they were made.
class Agenda {
 public:
  explicit Agenda(ManualClock& clock) : clock_(clock) {}
  void at(TimePoint time, std::function<void()> action) {
    events_.push({time, made_++, std::move(action)});
  }
  void in(Duration d, std::function<void()> action) { at(clock_.now() + d, std::move(action)); }
  /// Runs the next action; false when there is none before `end`.
  bool step(TimePoint end);
  TimePoint now() const { return clock_.now(); }
  std::uint64_t steps() const { return made_; }

 private:
  struct Event {
    TimePoint time;
    std::uint64_t order;
    std::function<void()> action;
    friend bool operator<(const Event& a, const Event& b) {
      return std::pair(a.time, a.order) > std::pair(b.time, b.order);
    }
  };
  ManualClock& clock_;
  std::priority_queue<Event> events_;
  std::uint64_t made_ = 0;
};

struct NetworkFaults {
  Duration delay_min = std::chrono::microseconds(100);
  Duration delay_max = std::chrono::milliseconds(5);
  double loss = 0;  ///< accepted and never seen again
  double duplication = 0;
  bool reorder = false;
  double unnoticed =
      0;  ///< probability that the end of a connection is not reported to the coordinator
};

/// The program at the far end of a line.
class Endpoint {
 public:
  virtual ~Endpoint() = default;
  virtual void arrived(Packet packet) = 0;
  virtual void disconnected() = 0;  ///< its line ended
};

/// Lines between the coordinator and the others. A line is one connection: it ends when either side
/// does, and never comes back.
class Network {
 public:
  Network(Agenda& agenda, Chance& chance) : agenda_(agenda), chance_(chance) {}

  NetworkFaults faults;
  std::function<void(Side, PeerKey, Packet)> to_coordinator;
  std::function<void(Side, PeerKey)> line_ended;

  /// None while the coordinator is down.
  PeerKey dial(Side side, Endpoint& endpoint);
  void hang_up(PeerKey peer);  ///< by the endpoint; also its crash
  void send_up(PeerKey peer, Packet packet);
  Status send_down(Side side, PeerKey peer, Packet packet);
  void forget(PeerKey peer);  ///< the coordinator's drop(): the line itself stays
  void coordinator_down();    ///< all lines end
  void coordinator_up() { up_ = true; }
  std::size_t under_way() const { return under_way_; }

 private:
  struct Line {
    Side side;
    Endpoint* endpoint;
    TimePoint last_up, last_down;
  };
  void deliver(TimePoint& last, std::function<void()> action);

  Agenda& agenda_;
  Chance& chance_;
  bool up_ = false;
  std::uint64_t next_ = 1;
  std::size_t under_way_ = 0;
  std::map<PeerKey, Line> lines_;
};

}  // namespace jitfarm::sim
