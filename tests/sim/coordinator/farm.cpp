#include "tests/sim/coordinator/farm.h"

#include <deque>
#include <memory>

#include "common/base/log.h"

namespace jitfarm::sim {
namespace {

using namespace std::chrono_literals;
using coordinator::relay::Relay;
using coordinator::relay::RelayOptions;

constexpr Duration kCalm = 60s;  // longer than every deadline, lease and grace together

class Farm final : public coordinator::relay::Outbox {
 public:
  explicit Farm(const RunOptions& o)
      : options_(o),
        chance_(o.seed),
        agenda_(clock_),
        network_(agenda_, chance_),
        checker_(agenda_),
        world_{agenda_, chance_, network_, checker_} {
    spdlog::set_level(spdlog::level::off);
    clock_.advance(1s);
    draw_conditions();
    network_.to_coordinator = [this](Side side, PeerKey peer, Packet packet) {
      checker_.packet_in(*relay_, side, peer, packet);
      relay_->receive(side, peer, std::move(packet), clock_.now());
      after_event();
    };
    network_.line_ended = [this](Side side, PeerKey peer) {
      relay_->lost(side, peer, clock_.now());
      after_event();
    };
    start_coordinator();
    for (std::size_t i = 0; i < o.workers; ++i) {
      const auto slots = static_cast<std::uint32_t>(1 + chance_.below(8));
      workers_.emplace_back(world_, slots);
      checker_.slots += std::size_t{slots} * 4;
    }
    for (std::size_t i = 0; i < o.clients; ++i) clients_.emplace_back(world_, options_.pause);
    for (Worker& w : workers_) w.start_in(chance_.between(0ns, 3s));
    for (Client& c : clients_) c.start_in(chance_.between(0ns, 3s));
    schedule_faults();
  }

  Outcome run() {
    const TimePoint storm_ends = clock_.now() + options_.length;
    while (checker_.violation().empty() && agenda_.step(storm_ends)) {
    }
    world_.calm = true;
    network_.faults = {};
    if (!relay_) start_coordinator();
    while (checker_.violation().empty() && agenda_.step(storm_ends + kCalm)) {
    }
    if (checker_.violation().empty()) checker_.at_rest(*relay_);
    return {.violation = checker_.violation(),
            .requests = checker_.requests,
            .results = checker_.results,
            .failures = checker_.failures,
            .kills = checker_.kills,
            .quarantines = checker_.quarantines,
            .deadlines = checker_.deadlines,
            .no_worker = checker_.no_worker,
            .restarts = checker_.life() - 1,
            .events = agenda_.steps()};
  }

  // ---- the coordinator's way out, with room for sabotage ----
  Status send(Side side, PeerKey peer, Packet packet) override {
    const bool result = packet.envelope.type == protocol::CompileResult::kRecord.id;
    const bool answer = result || packet.envelope.type == protocol::CompileFailed::kRecord.id;
    if (side == Side::clients && answer && options_.sabotage == Sabotage::swallows_answers &&
        chance_.happens(0.02))
      return {};
    if (side == Side::clients && result && options_.sabotage == Sabotage::wrong_client &&
        chance_.happens(0.02))
      peer = another_client(peer);
    checker_.packet_out(side, peer, packet);
    if (side == Side::clients && result && options_.sabotage == Sabotage::answers_twice &&
        chance_.happens(0.02))
      checker_.packet_out(side, peer, packet);
    return network_.send_down(side, peer, std::move(packet));
  }
  void drop(Side, PeerKey peer) override { network_.forget(peer); }

