// Is there a session with a coordinator, and what arrives on it? The protocol side of the agent,
// without threads.
//
//   idle -> greeting (hello, as soon as there is a connection) -> established
//   greeting, established -> (silence, refusal, connection lost) -> waiting (backoff with jitter)
//   -> greeting ..
//
// Everything runs on one thread; time comes in as an argument and packets go through
// net::Connection, so that a test can put a bad network and a manual clock under it.
#pragma once
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <unordered_map>

#include "common/base/clock.h"
#include "common/net/transport.h"
#include "common/protocol/messages.h"
#include "common/stats/layout.h"

namespace jitfarm::vmagent::session {

struct LinkPolicy {
  Duration hello_timeout = std::chrono::seconds(2);
  Duration backoff_min = std::chrono::milliseconds(100);
  Duration backoff_max = std::chrono::seconds(10);
  Duration refused_backoff =
      std::chrono::seconds(30);  ///< after a refusal that only another program version can cure
  Duration heartbeat_min = std::chrono::milliseconds(20);
  std::size_t in_flight_max = 4096;
};

/// Whoever waits for one request. Called on the link's thread; must not block.
class Waiter {
 public:
  virtual void on_query(protocol::FactQuery query) = 0;
  virtual void on_result(protocol::CompileResult result) = 0;  ///< last call
  virtual void on_failed(protocol::CompileFailed failed) = 0;  ///< last call
  virtual void on_lost(Error why) = 0;                         ///< last call: nobody will answer

 protected:
  ~Waiter() = default;
};

class Link {
 public:
  enum class State : std::uint8_t { idle, greeting, established, waiting };
  struct Events {
    std::function<void(SessionId)> established;
    std::function<void(const Error&)>
        lost;  ///< also when a handshake fails; every waiter has been told before
  };

  Link(net::Connection& connection, protocol::Hello hello, const LinkPolicy& policy,
       std::uint64_t seed, stats::Layout& stats, Events events);

  State state() const { return state_; }
  SessionId session() const { return session_; }

  /// Dials when idle; nothing otherwise.
  void open(TimePoint now);
  /// Orderly end. Waiters are told that they are cancelled.
  void close(const std::string& reason);
  /// Everything that arrived, and every timer that is due.
  void run(TimePoint now);
  /// When run() is needed again if nothing arrives.
  TimePoint next_run() const;

  /// Sends a compile request; `waiter` gets events until its last call or drop(). On error it gets
  /// none.
  Status submit(RequestId request, protocol::Packet packet, Waiter& waiter);
  void drop(RequestId request);
  /// Anything else about this session.
  Status send(protocol::Packet packet);

 private:
  void greet(TimePoint now);
  void say_hello(TimePoint now);
  void lose(Error why, TimePoint now, Duration backoff);
  void handle(const protocol::Packet& packet, TimePoint now);
  void handle_in_session(const protocol::Packet& packet, TimePoint now);
  void handle_refusal(const protocol::Packet& packet, TimePoint now);
  template <class M, class Deliver>
  void deliver(const protocol::Packet& packet, bool last, Deliver deliver);
  void heartbeat(TimePoint now);
  Status transmit(protocol::Packet packet);
  void end_waiters(const Error& why);

  net::Connection& connection_;
  const protocol::Hello hello_;
  const LinkPolicy policy_;
  std::minstd_rand random_;
  stats::Layout& stats_;
  const Events events_;

  State state_ = State::idle;
  SessionId session_;
  std::uint16_t version_ = 0;
  Duration backoff_{};
  Duration heartbeat_every_{}, lease_{};
  bool hello_sent_ = false;
  TimePoint timer_{};  ///< greeting: give up; waiting: greet again
  TimePoint heartbeat_at_{}, lease_until_{};
  std::unordered_map<RequestId, Waiter*> waiters_;
};

}  // namespace jitfarm::vmagent::session
