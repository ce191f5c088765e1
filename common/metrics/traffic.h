// How many messages and bytes of each type went in and out?
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/metrics/registry.h"
#include "common/protocol/messages.h"

namespace jitfarm::metrics {

enum class Way : std::uint8_t { in, out };

/// Counts messages by type and direction. Series are resolved at construction; count() costs two
/// increments. Any thread; lives no longer than the registry.
class Traffic {
 public:
  Traffic(Registry& registry, Program program);
  /// An id that the catalogue does not have counts as "unknown".
  void count(std::uint16_t type, Way way, std::size_t bytes);
  /// One entry for each type and direction that was seen, for status_reply.
  std::vector<protocol::MessageCount> totals() const;

 private:
  struct Series {
    Counter messages[2];  ///< by Way
    Counter bytes[2];
  };
  std::vector<Series> series_;                 ///< in the order of values(Label::type)
  std::array<std::uint8_t, 256> index_by_id_;  ///< into series_; ids beyond are unknown
};

}  // namespace jitfarm::metrics
