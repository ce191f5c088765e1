// What does jitfarm-worker do from start to end?
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/net/transport.h"
#include "worker/job/compile_run.h"
#include "worker/job/compile_service.h"
#include "worker/link/coordinator_link.h"
#include "worker/program/worker_metrics.h"

namespace jitfarm::worker::program {

struct WorkerOptions {
  link::LinkOptions link;
  job::ServiceOptions service;
  Duration drain_max = std::chrono::seconds(150);  // above the longest deadline of a request
};

/// How the worker ended; the numbers are exit codes of the program.
enum class Ending : int {
  drained = 0,     ///< asked to; everything that was taken has been answered
  unhealthy = 70,  ///< runs of the compiler are stuck; the rest was handed back. A supervisor
                   ///< starts it again
};

/// One thread owns the connection, the link and the actors; the compiler runs on the pool. So a
/// message costs one hand-off to a pool thread and one back, and nothing here has a lock.
class WorkerProgram {
 public:
  WorkerProgram(const Clock& clock, net::Connection& connection, job::CompileFn compile,
                WorkerOptions options, WorkerMetrics& metrics);

  /// Until drained. Owner thread of the connection.
  Ending run();
  /// One turn without waiting: for simulation. Returns when there is something to do again.
  TimePoint turn();
  bool over() const { return over_; }

  /// Finish what is there, say goodbye, end. Any thread.
  void request_drain();
  /// After the end: the connection may go; a late request_drain() does nothing.
  void detach();

  const job::CompileService& service() const { return service_; }
  job::CompileService& service() { return service_; }
  const link::CoordinatorLink& link() const { return link_; }

 private:
  Status send(protocol::Packet packet);
  void start_drain();

  const Clock& clock_;
  net::Connection& connection_;
  WorkerMetrics& metrics_;
  const WorkerOptions options_;
  std::atomic<bool> drain_requested_{false};
  std::mutex wake_mutex_;  // request_drain() against detach()
  bool attached_ = true;
  bool over_ = false;
  Ending ending_ = Ending::drained;
  TimePoint drain_until_ = TimePoint::max();
  actor::Scheduler scheduler_;
  link::CoordinatorLink link_;
  job::CompileService service_;  // last: it ends while the scheduler lives
};

}  // namespace jitfarm::worker::program
