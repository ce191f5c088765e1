// How do actors exchange values in step? A channel: rendezvous, or with a bounded buffer;
// one-to-one to many-to-many.
#pragma once
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "common/actor/scheduler.h"

namespace jitfarm::actor {

/// Any number of writers and readers; claims are served in the order in which they were made. With
/// capacity 0 a write ends when its value was taken. Closing ends all waits with `channel_closed`;
/// what is buffered can still be read. Used on scheduler threads only; dies before its scheduler,
/// closing first.
template <class T>
class Channel {
 public:
  /// An alternative of a wait that takes a value. Afterwards: value(), if it is the one that
  /// completed.
  class Read : public Case {
   public:
    explicit Read(Channel& channel) : channel_(&channel) {}
    bool poll() override { return channel_->poll_read(*this); }
    void enlist() override { channel_->readers_.append(*this); }
    Result<T> value() {
      if (wake == Wake::completed) return *std::move(value_);
      return std::unexpected(to_status(wake).error());
    }

   private:
    friend class Channel;
    Channel* channel_;
    std::optional<T> value_;
  };

  /// An alternative that gives a value. Keeps the value when another one completes.
  class Write : public Case {
   public:
    Write(Channel& channel, T value) : channel_(&channel), value_(std::move(value)) {}
    bool poll() override { return channel_->poll_write(*this); }
    void enlist() override { channel_->writers_.append(*this); }
    Status status() const { return to_status(wake); }
    T& kept() { return value_; }

   private:
    friend class Channel;
    Channel* channel_;
    T value_;
  };

  explicit Channel(Scheduler& scheduler, std::size_t capacity = 0)
      : scheduler_(scheduler), capacity_(capacity) {}
  ~Channel() { close(); }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  /// co_await: the next value, or channel_closed, cancelled, deadline_passed.
  auto read(TimePoint deadline = kNever) { return ReadWait{{Read(*this), deadline}}; }
  /// co_await: ok when the value was taken (capacity 0) or buffered. A failed write has not been
  /// seen by anybody.
  auto write(T value, TimePoint deadline = kNever) {
    return WriteWait{{Write(*this, std::move(value)), deadline}};
  }

  /// Without waiting. Empty: nothing is there now, or closed.
  std::optional<T> try_read() {
    Read read(*this);
    Scheduler::Lock lock(scheduler_);
    if (!poll_read(read) || read.wake != Wake::completed) return std::nullopt;
    return std::move(read.value_);
  }
  /// queue_full when nobody waits and the buffer is full; `value` is untouched when it fails.
  Status try_write(T& value) {
    Write write(*this, std::move(value));
    Scheduler::Lock lock(scheduler_);
    if (poll_write(write)) {
      if (write.wake == Wake::completed) return {};
      value = std::move(write.value_);
      return to_status(write.wake);
    }
    value = std::move(write.value_);
    return fail(Errc::queue_full, "channel of " + std::to_string(capacity_));
  }

  void close() {
    Scheduler::Lock lock(scheduler_);
    closed_ = true;
    while (readers_.linked()) static_cast<Case*>(readers_.next)->complete(Wake::closed);
    while (writers_.linked()) static_cast<Case*>(writers_.next)->complete(Wake::closed);
  }
  std::size_t buffered() const {
    Scheduler::Lock lock(scheduler_);
    return buffer_.size();
  }

 private:
  /// The case knows whether it completed; cancellation and deadline are known to the actor.
  struct ReadWait : WaitOn<Read> {
    Result<T> await_resume() {
      if (this->one.wake == Wake::pending) this->one.wake = this->actor->wake;
      return this->one.value();
    }
  };
  struct WriteWait : WaitOn<Write> {
    Status await_resume() {
      if (this->one.wake == Wake::pending) this->one.wake = this->actor->wake;
      return this->one.status();
    }
  };

  bool poll_read(Read& read) {
    if (!buffer_.empty()) {
      read.value_.emplace(std::move(buffer_.front()));
      buffer_.pop_front();
      if (writers_.linked()) {  // the first waiting writer gets the place
        auto* writer = static_cast<Write*>(static_cast<Case*>(writers_.next));
        buffer_.push_back(std::move(writer->value_));
        writer->complete(Wake::completed);
      }
    } else if (writers_.linked()) {
      auto* writer = static_cast<Write*>(static_cast<Case*>(writers_.next));
      read.value_.emplace(std::move(writer->value_));
      writer->complete(Wake::completed);
    } else if (closed_) {
      read.wake = Wake::closed;
      return true;
    } else {
      return false;
    }
    read.wake = Wake::completed;
    return true;
  }

  bool poll_write(Write& write) {
    if (closed_) {
      write.wake = Wake::closed;
      return true;
    }
    if (readers_.linked()) {
      auto* reader = static_cast<Read*>(static_cast<Case*>(readers_.next));
      reader->value_.emplace(std::move(write.value_));
      reader->complete(Wake::completed);
    } else if (buffer_.size() < capacity_) {
      buffer_.push_back(std::move(write.value_));
    } else {
      return false;
    }
    write.wake = Wake::completed;
    return true;
  }

  Scheduler& scheduler_;
  const std::size_t capacity_;
  bool closed_ = false;
  std::deque<T> buffer_;
  Link readers_;
  Link writers_;
};

}  // namespace jitfarm::actor
