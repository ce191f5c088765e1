// How does an actor wait for whatever comes first? (The ALT of process calculi.)
#pragma once
#include <cstddef>

#include "common/actor/scheduler.h"

namespace jitfarm::actor {

template <std::size_t N>
struct Select {
  Case* all[N];
  TimePoint deadline;
  ActorBlock* actor = nullptr;
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> at) {
    actor = at.promise().actor;
    for (std::size_t i = 0; i < N; ++i) {
      all[i]->wake = Wake::pending;
      all[i]->sibling = i + 1 < N ? all[i + 1] : nullptr;
    }
    return Scheduler::wait(*actor, at, all[0], deadline);
  }
  Result<std::size_t> await_resume() const {
    for (std::size_t i = 0; i < N; ++i)
      if (all[i] == actor->winner) return i;
    return std::unexpected(to_status(actor->wake).error());
  }
};

/// Waits for the first of `cases` (Channel::Read, Channel::Write, Mailbox::Receive), which are
/// named locals of the caller. When several can complete at once the earliest argument wins, so put
/// what must not starve first. Exactly one case completes and the others have had no effect.
///
///   Channel<Job>::Read job(jobs);
///   Mailbox<Order>::Receive order = orders.receiving();
///   Result<std::size_t> which = co_await select(deadline, order, job);
///
/// Result: the index of the case that ended the wait (a closed channel does too: ask the case), or
/// cancelled, deadline_passed.
template <class... Cases>
auto select(TimePoint deadline, Cases&... cases) {
  static_assert(sizeof...(Cases) > 0);
  return Select<sizeof...(Cases)>{{&cases...}, deadline};
}

}  // namespace jitfarm::actor
