// What is a message? A record with an id, a name and a direction.
#pragma once
#include <cstdint>
#include <string_view>
#include <tuple>

#include "common/wire/describe.h"

namespace jitfarm::protocol {

/// Who sends to whom. `routed` messages cross the coordinator with their body undecoded.
enum class Direction : std::uint8_t {
  agent_to_coordinator,
  coordinator_to_agent,
  worker_to_coordinator,
  coordinator_to_worker,
  agent_to_worker,   ///< routed
  worker_to_agent,   ///< routed
  peer_to_coordinator,   ///< agents, workers and the command line
  coordinator_to_peer,
};

template <class... Fields>
struct MessageDescriptor {
  std::uint16_t id;
  std::string_view name;
  Direction direction;
  std::string_view doc;
  std::tuple<Fields...> fields;
};
template <class... Fields>
constexpr MessageDescriptor<Fields...> message(std::uint16_t id, std::string_view name, Direction direction,
                                               std::string_view doc, Fields... f) {
  return {id, name, direction, doc, {f...}};
}

template <class T>
concept Message = std::is_aggregate_v<T> && requires { T::kRecord.direction; };

}  // namespace jitfarm::protocol
