// What is the least that a waiting process can cost? A coroutine frame of 40 to 48 bytes and
// nothing beside it.
//
// The single-threaded flavour of the runtime, for simulations and for very many processes. A
// process that waits is linked into the queue of its channel through its own promise, and belongs
// to that channel; one that is ready belongs to the scheduler. No deadlines, cancellation, select
// or threads: who needs those takes an actor (scheduler.h), which costs some 370 bytes. Why there
// are two: docs/adr/0003-actor-runtime.md.
#pragma once
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/actor/frame_alloc.h"

namespace jitfarm::actor {

/// What fits into the one word that a waiting process has for it.
template <class T>
concept Word = std::is_trivially_copyable_v<T> && sizeof(T) <= 8;

/// A process. Starts when it is spawned and destroys itself at its end. Parameters by value, or
/// references to what outlives it.
class [[nodiscard]] Process {
 public:
  struct promise_type {
    // While it waits for a value: the next one in the channel's queue. Afterwards: the value.
    std::uint64_t link_or_word = 0;

    promise_type() { ++alive_; }
    ~promise_type() { --alive_; }
    promise_type(const promise_type&) = delete;
    static void* operator new(std::size_t bytes) { return frame_allocate(bytes); }
    static void operator delete(void* frame, std::size_t bytes) noexcept {
      frame_free(frame, bytes);
    }
    Process get_return_object() {
      return Process(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
  using Handle = std::coroutine_handle<promise_type>;

  Process(Process&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
  Process& operator=(Process&&) = delete;
  ~Process() {
    if (frame_) frame_.destroy();
  }
  Handle release() && { return std::exchange(frame_, {}); }

  /// This thread's processes that exist.
  static std::size_t alive() { return alive_; }

 private:
  explicit Process(Handle frame) : frame_(frame) {}
  static inline thread_local std::size_t alive_ = 0;
  Handle frame_;
};

/// Runs ready processes in turn on the calling thread. O(ready): a waiting process is in its
/// channel's queue only.
class ProcessScheduler {
 public:
  ProcessScheduler() : ring_(kRingMin) {}
  ~ProcessScheduler() {
    while (count_ > 0) pop().destroy();
  }
  ProcessScheduler(const ProcessScheduler&) = delete;
  ProcessScheduler& operator=(const ProcessScheduler&) = delete;

  void spawn(Process process) { ready(std::move(process).release()); }
  /// Until nothing is ready, or `resumes_max` resumptions. Returns how many it made.
  std::size_t run(std::size_t resumes_max = SIZE_MAX) {
    std::size_t resumes = 0;
    while (count_ > 0 && resumes < resumes_max) {
      ++resumes;
      pop().resume();
    }
    return resumes;
  }
  std::size_t ready_count() const { return count_; }
  void ready(std::coroutine_handle<> process) {
    if (count_ == ring_.size()) [[unlikely]]
      grow();
    ring_[(first_ + count_++) & (ring_.size() - 1)] = process;
  }

 private:
  static constexpr std::size_t kRingMin = 64;
  std::coroutine_handle<> pop() {
    std::coroutine_handle<> process = ring_[first_];
    first_ = (first_ + 1) & (ring_.size() - 1);
    --count_;
    return process;
  }
  void grow() {
    std::vector<std::coroutine_handle<>> larger(ring_.size() * 2);
    for (std::size_t i = 0; i < count_; ++i) larger[i] = ring_[(first_ + i) & (ring_.size() - 1)];
    ring_ = std::move(larger);
    first_ = 0;
  }

  std::vector<std::coroutine_handle<>> ring_;  // size is a power of two
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

/// A rendezvous between any number of processes of one scheduler; claims are served in order.
/// Destroys those that still wait in it.
template <Word T>
class ProcessChannel {
 public:
  explicit ProcessChannel(ProcessScheduler& scheduler) : scheduler_(scheduler) {}
  ~ProcessChannel() {
    while (readers_.first) Process::Handle::from_promise(*take_reader()).destroy();
    while (writers_.first) take_writer()->self.destroy();
  }
  ProcessChannel(const ProcessChannel&) = delete;
  ProcessChannel& operator=(const ProcessChannel&) = delete;

  struct Read {
    // The channel, and while the process waits its promise: one word in the frame instead of two.
    std::uintptr_t at;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(Process::Handle self) noexcept {
      auto* channel = reinterpret_cast<ProcessChannel*>(at);
      Promise& promise = self.promise();
      at = reinterpret_cast<std::uintptr_t>(&promise);
      if (!channel->writers_.first) {
        promise.link_or_word = 0;
        if (channel->readers_.first)
          channel->readers_.last->link_or_word = at;
        else
          channel->readers_.first = &promise;
        channel->readers_.last = &promise;
        return true;
      }
      Write* const writer = channel->take_writer();
      promise.link_or_word = writer->word;
      channel->scheduler_.ready(writer->self);
      return false;
    }
    T await_resume() const noexcept {
      T value;
      std::memcpy(&value, &reinterpret_cast<Promise*>(at)->link_or_word, sizeof value);
      return value;
    }
  };

  struct Write {
    ProcessChannel* channel;
    std::uint64_t word;
    Process::Handle self{};
    Write* next = nullptr;
    bool await_ready() const noexcept { return channel->offer_word(word); }
    void await_suspend(Process::Handle writer) noexcept {
      self = writer;
      if (channel->writers_.first)
        channel->writers_.last->next = this;
      else
        channel->writers_.first = this;
      channel->writers_.last = this;
    }
    void await_resume() const noexcept {}
  };

  Read read() { return {reinterpret_cast<std::uintptr_t>(this)}; }
  Write write(T value) { return {this, to_word(value)}; }

  /// Gives a value to the process that has waited longest. False when none waits. Also from outside
  /// a process.
  bool offer(T value) { return offer_word(to_word(value)); }

 private:
  using Promise = Process::promise_type;
  template <class Node>
  struct Queue {
    Node* first = nullptr;
    Node* last = nullptr;  // only while there is a first
  };

  static std::uint64_t to_word(T value) {
    std::uint64_t word = 0;
    std::memcpy(&word, &value, sizeof value);
    return word;
  }
  bool offer_word(std::uint64_t word) {
    if (!readers_.first) return false;
    Promise* const reader = take_reader();
    reader->link_or_word = word;
    scheduler_.ready(Process::Handle::from_promise(*reader));
    return true;
  }
  Promise* take_reader() {
    Promise* const reader = readers_.first;
    readers_.first = reinterpret_cast<Promise*>(reader->link_or_word);
    return reader;
  }
  Write* take_writer() {
    Write* const writer = writers_.first;
    writers_.first = writer->next;
    return writer;
  }

  ProcessScheduler& scheduler_;
  Queue<Promise> readers_;  // at most one of the two is not empty
  Queue<Write> writers_;
};

}  // namespace jitfarm::actor
