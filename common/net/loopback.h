// How do we test programs against a bad network? In process, on a clock that we move, with faults
// drawn from a seed.
//
// The same seed and the same calls give the same run. Everything belongs to one thread.
#pragma once
#include <cstdint>
#include <memory>
#include <random>

#include "common/base/clock.h"
#include "common/net/transport.h"

namespace jitfarm::net {

/// What the network does to each packet, in each direction.
struct LoopbackFaults {
  Duration delay_min = Duration::zero();
  Duration delay_max =
      Duration::zero();              ///< drawn evenly; unequal delays reorder only when `reorder`
  double loss = 0;                   ///< probability that a packet which was accepted vanishes
  double duplication = 0;            ///< probability that it arrives twice
  bool reorder = false;              ///< else each connection keeps its order, as TCP does
  std::size_t queue_packets = 4096;  ///< per connection and direction; beyond: queue_full
};

class LoopbackNet;

/// The two ends share a net; ends may be destroyed in any order. `stalled` peers accept packets
/// until the queue is full.
class LoopbackConnection : public Connection {
 public:
  /// Cuts the line as a crash does: the listener learns of it by take_lost(), what is under way is
  /// lost. The next send dials again, as a new peer.
  virtual void cut() = 0;
};
class LoopbackListener : public Listener {
 public:
  /// A restart of the program behind it: all connections end.
  virtual void cut_all() = 0;
};

/// A network with any number of listeners.
class LoopbackNet {
 public:
  static std::shared_ptr<LoopbackNet> make(ManualClock& clock, std::uint64_t seed,
                                           LoopbackFaults faults = {});
  virtual ~LoopbackNet() = default;
  virtual std::unique_ptr<LoopbackListener> listen(const std::string& endpoint) = 0;
  /// The listener may come later, as with ZeroMQ.
  virtual std::unique_ptr<LoopbackConnection> connect(const std::string& endpoint) = 0;
  /// When the next packet arrives somewhere; nothing when none is under way. Lets a test move the
  /// clock in steps that matter.
  virtual std::optional<TimePoint> next_arrival() const = 0;
};

}  // namespace jitfarm::net
