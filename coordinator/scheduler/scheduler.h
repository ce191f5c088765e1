// Which worker gets which request, and what becomes of every request? Events in, decisions out; no
// sockets, no clock.
//
// Promises, checked by tests/sim:
//   - every request that was submitted is answered or completed exactly once, at its deadline at
//   the latest;
//   - a late or repeated answer of a worker finds no request and is dropped;
//   - a request is lost with at most two workers, a method costs at most two (method_ledger.h);
//   - memory is bounded by the limits below; a client's queue never delays another client by more
//   than its turn.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "coordinator/scheduler/fair_queue.h"
#include "coordinator/scheduler/job.h"
#include "coordinator/scheduler/method_ledger.h"
#include "coordinator/scheduler/placement.h"

namespace jitfarm::coordinator::scheduler {

struct SchedulerLimits {
  std::size_t queued_per_client =
      512;  ///< an agent waits with a few compiler threads; more are remembered methods
  std::size_t queued = 16'384;          ///< all clients
  std::size_t held_bytes = 512u << 20;  ///< packets of all requests, kept for a second worker
  Duration deadline_default = std::chrono::seconds(30);  ///< of a request that names none
  Duration deadline_max =
      std::chrono::seconds(120);  ///< longer ones are cut: nobody holds a slot for ever
  Duration worker_grace =
      std::chrono::seconds(2);  ///< after start, requests wait this long for the first worker
  Duration report_grace = std::chrono::seconds(
      4);  ///< a worker may not have heard of a request for so long; two heartbeats
  Duration stuck = std::chrono::seconds(
      30);                  ///< a worker that leaves with an attempt so old leaves because of it
  std::uint8_t losses = 2;  ///< workers lost under one request
  std::uint8_t dispatches = 4;  ///< of one request, lost packets included
  double random_moves = 0;      ///< probability of placing without regard to affinity; for tests of
                                ///< "placement never matters"
  LedgerLimits ledger;
};

// ---- decisions ----------------------------------------------------------------------------------

/// Send the request to the worker. The packet shares the job's memory.
struct Dispatch {
  WorkerId worker;
  JobKey key;
  protocol::Packet packet;
  Duration time_left;
  Duration waited;
  bool retry;
};
/// Tell the client that there will be no code.
struct Answer {
  JobKey key;
  Error error;
  bool retry_later;
};
/// Tell the worker that nobody waits for this.
struct CancelAt {
  WorkerId worker;
  JobKey key;
};
using Decision = std::variant<Dispatch, Answer, CancelAt>;
using Decisions = std::vector<Decision>;

// ---- the machine --------------------------------------------------------------------------------

class Scheduler {
 public:
  Scheduler(const SchedulerLimits& limits, TimePoint start, std::uint64_t seed)
      : limits_(limits), started_(start), ledger_(limits.ledger), random_(seed) {}

  void worker_joined(WorkerId worker, std::uint32_t slots, TimePoint now, Decisions& out);
  void worker_draining(WorkerId worker, TimePoint now, Decisions& out);
  /// `crashed`: it ended without a goodbye, so what it held is under suspicion (after a goodbye
  /// only what was stuck). Its requests go elsewhere.
  void worker_gone(WorkerId worker, bool crashed, TimePoint now, Decisions& out);
  /// The worker did not take a dispatch (its queue is full): the request goes back, the worker gets
  /// nothing until `until`.
  void not_delivered(WorkerId worker, JobKey key, TimePoint until, TimePoint now, Decisions& out);
  /// What the worker says it works on. Requests that it never heard of are sent again, those nobody
  /// waits for are cancelled.
  void worker_reports(WorkerId worker, std::span<const JobKey> in_flight, TimePoint now,
                      Decisions& out);

  /// Takes a request whose `key`, `method`, `hotness`, `packet`, `bytes`, `arrived` and `deadline`
  /// are filled in. False for a repetition of one that is known: there is no second answer.
  bool submit(Job job, TimePoint now, Decisions& out);
  /// The client gave up: the request is answered with `cancelled`. False when it is not known.
  bool cancel(JobKey key, TimePoint now, Decisions& out);
  void session_closed(SessionId session, TimePoint now, Decisions& out);

