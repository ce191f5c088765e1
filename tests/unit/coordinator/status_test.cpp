#include "coordinator/admin/status.h"

#include <catch2/catch.hpp>

#include "coordinator/admin/metrics.h"
#include "coordinator/program/options.h"

namespace jitfarm::coordinator {
namespace {

TEST_CASE("status: zero workers is trouble that one can read") {
  CHECK(admin::trouble({.workers = 0}, false) == "no worker is connected");
  CHECK(admin::trouble({.workers = 2, .worker_slots = 0}, false) == "all workers are draining");
  CHECK(admin::trouble({.workers = 2, .worker_slots = 4}, false).empty());
  CHECK(admin::trouble({.workers = 2, .worker_slots = 4}, true) == "shutting down");
}

TEST_CASE("metrics: what the relay tells is what /metrics says") {
  admin::MetricsTelemetry t;
  t.requested();
  t.received(protocol::CompileRequest::kRecord.id, 123);
  t.received(9999, 1);
  t.failed(Errc::bail_out);
  t.bailed_out("no_such_reason");  // a peer's text is never a label
  t.dropped(Errc::unknown_session);
  t.installed(
      {.outcome = protocol::InstallOutcome::installed, .code_bytes = 100, .total_ns = 2'000'000});
  t.gauges({.clients = 3, .workers = 1, .worker_slots = 2});
  t.shapes({.shapes = 4, .bytes = 50, .served = 6, .passed_on = 1, .asked = 2});
  t.shapes({.shapes = 5,
            .bytes = 60,
            .served = 7,
            .passed_on = 3,
            .asked = 2,
            .evicted = 8,
            .too_large = 9});
  const std::string text = t.text();
  for (const char* line :
       {"jitfarm_coordinator_requests_total 1", "jitfarm_coordinator_clients 3",
        "jitfarm_coordinator_message_bytes_total{direction=\"in\",type=\"compile_request\"} 123",
        "jitfarm_coordinator_messages_total{direction=\"in\",type=\"unknown\"} 1",
        "jitfarm_coordinator_failures_total{error=\"bail_out\"} 1",
        "jitfarm_coordinator_dropped_packets_total{error=\"unknown_session\"} 1",
        "jitfarm_coordinator_installs_total{outcome=\"installed\"} 1",
        "jitfarm_coordinator_installed_bytes_total 100", "jitfarm_coordinator_shapes 5",
        "jitfarm_coordinator_shape_bytes 60",
        "jitfarm_coordinator_shape_queries_total{source=\"depot\"} 7",
        "jitfarm_coordinator_shape_queries_total{source=\"awaited\"} 3",
        "jitfarm_coordinator_shape_queries_total{source=\"client\"} 2",
        "jitfarm_coordinator_shape_evictions_total{cause=\"room\"} 8",
        "jitfarm_coordinator_shape_evictions_total{cause=\"size\"} 9",
        "jitfarm_coordinator_client_compile_seconds_count 1"})
    CHECK(text.find(line) != std::string::npos);
  CHECK(text.find("no_such_reason") == std::string::npos);
  CHECK(t.health().ok);
  t.set_shutting_down();
  CHECK_FALSE(t.health().ok);
}

protocol::Telemetry telemetry(std::uint64_t sequence,
                              std::vector<protocol::TelemetrySample> samples) {
  return {.sequence = sequence, .samples = std::move(samples)};
}

TEST_CASE("metrics: what agents and workers tell is added up; what is not theirs is not taken") {
  admin::MetricsTelemetry t;
  t.agent_told(telemetry(1, {{"agent_invalidated_total", "", 2},
                             {"agent_wait_seconds_total", "", 1'500'000'000},
                             {"agent_failures_total", "peer_unreachable", 4},
                             {"agent_failures_total", "made up", 4},
                             {"coordinator_requests_total", "", 1000},
                             {"agent_requests_total", "", ~std::uint64_t{0}}}));
  t.agent_told(telemetry(2, {{"agent_invalidated_total", "", 3}}));
  t.worker_told(telemetry(1, {{"worker_repeat_questions_total", "class_info", 7},
                              {"worker_repeat_questions_total", "made up", 7}}));
  t.backlog_cleared(std::chrono::seconds(3));
  const std::string text = t.text();
  for (const char* line :
       {"jitfarm_agent_invalidated_total 5\n", "jitfarm_agent_wait_seconds_total 1.5\n",
        "jitfarm_agent_failures_total{error=\"peer_unreachable\"} 4\n",
        "jitfarm_coordinator_requests_total 0\n", "jitfarm_agent_requests_total 0\n",
        "jitfarm_agent_backlog_seconds_bucket{le=\"5\"} 1\n"})
    CHECK(text.find(line) != std::string::npos);
  CHECK(text.find("made up") == std::string::npos);
  for (const protocol::KindCount& kind : t.kinds())
    CHECK(kind.repeated == (kind.name == "class_info" ? 7 : 0));
}

TEST_CASE("figures: a wait is shared out among the kinds that were asked, by number of facts") {
  using namespace std::chrono_literals;
  session::Figures f;
  const TimePoint begin{};
  using facts::FactKind;
  protocol::FactQuery query{.request = {7}, .wave = 0, .keys = {}};
  for (std::uint32_t i = 0; i < 3; ++i) query.keys.push_back({FactKind::class_info, i, 0, 0});
  query.keys.push_back({FactKind::method_profile, 1, 0, 0});
  query.keys.push_back({FactKind::class_info, 9, 0, 0});
  admin::asked(f, query, begin);
  CHECK(f.facts_asked == 5);
  CHECK_FALSE(admin::answered(f, {8}, begin + 1ms));
  const auto wait = admin::answered(f, {7}, begin + 10ms);
  REQUIRE(wait);
  CHECK(wait->whole == 10ms);
  const auto kind = [&](FactKind k) { return f.kinds.at(static_cast<std::size_t>(k)); };
  CHECK(kind(FactKind::class_info).asked == 4);
  CHECK(kind(FactKind::class_info).waited == 8ms);
  CHECK(kind(FactKind::method_profile).waited == 2ms);
  CHECK_FALSE(admin::answered(f, {7}, begin + 20ms));  // a repeated answer was not waited for
  CHECK(f.waited == 10ms);
}

TEST_CASE("figures: telemetry that comes twice counts once, and the backlog is cleared once") {
  session::Figures f;
  const auto first = telemetry(1, {{"agent_invalidated_total", "", 2},
                                   {"agent_breakers", "open", 1},
                                   {"agent_backlog_seconds", "", 2'500'000'000}});
  const auto told = admin::told(f, first);
  CHECK_FALSE(told.repeated);
  CHECK(told.backlog_cleared == std::chrono::milliseconds(2500));
  CHECK(admin::told(f, first).repeated);
  CHECK(f.invalidated == 2);
  CHECK(f.breaker == session::BreakerState::open);
  CHECK_FALSE(admin::told(f, telemetry(2, {{"agent_backlog_seconds", "", 9'000'000'000},
                                           {"agent_breakers", "nonsense", 1}}))
                  .backlog_cleared);
  CHECK(f.backlog_ms == 2500);
  CHECK(f.breaker == session::BreakerState::unknown);
}

TEST_CASE("figures: clients are ranked by what they did in the window, ten at most") {
  session::Sessions sessions({}, 1);
  for (std::uint64_t i = 1; i <= 30; ++i) {
    auto s = sessions.open({i}, {.role = protocol::Role::agent}, {}, TimePoint{});
    REQUIRE(s);
    (*s)->requested = i * 10;
  }
  const auto first = admin::rank(sessions, std::chrono::seconds(10));
  CHECK(first.requests[0] == 30);
  CHECK(first.requests[9] == 21);
  const auto idle = admin::rank(sessions, std::chrono::seconds(10));
  CHECK(idle.requests[0] == 0);
}

TEST_CASE("options: a lease shorter than two heartbeats and half of the keys are refused") {
  const auto code = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "jitfarm-coordinator");
    std::vector<char*> argv;
    for (std::string& a : arguments) argv.push_back(a.data());
    const auto o = program::parse_options(static_cast<int>(argv.size()), argv.data());
    return o ? -1 : o.error();
  };
  CHECK(code({}) == -1);
  CHECK(code({"--worker-lease-seconds", "3", "--heartbeat-seconds", "2"}) == 2);
  CHECK(code({"--curve-secret-key-file", "/tmp/x"}) == 2);
  CHECK(code({"--shape-bytes", "64MiB"}) == -1);
  CHECK(code({"--shape-bytes", "67108864"}) == -1);
  CHECK(code({"--shape-bytes", "1000"}) == 2);
  CHECK(code({"--shape-bytes", "many"}) == 2);
  CHECK(code({"--no-such-option"}) == 2);
  CHECK(code({"--help"}) == 0);
}

}  // namespace
}  // namespace jitfarm::coordinator
