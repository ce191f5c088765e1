// How do single clients become figures: of one client, and of those that stand out?
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/metrics/labels.h"
#include "common/protocol/messages.h"
#include "coordinator/session/sessions.h"
#include "coordinator/workers/workers.h"

namespace jitfarm::coordinator::admin {

/// A wait for an answer, shared out by number of facts.
struct FactWait {
  Duration whole{};
  std::vector<std::pair<std::uint8_t, Duration>> by_kind;  ///< number of the kind
};

/// A question goes to the client. One before it that was not answered is forgotten.
void asked(session::Figures& figures, const protocol::FactQuery& query, TimePoint now);
/// Its answer is here; nothing when there was no question.
std::optional<FactWait> answered(session::Figures& figures, RequestId request, TimePoint now);

struct Told {
  bool repeated = false;                    ///< the message came before: nothing in it counts
  std::optional<Duration> backlog_cleared;  ///< by this message
};
/// Takes what the agent says of itself. Unknown names are skipped.
Told told(session::Figures& figures, const protocol::Telemetry& telemetry);
/// The same for a worker; true when it is no repetition.
bool told(workers::Worker& worker, const protocol::Telemetry& telemetry);

/// What needs a look at every client: a millisecond for 10,000 of them, so it is done every few
/// seconds only.
struct Overview {
  Duration client_silence{}, worker_silence{};  ///< longest
  std::array<std::size_t, 3> breakers{};        ///< by BreakerState
  std::uint64_t remembered = 0;
  std::size_t backlogged = 0;
};
Overview overview(const session::Sessions& sessions, const workers::Workers& workers,
                  TimePoint now);

/// Per second, largest first; 0 where there are fewer clients.
struct TopClients {
  using Rates = std::array<double, metrics::kRanks>;
  Rates requests{}, questions{}, bytes{}, wait{};
};
/// Ranks over the `window` that ends now, and begins the next one.
TopClients rank(session::Sessions& sessions, Duration window);

}  // namespace jitfarm::coordinator::admin
