// What does an operator see? The tables of this moment as one message.
#pragma once
#include <string>

#include "coordinator/admin/telemetry.h"
#include "coordinator/scheduler/scheduler.h"
#include "coordinator/session/sessions.h"
#include "coordinator/workers/workers.h"

namespace jitfarm::coordinator::admin {

inline constexpr std::size_t kStatusRowsMax =
    2'000;  // of clients and of workers; keeps the reply near 300 kB

Gauges gauges(const session::Sessions& sessions, const workers::Workers& workers,
              const scheduler::Scheduler& scheduler, TimePoint now);

/// The rows that `request` asks for, most asked first.
protocol::StatusReply status(const protocol::StatusRequest& request,
                             const session::Sessions& sessions, const workers::Workers& workers,
                             const scheduler::Scheduler& scheduler, const Telemetry& telemetry,
                             TimePoint started, TimePoint now);

/// Empty when healthy, else what is wrong, for people.
std::string trouble(const Gauges& gauges, bool shutting_down);

}  // namespace jitfarm::coordinator::admin
