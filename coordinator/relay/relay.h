// What does the coordinator do with each message? The whole coordinator but sockets and clock:
// packets and losses in, packets out.
//
// Who speaks is known by the connection alone: a session or worker is bound to the PeerKey that
// said hello, and what an envelope claims must agree with it. Bodies of routed messages are passed
// on as they came; a few small ones are read to be counted.
#pragma once
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "common/protocol/packet.h"
#include "coordinator/admin/status.h"
#include "coordinator/admin/telemetry.h"
#include "coordinator/relay/outbox.h"
#include "coordinator/scheduler/scheduler.h"
#include "coordinator/session/sessions.h"
#include "coordinator/shapes/depot.h"
#include "coordinator/workers/workers.h"

namespace jitfarm::coordinator::relay {

struct RelayOptions {
  session::SessionLimits sessions;
  workers::WorkerLimits workers;
  scheduler::SchedulerLimits scheduler;
  shapes::DepotLimits shapes;
  Duration heartbeat = std::chrono::seconds(2);  ///< a third of the shorter lease: two may be lost
  Duration stalled_pause = std::chrono::milliseconds(
      500);  ///< a worker that did not take a packet gets nothing for so long
  Duration refusal_interval = std::chrono::seconds(1);  ///< a stranger is answered this often
  std::size_t strangers = 4096;  ///< peers without a session that are remembered for that
  protocol::Spoken spoken;
  std::uint64_t epoch = 0;  ///< random, new at every start: see session::Sessions
  std::uint64_t seed = 0;   ///< of the scheduler
};

class Relay {
 public:
  Relay(const RelayOptions& options, Outbox& outbox, admin::Telemetry& telemetry, TimePoint start);

  void receive(Side side, net::PeerKey peer, protocol::Packet packet, TimePoint now);
  /// The transport says that the connection ended.
  void lost(Side side, net::PeerKey peer, TimePoint now);
  /// Leases and deadlines. Call at next_event() or a little later.
  void tick(TimePoint now);
  TimePoint next_event(TimePoint now) const;
  /// Answers every request and says goodbye to every peer; afterwards everything is refused.
  void shut_down(TimePoint now);

  admin::Gauges gauges(TimePoint now) const {
    return admin::gauges(sessions_, workers_, scheduler_, now);
  }
  const scheduler::Scheduler& scheduler() const { return scheduler_; }
  const session::Sessions& sessions() const { return sessions_; }
  const workers::Workers& workers() const { return workers_; }
  const shapes::Depot& shapes() const { return shapes_; }
  bool closed() const { return closed_; }

 private:
  using Session = session::Session;
  using Worker = workers::Worker;
  template <class M>
  using Tag = std::type_identity<M>;

  void from_client(net::PeerKey peer, protocol::Packet packet, TimePoint now);
  void from_worker(net::PeerKey peer, protocol::Packet packet, TimePoint now);
  void hello(Side side, net::PeerKey peer, const protocol::Packet& packet, TimePoint now);

  // One handler for every message that may come from that side: a new message without one does not
  // compile.
  void on(Session& from, protocol::Packet& packet, TimePoint now, Tag<protocol::Hello>);
  void on(Session& from, protocol::Packet& packet, TimePoint now, Tag<protocol::Goodbye>);
  void on(Session& from, protocol::Packet& packet, TimePoint now, Tag<protocol::Heartbeat>);
  void on(Session& from, protocol::Packet& packet, TimePoint now, Tag<protocol::Telemetry>);
  void on(Session& from, protocol::Packet& packet, TimePoint now, Tag<protocol::StatusRequest>);
  void on(Session& from, protocol::Packet& packet, TimePoint now, Tag<protocol::CompileRequest>);
  void on(Session& from, protocol::Packet& packet, TimePoint now, Tag<protocol::FactAnswer>);
  void on(Session& from, protocol::Packet& packet, TimePoint now, Tag<protocol::CancelCompile>);
  void on(Session& from, protocol::Packet& packet, TimePoint now, Tag<protocol::InstallReport>);
  void on(Session& from, protocol::Packet& packet, TimePoint now, Tag<protocol::ClassesUnloaded>);
  void on(Worker& from, protocol::Packet& packet, TimePoint now, Tag<protocol::Hello>);
  void on(Worker& from, protocol::Packet& packet, TimePoint now, Tag<protocol::Goodbye>);
  void on(Worker& from, protocol::Packet& packet, TimePoint now, Tag<protocol::Heartbeat>);
  void on(Worker& from, protocol::Packet& packet, TimePoint now, Tag<protocol::Telemetry>);
  void on(Worker& from, protocol::Packet& packet, TimePoint now, Tag<protocol::StatusRequest>);
  void on(Worker& from, protocol::Packet& packet, TimePoint now, Tag<protocol::FactQuery>);
  void on(Worker& from, protocol::Packet& packet, TimePoint now, Tag<protocol::ShapeQuery>);
  void on(Worker& from, protocol::Packet& packet, TimePoint now, Tag<protocol::CompileResult>);
  void on(Worker& from, protocol::Packet& packet, TimePoint now, Tag<protocol::CompileFailed>);

  void welcome(Side side, net::PeerKey peer, const protocol::Agreement& agreement, std::uint64_t id,
               SessionId session, Duration lease);
  /// At most one refusal per peer and interval, and none for more strangers than are remembered.
  bool may_refuse(Side side, net::PeerKey peer, TimePoint now);
  /// Tells a stranger to say hello.
  void refuse_stranger(Side side, net::PeerKey peer, TimePoint now);
  void refuse(Side side, net::PeerKey peer, const Error& error);
  void end_of_request(Session& session, RequestId request, const Error& error, bool retry_later);
  /// `lost`: it ended without a goodbye.
  void close_session(SessionId id, bool lost, std::string_view why, TimePoint now);
  void close_worker(WorkerId id, bool crashed, std::string_view why, TimePoint now);

  Status send(Side side, net::PeerKey peer, protocol::Packet packet);
  void to_session(Session& session, protocol::Packet packet);
  void to_worker(const Worker& worker, protocol::Packet packet);
  void perform(scheduler::Decisions decisions, TimePoint now);
  void perform(std::vector<shapes::Answer> answers);
  /// Peers that a send found gone: closed here, where nobody holds a pointer to them.
  void bury(TimePoint now);
  void drop(Errc cause) { telemetry_.dropped(cause); }

  RelayOptions options_;
  Outbox& outbox_;
  admin::Telemetry& telemetry_;
  TimePoint started_;
  bool closed_ = false;
  session::Sessions sessions_;
  workers::Workers workers_;
  scheduler::Scheduler scheduler_;
  shapes::Depot shapes_;
  std::map<std::pair<Side, net::PeerKey>, TimePoint> strangers_;  ///< when each was refused last
  std::vector<std::pair<Side, net::PeerKey>> gone_;
  TimePoint next_lease_check_;
  TimePoint next_overview_, window_began_;
};

}  // namespace jitfarm::coordinator::relay
