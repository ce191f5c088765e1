// How do HotSpot's compiler threads reach the farm? One session for the whole JVM, one thread of
// ours that owns the socket.
//
// A compiler thread calls compile() and blocks, at most until its deadline; the session's thread
// sends and receives. That thread is no Java thread: it is never attached to the VM, blocks all
// signals, and keeps running while libc runs exit handlers.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "common/base/clock.h"
#include "common/code/bailout.h"
#include "common/net/transport.h"
#include "common/protocol/messages.h"
#include "common/stats/layout.h"
#include "vmagent/session/breaker.h"
#include "vmagent/session/link.h"
#include "vmagent/session/remembered.h"

namespace jitfarm::vmagent::session {

struct SessionOptions {
  LinkPolicy link;
  BreakerPolicy breaker;
  RememberedPolicy remembered;
  Duration deadline = std::chrono::seconds(10);  ///< of one compilation, waits and waves together
  Duration connect_grace =
      std::chrono::seconds(1);   ///< how long requests wait for the very first session
  std::uint32_t waves_max = 64;  ///< questions that one compilation may ask
  /// Threads that compile remembered methods; each waits for the farm most of the time.
  std::uint32_t deferred_max = 3;
  Duration telemetry_interval = std::chrono::seconds(5);
  Duration quiet = std::chrono::seconds(2);  ///< without a compilation: the backlog is cleared
  Duration deferred_retry = std::chrono::seconds(1);  ///< after the VM had no thread
  std::uint64_t seed = 0;                             ///< of jitters
};

/// What became of one request.
struct Verdict {
  RequestId request;  ///< 0: was not sent
  enum class Kind : std::uint8_t {
    image,       ///< `image` is what the farm sent, unchecked
    bailed_out,  ///< the compiler will not compile this method
    failed,      ///< `error`, with `retry_later`
  };
  Kind kind = Kind::failed;
  Blob image;
  code::BailoutReason reason = code::BailoutReason::internal_error;
  Error error{Errc::cancelled, {}};
  bool retry_later = false;  ///< remember the method
  std::uint32_t waves = 0;   ///< questions that were answered
  std::uint64_t queue_ns = 0, compile_ns = 0;  ///< of an image, as the worker says
};

/// Answers a question about the VM, on the thread that called compile().
using Answer = std::function<protocol::FactAnswer(const protocol::FactQuery&)>;
/// Compiles remembered methods on threads of the VM. Errors of the first two: vm_unsupported is for
/// good, anything else for now.
struct DeferredThread {
  /// Runs `body` on a new thread of the VM. On the thread that remembers a method.
  std::function<Status(std::function<void()> body)> start;
  // On that thread:
  std::function<Status()> begin;
  std::function<bool(MethodId)> compile;  ///< false ends the thread (the VM does not take it)
  std::function<void()> end;              ///< after a begin() that succeeded
};

class FarmSession;

/// The right to send one request, and its deadline. Given back when it is not used.
class Ticket {
 public:
  Ticket(Ticket&& other) noexcept
      : session_(std::exchange(other.session_, nullptr)), deadline_(other.deadline_) {}
  Ticket& operator=(Ticket&&) = delete;
  ~Ticket();
  TimePoint deadline() const { return deadline_; }

 private:
  friend class FarmSession;
  Ticket(FarmSession* session, TimePoint deadline) : session_(session), deadline_(deadline) {}
  FarmSession* session_;
  TimePoint deadline_;
};

/// Any thread unless said otherwise. Never destroyed in a JVM; tests destroy it, when no compile()
/// runs.
class FarmSession {
 public:
  FarmSession(std::unique_ptr<net::Connection> connection, protocol::Hello hello,
              const SessionOptions& options, stats::Layout& stats, DeferredThread deferred);
  ~FarmSession();

  /// May a request go out? Waits for the very first session, at most connect_grace. The deadline
  /// starts to run here. Error: peer_unreachable; the method should be remembered.
  Result<Ticket> admit();
  /// Blocks until the answer is there, the deadline has passed or the farm is lost.
  /// `request.request` is filled in here. Tells the breaker how it went, unless it is an image:
  /// then the caller must call judged() once.
  Verdict compile(Ticket ticket, protocol::CompileRequest request, const Answer& answer);
  /// What became of an image.
  void report(const protocol::InstallReport& report);
  /// An image was looked at. One that is not fit to be installed is as bad as no answer.
  void judged(bool fit);

  /// To be compiled again when the farm can. False when it is not taken (again, too often, list
  /// full).
  bool remember(MethodId method);
  /// The same for a method that was just compiled unasked: HotSpot may have been compiling it at a
  /// lower tier, and would put that in place of ours. Not counted as remembered.
  void look_again(MethodId method);
  void forget(MethodId method);

  void classes_unloaded(std::vector<ClassId> classes);
  /// 0 when there is none. What was sent in one session is not known in the next.
  SessionId session() const;
  /// True when a request would go out now.
  bool available() const;

  /// Says goodbye, waits for at most `limit` until it is sent. A later compile() opens a new
  /// session.
  void goodbye(const std::string& reason, Duration limit);
  /// How often goodbye() was said.
  std::uint64_t goodbyes() const;

 private:
  friend class Ticket;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace jitfarm::vmagent::session
