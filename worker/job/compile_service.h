// Who compiles, for whom, and what becomes of it? The compile actors of one worker.
//
// One actor per compilation. It waits without a thread: for a place on the pool, for the answers of
// the client, for its deadline. Jobs are bounded and refused beyond (queue_full, retry_later); pool
// threads are the slots. Everything here belongs to the scheduler thread, except what compile_run.h
// says of the pool.
#pragma once
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/actor/mailbox.h"
#include "common/actor/pool.h"
#include "common/actor/scheduler.h"
#include "common/facts/inline_policy.h"
#include "common/protocol/packet.h"
#include "worker/job/compile_run.h"
#include "worker/job/faults.h"
#include "worker/session/session.h"
#include "worker/session/shape_store.h"

namespace jitfarm::worker::job {

// Questions per compilation: those of the method, and of callees level by level. The agent foresees
// nearly all: most compilations of javac need none.
inline constexpr std::uint32_t kWavesMax = 3 + 2 * facts::kInlineDepthMax;

// Where the coordinator does not answer for so long, the client is asked: it may know nothing of
// shapes (an older one), or wait for clients that do not answer.
inline constexpr Duration kShapePatience = std::chrono::seconds(3);

inline constexpr std::size_t kMethodNameBytesMax = 1024;  // for people; longer ones are cut

/// What became of one compilation.
struct JobReport {
  bool compiled = false;
  std::string_view error;   ///< name of an Errc; empty when compiled
  std::string_view reason;  ///< name of a BailoutReason, with error bail_out
  std::uint32_t waves = 0;
  std::uint64_t queue_ns = 0;
  std::uint64_t compile_ns = 0;
  std::uint64_t wait_ns = 0;                           ///< for answers, all waves together
  using ByKind = std::span<const std::uint32_t, 256>;  ///< by number of the kind
  ByKind facts_cached, facts_asked;
  ByKind facts_negative;  ///< were unknown without asking
  ByKind facts_repeated;  ///< asked of this session before
  ByKind facts_evicted;   ///< from the session's cache, since its last report
};

struct ServiceOptions {
  std::size_t slots = 1;            // threads that compile; 0: none, run_one() does it (simulation)
  std::size_t jobs_max = 1024;      // with those that wait for answers; about 100 KiB each
  std::size_t sessions_max = 4096;  // caches; the least recently used one goes first
  std::size_t session_bytes = 1u << 30;  // of all sessions' caches together, likewise
  std::size_t shape_bytes = 256u << 20;
  session::SessionLimits session;
  Duration deadline_default = std::chrono::seconds(30);  // of a request that names none
  Duration deadline_max = std::chrono::seconds(120);
  /// A run of the compiler that takes longer has lost its way: its thread cannot be stopped, so the
  /// slot gets a new one.
  Duration hard_limit = std::chrono::seconds(60);
  std::string record_dir;
  Faults faults;
  std::function<void(const JobReport&)> on_finished = {};  // on the scheduler thread
};

/// Counted since the start; the program turns them into metrics.
struct ServiceCounts {
  std::uint64_t requests = 0;
  std::uint64_t refused = 0;  ///< queue_full, or draining
  std::uint64_t compiled = 0;
  std::uint64_t bailed_out = 0;
  std::uint64_t failed = 0;  ///< facts_missing, deadline_passed, invalid_code_image, ..
  std::uint64_t cancelled = 0;
  std::uint64_t waves = 0;  ///< fact_query messages
  std::uint64_t facts_asked = 0;
  std::uint64_t facts_received = 0;
  std::uint64_t facts_refused = 0;
  std::uint64_t shapes_received = 0;
  std::uint64_t shapes_refused = 0;
  std::uint64_t shapes_from_farm = 0;   ///< of shapes_received: those that no client of ours sent
  std::uint64_t answers_dropped = 0;    ///< late, twice, or to nothing
  std::uint64_t requests_repeated = 0;  ///< for a job that runs already
  std::uint64_t malformed = 0;
  std::uint64_t sends_failed = 0;
  std::uint64_t runs_stuck = 0;  ///< over the hard limit
};

class CompileService {
 public:
  using Send = std::function<Status(protocol::Packet)>;

  CompileService(actor::Scheduler& scheduler, const Clock& clock, CompileFn compile, Send send,
                 ServiceOptions options);
  /// Cancels and drops all jobs. Waits for runs that are on the pool. The scheduler must still
  /// exist and not run.
  ~CompileService();
  CompileService(const CompileService&) = delete;
  CompileService& operator=(const CompileService&) = delete;

