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
#include "coordinator/admin/figures.h"
#include "coordinator/shapes/depot.h"

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
  virtual void session_opened(protocol::Role /*role*/) {}
  virtual void client_lost() {}
  virtual void worker_lost() {}
  virtual void requested() {}
  virtual void retried() {}
  virtual void queue_waited(Duration /*wait*/) {}
  virtual void completed(Duration /*since_arrival*/, std::uint32_t /*waves*/) {}
  virtual void failed(Errc /*cause*/) {}
  virtual void bailed_out(std::string_view /*reason*/) {}  ///< besides failed(bail_out)
  virtual void facts_asked(const protocol::FactQuery&) {}
  virtual void facts_answered(const FactWait&) {}
  /// A message of this type has been answered.
  virtual void waited(std::uint16_t /*type*/, Duration /*wait*/) {}
  virtual void installed(const protocol::InstallReport&) {}
  virtual void agent_told(const protocol::Telemetry&) {}
  virtual void worker_told(const protocol::Telemetry&) {}
  virtual void backlog_cleared(Duration /*since_start*/) {}
  virtual void gauges(const Gauges&) {}
  virtual void shapes(const shapes::Depot::Counts&) {}
  virtual void overview(const Overview&) {}
  virtual void top_clients(const TopClients&) {}
  virtual std::vector<protocol::MessageCount> messages() const { return {}; }
  virtual std::vector<protocol::KindCount> kinds() const { return {}; }
  virtual std::uint64_t requests() const { return 0; }
  virtual std::uint64_t results() const { return 0; }
};

}  // namespace jitfarm::coordinator::admin
