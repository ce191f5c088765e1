// How does an actor run several tasks at once and go on when all are done? (The PAR of process
// calculi.)
#pragma once
#include <utility>
#include <vector>

#include "common/actor/scheduler.h"

namespace jitfarm::actor {

/// Tasks that run as actors of their own, inside a scope nested in that of the actor that joins
/// them. Lives in a frame that outlives them: par() sees to it, a direct user co_awaits join() on
/// every path. Members may refer to that frame.
class TaskGroup {
 public:
  explicit TaskGroup(Scheduler& scheduler, CancelScope* parent = nullptr)
      : scheduler_(scheduler), scope_(scheduler, parent) {}

  /// queue_full when the scheduler has no room; then the caller cancels or goes on with fewer.
  Status spawn(Task<void> task) {
    {
      Scheduler::Lock lock(scheduler_);
      ++members_;
    }
    Status status = scheduler_.spawn(std::move(task), &scope_, this);
    if (!status) {
      Scheduler::Lock lock(scheduler_);
      --members_;
    }
    return status;
  }
  void cancel() { scope_.cancel(); }

  /// Resumes when every member has ended. Not ended by cancellation or a deadline: those end the
  /// members, see par().
  auto join() { return Join(*this); }

 private:
  friend void retire(ActorBlock& actor) noexcept;

  class Join : public Case {
   public:
    explicit Join(TaskGroup& group) : group_(group) {}
    bool poll() override {
      if (group_.members_ > 0) return false;
      wake = Wake::completed;
      return true;
    }
    void enlist() override { group_.joiners_.append(*this); }
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> at) {
      return Scheduler::wait(*at.promise().actor, at, this, kNever, false);
    }
    void await_resume() const noexcept {}

   private:
    TaskGroup& group_;
  };

  void member_done_locked() {
    if (--members_ > 0) return;
    while (joiners_.linked()) static_cast<Case*>(joiners_.next)->complete(Wake::completed);
  }

  Scheduler& scheduler_;
  CancelScope scope_;
  std::size_t members_ = 0;
  Link joiners_;
};

/// Gives a coroutine its scheduler and scope: `Self self = co_await this_actor();`
struct Self {
  Scheduler& scheduler;
  CancelScope* scope;
};
struct ThisActor {
  ActorBlock* actor = nullptr;
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> at) noexcept {
    actor = at.promise().actor;
    return false;
  }
  Self await_resume() const noexcept { return {*actor->scheduler, actor->scope}; }
};
inline ThisActor this_actor() { return {}; }

/// Runs all tasks and waits for all of them, also when it fails: then they are cancelled first.
/// Fails with cancelled, deadline_passed, or queue_full when not all could start. A member that
/// does not wait cannot be hurried.
Task<Status> par(std::vector<Task<void>> tasks, TimePoint deadline = kNever);

}  // namespace jitfarm::actor