  /// A message from the coordinator that is for compilations: compile_request, fact_answer,
  /// cancel_compile, session_closed, classes_unloaded, shape_answer. False: not one of these. Never
  /// fails: what does not decode is counted and dropped.
  bool on_packet(const protocol::Packet& packet);

  /// Nobody waits for any of them: the coordinator is lost. Without replies; the caches stay.
  void drop_all();
  /// Answers every job with `error` and retry_later: this worker is about to end.
  void hand_back_all(Errc error, const std::string& detail);
  /// Refuses new requests from now on.
  void drain() { draining_ = true; }
  bool draining() const { return draining_; }
  bool idle() const { return jobs_.empty(); }
  std::size_t jobs() const { return jobs_.size(); }
  /// More runs are stuck than there are slots: the program should hand back and restart.
  bool unhealthy() const { return stuck_.size() > options_.slots; }

  /// Without slots: runs one queued compilation on this thread. False when there is none.
  bool run_one() { return pool_.run_one(); }

  struct InFlight {
    SessionId session;
    RequestId request;
  };
  std::vector<InFlight> in_flight() const;
  ServiceCounts counts() const { return counts_; }
  actor::BlockingPool::Counts pool_counts() const { return pool_.counts(); }
  std::size_t sessions() const { return sessions_.size(); }
  session::ShapeStore::Counts shape_counts() const { return shapes_->counts(); }
  /// Of all sessions' own caches. 20 ns per session.
  std::size_t session_bytes() const;
  /// Null when the session is not known here: for tests and status.
  std::shared_ptr<session::Session> find_session(SessionId id) const;

 private:
  struct Job;
  struct Key {
    SessionId session;
    RequestId request;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& k) const {
      return k.session.value * 0x9e3779b97f4a7c15ull ^ k.request.value;
    }
  };
  struct SessionEntry {
    std::shared_ptr<session::Session> session;
    std::list<SessionId>::iterator place;
  };
  using Reply = std::variant<protocol::CompileResult, protocol::CompileFailed>;

  void on_request(const protocol::Packet& packet);
  void on_answer(const protocol::Packet& packet);
  void on_shape_answer(const protocol::Packet& packet);
  void on_cancel(const protocol::Packet& packet);
  void on_session_closed(const protocol::Packet& packet);
  void on_classes_unloaded(const protocol::Packet& packet);

  static actor::Task<void> run(CompileService* self, std::shared_ptr<Job> job);
  static actor::Task<Reply> compile(CompileService* self, std::shared_ptr<Job> job);
  static actor::Task<Result<bool>> ask(CompileService* self, std::shared_ptr<Job> job,
                                       std::vector<facts::FactKey> keys);
  static actor::Task<Result<bool>> gather(CompileService* self, std::shared_ptr<Job> job,
                                          std::vector<facts::FactKey> missing);
  static actor::Task<Status> question(CompileService* self, std::shared_ptr<Job> job,
                                      std::vector<facts::FactKey> keys);
  void take_shapes(Job& job, std::vector<facts::FactKey>& questions);
  static actor::Task<Status> shape_news(CompileService* self, std::shared_ptr<Job> job,
                                        TimePoint limit);
  static actor::Task<void> send_later(CompileService* self, protocol::Packet packet);
  static actor::Task<void> watch(CompileService* self);

  std::shared_ptr<session::Session> session_for(SessionId id);
  void forget_oldest_session();
  void trim_sessions();
  void count(const session::Ingested& ingested);
  protocol::CompileFailed failure(const Job& job, Errc error, std::string detail,
                                  bool retry_later = false) const;
  void reply(const Job& job, Reply answer);
  void report(const Job& job, const Reply& answer) const;
  void refuse(SessionId session, RequestId request, std::uint16_t version, Errc error,
              std::string detail);
  void send(protocol::Packet packet);

  actor::Scheduler& scheduler_;
  const Clock& clock_;
  const CompileFn compile_;
  const Send send_;
  const ServiceOptions options_;
  const std::shared_ptr<session::ShapeStore> shapes_;
  ServiceCounts counts_;
  MoreQuestions more_questions_;
  bool draining_ = false;
  std::unordered_map<Key, std::shared_ptr<Job>, KeyHash> jobs_;
  std::unordered_map<SessionId, SessionEntry> sessions_;
  std::list<SessionId> session_order_;  // most recently used first
  std::vector<std::shared_ptr<RunClock>> running_;
  std::vector<std::shared_ptr<RunClock>> stuck_;
  actor::CancelScope scope_;  // around all jobs and the watch
  actor::BlockingPool pool_;  // last: its threads end before anything that they use
};

}  // namespace jitfarm::worker::job
