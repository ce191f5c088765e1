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
  const std::string text = t.text();
  for (const char* line :
       {"jitfarm_coordinator_requests_total 1", "jitfarm_coordinator_clients 3",
        "jitfarm_coordinator_message_bytes_total{direction=\"in\",type=\"compile_request\"} 123",
        "jitfarm_coordinator_messages_total{direction=\"in\",type=\"unknown\"} 1",
        "jitfarm_coordinator_failures_total{error=\"bail_out\"} 1",
        "jitfarm_coordinator_dropped_packets_total{error=\"unknown_session\"} 1",
        "jitfarm_coordinator_installs_total{outcome=\"installed\"} 1",
        "jitfarm_coordinator_installed_bytes_total 100",
        "jitfarm_coordinator_client_compile_seconds_count 1"})
    CHECK(text.find(line) != std::string::npos);
  CHECK(text.find("no_such_reason") == std::string::npos);
  CHECK(t.health().ok);
  t.set_shutting_down();
  CHECK_FALSE(t.health().ok);
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
  CHECK(code({"--no-such-option"}) == 2);
  CHECK(code({"--help"}) == 0);
}

}  // namespace
}  // namespace jitfarm::coordinator