 private:
  void draw_conditions() {
    NetworkFaults& f = network_.faults;
    f.delay_max = chance_.between(1ms, 200ms);
    if (chance_.happens(0.5)) f.loss = chance_.uniform() * 0.05;
    if (chance_.happens(0.3)) f.duplication = chance_.uniform() * 0.05;
    f.reorder = chance_.happens(0.3);
    if (chance_.happens(0.5)) f.unnoticed = chance_.uniform();
    world_.methods = 5 + chance_.below(200);
    if (chance_.happens(0.6)) world_.poison = 1 + chance_.below(3);
    if (options_.sabotage == Sabotage::no_quarantine) world_.poison = 2;
    if (chance_.happens(0.4)) world_.misbehaviour = chance_.uniform() * 0.2;
    world_.compile_mean = chance_.between(5ms, 1s);
    relay_options_.seed = options_.seed;
    relay_options_.epoch = options_.seed * 0x9e3779b97f4a7c15u;
    relay_options_.scheduler.queued = 20 + chance_.below(2000);
    relay_options_.scheduler.queued_per_client = 2 + chance_.below(50);
    if (chance_.happens(0.3)) relay_options_.scheduler.random_moves = chance_.uniform();
    if (options_.sabotage == Sabotage::no_quarantine) relay_options_.scheduler.ledger.memory = 0ns;
  }

  void start_coordinator() {
    relay_options_.epoch += 0x1234567;  // another start, another epoch
    relay_ = std::make_unique<Relay>(relay_options_, *this, telemetry_, clock_.now());
    checker_.coordinator_started(relay_options_);
    network_.coordinator_up();
    wake();
  }
  void wake() {
    const auto life = checker_.life();
    agenda_.in(50ms, [this, life] {  // the longest sleep of the real loop
      if (!relay_ || life != checker_.life()) return;
      relay_->tick(clock_.now());
      after_event();
      wake();
    });
  }
  void after_event() {
    if (relay_->next_event(clock_.now()) < clock_.now()) relay_->tick(clock_.now());
    checker_.look(*relay_);
  }
  PeerKey another_client(PeerKey not_this) const {
    for (const auto& [id, s] : relay_->sessions().all())
      if (s.peer != not_this) return s.peer;
    return not_this;
  }

  /// Faults come at random times, each kind at a rate of its own; a run may have none of a kind.
  void repeat(Duration mean, std::function<void()> fault) {
    agenda_.in(chance_.around(mean), [this, mean, fault] {
      if (world_.calm) return;
      fault();
      repeat(mean, fault);
    });
  }
  void schedule_faults() {
    if (chance_.happens(0.6)) repeat(chance_.between(2s, 20s), [this] { some(workers_).crash(); });
    if (chance_.happens(0.5))
      repeat(chance_.between(2s, 20s), [this] { some(workers_).stall(chance_.between(1s, 15s)); });
    if (chance_.happens(0.4)) repeat(chance_.between(5s, 20s), [this] { some(workers_).drain(); });
    if (chance_.happens(0.5)) repeat(chance_.between(1s, 10s), [this] { some(clients_).crash(); });
    if (chance_.happens(0.4))
      repeat(chance_.between(5s, 30s), [this] {
        if (!relay_) return;
        if (chance_.happens(0.5)) relay_->shut_down(clock_.now());
        relay_.reset();
        network_.coordinator_down();
        agenda_.in(chance_.between(100ms, 4s), [this] {
          if (!relay_) start_coordinator();
        });
      });
  }
  template <class P>
  P& some(std::deque<P>& all) {
    return all[chance_.below(all.size())];
  }

  RunOptions options_;
  Chance chance_;
  ManualClock clock_;
  Agenda agenda_;
  Network network_;
  Checker checker_;
  World world_;
  RelayOptions relay_options_;
  coordinator::admin::Telemetry telemetry_;
  std::unique_ptr<Relay> relay_;
  std::deque<Worker> workers_;
  std::deque<Client> clients_;
};

}  // namespace

RunOptions drawn(std::uint64_t seed) {
  Chance chance(seed ^ 0xfa12);
  RunOptions o;
  o.seed = seed;
  o.clients = 1 + chance.below(30);
  o.workers = 1 + chance.below(8);
  o.length = chance.between(5s, 40s);
  o.pause = chance.between(50ms, 2s);
  return o;
}

Outcome run(const RunOptions& options) { return Farm(options).run(); }

}  // namespace jitfarm::sim
