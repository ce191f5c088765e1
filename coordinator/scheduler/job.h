// What does the scheduler know about one request?
#pragma once
#include <compare>
#include <cstdint>
#include <functional>
#include <string>

#include "common/base/clock.h"
#include "common/base/id.h"
#include "common/protocol/envelope.h"

namespace jitfarm::coordinator::scheduler {

struct JobKey {
  SessionId session;
  RequestId request;
  friend auto operator<=>(const JobKey&, const JobKey&) = default;
};

/// Hash of a method's name and its class's shape. The same in every client, so that a method that
/// killed a worker for one does not kill for another.
using MethodKey = Id<struct MethodKeyTag>;

/// One request from its arrival to its one answer. The packet is kept so that another worker can
/// have it.
struct Job {
  JobKey key;
  MethodKey method;
  std::uint32_t hotness = 0;
  protocol::Packet packet;
  std::size_t bytes = 0;
  TimePoint arrived;
  TimePoint deadline;

  enum class State : std::uint8_t {
    queued,         ///< in the fair queue
    waits_method,   ///< another worker must first show that this method is harmless
    waits_suspect,  ///< the method has cost a worker: waits for one that holds no other suspect
    running,
  };
  State state = State::queued;
  WorkerId worker;          ///< when running
  WorkerId avoid;           ///< gave it back
  std::uint8_t losses = 0;  ///< workers lost under it
  std::uint8_t dispatches = 0;
};

}  // namespace jitfarm::coordinator::scheduler

template <>
struct std::hash<jitfarm::coordinator::scheduler::JobKey> {
  std::size_t operator()(const jitfarm::coordinator::scheduler::JobKey& k) const noexcept {
    return std::hash<std::uint64_t>{}(k.session.value * 0x9e3779b97f4a7c15u + k.request.value);
  }
};
