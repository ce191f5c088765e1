// How does an actor get messages from many senders that must not wait? A bounded mailbox that
// refuses.
#pragma once
#include <utility>

#include "common/actor/channel.h"

namespace jitfarm::actor {

/// The inbox of an actor. Senders are never blocked: a full box refuses, and the sender decides
/// what that means. One receiver as a rule; several are served in turn. Used on scheduler threads
/// only; from others through Scheduler::post().
template <class T>
class Mailbox {
 public:
  using Receive = typename Channel<T>::Read;

  Mailbox(Scheduler& scheduler, std::size_t capacity) : channel_(scheduler, capacity) {}

  /// queue_full or channel_closed; the message is gone then.
  Status try_send(T message) { return channel_.try_write(message); }
  /// co_await: the next message, or channel_closed, cancelled, deadline_passed.
  auto receive(TimePoint deadline = kNever) { return channel_.read(deadline); }
  /// As an alternative of select().
  Receive receiving() { return Receive(channel_); }
  /// Refuses from now on; what is in it can still be received.
  void close() { channel_.close(); }
  std::size_t size() const { return channel_.buffered(); }

 private:
  Channel<T> channel_;
};

}  // namespace jitfarm::actor