  /// Is `worker` the one that works on this? Only then may it ask the client and answer.
  bool runs(WorkerId worker, JobKey key) const;
  bool known(JobKey key) const { return jobs_.contains(key); }
  /// The request when a worker has it, else null. Valid until the next event.
  const Job* running(JobKey key) const;
  /// The worker answered. The finished job, or nothing when the answer is late, repeated or not the
  /// worker's to give: drop it then.
  std::optional<Job> finished(WorkerId worker, JobKey key, TimePoint now, Decisions& out);
  /// The worker cannot, another one may: placed again, or answered with `error` when there is no
  /// other. False as above.
  bool handed_back(WorkerId worker, JobKey key, Error error, TimePoint now, Decisions& out);

  /// Deadlines, the end of the grace, workers that are no longer stalled. Call at next_event() or
  /// later.
  void tick(TimePoint now, Decisions& out);
  std::optional<TimePoint> next_event() const;
  /// Every request is answered; nothing is taken any more.
  void shut_down(Decisions& out);

  std::size_t queued() const { return jobs_.size() - running_; }
  std::size_t in_flight() const { return running_; }
  std::size_t in_flight(SessionId session) const;
  std::size_t in_flight_at(WorkerId worker) const;
  /// Requests that are at this worker and not answered yet. Valid until the next event.
  std::vector<const Job*> running_at(WorkerId worker) const;
  std::size_t held_bytes() const { return held_bytes_; }
  std::size_t quarantined(TimePoint now) const { return ledger_.quarantined(now); }
  WorkerId affinity(SessionId session) const;
  /// Workers that may hold something of the session.
  std::vector<WorkerId> visited(SessionId session) const;
  bool serves() const;  ///< some worker takes work

 private:
  /// One request at one worker, from dispatch until the worker answers, stops mentioning it, or is
  /// gone. A ghost is one that nobody waits for any more: it still uses the slot, and the method is
  /// still to blame for what happens.
  struct Attempt {
    MethodKey method;
    TimePoint begun;
    TimePoint since;  ///< when the worker must know of it: begun, or made a ghost
    bool ghost = false;
    bool suspect = false;
  };
  struct WorkerState {
    std::uint32_t slots = 1;
    bool draining = false;
    TimePoint stalled_until;
    std::unordered_map<JobKey, Attempt> attempts;
    std::uint32_t suspects = 0;
  };
  struct SessionState {
    Affinity affinity;
    std::vector<WorkerId> visited;
    std::unordered_set<RequestId> requests;
  };

  void pump(TimePoint now, Decisions& out);
  enum class Placed { done, parked, no_room };
  Placed place(Job& job, TimePoint now, Decisions& out);
  WorkerId choose(const Job& job, Verdict verdict, TimePoint now);
  void dispatch(Job& job, WorkerId worker, bool suspect, TimePoint now, Decisions& out);
  void enqueue(Job& job);
  void leave_queue(const Job& job);
  void release_waiters(MethodKey method);
  void end_attempt(WorkerId worker, JobKey key, MethodLedger::End end, TimePoint now);
  void haunt(const Job& job, TimePoint now, Decisions& out);
  void answer(JobKey key, Error error, bool retry_later, Decisions& out);
  void forget(JobKey key);
  bool has_room(const WorkerState& w, TimePoint now) const {
    return !w.draining && w.stalled_until <= now && w.attempts.size() < w.slots;
  }
  void answer_all_without_worker(Decisions& out);

  SchedulerLimits limits_;
  TimePoint started_;
  bool closed_ = false;
  MethodLedger ledger_;
  std::mt19937_64 random_;
  std::unordered_map<JobKey, Job> jobs_;
  std::size_t running_ = 0;
  std::size_t held_bytes_ = 0;
  FairQueue fair_;
  std::set<std::pair<Rank, JobKey>> suspects_;
  std::unordered_map<MethodKey, std::set<JobKey>> waiting_for_method_;
  std::map<WorkerId, WorkerState>
      workers_;  ///< ordered: what a seed repeats must not depend on hashing
  std::unordered_map<SessionId, SessionState> sessions_;
  std::set<std::pair<TimePoint, JobKey>> deadlines_;
};

}  // namespace jitfarm::coordinator::scheduler
