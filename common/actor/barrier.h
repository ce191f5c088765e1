// How do actors wait for each other? A barrier of parties that come and go.
#pragma once
#include <cstddef>

#include "common/actor/scheduler.h"

namespace jitfarm::actor {

/// Opens when every enrolled party has arrived, and is then ready for the next round. A wait that
/// fails (cancelled, deadline) takes its arrival back: the party stays enrolled, and resigns if it
/// will not come again.
class Barrier {
 public:
  Barrier(Scheduler& scheduler, std::size_t parties) : scheduler_(scheduler), parties_(parties) {}
  ~Barrier() {
    Scheduler::Lock lock(scheduler_);
    while (arrived_.linked()) static_cast<Case*>(arrived_.next)->complete(Wake::closed);
  }
  Barrier(const Barrier&) = delete;
  Barrier& operator=(const Barrier&) = delete;

  /// An arrival; usable in select().
  class Arrive : public Case {
   public:
    explicit Arrive(Barrier& barrier) : barrier_(&barrier) {}
    ~Arrive() override {
      if (linked()) withdraw();
    }
    bool poll() override {
      if (barrier_->waiting_ + 1 < barrier_->parties_) return false;
      barrier_->open();
      wake = Wake::completed;
      return true;
    }
    void enlist() override {
      barrier_->arrived_.append(*this);
      ++barrier_->waiting_;
    }
    void withdraw() override {
      unlink();
      --barrier_->waiting_;
    }

   private:
    Barrier* barrier_;
  };

  /// co_await: ok when all have arrived; cancelled, deadline_passed, or channel_closed when the
  /// barrier ends.
  auto arrive(TimePoint deadline = kNever) { return Wait{{Arrive(*this), deadline}}; }

  void enroll(std::size_t parties = 1) {
    Scheduler::Lock lock(scheduler_);
    parties_ += parties;
  }
  /// One party fewer; may open the barrier for the others.
  void resign() {
    Scheduler::Lock lock(scheduler_);
    if (parties_ > 0) --parties_;
    if (arrived_.linked() && waiting_ >= parties_) open();
  }

 private:
  struct Wait : WaitOn<Arrive> {
    Status await_resume() const { return to_status(this->actor->wake); }
  };
  void open() {
    while (arrived_.linked()) static_cast<Case*>(arrived_.next)->complete(Wake::completed);
  }

  Scheduler& scheduler_;
  std::size_t parties_;
  std::size_t waiting_ = 0;
  Link arrived_;
};

}  // namespace jitfarm::actor
