#include "cli/run/report.h"

#include <fmt/format.h>
#include <stdio.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

namespace jitfarm::cli {
namespace {

std::uint64_t total(const std::map<std::string, std::uint64_t>& by_name) {
  return std::accumulate(by_name.begin(), by_name.end(), std::uint64_t{0}, [](auto sum, const auto& e) { return sum + e.second; });
}

}  // namespace

std::string report_json(const RunReport& r) {
  const auto& a = r.agent;
  nlohmann::ordered_json json;
  json["methods"] = {{"requested", a.requested}, {"installed", a.installed}, {"bailed_out", a.bailed_out}, {"failed", total(a.failed)},
                     {"failed_by_error", a.failed}, {"cancelled", a.cancelled}, {"invalidated", a.invalidated}, {"remembered", a.remembered},
                     {"deferred_installed", a.deferred_installed}, {"code_bytes", a.code_bytes}};
  auto& messages = json["messages"] = nlohmann::ordered_json::object();
  for (const auto& m : a.messages) {
    auto& entry = messages[m.name];
    if (entry.is_null()) entry = {{"count", 0}, {"bytes", 0}};
    entry["count"] = entry["count"].get<std::uint64_t>() + m.count;
    entry["bytes"] = entry["bytes"].get<std::uint64_t>() + m.bytes;
  }
  json["round_trips"] = {{"compilations", a.round_trips.count}, {"mean", a.round_trips.mean}, {"p50", a.round_trips.p50}, {"p99", a.round_trips.p99}};
  json["compile_seconds"] = {{"count", a.compile_seconds.count}, {"mean", a.compile_seconds.mean}, {"p50", a.compile_seconds.p50}, {"p99", a.compile_seconds.p99}};
  json["waits"] = {{"longest_seconds", a.longest_wait_seconds}};
  json["farm"] = {{"coordinator", r.coordinator}, {"embedded", r.embedded}, {"used", r.farm_used()}, {"sessions", a.sessions},
                  {"available_seconds", a.available_seconds}};
  if (a.first_available_seconds) json["farm"]["first_available_seconds"] = *a.first_available_seconds;
  if (!a.refusal.empty()) json["farm"]["refused_because"] = a.refusal;
  if (!r.without_farm.empty()) json["farm"]["not_used_because"] = r.without_farm;
  json["jvm"] = {{"cpu_seconds", r.jvm.cpu_seconds()}, {"max_rss_bytes", r.jvm.max_rss_bytes()}, {"exit_code", r.jvm.code()}, {"wall_seconds", r.wall_seconds}};
  return json.dump(2) + "\n";
}

std::string report_summary(const RunReport& r) {
  const auto& a = r.agent;
  std::string out = fmt::format("jitfarm: {:.1f} s, CPU {:.1f} s, memory {:.0f} MiB, exit code {}\n", r.wall_seconds, r.jvm.cpu_seconds(),
                                static_cast<double>(r.jvm.max_rss_bytes()) / (1 << 20), r.jvm.code());
  if (!r.without_farm.empty()) return out + "  without the farm: " + r.without_farm + "\n";
  out += fmt::format("  farm {}{}, available {:.1f} s\n", r.coordinator, r.embedded ? " (embedded)" : "", a.available_seconds);
  if (!a.refusal.empty()) out += "  the agent does nothing in this JVM: " + a.refusal + "\n";
  out += fmt::format("  methods requested {}, installed {}, bailed out {}, failed {}, invalidated {}\n", a.requested, a.installed, total(a.bailed_out),
                     total(a.failed), a.invalidated);
  for (const auto& [reason, n] : a.bailed_out) out += fmt::format("    bailed out: {:26} {:6}\n", reason, n);
  for (const auto& [error, n] : a.failed) out += fmt::format("    failed:     {:26} {:6}\n", error, n);
  for (const auto& m : a.messages)
    out += fmt::format("  {} {:24} {:7} {:9.1f} KiB\n", m.sent ? "sent    " : "received", m.name, m.count, static_cast<double>(m.bytes) / 1024);
  out += fmt::format("  round trips per compilation: mean {:.2f}, p50 {:.0f}, p99 {:.0f}\n", a.round_trips.mean, a.round_trips.p50, a.round_trips.p99);
  out += fmt::format("  compile latency: p50 {:.1f} ms, p99 {:.1f} ms; longest wait for the farm {:.1f} ms\n", a.compile_seconds.p50 * 1e3,
                     a.compile_seconds.p99 * 1e3, a.longest_wait_seconds * 1e3);
  return out;
}

Status write_report(const std::string& path, const RunReport& report) {
  const auto temporary = path + ".new";
  {
    std::ofstream out(temporary, std::ios::trunc);
    out << report_json(report);
    out.flush();
    if (!out) return fail(Errc::io_failure, "cannot write the report to " + temporary);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return fail(Errc::io_failure, "cannot write the report to " + path);
  return {};
}

}  // namespace jitfarm::cli
