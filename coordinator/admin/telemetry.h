// What does the coordinator tell about itself? Called by the relay as things happen; implemented on
// metrics, or by nothing in a simulation.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/protocol/messages.h"

namespace jitfarm::coordinator::admin {

/// State at one moment.
struct Gauges {
  std::size_t clients = 0, workers = 0, worker_slots = 0, queued = 0, in_flight = 0,
              quarantined = 0;
};

/// Does nothing unless overridden. Owner thread of the relay only.
class Telemetry {
 public:
  virtual ~Telemetry() = default;
  virtual void received(std::uint16_t /*type*/, std::size_t /*bytes*/) {}
  virtual void sent(std::uint16_t /*type*/, std::size_t /*bytes*/) {}
  virtual void dropped(Errc /*cause*/) {}  ///< a packet, either way
  virtual void handshake_refused(Errc /*cause*/) {}
  virtual void worker_lost() {}
  virtual void requested() {}
  virtual void retried() {}
  virtual void queue_waited(Duration /*wait*/) {}
  virtual void completed(Duration /*since_arrival*/, std::uint32_t /*waves*/) {}
  virtual void failed(Errc /*cause*/) {}
  virtual void bailed_out(std::string_view /*reason*/) {}  ///< besides failed(bail_out)
  virtual void facts_asked(const protocol::FactQuery&) {}
  virtual void installed(const protocol::InstallReport&) {}
  virtual void gauges(const Gauges&) {}
  virtual std::vector<protocol::MessageCount> messages() const { return {}; }
};

}  // namespace jitfarm::coordinator::admin
