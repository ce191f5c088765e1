// What does the same cost in CAF, the actor framework of Debian? Its mailboxes are asynchronous, so
// nobody waits to send.
#include <caf/all.hpp>
#include <vector>

#include "tests/bench/actors/measure.h"

namespace jitfarm::bench {
namespace {

using namespace caf;

struct Next {
  actor to;
  long count = 0;
};

behavior idle(event_based_actor*) {
  return {[](long v) { return v; }};
}
behavior ring_node(stateful_actor<Next>* self, actor done) {
  return {[self](actor next) { self->state.to = next; },
          [self, done](long v) {
            if (v > 0)
              self->send(self->state.to, v - 1);
            else
              self->send(done, ok_atom_v);
          }};
}
behavior consume(stateful_actor<Next>* self, actor done, long rounds) {
  return {[self, done, rounds](long) {
    if (++self->state.count == rounds) self->send(done, ok_atom_v);
  }};
}
behavior successor(stateful_actor<Next>* self) {
  return {[self](actor next) { self->state.to = next; },
          [self](long v) { self->send(self->state.to, v + 1); }};
}
behavior delta(event_based_actor* self, actor consumer, actor next) {
  return {[self, consumer, next](long v) {
    self->send(consumer, v);
    self->send(next, v);
  }};
}
behavior prefix(event_based_actor* self, actor to, long rounds) {
  return {[self, to, rounds](long v) {
    if (v < rounds + 10) self->send(to, v);
  }};
}

}  // namespace

Figures measure_caf(std::size_t idle_count, long rounds) {
  Figures f;
  actor_system_config config;
  config.set("scheduler.max-threads", 1);
  actor_system system{config};
  {
    std::vector<actor> all;
    all.reserve(idle_count);
    const std::size_t before = resident_bytes();
    const double start = seconds();
    for (std::size_t i = 0; i < idle_count; ++i) all.push_back(system.spawn(idle));
    f.spawn_ns = (seconds() - start) / static_cast<double>(idle_count) * 1e9;
    f.idle_bytes = static_cast<double>(resident_bytes() - before) / static_cast<double>(idle_count);
  }
  scoped_actor self{system};
  {
    auto consumer = system.spawn(consume, actor_cast<actor>(self), rounds);
    auto succ = system.spawn(successor);
    auto split = system.spawn(delta, consumer, succ);
    auto pre = system.spawn(prefix, split, rounds);
    self->send(succ, pre);
    const double start = seconds();
    self->send(pre, 0L);
    self->receive([](ok_atom) {});
    f.commstime_ns = (seconds() - start) / static_cast<double>(rounds) / 4 * 1e9;
    for (auto& a : {consumer, succ, split, pre}) anon_send_exit(a, exit_reason::kill);
  }
  constexpr std::size_t kRing = 1000;
  std::vector<actor> ring;
  for (std::size_t i = 0; i < kRing; ++i)
    ring.push_back(system.spawn(ring_node, actor_cast<actor>(self)));
  for (std::size_t i = 0; i < kRing; ++i) self->send(ring[i], ring[(i + 1) % kRing]);
  const double start = seconds();
  self->send(ring[0], rounds);
  self->receive([](ok_atom) {});
  f.ring_ns = (seconds() - start) / static_cast<double>(rounds) * 1e9;
  for (auto& a : ring) anon_send_exit(a, exit_reason::kill);
  return f;
}

}  // namespace jitfarm::bench
