// How does a function get to a pool thread and its value back to the actor?
#include "common/actor/pool.h"

#include <string>

namespace jitfarm::actor {

BlockingPool::BlockingPool(Scheduler& scheduler, std::size_t threads, std::size_t queue_max)
    : scheduler_(scheduler), queue_max_(queue_max) {
  for (std::size_t i = 0; i < threads; ++i) add_thread();
}

BlockingPool::~BlockingPool() {
  std::deque<std::shared_ptr<AnyJob>> dropped;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(queue_);
  }
  available_.notify_all();
  for (auto& thread : threads_) thread.join();
  for (std::size_t i = 0; i < dropped.size(); ++i) scheduler_.outside_end();
}

void BlockingPool::add_thread() {
  std::lock_guard lock(mutex_);
  threads_.emplace_back([this] { work(); });
}

Result<bool> BlockingPool::submit(std::shared_ptr<AnyJob> job) {
  std::vector<std::shared_ptr<AnyJob>>
      purged;  // goes after the lock: what the functions own is not ours to guess
  {
    std::lock_guard lock(mutex_);
    if (queue_.size() >= queue_max_) {
      std::deque<std::shared_ptr<AnyJob>> wanted;
      for (auto& queued : queue_)
        (queued->abandoned.load(std::memory_order_relaxed) ? purged.push_back(std::move(queued))
                                                           : wanted.push_back(std::move(queued)));
      queue_ = std::move(wanted);
      for (std::size_t i = 0; i < purged.size(); ++i) scheduler_.outside_end();
    }
    if (stopping_ || queue_.size() >= queue_max_)
      return fail(Errc::queue_full, "pool queue of " + std::to_string(queue_max_));
    queue_.push_back(std::move(job));
  }
  scheduler_.outside_begin();
  available_.notify_one();
  return true;
}

std::shared_ptr<BlockingPool::AnyJob> BlockingPool::take_locked() {
  std::shared_ptr<AnyJob> job = std::move(queue_.front());
  queue_.pop_front();
  ++running_;
  return job;
}

void BlockingPool::call(std::shared_ptr<AnyJob> job) {
  if (!job->abandoned.load(std::memory_order_relaxed)) job->call();
  // The last reference goes on a scheduler thread: the job's channel belongs there.
  scheduler_.post_unbounded([scheduler = &scheduler_, owned = std::move(job)] {
    owned->deliver();
    scheduler->outside_end();
  });
}

void BlockingPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    available_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    std::shared_ptr<AnyJob> job = take_locked();
    lock.unlock();
    call(std::move(job));
    lock.lock();
    --running_;
  }
}

bool BlockingPool::run_one() {
  std::shared_ptr<AnyJob> job;
  {
    std::lock_guard lock(mutex_);
    if (queue_.empty()) return false;
    job = take_locked();
  }
  call(std::move(job));
  std::lock_guard lock(mutex_);
  --running_;
  return true;
}

BlockingPool::Counts BlockingPool::counts() const {
  std::lock_guard lock(mutex_);
  return {queue_.size(), running_, threads_.size()};
}

}  // namespace jitfarm::actor
