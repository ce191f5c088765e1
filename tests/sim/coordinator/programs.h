// How do agents and workers behave, and misbehave? Models of their protocol, without JVMs and
// compilers.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "tests/sim/coordinator/checker.h"
#include "tests/sim/coordinator/network.h"

namespace jitfarm::sim {

/// What the programs share: the world they live in.
struct World {
  Agenda& agenda;
  Chance& chance;
  Network& network;
  Checker& checker;
  std::uint64_t methods = 50;
  std::uint64_t poison = 0;  ///< the first so many methods kill the worker that compiles them
  Duration compile_mean = std::chrono::milliseconds(50);
  double misbehaviour = 0;  ///< of workers: answers twice, garbage, hands back
  bool calm = false;        ///< no more faults and requests: the run comes to its end
  bool is_poison(const std::string& method) const { return std::stoull(method.substr(1)) < poison; }
};

/// Hello, welcome, heartbeats and beginning anew: the same for both.
class Program : public Endpoint {
 public:
  Program(World& world, Side side) : world_(world), side_(side) {}
  /// Begins after a while, unless it crashes before.
  void start_in(Duration d) {
    after(d, [this] { start(); });
  }
  void arrived(Packet packet) override;
  void disconnected() override;

 protected:
  virtual protocol::Hello hello() const = 0;
  virtual protocol::Heartbeat heartbeat() const = 0;
  virtual void joined() {}
  virtual void lost() = 0;  ///< whatever belonged to the session is void
  virtual void handle(const Packet& packet) = 0;
  template <protocol::Message M>
  void send(const M& message, protocol::Envelope envelope = {}) {
    world_.network.send_up(peer_, protocol::make_packet(message, envelope));
  }
  void start();
  void leave_line();
  void after(Duration d, std::function<void()> action);  ///< unless this life has ended by then
  void new_life() { ++life_; }

  World& world_;
  Side side_;
  PeerKey peer_;
  std::uint64_t id_ = 0;  ///< session or worker, 0: not joined
  bool stopped_ = false;  ///< as by SIGSTOP: packets wait

 private:
  void greet();
  void beat(std::uint64_t id);
  std::uint64_t life_ = 0;
  TimePoint last_heard_;
  Duration heartbeat_{}, lease_{};
  std::vector<Packet> waiting_;

 protected:
  void resume();
};

class Client final : public Program {
 public:
  explicit Client(World& world, Duration pause) : Program(world, Side::clients), pause_(pause) {}
  void crash();
  void ask();

 private:
  protocol::Hello hello() const override;
  protocol::Heartbeat heartbeat() const override;
  void joined() override;
  void lost() override { waiting_.clear(); }
  void handle(const Packet& packet) override;

  Duration pause_;
  std::uint64_t next_request_ = 1;
  std::set<RequestId> waiting_;
};

class Worker final : public Program {
 public:
  Worker(World& world, std::uint32_t slots) : Program(world, Side::workers), slots_(slots) {}
  void crash();
  void stall(Duration d);
  void drain();

 private:
  using Key = std::pair<SessionId, RequestId>;
  struct Job {
    std::string method;
    std::uint64_t coordinator_life;
    int waves_left;
    bool cancelled = false;
  };
  protocol::Hello hello() const override;
  protocol::Heartbeat heartbeat() const override;
  void lost() override { jobs_.clear(); }
  void handle(const Packet& packet) override;
  void advance(Key key);
  void finish(Key key);

  std::uint32_t slots_;
  bool draining_ = false;
  std::map<Key, Job> jobs_;
};

}  // namespace jitfarm::sim
