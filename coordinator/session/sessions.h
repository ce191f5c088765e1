// Which clients are connected, and what is known about each? Agents and operators; a table without
// sockets or clocks.
#pragma once
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/id.h"
#include "common/base/result.h"
#include "common/net/transport.h"
#include "common/protocol/handshake.h"
#include "coordinator/session/figures.h"

namespace jitfarm::coordinator::session {

struct SessionLimits {
  std::size_t sessions = 16'384;  ///< as many as the listener takes peers; about 4 kB each here
  Duration lease =
      std::chrono::seconds(10);  ///< silence after which a client is given up; five heartbeats
};

/// Which requests of a session have arrived: none is compiled or answered twice. The agent counts
/// its requests, so a window below the highest number is enough; what is older is taken for seen,
/// since no packet lives that long.
class SeenRequests {
 public:
  static constexpr std::uint64_t kWindow = 4096;  // 512 bytes a session
  /// False when it was there before.
  bool insert(RequestId request);
  bool contains(RequestId request) const;

 private:
  std::uint64_t highest_ = 0;
  std::bitset<kWindow> seen_;  ///< by number modulo the window
};

struct Session {
  SessionId id;
  net::PeerKey peer;
  protocol::Role role{};
  protocol::Agreement agreement;
  std::string name, build, vm;
  TimePoint since;
  TimePoint last_heard;
  std::uint64_t requested = 0, installed = 0, bailed_out = 0, failed = 0;
  SeenRequests seen;
  std::vector<RequestId> unknown_before;  ///< listed by the last heartbeat and never seen; listed
                                          ///< again, they are answered
  Figures figures;
};

/// Bound to the connection that said hello. One owner; pointers are valid until the session closes.
class Sessions {
 public:
  /// `epoch` differs at every start of the coordinator: workers cache facts by session id, so an id
  /// must never come back with another client behind it.
  Sessions(const SessionLimits& limits, std::uint64_t epoch) : limits_(limits), epoch_(epoch) {}

  /// limit_exceeded when the table is full.
  Result<Session*> open(net::PeerKey peer, const protocol::Hello& hello,
                        protocol::Agreement agreement, TimePoint now);
  Session* find(net::PeerKey peer);
  Session* find(SessionId id);
  void close(SessionId id);
  /// Sessions that have been silent for longer than the lease. Costs as much as there are sessions
  /// whose lease would have ended by now without what they said since: each is looked at once a
  /// lease, not at every call.
  std::vector<SessionId> expired(TimePoint now);

  std::size_t size() const { return sessions_.size(); }
  std::size_t agents() const { return agents_; }
  const std::unordered_map<SessionId, Session>& all() const { return sessions_; }
  /// In no particular order; `f` must not open or close any.
  template <class F>
  void for_each(F f) {
    for (auto& [id, session] : sessions_) f(session);
  }
  const SessionLimits& limits() const { return limits_; }

 private:
  SessionLimits limits_;
  std::uint64_t epoch_;
  std::uint64_t opened_ = 0;
  std::size_t agents_ = 0;
  std::unordered_map<SessionId, Session> sessions_;
  std::unordered_map<net::PeerKey, SessionId> by_peer_;
  /// When each session has to be looked at next: a heap, the earliest first. Entries of closed
  /// sessions go when their time comes.
  std::vector<std::pair<TimePoint, SessionId>> due_;
};

}  // namespace jitfarm::coordinator::session
