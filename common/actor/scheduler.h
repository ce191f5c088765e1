// Who runs next? The scheduler of the actor runtime: ready queue, timers, cancellation, wake-ups
// from outside.
//
// One lock per scheduler guards every wait queue, the ready queue and the timers. With one thread
// it is not taken at all. An exchange is a handful of pointer moves, so the lock is held for
// nanoseconds, and "the first alternative wins, the others are gone" is one critical section
// instead of a protocol (docs/adr/0003). Everything here costs O(ready): an actor that waits is in
// the queue of what it waits for and nowhere else.
#pragma once
#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "common/actor/task.h"
#include "common/base/clock.h"
#include "common/base/result.h"

namespace jitfarm::actor {

class Scheduler;
class CancelScope;
class TaskGroup;

inline constexpr TimePoint kNever = TimePoint::max();

/// How a wait, or one alternative of it, ended.
enum class Wake : std::uint8_t { pending, completed, closed, cancelled, deadline };
/// Ok for `completed`; channel_closed, cancelled or deadline_passed otherwise.
Status to_status(Wake wake);

/// A node of an intrusive doubly linked list. Alone, it points at itself.
struct Link {
  Link* next = this;
  Link* prev = this;
  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  bool linked() const { return next != this; }
  void unlink() {
    next->prev = prev;
    prev->next = next;
    next = prev = this;
  }
  void append(Link& node) {
    node.prev = prev;
    node.next = this;
    prev->next = &node;
    prev = &node;
  }
};

/// One alternative of a wait: a read, a write, a message, the end of a group. Lives in the frame of
/// the actor that waits. While it is enlisted the primitive it waits for may complete it; the lock
/// is held in every call of its functions.
class Case : public Link {
 public:
  Case() = default;
  virtual ~Case() {
    if (linked()) unlink();
  }
  /// Completes now if that is possible without waiting: sets `wake` and returns true.
  virtual bool poll() = 0;
  /// Joins the queue of its primitive, in FIFO order.
  virtual void enlist() = 0;
  /// Leaves that queue, whatever the reason.
  virtual void withdraw() { unlink(); }
  /// Ends the wait of its actor in favour of this case.
  void complete(Wake how);

  ActorBlock* actor = nullptr;  ///< who waits; null while nobody does
  Case* sibling = nullptr;      ///< next alternative of the same wait
  Wake wake = Wake::pending;
};

/// What the scheduler keeps of an actor; about 160 bytes beside its coroutine frame. Made by
/// spawn(), gone when the root task is done.
struct ActorBlock {
  Scheduler* scheduler = nullptr;
  std::coroutine_handle<> resume{};  ///< innermost frame: where it goes on
  std::coroutine_handle<> root{};
  ActorBlock* next_ready = nullptr;
  Case* cases = nullptr;  ///< alternatives of the current wait
  Case* winner = nullptr;
  TimePoint deadline = kNever;
  std::size_t timer_index = kNoTimer;
  CancelScope* scope = nullptr;
  TaskGroup* group = nullptr;  ///< told when the actor ends
  Link live;                   ///< in Scheduler::live_
  Link in_scope;               ///< in CancelScope::actors_
  Wake wake = Wake::pending;
  bool waiting = false;
  bool cancellable = true;  ///< of the current wait

  static constexpr std::size_t kNoTimer = SIZE_MAX;
  static void* operator new(std::size_t bytes) { return frame_allocate(bytes); }
  static void operator delete(void* block, std::size_t bytes) noexcept { frame_free(block, bytes); }
};

/// Cancels what runs inside it: every wait of its actors ends with `cancelled`, now and from now
/// on. Scopes nest: cancelling one cancels those inside. Used on scheduler threads only (elsewhere:
/// post() the call). May end before its actors do: they go on without a scope.
class CancelScope {
 public:
  explicit CancelScope(Scheduler& scheduler, CancelScope* parent = nullptr);
  ~CancelScope();
  CancelScope(const CancelScope&) = delete;
  CancelScope& operator=(const CancelScope&) = delete;
  void cancel();
  bool cancelled() const { return cancelled_; }

 private:
  friend class Scheduler;
  friend class TaskGroup;
  void cancel_locked();

  Scheduler& scheduler_;
  bool cancelled_ = false;
  Link actors_;  // of ActorBlock::in_scope
  std::vector<CancelScope*> inner_;
  CancelScope* parent_;
};

struct Counts {
  std::size_t live = 0;   ///< actors that exist
  std::size_t ready = 0;  ///< in the ready queue
  std::size_t running = 0;
  std::size_t blocked = 0;  ///< waiting, with or without a timer
  std::size_t timers = 0;
  std::size_t outside = 0;  ///< wake-ups promised by something outside the runtime
  std::uint64_t resumes = 0;
  std::uint64_t deadlocks = 0;  ///< times that everything waited for something that cannot come
  bool deadlocked = false;      ///< it is so now
};

/// Cooperative: an actor runs until it waits. With `threads` 1 the caller of run() or run_ready()
/// is the only thread and runs are repeatable; spawn and all primitives then belong to that thread.
/// With more, they may be used on every scheduler thread. From other threads only post(), stop()
/// and the outside counters, always.
class Scheduler {
 public:
  struct Options {
    std::size_t threads = 1;
    std::size_t actors_max = 1u << 24;  ///< spawn refuses above it
    std::size_t posts_max = 1u << 20;   ///< post refuses above it
    std::function<void()> on_post =
        {};  ///< wakes a foreign event loop that drives run_ready(); any thread
    std::function<void(const Counts&)> on_deadlock =
        {};  ///< once per deadlock; must not call the scheduler
  };
  explicit Scheduler(const Clock& clock, Options options);
  explicit Scheduler(const Clock& clock) : Scheduler(clock, Options{}) {}
  /// Destroys the actors that are left, newest first; their frames are not resumed any more. Scopes
  /// and primitives that do not live in frames must be gone before.
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// Starts an actor at the end of the ready queue. queue_full at `actors_max`.
  Status spawn(Task<void> task, CancelScope* scope = nullptr);

