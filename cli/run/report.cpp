#include "cli/run/report.h"

#include <fmt/format.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

namespace jitfarm::cli {
namespace {

std::uint64_t total(const std::map<std::string, std::uint64_t>& by_name) {
  return std::accumulate(by_name.begin(), by_name.end(), std::uint64_t{0},
                         [](auto sum, const auto& e) { return sum + e.second; });
}

std::string_view agent_state(const RunReport& r) {
  if (!r.agent_started) return "not started";
  switch (r.agent.agent) {
    case stats::AgentState::loaded:
      return "loaded";
    case stats::AgentState::idle:
      return "idle";
    case stats::AgentState::ready:
      return "ready";
    case stats::AgentState::refused:
      return "refused";
  }
  return "unknown";
}

nlohmann::ordered_json distribution(const stats::Distribution& d) {
  return {{"count", d.count}, {"mean", d.mean}, {"p50", d.p50}, {"p99", d.p99}};
}

}  // namespace

std::string remote_trouble(const RunReport& r) {
  const auto& a = r.agent;
  if (r.embedded || a.requested == 0) return {};
  if (a.sessions == 0)
    return "no session with the farm at " + r.coordinator + ": all methods stayed in C1" +
           (a.trouble.empty() ? "" : ": " + a.trouble);
  if (a.installed == 0 && total(a.failed) > 0) {
    std::string errors;
    for (const auto& [error, n] : a.failed)
      errors += fmt::format("{}{} {}", errors.empty() ? "" : ", ", error, n);
    return fmt::format(
        "the farm at {} gave no code, {} of {} methods failed ({}): all methods stayed in C1{}",
        r.coordinator, total(a.failed), a.requested, errors,
        a.trouble.empty() ? "" : ": " + a.trouble);
  }
  if (a.unavailable_seconds)
    return fmt::format(
        "the farm at {} was lost {:.1f} s before the JVM ended, later methods stayed in C1: {}",
        r.coordinator, *a.unavailable_seconds, a.trouble);
  return {};
}

std::string report_json(const RunReport& r) {
  const auto& a = r.agent;
  nlohmann::ordered_json json;
  json["methods"] = {{"requested", a.requested},
                     {"installed", a.installed},
                     {"bailed_out", a.bailed_out},
                     {"failed", total(a.failed)},
                     {"failed_by_error", a.failed},
                     {"cancelled", a.cancelled},
                     {"invalidated", a.invalidated},
                     {"remembered", a.remembered},
                     {"deferred_installed", a.deferred_installed},
                     {"code_bytes", a.code_bytes}};
  auto& messages = json["messages"] = nlohmann::ordered_json::object();
  for (const auto& m : a.messages) {
    auto& entry = messages[m.name];
    if (entry.is_null()) entry = {{"count", 0}, {"bytes", 0}};
    entry["count"] = entry["count"].get<std::uint64_t>() + m.count;
    entry["bytes"] = entry["bytes"].get<std::uint64_t>() + m.bytes;
  }
  json["round_trips"] = {{"compilations", a.round_trips.count},
                         {"mean", a.round_trips.mean},
                         {"p50", a.round_trips.p50},
                         {"p99", a.round_trips.p99}};
  json["compile_seconds"] = distribution(a.compile_seconds);
  json["worker_queue_seconds"] = distribution(a.worker_queue_seconds);
  json["compiler_seconds"] = distribution(a.compiler_seconds);
  json["waits"] = {{"longest_seconds", a.longest_wait_seconds}};
  json["farm"] = {{"coordinator", r.coordinator},
                  {"embedded", r.embedded},
                  {"used", r.farm_used()},
                  {"sessions", a.sessions},
                  {"available_seconds", a.available_seconds}};
  if (a.first_available_seconds)
    json["farm"]["first_available_seconds"] = *a.first_available_seconds;
  if (!a.refusal.empty()) json["farm"]["refused_because"] = a.refusal;
  if (!r.without_farm.empty()) json["farm"]["not_used_because"] = r.without_farm;
  json["farm"]["agent"] = agent_state(r);
  json["farm"]["problems"] = r.problems;
  json["jvm"] = {{"cpu_seconds", r.jvm.cpu_seconds()},
                 {"max_rss_bytes", r.jvm.max_rss_bytes()},
                 {"exit_code", r.jvm.code()},
                 {"wall_seconds", r.wall_seconds}};
  // Sentences may quote what is not UTF-8.
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string report_summary(const RunReport& r) {
  const auto& a = r.agent;
  std::string out = fmt::format(
      "jitfarm: {:.1f} s, CPU {:.1f} s, memory {:.0f} MiB, exit code {}\n", r.wall_seconds,
      r.jvm.cpu_seconds(), static_cast<double>(r.jvm.max_rss_bytes()) / (1 << 20), r.jvm.code());
  if (!r.without_farm.empty()) return out + "  without the farm: " + r.without_farm + "\n";
  out += fmt::format("  farm {}{}: {} sessions, available {:.1f} s", r.coordinator,
                     r.embedded ? " (embedded)" : "", a.sessions, a.available_seconds);
  out += a.first_available_seconds
             ? fmt::format(", first after {:.2f} s\n", *a.first_available_seconds)
             : "\n";
  out += fmt::format("  agent {}\n", agent_state(r));
  out += fmt::format(
      "  methods requested {}, installed {} ({:.0f} KiB), bailed out {}, failed {}, cancelled {}\n",
      a.requested, a.installed, static_cast<double>(a.code_bytes) / 1024, total(a.bailed_out),
      total(a.failed), a.cancelled);
  out += fmt::format("  methods invalidated {}, remembered {}, installed later {}\n", a.invalidated,
                     a.remembered, a.deferred_installed);
  for (const auto& problem : r.problems) out += "  problem: " + problem + "\n";
  for (const auto& [reason, n] : a.bailed_out)
    out += fmt::format("    bailed out: {:26} {:6}\n", reason, n);
  for (const auto& [error, n] : a.failed)
    out += fmt::format("    failed:     {:26} {:6}\n", error, n);
  for (const auto& m : a.messages)
    out += fmt::format("  {} {:24} {:7} {:9.1f} KiB\n", m.sent ? "sent    " : "received", m.name,
                       m.count, static_cast<double>(m.bytes) / 1024);
  out += fmt::format("  round trips per compilation: mean {:.2f}, p50 {:.0f}, p99 {:.0f}\n",
                     a.round_trips.mean, a.round_trips.p50, a.round_trips.p99);
  const auto latency = [&](std::string_view what, const stats::Distribution& d) {
    out += fmt::format("  {}: mean {:.1f} ms, p50 {:.1f} ms, p99 {:.1f} ms\n", what, d.mean * 1e3,
                       d.p50 * 1e3, d.p99 * 1e3);
  };
  latency("compile latency", a.compile_seconds);
  latency("  in the worker's queue", a.worker_queue_seconds);
  latency("  in the compiler", a.compiler_seconds);
  out += fmt::format("  longest wait for the farm {:.1f} ms\n", a.longest_wait_seconds * 1e3);
  return out;
}

Result<ReportFile> ReportFile::open(const std::string& path) {
  ReportFile file(path);
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    return fail(Errc::io_failure, "--report: " + path + " is a folder");
  file.out_.open(file.draft_, std::ios::trunc);
  if (!file.out_)
    return fail(Errc::io_failure,
                "--report: cannot write to " + file.draft_ + ": " + std::strerror(errno));
  return file;
}

ReportFile::ReportFile(std::string path) : path_(std::move(path)), draft_(path_ + ".new") {}

ReportFile::ReportFile(ReportFile&& other) noexcept
    : path_(std::move(other.path_)),
      draft_(std::exchange(other.draft_, {})),
      out_(std::move(other.out_)) {}

ReportFile::~ReportFile() {
  if (!draft_.empty() && out_.is_open()) ::unlink(draft_.c_str());
}

Status ReportFile::write(const RunReport& report) {
  out_ << report_json(report);
  out_.flush();
  if (!out_) return fail(Errc::io_failure, "cannot write the report to " + draft_);
  if (::rename(draft_.c_str(), path_.c_str()) != 0)
    return fail(Errc::io_failure,
                "cannot write the report to " + path_ + ": " + std::strerror(errno));
  draft_.clear();
  return {};
}

}  // namespace jitfarm::cli
