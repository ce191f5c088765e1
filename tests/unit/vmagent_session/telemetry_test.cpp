#include "vmagent/session/telemetry.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "common/base/result.h"
#include "common/protocol/messages.h"
#include "common/stats/stats_file.h"

namespace jitfarm::vmagent::session {
namespace {

std::optional<std::uint64_t> value(const std::optional<protocol::Telemetry>& telemetry,
                                   std::string_view metric, std::string_view label = "") {
  if (!telemetry) return std::nullopt;
  for (const auto& sample : telemetry->samples)
    if (sample.metric == metric && sample.label == label) return sample.value;
  return std::nullopt;
}

TEST_CASE("telemetry: a message has what rose since the one before, and nothing else") {
  stats::Layout& stats = **stats::anonymous();
  TelemetryLog log(stats);
  log.begin_session();
  stats.requested = 5;
  stats.failed[static_cast<std::size_t>(Errc::deadline_passed)] = 2;
  stats.sent[protocol::FactAnswer::kRecord.id].count = 7;
  const auto first = log.take({.breaker = "closed", .remembered = 0});
  REQUIRE(first);
  CHECK(first->sequence == 1);
  CHECK(value(first, "agent_requests_total") == 5);
  CHECK(value(first, "agent_failures_total", "deadline_passed") == 2);
  CHECK(value(first, "agent_messages_total", "fact_answer,out") == 7);
  CHECK(value(first, "agent_breakers", "closed") == 1);
  CHECK(first->samples.size() == 4);
  CHECK_FALSE(log.take({.breaker = "closed", .remembered = 0}));
  stats.requested = 6;
  const auto second = log.take({.breaker = "open", .remembered = 3});
  CHECK(second->sequence == 2);
  CHECK(value(second, "agent_requests_total") == 1);
  CHECK(value(second, "agent_breakers", "open") == 1);
  CHECK(value(second, "agent_remembered_methods") == 3);
  CHECK(second->samples.size() == 3);
}

TEST_CASE("telemetry: a new session is told the gauges again, and no counter twice") {
  stats::Layout& stats = **stats::anonymous();
  TelemetryLog log(stats);
  log.begin_session();
  stats.installed = 5;
  stats.backlog_ns = 4;
  REQUIRE(log.take({.breaker = "closed", .remembered = 2}));
  log.begin_session();
  const auto again = log.take({.breaker = "closed", .remembered = 2});
  REQUIRE(again);
  CHECK(again->sequence == 1);
  CHECK_FALSE(value(again, "agent_installs_total"));
  CHECK(value(again, "agent_backlog_seconds") == 4);
  CHECK(value(again, "agent_remembered_methods") == 2);
}

TEST_CASE("telemetry: outstanding is what was requested and has not ended in any way") {
  stats::Layout& stats = **stats::anonymous();
  stats.requested = 10;
  stats.installed = 3;
  stats.cancelled = 1;
  stats.bailed_out[2] = 2;
  stats.failed[1] = 3;
  CHECK(outstanding(stats) == 1);
  stats.failed[1] = 30;
  CHECK(outstanding(stats) == 0);
}

TEST_CASE("telemetry: this process began before now, and not before the machine") {
  const std::uint64_t now = stats::monotonic_ns();
  const std::uint64_t start = process_start_ns(0);
  CHECK(start > 0);
  CHECK(start < now);
  CHECK(now - start < 3'600'000'000'000u);
}

}  // namespace
}  // namespace jitfarm::vmagent::session
