// How does an actor become ready, run, wait and end?
#include "common/actor/scheduler.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <thread>

#include "common/actor/group.h"

namespace jitfarm::actor {
namespace {

ActorBlock* by_live(Link* link) {
  return reinterpret_cast<ActorBlock*>(reinterpret_cast<std::byte*>(link) -
                                       offsetof(ActorBlock, live));
}
ActorBlock* by_scope(Link* link) {
  return reinterpret_cast<ActorBlock*>(reinterpret_cast<std::byte*>(link) -
                                       offsetof(ActorBlock, in_scope));
}

constexpr std::size_t kResumesPerClockCheck = 64;  // a clock read costs several resumptions

}  // namespace

Status to_status(Wake wake) {
  switch (wake) {
    case Wake::completed:
      return {};
    case Wake::closed:
      return fail(Errc::channel_closed);
    case Wake::deadline:
      return fail(Errc::deadline_passed);
    case Wake::pending:
    case Wake::cancelled:
      break;
  }
  return fail(Errc::cancelled);
}

void Case::complete(Wake how) {
  wake = how;
  if (actor->scheduler->destroying_) return withdraw();
  actor->scheduler->finish_locked(*actor, how, this);
}

void retire(ActorBlock& actor) noexcept {
  Scheduler& scheduler = *actor.scheduler;
  // Frames go first: their destructors may use primitives, and what they own may be waited for.
  actor.root.destroy();
  Scheduler::Lock lock(scheduler);
  actor.live.unlink();
  if (actor.in_scope.linked()) actor.in_scope.unlink();
  --scheduler.live_count_;
  TaskGroup* const group = actor.group;
  delete &actor;
  if (group) group->member_done_locked();
}

// ---- scopes ----------------------------------------------------------------------------------

CancelScope::CancelScope(Scheduler& scheduler, CancelScope* parent)
    : scheduler_(scheduler), parent_(parent) {
  Scheduler::Lock lock(scheduler_);
  if (!parent_) return;
  parent_->inner_.push_back(this);
  cancelled_ = parent_->cancelled_;
}

CancelScope::~CancelScope() {
  Scheduler::Lock lock(scheduler_);
  if (parent_) std::erase(parent_->inner_, this);
  for (CancelScope* inner : inner_) inner->parent_ = nullptr;
  while (actors_.linked()) {
    auto* actor = by_scope(actors_.next);
    actor->in_scope.unlink();
    actor->scope = nullptr;
  }
}

void CancelScope::cancel() {
  Scheduler::Lock lock(scheduler_);
  cancel_locked();
}

void CancelScope::cancel_locked() {
  if (cancelled_) return;
  cancelled_ = true;
  if (scheduler_.destroying_) return;
  for (Link* link = actors_.next; link != &actors_; link = link->next) {
    auto* actor = by_scope(link);
    if (actor->waiting && actor->cancellable)
      scheduler_.finish_locked(*actor, Wake::cancelled, nullptr);
  }
  for (CancelScope* inner : inner_) inner->cancel_locked();
}

// ---- life of an actor ------------------------------------------------------------------------

Scheduler::Scheduler(const Clock& clock, Options options)
    : clock_(clock), options_(std::move(options)), multi_(options_.threads > 1) {}

Scheduler::~Scheduler() {
  // Nobody runs any more. A frame's destructor may complete the waits of others (a channel closes):
  // `destroying_` makes that a removal from the queue, and the blocks stay until the last frame is
  // gone.
  destroying_ = true;
  posts_.clear();
  std::vector<ActorBlock*> doomed;
  while (live_.linked()) {
    auto* actor = by_live(live_.prev);
    actor->live.unlink();
    if (actor->in_scope.linked()) actor->in_scope.unlink();
    actor->root.destroy();
    doomed.push_back(actor);
  }
  for (ActorBlock* actor : doomed) delete actor;
}

Status Scheduler::spawn(Task<void> task, CancelScope* scope) {
  return spawn(std::move(task), scope, nullptr);
}

Status Scheduler::spawn(Task<void> task, CancelScope* scope, TaskGroup* group) {
  auto root = std::move(task).release();
  auto* actor = new ActorBlock;
  {
    Lock lock(*this);
    if (live_count_ < options_.actors_max) {
      actor->scheduler = this;
      actor->root = actor->resume = root;
      actor->scope = scope;
      actor->group = group;
      root.promise().actor = actor;
      live_.append(actor->live);
      if (scope) scope->actors_.append(actor->in_scope);
      ++live_count_;
      push_ready_locked(*actor);
      return {};
    }
  }
  root.destroy();
  delete actor;
  return fail(Errc::queue_full, "actors_max " + std::to_string(options_.actors_max));
}

bool Scheduler::wait(ActorBlock& actor, std::coroutine_handle<> at, Case* cases, TimePoint deadline,
                     bool cancellable) {
  Scheduler& self = *actor.scheduler;
  Lock lock(self);
  actor.winner = nullptr;
  if (cancellable && actor.scope && actor.scope->cancelled()) {
    actor.wake = Wake::cancelled;
    return false;
  }
  for (Case* c = cases; c; c = c->sibling) {
    if (!c->poll()) continue;
    actor.wake = c->wake;
    actor.winner = c;
    return false;
  }
  if (deadline != kNever && deadline <= self.clock_.now()) {
    actor.wake = Wake::deadline;
    return false;
  }
  for (Case* c = cases; c; c = c->sibling) {
    c->actor = &actor;
    c->wake = Wake::pending;
    c->enlist();
  }
  actor.resume = at;
  actor.cases = cases;
  actor.deadline = deadline;
  actor.cancellable = cancellable;
  actor.waiting = true;
  if (deadline != kNever) self.timer_set(actor);
  return true;
}

bool Scheduler::yield(ActorBlock& actor, std::coroutine_handle<> at) {
  Scheduler& self = *actor.scheduler;
  Lock lock(self);
  if (!self.ready_head_) return false;
  actor.resume = at;
  self.push_ready_locked(actor);
  return true;
}

void Scheduler::finish_locked(ActorBlock& actor, Wake how, Case* winner) {
  for (Case* c = actor.cases; c; c = c->sibling) {
    if (c->linked()) c->withdraw();
    c->actor = nullptr;
  }
  actor.cases = nullptr;
  if (actor.timer_index != ActorBlock::kNoTimer) timer_clear(actor);
  actor.waiting = false;
  actor.wake = how;
  actor.winner = winner;
  push_ready_locked(actor);
}

void Scheduler::push_ready_locked(ActorBlock& actor) {
  actor.next_ready = nullptr;
  if (ready_tail_)
    ready_tail_->next_ready = &actor;
  else
    ready_head_ = &actor;
  ready_tail_ = &actor;
  ++ready_;
  deadlocked_ = false;
  if (multi_ && idle_threads_) wake_up_.notify_one();
}

ActorBlock* Scheduler::pop_ready_locked() {
  ActorBlock* actor = ready_head_;
  if (!actor) return nullptr;
  ready_head_ = actor->next_ready;
  if (!ready_head_) ready_tail_ = nullptr;
  --ready_;
  ++resumes_;
  return actor;
}

// ---- timers: a binary heap; every actor has at most one, and knows where it is --------------

void Scheduler::timer_set(ActorBlock& actor) {
  actor.timer_index = timers_.size();
  timers_.push_back(&actor);
  timer_sift(actor.timer_index);
}

void Scheduler::timer_clear(ActorBlock& actor) {
  const std::size_t index = actor.timer_index;
  actor.timer_index = ActorBlock::kNoTimer;
  ActorBlock* last = timers_.back();
  timers_.pop_back();
  if (last == &actor) return;
  timers_[index] = last;
  last->timer_index = index;
  timer_sift(index);
}

void Scheduler::timer_sift(std::size_t index) {
  const auto place = [&](std::size_t at, ActorBlock* actor) {
    timers_[at] = actor;
    actor->timer_index = at;
  };
  ActorBlock* const actor = timers_[index];
  while (index > 0 && timers_[(index - 1) / 2]->deadline > actor->deadline) {
    place(index, timers_[(index - 1) / 2]);
    index = (index - 1) / 2;
  }
  for (std::size_t child = 2 * index + 1; child < timers_.size(); child = 2 * index + 1) {
    if (child + 1 < timers_.size() && timers_[child + 1]->deadline < timers_[child]->deadline)
      ++child;
    if (timers_[child]->deadline >= actor->deadline) break;
    place(index, timers_[child]);
    index = child;
  }
  place(index, actor);
}

void Scheduler::fire_timers_locked(TimePoint now) {
  while (!timers_.empty() && timers_.front()->deadline <= now)
    finish_locked(*timers_.front(), Wake::deadline, nullptr);
}

// ---- wake-ups from outside -------------------------------------------------------------------

Status Scheduler::post(std::move_only_function<void()> fn) {
  {
    std::lock_guard lock(mutex_);
    if (posts_.size() >= options_.posts_max)
      return fail(Errc::queue_full, "posts_max " + std::to_string(options_.posts_max));
    posts_.push_back(std::move(fn));
    posted_.store(true, std::memory_order_release);
  }
  wake_up_.notify_one();
  if (options_.on_post) options_.on_post();
  return {};
}

void Scheduler::post_unbounded(std::move_only_function<void()> fn) {
  {
    std::lock_guard lock(mutex_);
    posts_.push_back(std::move(fn));
    posted_.store(true, std::memory_order_release);
  }
  wake_up_.notify_one();
  if (options_.on_post) options_.on_post();
}

std::size_t Scheduler::run_posts() {
  if (!posted_.load(std::memory_order_acquire)) return 0;
  std::vector<std::move_only_function<void()>> batch;
  {
    std::lock_guard lock(mutex_);
    batch.swap(posts_);
    posted_.store(false, std::memory_order_relaxed);
  }
  for (auto& fn : batch) fn();
  return batch.size();
}

// ---- running ---------------------------------------------------------------------------------

std::size_t Scheduler::run_ready() {
  std::size_t resumed = 0;
  for (;;) {
    run_posts();
    if (!timers_.empty()) fire_timers_locked(clock_.now());
    if (!ready_head_) break;
    for (std::size_t i = 0; i < kResumesPerClockCheck; ++i) {
      ActorBlock* actor = pop_ready_locked();
      if (!actor) break;
      ++resumed;
      running_ = 1;
      actor->resume.resume();
      running_ = 0;
    }
  }
  check_deadlock_locked();
  return resumed;
}

void Scheduler::run() {
  std::vector<std::jthread> helpers;
  for (std::size_t i = 1; i < options_.threads; ++i) helpers.emplace_back([this] { loop(); });
  loop();
}

void Scheduler::loop() {
  while (!stopping_.load(std::memory_order_acquire)) {
    if (!multi_) {
      run_ready();
    } else {
      run_posts();
      std::unique_lock lock(mutex_);
      if (!timers_.empty()) fire_timers_locked(clock_.now());
      for (std::size_t i = 0; i < kResumesPerClockCheck; ++i) {
        ActorBlock* actor = pop_ready_locked();
        if (!actor) break;
        ++running_;
        lock.unlock();
        actor->resume.resume();  // the block may be gone, or running elsewhere, when this returns
        lock.lock();
        --running_;
      }
    }
    std::unique_lock lock(mutex_);
    if (ready_head_ || posted_.load(std::memory_order_relaxed) ||
        stopping_.load(std::memory_order_relaxed))
      continue;
    if (multi_ && running_ == 0) check_deadlock_locked();
    ++idle_threads_;
    if (timers_.empty())
      wake_up_.wait(lock);
    else
      wake_up_.wait_for(lock, timers_.front()->deadline - clock_.now());
    --idle_threads_;
  }
}

void Scheduler::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_.store(true, std::memory_order_release);
  }
  wake_up_.notify_all();
  if (options_.on_post) options_.on_post();
}

TimePoint Scheduler::next_event() const {
  Lock lock(*this);
  if (ready_head_ || posted_.load(std::memory_order_acquire)) return clock_.now();
  return timers_.empty() ? kNever : timers_.front()->deadline;
}

// ---- counts ----------------------------------------------------------------------------------

void Scheduler::check_deadlock_locked() {
  if (deadlocked_ || live_count_ == 0 || ready_ > 0 || !timers_.empty()) return;
  if (outside_.load(std::memory_order_relaxed) > 0 || posted_.load(std::memory_order_relaxed))
    return;
  deadlocked_ = true;
  ++deadlocks_;
  if (options_.on_deadlock) options_.on_deadlock(counts_locked());
}

Counts Scheduler::counts_locked() const {
  return {.live = live_count_,
          .ready = ready_,
          .running = running_,
          .blocked =
              live_count_ -
              std::min(live_count_, ready_ + running_),  // one that retires runs but lives no more
          .timers = timers_.size(),
          .outside = outside_.load(std::memory_order_relaxed),
          .resumes = resumes_,
          .deadlocks = deadlocks_,
          .deadlocked = deadlocked_};
}

Counts Scheduler::counts() const {
  Lock lock(*this);
  return counts_locked();
}

}  // namespace jitfarm::actor
