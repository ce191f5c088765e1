// Which labels are there, and which values may each take? Bounded, known at start, never a peer's
// text.
#pragma once
#include <cstddef>
#include <string_view>
#include <vector>

namespace jitfarm::metrics {

enum class Label {
  type,       ///< of a message: its name, or "unknown"
  direction,  ///< "in" or "out"
  error,      ///< name of an Errc
  reason,     ///< name of a BailoutReason
  kind,       ///< name of a FactKind
  outcome,    ///< of an install: name of an InstallOutcome
  result,     ///< of a compilation: "compiled", "bailed_out", "failed", "cancelled"
  stage,      ///< of the compiler: what worker/compiler/pipeline times
  breaker,    ///< of an agent: "closed", "open", "half_open"
  peer,       ///< "client" or "worker"
  source,     ///< of a shape: "depot", "awaited" or "client"
  eviction,   ///< why a shape is not kept: "room" or "size"
  rank,       ///< "1" to "10", of clients: who that is, jitfarm top tells
};

inline constexpr std::size_t kRanks = 10;

std::string_view name(Label label);
std::string_view doc(Label label);
/// Every value that the label may have. Session, method or request ids are not labels: they have no
/// bound.
const std::vector<std::string_view>& values(Label label);

/// The number in its enum of values(label)[position]: fact kinds begin at 1 and may have gaps.
std::size_t enum_number(Label label, std::size_t position);

}  // namespace jitfarm::metrics
