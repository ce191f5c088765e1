// What is a step of an actor? A lazy coroutine that belongs to whoever awaits it.
#pragma once
#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "common/actor/frame_alloc.h"

namespace jitfarm::actor {

struct ActorBlock;

/// Ends an actor: destroys its frames and tells the scheduler. Called when its root task is done.
void retire(ActorBlock& actor) noexcept;

struct PromiseBase {
  ActorBlock* actor = nullptr;  ///< whom the frame runs for; set when it is spawned or awaited
  std::coroutine_handle<> continuation{};  ///< who awaits it; null for the root of an actor

  static void* operator new(std::size_t bytes) { return frame_allocate(bytes); }
  static void operator delete(void* frame, std::size_t bytes) noexcept { frame_free(frame, bytes); }

  struct Final {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      PromiseBase& promise = self.promise();
      if (promise.continuation) return promise.continuation;
      if (promise.actor) retire(*promise.actor);  // `self` is gone after this
      return std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };
  std::suspend_always initial_suspend() const noexcept { return {}; }
  Final final_suspend() const noexcept { return {}; }
  // Nothing throws across our functions: an exception here is a broken promise of ours, or out of
  // memory.
  [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
};

/// Starts a task and goes on with its value when it is done.
template <class Promise, class T>
struct TaskAwaiter {
  std::coroutine_handle<Promise> child;
  bool await_ready() const noexcept { return false; }
  template <class Parent>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Parent> parent) const noexcept {
    child.promise().actor = parent.promise().actor;
    child.promise().continuation = parent;
    return child;
  }
  T await_resume() const {
    if constexpr (!std::is_void_v<T>) return *std::move(child.promise().value);
  }
};

/// Owns the frame of a task: dropping it drops everything below it.
template <class Promise>
class TaskFrame {
 public:
  TaskFrame(TaskFrame&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
  TaskFrame& operator=(TaskFrame&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~TaskFrame() {
    if (frame_) frame_.destroy();
  }

  /// Gives the frame up: for the scheduler.
  std::coroutine_handle<Promise> release() && { return std::exchange(frame_, {}); }

 protected:
  explicit TaskFrame(std::coroutine_handle<Promise> frame) : frame_(frame) {}
  std::coroutine_handle<Promise> frame_;
};

template <class T>
class Task;

template <class T>
struct TaskPromise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
};

template <>
struct TaskPromise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() const noexcept {}
};

/// A computation that starts when it is awaited (or spawned) and ends in a T. Owns its frame.
/// Parameters of a task function are taken by value, and a lambda with captures is never one: the
/// frame does not keep the closure alive.
template <class T = void>
class [[nodiscard]] Task : public TaskFrame<TaskPromise<T>> {
 public:
  using promise_type = TaskPromise<T>;
  explicit Task(std::coroutine_handle<promise_type> frame) : TaskFrame<promise_type>(frame) {}

  TaskAwaiter<promise_type, T> operator co_await() && noexcept { return {this->frame_}; }
};

template <class T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}

}  // namespace jitfarm::actor
