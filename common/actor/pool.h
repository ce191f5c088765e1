// Where does work run that blocks or computes for long? On a bounded pool of threads, beside the
// actors.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/actor/channel.h"
#include "common/actor/scheduler.h"

namespace jitfarm::actor {

/// `threads` threads behind a queue of at most `queue_max` entries. run() is awaited by actors; the
/// functions know nothing of actors.
class BlockingPool {
 public:
  BlockingPool(Scheduler& scheduler, std::size_t threads, std::size_t queue_max);
  /// Drops what is queued and joins the threads: waits for the functions that run.
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  /// Runs `fn()` on a pool thread and returns its value; queue_full, cancelled or deadline_passed
  /// otherwise. When the wait ends early, a function that did not start never will; one that runs
  /// goes on to its end and its value is dropped. So it owns what it uses.
  template <class Fn>
  Task<Result<std::invoke_result_t<Fn&>>> run(Fn fn, TimePoint deadline = kNever) {
    using Value = std::invoke_result_t<Fn&>;
    auto job = std::make_shared<Job<Value, Fn>>(scheduler_, std::move(fn));
    JF_CO_TRY([[maybe_unused]] const bool queued, submit(job));
    Result<Value> value = co_await job->done.read(deadline);
    if (!value) job->abandoned.store(true, std::memory_order_relaxed);
    co_return value;
  }

  struct Counts {
    std::size_t queued = 0;
    std::size_t running = 0;
    std::size_t threads = 0;
  };
  Counts counts() const;
  /// Runs one queued function on the calling thread: a pool without threads is driven like this
  /// under simulation. False when nothing is queued.
  bool run_one();
  /// One more thread, in place of one whose function does not come back.
  void add_thread();

 private:
  struct AnyJob {
    virtual ~AnyJob() = default;
    virtual void call() = 0;     ///< pool thread
    virtual void deliver() = 0;  ///< scheduler thread
    std::atomic<bool> abandoned{false};
  };
  template <class Value, class Fn>
  struct Job : AnyJob {
    Job(Scheduler& scheduler, Fn function) : fn(std::move(function)), done(scheduler, 1) {}
    void call() override { value.emplace((*fn)()); }
    void deliver() override {
      fn.reset();
      if (value && !abandoned) (void)done.try_write(*value);
      value.reset();
    }
    std::optional<Fn> fn;
    std::optional<Value> value;
    Channel<Value> done;
  };

  Result<bool> submit(std::shared_ptr<AnyJob> job);
  std::shared_ptr<AnyJob> take_locked();
  void call(std::shared_ptr<AnyJob> job);
  void work();

  Scheduler& scheduler_;
  const std::size_t queue_max_;
  mutable std::mutex mutex_;
  std::condition_variable available_;
  std::deque<std::shared_ptr<AnyJob>> queue_;
  std::vector<std::thread> threads_;
  std::size_t running_ = 0;
  bool stopping_ = false;
};

}  // namespace jitfarm::actor
