#include "tests/sim/coordinator/programs.h"
#include "tests/support/hello.h"

namespace jitfarm::sim {

using namespace std::chrono_literals;

// ---- what both do -------------------------------------------------------------------------------

void Program::after(Duration d, std::function<void()> action) {
  world_.agenda.in(d, [this, life = life_, action = std::move(action)] {
    if (life == life_) action();
  });
}

void Program::start() {
  peer_ = {};
  id_ = 0;
  greet();
}

void Program::greet() {
  if (id_ != 0) return;
  if (!peer_) peer_ = world_.network.dial(side_, *this);
  if (peer_ && !stopped_) send(hello(), {.version = protocol::kVersionMin});
  after(world_.chance.between(500ms, 1500ms), [this] { greet(); });
}

void Program::beat(std::uint64_t id) {
  if (id != id_) return;
  if (!stopped_) {
    if (world_.agenda.now() - last_heard_ > lease_) {  // the coordinator is gone
      leave_line();
      return start();
    }
    send(heartbeat(), {.session = side_ == Side::clients ? SessionId{id_} : SessionId{}});
  }
  after(heartbeat_, [this, id] { beat(id); });
}

void Program::leave_line() {
  lost();
  world_.network.hang_up(peer_);
  peer_ = {};
  id_ = 0;
  new_life();
}

void Program::disconnected() {
  lost();
  peer_ = {};
  id_ = 0;
  new_life();
  after(world_.chance.between(10ms, 500ms), [this] { start(); });
}

void Program::resume() {
  stopped_ = false;
  for (Packet& p : std::exchange(waiting_, {})) arrived(std::move(p));
}

void Program::arrived(Packet packet) {
  if (stopped_) {
    waiting_.push_back(std::move(packet));
    return;
  }
  last_heard_ = world_.agenda.now();
  switch (packet.envelope.type) {
    case protocol::Welcome::kRecord.id: {
      const auto welcome = protocol::read<protocol::Welcome>(packet);
      if (!welcome) return world_.checker.violate("a welcome does not decode");
      if (welcome->peer == id_) return;
      if (id_ != 0) lost();
      id_ = welcome->peer;
      heartbeat_ = std::chrono::milliseconds(welcome->heartbeat_ms);
      lease_ = std::chrono::milliseconds(welcome->lease_ms);
      if (side_ == Side::clients) world_.checker.session_opened(peer_, SessionId{id_});
      beat(id_);
      return joined();
    }
    case protocol::Refuse::kRecord.id:
      if (id_ == 0) return;
      lost();
      id_ = 0;
      new_life();
      return greet();
    case protocol::CoordinatorGoodbye::kRecord.id:
    case protocol::HeartbeatAck::kRecord.id:
      return;
    default:
      if (id_ != 0) handle(packet);
  }
}

// ---- a client -----------------------------------------------------------------------------------

protocol::Hello Client::hello() const {
  return test::hello(protocol::Role::agent, "client", "sim", 4, "sim");
}
protocol::Heartbeat Client::heartbeat() const {
  return {.in_flight = {waiting_.begin(), waiting_.end()}};
}

void Client::joined() {
  after(world_.chance.around(pause_), [this] { ask(); });
}

void Client::ask() {
  if (id_ == 0 || world_.calm) return;
  // Popular methods are asked for by all clients at about the same time.
  const double popularity = world_.chance.uniform() * world_.chance.uniform();
  const auto method = static_cast<std::uint64_t>(popularity * static_cast<double>(world_.methods));
  protocol::CompileRequest request;
  request.request = RequestId{next_request_++};
  request.method_name = "m" + std::to_string(method);
  request.hotness = static_cast<std::uint32_t>(world_.chance.below(100'000));
  const Duration deadline = world_.chance.between(1s, 15s);
  const RequestId id = request.request;
  waiting_.insert(id);
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(deadline).count();
  send(request, {.session = SessionId{id_},
                 .correlation = id,
                 .deadline_ms = static_cast<std::uint32_t>(ms)});
  after(deadline + 500ms, [this, id] { waiting_.erase(id); });
  if (world_.chance.happens(0.03))
    after(world_.chance.around(100ms), [this, id] {
      if (id_ != 0 && waiting_.erase(id) != 0)
        send(protocol::CancelCompile{id}, {.session = SessionId{id_}, .correlation = id});
    });
  after(world_.chance.around(pause_), [this] { ask(); });
}

void Client::handle(const Packet& packet) {
  if (packet.envelope.session != SessionId{id_}) return;  // of a session before
  const RequestId request = packet.envelope.correlation;
  if (packet.envelope.type == protocol::FactQuery::kRecord.id) {
    const auto query = protocol::read<protocol::FactQuery>(packet);
    if (!query) return world_.checker.violate("a fact_query does not decode");
    if (waiting_.contains(request))
      send(protocol::FactAnswer{.request = request, .wave = query->wave},
           {.session = SessionId{id_}, .correlation = request});
  } else {
    waiting_.erase(request);
  }
}

void Client::crash() {
  leave_line();
  after(world_.chance.between(100ms, 3s), [this] { start(); });
}

}  // namespace jitfarm::sim