  /// Calls `fn` once on a scheduler thread. Any thread. queue_full at `posts_max`.
  Status post(std::move_only_function<void()> fn);

  /// One thread only: runs posts, due timers and ready actors until none is left. Returns the
  /// number of resumptions.
  std::size_t run_ready();
  /// Runs until stop(), on this thread and threads - 1 more.
  void run();
  void stop();  ///< any thread

  /// When run_ready() has something to do again: now (posts or ready actors), the next timer, or
  /// kNever.
  TimePoint next_event() const;
  TimePoint now() const { return clock_.now(); }
  TimePoint after(Duration d) const { return clock_.now() + d; }
  Counts counts() const;

  /// A wake-up that something outside has promised (a pool thread, a socket) keeps the deadlock
  /// detector quiet.
  void outside_begin() { outside_.fetch_add(1, std::memory_order_relaxed); }
  void outside_end() { outside_.fetch_sub(1, std::memory_order_relaxed); }

  // ---- for the primitives of this room -------------------------------------------------------

  /// Holds the scheduler's lock; nothing at all when there is one thread.
  class Lock {
   public:
    explicit Lock(const Scheduler& scheduler)
        : mutex_(scheduler.multi_ ? &scheduler.mutex_ : nullptr) {
      if (mutex_) mutex_->lock();
    }
    ~Lock() {
      if (mutex_) mutex_->unlock();
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

   private:
    std::mutex* mutex_;
  };

  /// Starts the wait of `actor` for the first of `cases` (linked by sibling), in their order.
  /// False: it is over already, the actor goes on. True: the actor is parked and may run elsewhere
  /// before this returns.
  static bool wait(ActorBlock& actor, std::coroutine_handle<> at, Case* cases, TimePoint deadline,
                   bool cancellable = true);
  /// Puts a running actor at the end of the ready queue.
  static bool yield(ActorBlock& actor, std::coroutine_handle<> at);
  /// As post(), never refused: for completions whose number is bounded by something else.
  void post_unbounded(std::move_only_function<void()> fn);

 private:
  friend class Case;
  friend class CancelScope;
  friend class TaskGroup;
  friend void retire(ActorBlock& actor) noexcept;

  Status spawn(Task<void> task, CancelScope* scope, TaskGroup* group);
  void finish_locked(ActorBlock& actor, Wake how, Case* winner);
  void push_ready_locked(ActorBlock& actor);
  ActorBlock* pop_ready_locked();
  void timer_set(ActorBlock& actor);
  void timer_clear(ActorBlock& actor);
  void timer_sift(std::size_t index);
  void fire_timers_locked(TimePoint now);
  std::size_t run_posts();
  void loop();
  void check_deadlock_locked();
  Counts counts_locked() const;

  const Clock& clock_;
  const Options options_;
  const bool multi_;
  mutable std::mutex mutex_;  // with one thread: guards posts_ only
  std::condition_variable wake_up_;
  ActorBlock* ready_head_ = nullptr;
  ActorBlock* ready_tail_ = nullptr;
  std::size_t ready_ = 0;
  std::size_t live_count_ = 0;
  std::size_t running_ = 0;
  std::size_t idle_threads_ = 0;
  std::uint64_t resumes_ = 0;
  std::uint64_t deadlocks_ = 0;
  bool deadlocked_ = false;
  bool destroying_ = false;
  std::vector<ActorBlock*> timers_;  // binary heap by deadline
  Link live_;
  std::vector<std::move_only_function<void()>> posts_;
  std::atomic<bool> posted_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> outside_{0};
};

// ---- waits that need no primitive ------------------------------------------------------------

/// The awaitable form of a wait for one case. Stays in the frame while the actor waits. Derived:
/// await_resume().
template <class C>
struct WaitOn {
  C one;
  TimePoint deadline = kNever;
  ActorBlock* actor = nullptr;
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> at) {
    actor = at.promise().actor;
    return Scheduler::wait(*actor, at, &one, deadline);
  }
};

/// Ok when the time has come, else cancelled.
struct SleepUntil {
  TimePoint when;
  ActorBlock* actor = nullptr;
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> at) {
    actor = at.promise().actor;
    return Scheduler::wait(*actor, at, nullptr, when);
  }
  Status await_resume() const noexcept {
    return actor->wake == Wake::deadline ? Status{} : to_status(actor->wake);
  }
};
inline SleepUntil sleep_until(TimePoint when) { return {when}; }

/// Lets the other ready actors run first. Not a wait: never cancelled.
struct Yield {
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> at) const {
    return Scheduler::yield(*at.promise().actor, at);
  }
  void await_resume() const noexcept {}
};
inline Yield yield() { return {}; }

/// Whether the scope of the running actor is cancelled; for loops that do not wait.
struct IsCancelled {
  bool result = false;
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> at) {
    const ActorBlock& actor = *at.promise().actor;
    Scheduler::Lock lock(*actor.scheduler);
    result = actor.scope && actor.scope->cancelled();
    return false;
  }
  bool await_resume() const noexcept { return result; }
};
inline IsCancelled is_cancelled() { return {}; }

}  // namespace jitfarm::actor
