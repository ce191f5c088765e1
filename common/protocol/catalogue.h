// The list of all messages: codec, names, metric labels, docs, round-trip tests and fuzz targets walk it.
#pragma once
#include <array>
#include <string_view>

#include "common/protocol/messages.h"

namespace jitfarm::protocol {

template <Message... Ms>
struct MessageList {
  static constexpr std::size_t size = sizeof...(Ms);
  static consteval bool ids_unique() {
    std::array<std::uint16_t, size> ids{Ms::kRecord.id...};
    for (std::size_t i = 0; i < size; ++i)
      for (std::size_t j = i + 1; j < size; ++j)
        if (ids[i] == ids[j]) return false;
    return true;
  }
  static_assert(ids_unique(), "two messages share an id");
  static_assert(((wire::arity<Ms>() == std::tuple_size_v<decltype(Ms::kRecord.fields)>) && ...), "a member is missing from a kRecord");

  template <class F>
  static constexpr void for_each(F&& f) {
    (f.template operator()<Ms>(), ...);
  }
  /// Calls f<M>() for the message with this id; false when there is none.
  template <class F>
  static constexpr bool visit(std::uint16_t id, F&& f) {
    return ((Ms::kRecord.id == id ? (f.template operator()<Ms>(), true) : false) || ...);
  }
};

using AllMessages = MessageList<Hello, Welcome, Refuse, Goodbye, CoordinatorGoodbye, Heartbeat, HeartbeatAck, Telemetry, CompileRequest, FactQuery,
                                FactAnswer, CompileResult, CompileFailed, CancelCompile, InstallReport, SessionClosed, ClassesUnloaded, ShapeQuery, ShapeAnswer,
                                StatusRequest, StatusReply>;

constexpr std::string_view message_name(std::uint16_t id) {
  std::string_view name = "unknown";
  AllMessages::visit(id, [&]<Message M>() { name = M::kRecord.name; });
  return name;
}

}  // namespace jitfarm::protocol
