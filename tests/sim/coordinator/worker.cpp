#include "tests/sim/coordinator/programs.h"
#include "tests/support/hello.h"

namespace jitfarm::sim {

using namespace std::chrono_literals;

protocol::Hello Worker::hello() const {
  return test::hello(protocol::Role::worker, "worker", "sim", slots_, {});
}

protocol::Heartbeat Worker::heartbeat() const {
  protocol::Heartbeat beat;
  beat.draining = draining_;
  for (const auto& [key, job] : jobs_) {
    beat.in_flight_sessions.push_back(key.first);
    beat.in_flight.push_back(key.second);
  }
  return beat;
}

void Worker::handle(const Packet& packet) {
  const Key key{packet.envelope.session, packet.envelope.correlation};
  switch (packet.envelope.type) {
    case protocol::CompileRequest::kRecord.id: {
      const auto request = protocol::read<protocol::CompileRequest>(packet);
      if (!request) return world_.checker.violate("a compile_request does not decode");
      const int waves = static_cast<int>(world_.chance.below(4));
      if (!jobs_.try_emplace(key, Job{request->method_name, world_.checker.life(), waves}).second)
        return;  // doubled
      return advance(key);
    }
    case protocol::FactAnswer::kRecord.id:
      if (const auto it = jobs_.find(key); it != jobs_.end() && it->second.waves_left > 0) {
        --it->second.waves_left;
        advance(key);
      }
      return;
    case protocol::CancelCompile::kRecord.id:
      if (const auto it = jobs_.find(key); it != jobs_.end()) {
        if (it->second.waves_left > 0)
          jobs_.erase(it);  // it waits for facts
        else
          it->second.cancelled = true;  // the compiler cannot be interrupted
      }
      return;
    case protocol::SessionClosed::kRecord.id:
      std::erase_if(jobs_, [&](const auto& j) {
        return j.first.first == key.first && j.second.waves_left > 0;
      });
      return;
    default:
      return;
  }
}

void Worker::advance(Key key) {
  const Job& job = jobs_.at(key);
  if (job.waves_left > 0) {
    send(protocol::FactQuery{.request = key.second,
                             .wave = static_cast<std::uint32_t>(job.waves_left)},
         {.session = key.first, .correlation = key.second});
    return;
  }
  after(world_.chance.around(world_.compile_mean), [this, key] { finish(key); });
}

void Worker::finish(Key key) {
  const auto it = jobs_.find(key);
  if (it == jobs_.end()) return;
  if (stopped_) {
    after(100ms, [this, key] { finish(key); });
    return;
  }
  if (world_.is_poison(it->second.method)) {
    world_.checker.killed(it->second.method, it->second.coordinator_life);
    return crash();
  }
  const bool cancelled = it->second.cancelled;
  jobs_.erase(it);
  const protocol::Envelope envelope{.session = key.first, .correlation = key.second};
  if (cancelled && world_.chance.happens(0.5)) return;
  if (!world_.calm && world_.chance.happens(world_.misbehaviour)) {
    switch (world_.chance.below(4)) {
      case 0:
        send(protocol::CompileResult{.request = key.second}, envelope);
        break;  // and once more below
      case 1:
        return send(protocol::CompileResult{.request = RequestId{key.second.value + 1}}, envelope);
      case 2:
        return send(protocol::CompileFailed{.request = key.second,
                                            .error = "worker_lost",
                                            .reason = {},
                                            .detail = "handed back"},
                    envelope);
      case 3:
        return;  // forgets to answer
    }
  }
  if (world_.chance.happens(0.2))
    send(
        protocol::CompileFailed{
            .request = key.second, .error = "bail_out", .reason = "sim", .detail = {}},
        envelope);
  else
    send(protocol::CompileResult{.request = key.second}, envelope);
}

void Worker::crash() {
  leave_line();
  draining_ = false;
  stopped_ = false;
  after(world_.chance.between(100ms, 5s), [this] { start(); });
}

void Worker::stall(Duration d) {
  if (std::exchange(stopped_, true)) return;
  world_.agenda.in(d, [this] { resume(); });
}

void Worker::drain() {
  if (id_ == 0) return;
  draining_ = true;
  send(heartbeat());
  after(2s, [this] {
    send(protocol::Goodbye{"drained"});
    after(100ms, [this] { crash(); });  // the process ends; another takes its place
  });
}

}  // namespace jitfarm::sim
