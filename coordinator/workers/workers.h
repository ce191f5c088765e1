// Which workers are registered, and do they live? A table without sockets or clocks; load and
// placement are the scheduler's.
#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/clock.h"
#include "common/base/id.h"
#include "common/base/result.h"
#include "common/net/transport.h"
#include "common/protocol/handshake.h"

namespace jitfarm::coordinator::workers {

struct WorkerLimits {
  std::size_t workers = 1024;  ///< placement looks at each of them: some microseconds at this size
  std::uint32_t slots = 4096;  ///< of one worker; what it says beyond is cut
  Duration lease = std::chrono::seconds(
      6);  ///< shorter than a client's: its requests wait for somebody else meanwhile
};

struct Worker {
  WorkerId id;
  net::PeerKey peer;
  protocol::Agreement agreement;
  std::string name, build;
  std::uint32_t slots = 1;
  bool draining = false;
  TimePoint since;
  TimePoint last_heard;
  std::uint64_t completed = 0, bailed_out = 0, failed = 0;
  // what it told
  std::uint64_t telemetry_sequence = 0;
  std::uint32_t sessions = 0;
  std::uint64_t memory_bytes = 0;
};

/// Bound to the connection that said hello. One owner; pointers are valid until the worker is
/// removed.
class Workers {
 public:
  explicit Workers(const WorkerLimits& limits) : limits_(limits) {}

  /// limit_exceeded when the table is full.
  Result<Worker*> join(net::PeerKey peer, const protocol::Hello& hello,
                       protocol::Agreement agreement, TimePoint now);
  Worker* find(net::PeerKey peer);
  Worker* find(WorkerId id);
  void remove(WorkerId id);
  std::vector<WorkerId> expired(TimePoint now) const;

  std::size_t size() const { return workers_.size(); }
  /// Slots of the workers that take new work.
  std::size_t open_slots() const;
  const std::unordered_map<WorkerId, Worker>& all() const { return workers_; }
  const WorkerLimits& limits() const { return limits_; }

 private:
  WorkerLimits limits_;
  std::uint64_t joined_ = 0;
  std::unordered_map<WorkerId, Worker> workers_;
  std::unordered_map<net::PeerKey, WorkerId> by_peer_;
};

}  // namespace jitfarm::coordinator::workers
