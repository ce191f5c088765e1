#include "cli/status/status.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/farm/status_connection.h"

namespace jitfarm::cli {
namespace {

using namespace protocol;

/// Both directions of each message type, as the coordinator sees them: received, sent.
std::map<std::string, std::pair<MessageCount, MessageCount>> by_name(const StatusReply& s) {
  std::map<std::string, std::pair<MessageCount, MessageCount>> all;
  for (const auto& m : s.messages) (m.sent ? all[m.name].second : all[m.name].first) = m;
  return all;
}

}  // namespace

Result<StatusReply> ask_status(const StatusOptions& options) {
  JF_TRY(auto connection,
         StatusConnection::open(options.coordinator, "jitfarm status", options.timeout));
  return connection.ask({});
}

std::string status_table(const StatusReply& s) {
  std::string out = fmt::format(
      "jitfarm {}, up {} s: {} clients, {} workers, {} queued, {} in flight, {} methods "
      "quarantined\n",
      s.build, s.uptime_seconds, s.clients.size(), s.workers.size(), s.queued, s.in_flight,
      s.quarantined);
  out += fmt::format("\n{:>8} {:30} {:20} {:20} {:>9} {:>9} {:>10} {:>7} {:>9} {:>7} {:>7}\n",
                     "CLIENT", "NAME", "VM", "BUILD", "REQUESTED", "INSTALLED", "BAILED OUT",
                     "FAILED", "IN FLIGHT", "WORKER", "AGE s");
  for (const auto& c : s.clients)
    out +=
        fmt::format("{:>8} {:30.30} {:20.20} {:20.20} {:>9} {:>9} {:>10} {:>7} {:>9} {:>7} {:>7}\n",
                    c.session.value, c.name, c.vm, c.build, c.requested, c.installed, c.bailed_out,
                    c.failed, c.in_flight, c.worker.value, c.age_seconds);
  out += fmt::format("\n{:>8} {:30} {:20} {:>9} {:>9} {:>9} {:>10} {:>7} {:>9} {:>7}\n", "WORKER",
                     "NAME", "BUILD", "SLOTS", "IN FLIGHT", "COMPLETED", "BAILED OUT", "FAILED",
                     "DRAINING", "AGE s");
  for (const auto& w : s.workers)
    out += fmt::format("{:>8} {:30.30} {:20.20} {:>9} {:>9} {:>9} {:>10} {:>7} {:>9} {:>7}\n",
                       w.worker.value, w.name, w.build, w.slots, w.in_flight, w.completed,
                       w.bailed_out, w.failed, w.draining ? "yes" : "no", w.age_seconds);
  out += fmt::format("\n{:24} {:>12} {:>14} {:>12} {:>14}\n", "MESSAGE", "RECEIVED", "BYTES",
                     "SENT", "BYTES");
  for (const auto& [name, ways] : by_name(s)) {
    const auto& [received, sent] = ways;
    out += fmt::format("{:24} {:>12} {:>14} {:>12} {:>14}\n", name, received.count, received.bytes,
                       sent.count, sent.bytes);
  }
  return out;
}

std::string status_json(const StatusReply& s) {
  nlohmann::ordered_json json{
      {"build", s.build},         {"uptime_seconds", s.uptime_seconds}, {"queued", s.queued},
      {"in_flight", s.in_flight}, {"quarantined", s.quarantined},       {"requests", s.requests},
      {"results", s.results}};
  json["clients"] = nlohmann::json::array();
  for (const auto& c : s.clients)
    json["clients"].push_back({{"session", c.session.value},
                               {"name", c.name},
                               {"vm", c.vm},
                               {"build", c.build},
                               {"requested", c.requested},
                               {"installed", c.installed},
                               {"bailed_out", c.bailed_out},
                               {"failed", c.failed},
                               {"in_flight", c.in_flight},
                               {"worker", c.worker.value},
                               {"age_seconds", c.age_seconds},
                               {"queries", c.queries},
                               {"facts_asked", c.facts_asked},
                               {"bytes_received", c.bytes_received},
                               {"bytes_sent", c.bytes_sent},
                               {"waited_ns", c.waited_ns},
                               {"invalidated", c.invalidated},
                               {"recompiled", c.recompiled},
                               {"remembered", c.remembered},
                               {"breaker", c.breaker},
                               {"backlog_ms", c.backlog_ms}});
  json["workers"] = nlohmann::json::array();
  for (const auto& w : s.workers)
    json["workers"].push_back({{"worker", w.worker.value},
                               {"name", w.name},
                               {"build", w.build},
                               {"slots", w.slots},
                               {"in_flight", w.in_flight},
                               {"completed", w.completed},
                               {"bailed_out", w.bailed_out},
                               {"failed", w.failed},
                               {"draining", w.draining},
                               {"age_seconds", w.age_seconds},
                               {"sessions", w.sessions},
                               {"memory_bytes", w.memory_bytes}});
  json["messages"] = nlohmann::json::object();
  const auto way = [](const MessageCount& m) {
    return nlohmann::ordered_json{
        {"count", m.count}, {"bytes", m.bytes}, {"waited_ns", m.waited_ns}};
  };
  for (const auto& [name, ways] : by_name(s))
    json["messages"][name] = {{"received", way(ways.first)}, {"sent", way(ways.second)}};
  json["kinds"] = nlohmann::json::object();
  for (const auto& k : s.kinds)
    json["kinds"][k.name] = {{"asked", k.asked},     {"waited_ns", k.waited_ns},
                             {"cached", k.cached},   {"negative", k.negative},
                             {"evicted", k.evicted}, {"repeated", k.repeated}};
  // Names come from peers: what is not UTF-8 is replaced, not thrown over.
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace jitfarm::cli
