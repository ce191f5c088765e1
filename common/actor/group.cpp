// How does a par block end early without leaving anything behind?
#include "common/actor/group.h"

namespace jitfarm::actor {
namespace {

/// Cancels the group at the deadline. A member of an own group, so that it is gone before the block
/// is.
Task<void> cancel_at(TaskGroup* group, TimePoint deadline, bool* fired) {
  if (!co_await sleep_until(deadline)) co_return;
  *fired = true;
  group->cancel();
}

}  // namespace

Task<Status> par(std::vector<Task<void>> tasks, TimePoint deadline) {
  const Self self = co_await this_actor();
  TaskGroup group(self.scheduler, self.scope);
  TaskGroup watch(self.scheduler);
  bool late = false;
  Status status;
  if (deadline != kNever) status = watch.spawn(cancel_at(&group, deadline, &late));
  for (auto& task : tasks) {
    if (!status) break;
    status = group.spawn(std::move(task));
  }
  if (!status) group.cancel();
  co_await group.join();
  watch.cancel();
  co_await watch.join();
  if (!status) co_return status;
  if (co_await is_cancelled()) co_return fail(Errc::cancelled);
  if (late) co_return fail(Errc::deadline_passed);
  co_return Status{};
}

}  // namespace jitfarm::actor
