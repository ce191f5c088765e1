// Which messages are there? Ids and field orders are the protocol: never reused, fields only appended.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/code/bailout.h"
#include "common/code/compile_task.h"
#include "common/facts/fact.h"
#include "common/protocol/message.h"

namespace jitfarm::protocol {

using wire::field;

enum class Role : std::uint8_t { agent, worker, operator_, kCount };

// ---- handshake and liveness -------------------------------------------------------------------

struct Hello {
  Role role{};
  std::uint16_t version_min = 0;
  std::uint16_t version_max = 0;
  std::vector<std::string> capabilities;
  std::string name;       ///< host, process id: for people
  std::string build;      ///< version of the program
  std::uint32_t slots = 0;  ///< worker: compilations it takes at once; agent: compiler threads
  std::string vm;         ///< agent: VM version
  static constexpr auto kRecord = message(
      1, "hello", Direction::peer_to_coordinator, "First message of a connection.", field("role", &Hello::role, "who"),
      field("version_min", &Hello::version_min, "oldest protocol it speaks"), field("version_max", &Hello::version_max, "newest"),
      field("capabilities", &Hello::capabilities, "what it can do beyond the version"), field("name", &Hello::name, "host and process"),
      field("build", &Hello::build, "program version"), field("slots", &Hello::slots, "compilations at once"),
      field("vm", &Hello::vm, "VM version of an agent"));
};
struct Welcome {
  std::uint16_t version = 0;
  std::vector<std::string> capabilities;
  std::uint64_t peer = 0;               ///< SessionId, WorkerId
  std::uint32_t heartbeat_ms = 0;
  std::uint32_t lease_ms = 0;
  static constexpr auto kRecord = message(
      2, "welcome", Direction::coordinator_to_peer, "The handshake succeeded.", field("version", &Welcome::version, "to speak"),
      field("capabilities", &Welcome::capabilities, "both have"), field("peer", &Welcome::peer, "session or worker id"),
      field("heartbeat_ms", &Welcome::heartbeat_ms, "send a heartbeat this often"),
      field("lease_ms", &Welcome::lease_ms, "silence after which either side gives the other up"));
};
struct Refuse {
  std::string code;    ///< error name
  std::string reason;  ///< a sentence for the log of the refused peer
  std::uint16_t version_min = 0;
  std::uint16_t version_max = 0;
  static constexpr auto kRecord = message(
      3, "refuse", Direction::coordinator_to_peer, "The handshake failed, or the session is not known (any more): say hello again.",
      field("code", &Refuse::code, "error name"), field("reason", &Refuse::reason, "for people"),
      field("version_min", &Refuse::version_min, "oldest spoken here"), field("version_max", &Refuse::version_max, "newest"));
};
struct Goodbye {
  std::string reason;
  static constexpr auto kRecord = message(4, "goodbye", Direction::peer_to_coordinator, "Orderly end; nothing is in flight.",
                                          field("reason", &Goodbye::reason, "for people"));
};
struct CoordinatorGoodbye {
  std::string reason;
  static constexpr auto kRecord = message(5, "coordinator_goodbye", Direction::coordinator_to_peer, "The coordinator shuts down.",
                                          field("reason", &CoordinatorGoodbye::reason, "for people"));
};
struct Heartbeat {
  std::vector<RequestId> in_flight;      ///< as the peer sees it; the coordinator reconciles
  std::vector<SessionId> in_flight_sessions;  ///< worker: session of each, same order
  bool draining = false;                 ///< worker: takes no new work
  static constexpr auto kRecord = message(
      6, "heartbeat", Direction::peer_to_coordinator, "I live; this is what I believe is in flight.",
      field("in_flight", &Heartbeat::in_flight, "requests"), field("in_flight_sessions", &Heartbeat::in_flight_sessions, "of a worker"),
      field("draining", &Heartbeat::draining, "no new work"));
};
struct HeartbeatAck {
  static constexpr auto kRecord = message(7, "heartbeat_ack", Direction::coordinator_to_peer, "The lease is renewed.");
};

/// One number of a peer. What the metric or label is called is looked up, never shown.
struct TelemetrySample {
  std::string metric;       ///< common/metrics/metrics.def: "agent_failures_total"
  std::string label;        ///< value of its label; empty: it has none
  std::uint64_t value = 0;  ///< a counter: the increase since the message before; a gauge: the value
  static constexpr auto kRecord = wire::record("telemetry_sample", "One number of a peer.", field("metric", &TelemetrySample::metric, "its name"),
                                               field("label", &TelemetrySample::label, "value of its label, or empty"),
                                               field("value", &TelemetrySample::value, "increase of a counter, value of a gauge"));
};
struct Telemetry {
  std::uint64_t sequence = 0;  ///< 1, 2, .. in a session: a repetition is dropped
  std::vector<TelemetrySample> samples;
  static constexpr auto kRecord = message(8, "telemetry", Direction::peer_to_coordinator, "What the peer has counted since the message before.",
                                          field("sequence", &Telemetry::sequence, "rises within a session"),
                                          field("samples", &Telemetry::samples, "only those that changed"));
};

// ---- compilation -----------------------------------------------------------------------------

struct CompileRequest {
  RequestId request;
  code::CompileTask task;
  std::uint32_t hotness = 0;        ///< invocations and back-edges seen, saturating; priority
  std::vector<facts::Fact> facts;   ///< what the worker is likely to need and not to have
  std::vector<facts::ShapeBytes> shapes;
  std::string method_name;          ///< for people and for the quarantine: "java/lang/String.hashCode()I"
  Digest shape;                     ///< of the method's class: two programs' methods of one name are not one method
  static constexpr auto kRecord = message(
      10, "compile_request", Direction::agent_to_worker, "The JVM asks for native code of one method.",
      field("request", &CompileRequest::request, "echoed in every message about it"), field("task", &CompileRequest::task, "what"),
      field("hotness", &CompileRequest::hotness, "priority"),
      field("method_name", &CompileRequest::method_name, "for people; with `shape`, for the quarantine"),
      field("shape", &CompileRequest::shape, "digest of the class's shape"),
      // The coordinator reads no further (coordinator/relay/peek.h).
      field("facts", &CompileRequest::facts, "sent ahead"), field("shapes", &CompileRequest::shapes, "sent ahead"));
};
struct FactQuery {
  RequestId request;
  std::uint32_t wave = 0;   ///< 0, 1, ..: an answer to an older wave is dropped
  std::vector<facts::FactKey> keys;
  static constexpr auto kRecord = message(
      11, "fact_query", Direction::worker_to_agent, "All that the compiler can foresee that it needs.",
      field("request", &FactQuery::request, ""), field("wave", &FactQuery::wave, "number of the question"),
      field("keys", &FactQuery::keys, "no duplicates"));
};
struct FactAnswer {
  RequestId request;
  std::uint32_t wave = 0;
  std::vector<facts::Fact> facts;
  std::vector<facts::ShapeBytes> shapes;
  static constexpr auto kRecord = message(
      12, "fact_answer", Direction::agent_to_worker, "An answer for every key of the question, `known` or not.",
      field("request", &FactAnswer::request, ""), field("wave", &FactAnswer::wave, "of the question"),
      field("facts", &FactAnswer::facts, "every key once, perhaps more"), field("shapes", &FactAnswer::shapes, "for class_shape keys"));
};
struct CompileResult {
  RequestId request;
  Blob image;                     ///< encoded code::CodeImage
  std::uint32_t waves = 0;
  std::uint64_t queue_ns = 0;     ///< in the worker
  std::uint64_t compile_ns = 0;   ///< in the compiler
  static constexpr auto kRecord = message(
      13, "compile_result", Direction::worker_to_agent, "Native code.", field("request", &CompileResult::request, ""),
      field("image", &CompileResult::image, "code_image"), field("waves", &CompileResult::waves, "questions it took"),
      field("queue_ns", &CompileResult::queue_ns, "waited in the worker"), field("compile_ns", &CompileResult::compile_ns, "in the compiler"));
};
struct CompileFailed {
  RequestId request;
  std::string error;      ///< Errc name; "bail_out" comes with a reason
  std::string reason;     ///< BailoutReason name or empty
  std::string detail;     ///< for people
  bool retry_later = false;  ///< the farm could not, another time it may: remember the method
  static constexpr auto kRecord = message(
      14, "compile_failed", Direction::worker_to_agent, "No code. Also sent by the coordinator on a worker's behalf.",
      field("request", &CompileFailed::request, ""), field("error", &CompileFailed::error, "errors.def"),
      field("reason", &CompileFailed::reason, "bailouts.def"), field("detail", &CompileFailed::detail, "for people"),
      field("retry_later", &CompileFailed::retry_later, "a passing failure"));
};
struct CancelCompile {
  RequestId request;
  static constexpr auto kRecord = message(15, "cancel_compile", Direction::agent_to_worker, "Nobody waits any more.",
                                          field("request", &CancelCompile::request, ""));
};
enum class InstallOutcome : std::uint8_t { installed, dependencies_failed, cache_full, invalid_image, refused, kCount };
inline constexpr std::array<std::string_view, static_cast<std::size_t>(InstallOutcome::kCount)> kInstallOutcomeNames = {
    "installed", "dependencies_failed", "cache_full", "invalid_image", "refused"};
constexpr std::string_view name(InstallOutcome outcome) {
  return outcome < InstallOutcome::kCount ? kInstallOutcomeNames[static_cast<std::size_t>(outcome)] : "unknown";
}
struct InstallReport {
  RequestId request;
  InstallOutcome outcome{};
  std::uint32_t code_bytes = 0;
  std::uint64_t total_ns = 0;     ///< from HotSpot's request to the installed code
  static constexpr auto kRecord = message(
      16, "install_report", Direction::agent_to_coordinator, "What became of a CodeImage.", field("request", &InstallReport::request, ""),
      field("outcome", &InstallReport::outcome, ""), field("code_bytes", &InstallReport::code_bytes, "size of the nmethod's code"),
      field("total_ns", &InstallReport::total_ns, "request to installed"));
};

// ---- sessions at workers ----------------------------------------------------------------------

struct SessionClosed {
  SessionId session;
  static constexpr auto kRecord = message(20, "session_closed", Direction::coordinator_to_worker, "Drop its caches and stop its compilations; each is answered, which frees its slot.",
                                          field("session", &SessionClosed::session, ""));
};
struct ClassesUnloaded {
  std::vector<ClassId> classes;
  static constexpr auto kRecord = message(21, "classes_unloaded", Direction::agent_to_worker, "Facts about these classes end; ids are not reused.",
                                          field("classes", &ClassesUnloaded::classes, ""));
};

struct ShapeQuery {
  RequestId request;            ///< of the compilation that needs them
  std::vector<Digest> digests;
  static constexpr auto kRecord = message(
      22, "shape_query", Direction::worker_to_coordinator,
      "Does the farm have these shapes, or is another client being asked for them?",
      field("request", &ShapeQuery::request, "that needs them"), field("digests", &ShapeQuery::digests, "no duplicates"));
};
/// At once for every query, and again when shapes that were on their way have come or did not come. What no answer has named yet is on its way.
struct ShapeAnswer {
  RequestId request;
  std::vector<Digest> ask;      ///< nobody has them or brings them: the worker asks its client
  std::vector<facts::ShapeBytes> shapes;
  static constexpr auto kRecord = message(
      23, "shape_answer", Direction::coordinator_to_worker, "Shapes that another worker or client brought, and those that this one has to bring.",
      field("request", &ShapeAnswer::request, "of the query"), field("ask", &ShapeAnswer::ask, "to be asked of the client"),
      field("shapes", &ShapeAnswer::shapes, "those that the farm has"));
};

// ---- operators -------------------------------------------------------------------------------

struct StatusRequest {
  SessionId session;  ///< the kinds are this client's; 0: everybody's
  std::string kind;   ///< clients are ranked by how often they were asked this kind; empty: by requests
  static constexpr auto kRecord = message(30, "status_request", Direction::peer_to_coordinator, "What is going on?",
                                          field("session", &StatusRequest::session, "whose kinds; 0: everybody's"),
                                          field("kind", &StatusRequest::kind, "fact kind to rank clients by, or empty"));
};
struct ClientStatus {
  SessionId session;
  std::string name, vm;
  std::uint64_t requested = 0, installed = 0, failed = 0;
  std::uint32_t in_flight = 0;
  WorkerId worker;          ///< affinity, 0: none
  std::uint32_t age_seconds = 0;
  std::uint64_t bailed_out = 0;
  std::string build;
  std::uint64_t queries = 0, facts_asked = 0, bytes_received = 0, bytes_sent = 0;
  std::uint64_t waited_ns = 0;
  std::uint64_t invalidated = 0, recompiled = 0;
  std::uint32_t remembered = 0;
  std::string breaker;
  std::uint32_t backlog_ms = 0;
  std::uint64_t kind_asked = 0;
  static constexpr auto kRecord = wire::record(
      "client_status", "One client.", field("session", &ClientStatus::session, ""), field("name", &ClientStatus::name, ""),
      field("vm", &ClientStatus::vm, ""), field("requested", &ClientStatus::requested, ""), field("installed", &ClientStatus::installed, ""),
      field("failed", &ClientStatus::failed, "without code and no bail-out"), field("in_flight", &ClientStatus::in_flight, ""),
      field("worker", &ClientStatus::worker, "affinity"), field("age_seconds", &ClientStatus::age_seconds, ""),
      field("bailed_out", &ClientStatus::bailed_out, "methods that the compiler leaves to C1"),
      field("build", &ClientStatus::build, "program version"), field("queries", &ClientStatus::queries, "fact_query messages sent to it"),
      field("facts_asked", &ClientStatus::facts_asked, "in them"), field("bytes_received", &ClientStatus::bytes_received, "by the coordinator"),
      field("bytes_sent", &ClientStatus::bytes_sent, "by the coordinator"),
      field("waited_ns", &ClientStatus::waited_ns, "its answers were waited for, all together"),
      field("invalidated", &ClientStatus::invalidated, "code of ours that its JVM threw away"),
      field("recompiled", &ClientStatus::recompiled, "compilations of a method that had code before"),
      field("remembered", &ClientStatus::remembered, "methods it will ask for later"),
      field("breaker", &ClientStatus::breaker, "of the agent, or empty: not told yet"),
      field("backlog_ms", &ClientStatus::backlog_ms, "from JVM start until its first backlog was cleared; 0: not yet"),
      field("kind_asked", &ClientStatus::kind_asked, "facts of the kind that the request names"));
};
struct WorkerStatus {
  WorkerId worker;
  std::string name;
  std::uint32_t slots = 0, in_flight = 0;
  std::uint64_t completed = 0, failed = 0;
  bool draining = false;
  std::uint32_t age_seconds = 0;
  std::uint64_t bailed_out = 0;
  std::string build;
  std::uint32_t sessions = 0;
  std::uint64_t memory_bytes = 0;
  static constexpr auto kRecord = wire::record(
      "worker_status", "One worker.", field("worker", &WorkerStatus::worker, ""), field("name", &WorkerStatus::name, ""),
      field("slots", &WorkerStatus::slots, ""), field("in_flight", &WorkerStatus::in_flight, ""),
      field("completed", &WorkerStatus::completed, "with code"), field("failed", &WorkerStatus::failed, ""),
      field("draining", &WorkerStatus::draining, ""), field("age_seconds", &WorkerStatus::age_seconds, ""),
      field("bailed_out", &WorkerStatus::bailed_out, "methods that the compiler leaves to C1"),
      field("build", &WorkerStatus::build, "program version"), field("sessions", &WorkerStatus::sessions, "clients whose facts it has cached"),
      field("memory_bytes", &WorkerStatus::memory_bytes, "resident; 0: not told yet"));
};
struct MessageCount {
  std::string name;
  std::uint64_t count = 0, bytes = 0;
  bool sent = false;
  std::uint64_t waited_ns = 0;
  static constexpr auto kRecord = wire::record("message_count", "Traffic of one message type in one direction.", field("name", &MessageCount::name, ""),
                                               field("count", &MessageCount::count, ""), field("bytes", &MessageCount::bytes, ""),
                                               field("sent", &MessageCount::sent, "by the coordinator; else received"),
                                               field("waited_ns", &MessageCount::waited_ns, "until its answers came, all together"));
};
struct KindCount {
  std::string name;
  std::uint64_t asked = 0, waited_ns = 0, cached = 0, negative = 0, evicted = 0, repeated = 0;
  static constexpr auto kRecord = wire::record(
      "kind_count", "Questions of one kind.", field("name", &KindCount::name, "facts.md"), field("asked", &KindCount::asked, "facts asked from clients"),
      field("waited_ns", &KindCount::waited_ns, "share of the waits for answers, by number of facts"),
      field("cached", &KindCount::cached, "found in workers' caches; not known of one client"),
      field("negative", &KindCount::negative, "sent ahead as unknown, hence not asked; likewise"),
      field("evicted", &KindCount::evicted, "from workers' caches for want of room; likewise"),
      field("repeated", &KindCount::repeated, "asked a second time of one client by one worker; likewise"));
};
struct StatusReply {
  std::string build;
  std::uint32_t uptime_seconds = 0;
  std::uint32_t queued = 0, in_flight = 0, quarantined = 0;
  std::vector<ClientStatus> clients;
  std::vector<WorkerStatus> workers;
  std::vector<MessageCount> messages;
  std::vector<KindCount> kinds;
  std::uint64_t requests = 0, results = 0;
  static constexpr auto kRecord = message(
      31, "status_reply", Direction::coordinator_to_peer, "The farm at this moment.", field("build", &StatusReply::build, ""),
      field("uptime_seconds", &StatusReply::uptime_seconds, ""), field("queued", &StatusReply::queued, "requests waiting for a worker"),
      field("in_flight", &StatusReply::in_flight, "requests at workers"), field("quarantined", &StatusReply::quarantined, "methods"),
      field("clients", &StatusReply::clients, ""), field("workers", &StatusReply::workers, ""), field("messages", &StatusReply::messages, "by type and direction"),
      field("kinds", &StatusReply::kinds, "of everybody, or of the client that was asked for"),
      field("requests", &StatusReply::requests, "compilations asked for since the start"),
      field("results", &StatusReply::results, "of them answered with code"));
};

}  // namespace jitfarm::protocol
