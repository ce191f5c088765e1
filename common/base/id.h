// Which number is it? Ids of different things cannot be mixed up.
#pragma once
#include <compare>
#include <cstdint>
#include <functional>

namespace jitfarm {

/// A number with a meaning. 0 is "none" for every id that a program hands out.
template <class Tag, class Rep = std::uint64_t>
struct Id {
  using rep = Rep;
  Rep value{};
  friend auto operator<=>(const Id&, const Id&) = default;
  explicit operator bool() const { return value != Rep{}; }
};

using SessionId = Id<struct SessionTag>;  ///< one connection of one client JVM; made by the coordinator
using WorkerId = Id<struct WorkerTag>;    ///< one registration of one worker; made by the coordinator
using RequestId = Id<struct RequestTag>;  ///< one compilation of one session; counted by the agent, ascending, never reused
using ClassId = Id<struct ClassTag>;      ///< a Klass of one client; made by the agent, never reused in a session
using MethodId = Id<struct MethodTag>;    ///< a Method of one client; made by the agent, never reused in a session

}  // namespace jitfarm

template <class Tag, class Rep>
struct std::hash<jitfarm::Id<Tag, Rep>> {
  std::size_t operator()(const jitfarm::Id<Tag, Rep>& id) const noexcept {
    return std::hash<Rep>{}(id.value);
  }
};
