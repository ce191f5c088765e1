#include "cli/trace/timeline.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

namespace jitfarm::cli::trace {
namespace {

enum Program : std::size_t { agent, coordinator, worker, kPrograms };
constexpr std::array<std::string_view, kPrograms> kNames = {"jitfarm-agent", "jitfarm-coordinator",
                                                            "jitfarm-worker"};
// A line is written a moment after what it tells of.
constexpr double kLate = 500;
constexpr double kUnbounded = 1e18;

struct Line {
  double at;  ///< microseconds of the program's clock
  std::string message;
};
using Lines = std::vector<Line>;
struct Compilation {
  std::array<Lines, kPrograms> of;
};
using Key = std::pair<std::string, std::uint64_t>;  ///< session, request

/// Of "2026-11-22T17:00:00.123456Z".
std::optional<double> microseconds(const std::string& text) {
  tm parts{};
  const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr || *rest != '.') return std::nullopt;
  return (static_cast<double>(::timegm(&parts)) + std::strtod(rest, nullptr)) * 1e6;
}

void take(const std::string& text, std::map<Key, Compilation>& all) {
  const auto line = nlohmann::json::parse(text, nullptr, false);
  if (!line.is_object()) return;
  const auto string = [&](const char* member) {
    const auto it = line.find(member);
    return it != line.end() && it->is_string() ? it->get<std::string>() : std::string();
  };
  const auto program = std::ranges::find(kNames, string("program"));
  const auto request = line.find("request");
  const auto at = microseconds(string("ts"));
  if (program == kNames.end() || request == line.end() || !request->is_number_unsigned() || !at)
    return;
  all[{string("session"), request->get<std::uint64_t>()}]
      .of[static_cast<std::size_t>(program - kNames.begin())]
      .push_back({*at, string("message")});
}

template <class Test>
std::optional<double> first(const Lines& lines, Test test) {
  const auto it = std::ranges::find_if(lines, [&](const Line& l) { return test(l.message); });
  return it == lines.end() ? std::nullopt : std::optional(it->at);
}
std::optional<double> when(const Lines& lines, std::string_view beginning) {
  return first(lines, [&](const std::string& m) { return m.starts_with(beginning); });
}

bool is_end(Program program, std::string_view m) {
  switch (program) {
    case agent:
      return m.starts_with("compile ") &&
             (m.contains(": installed,") || m.contains(": bails out,") || m.contains(": failed,"));
    case coordinator:
      return (m.starts_with("worker ") && m.contains(" has ")) ||
             m.starts_with("ends without code");
    default:
      return m.contains(" waves, queue ");
  }
}
std::optional<double> end_of(const Compilation& c, Program program) {
  return first(c.of[program], [&](const std::string& m) { return is_end(program, m); });
}

/// What "asks for METHOD, 3 facts sent ahead" names; empty: the agent's log has no such line.
std::string method_of(const Compilation& c) {
  constexpr std::string_view kAsks = "asks for ";
  for (const Line& l : c.of[agent])
    if (l.message.starts_with(kAsks))
      return l.message.substr(kAsks.size(), l.message.rfind(", ") - kAsks.size());
  return {};
}

/// Microseconds to add to a program's times.
double move_of(const std::map<Key, Compilation>& all, Program program) {
  double low = -kUnbounded, high = kUnbounded;
  for (const auto& [key, c] : all) {
    const auto asked = when(c.of[agent], "asks for ");
    const auto answered = when(c.of[agent], "the farm has answered");
    if (!asked || !answered || c.of[program].empty()) continue;
    low = std::max(low, *asked - c.of[program].front().at);
    high = std::min(high, *answered - c.of[program].back().at);
  }
  return low <= kLate && high >= -kLate ? 0 : (low + high) / 2;
}

class Writer {
 public:
  Writer(const Key& key, nlohmann::json& events, const std::array<double, kPrograms>& moved)
      : key_(key), events_(events), moved_(moved) {}
  void span(Program program, const std::string& name, std::optional<double> begin,
            std::optional<double> end, nlohmann::json arguments = nlohmann::json::object()) {
    if (!begin || !end || *end < *begin) return;
    arguments["session"] = key_.first;
    arguments["request"] = key_.second;
    events_.push_back({{"ph", "X"},
                       {"name", name},
                       {"pid", program + 1},
                       {"tid", key_.second},
                       {"ts", *begin + moved_[program]},
                       {"dur", *end - *begin},
                       {"args", std::move(arguments)}});
  }

 private:
  const Key& key_;
  nlohmann::json& events_;
  const std::array<double, kPrograms>& moved_;
};

void write_spans(const Compilation& c, const std::string& method, Writer& to) {
  const auto asked = when(c.of[agent], "asks for ");
  const auto answered = when(c.of[agent], "the farm has answered");
  const auto end = end_of(c, agent);
  to.span(agent, method, asked, end);
  to.span(agent, "farm", asked, answered);
  to.span(agent, "install", answered, end);
  const auto received = when(c.of[coordinator], "asks for ");
  to.span(coordinator, method, received, end_of(c, coordinator));
  to.span(coordinator, "queue", received, when(c.of[coordinator], "to worker "));
  to.span(worker, method, when(c.of[worker], "takes "), end_of(c, worker));
  for (const Line& l : c.of[worker]) {
    const std::string& m = l.message;
    if (const auto asks = m.find(": asks "); m.starts_with("wave ") && asks != m.npos) {
      const std::string wave = m.substr(0, asks);
      to.span(worker, wave, l.at, when(c.of[worker], wave + ": answered"),
              {{"kinds", m.substr(asks + 7)}});
      to.span(agent, "answer " + wave, when(c.of[agent], wave + ": "),
              when(c.of[agent], wave + ": answered"));
    } else if (const auto colon = m.find(": "); m.starts_with("stage ") && colon != m.npos) {
      const double took = std::strtod(m.c_str() + colon + 2, nullptr) * 1000;
      to.span(worker, m.substr(6, colon - 6), l.at - took, l.at);
    }
  }
}

}  // namespace

Result<std::size_t> write_timeline(const TraceOptions& options) {
  std::map<Key, Compilation> all;
  for (const std::string& file : options.logs) {
    std::ifstream in(file);
    if (!in) return fail(Errc::io_failure, file + ": cannot be read");
    for (std::string line; std::getline(in, line);) take(line, all);
  }
  for (auto& [key, c] : all)
    for (Lines& lines : c.of) std::ranges::sort(lines, {}, &Line::at);

  std::array<double, kPrograms> moved{};
  nlohmann::json events = nlohmann::json::array();
  for (const Program program : {agent, coordinator, worker}) {
    if (program != agent) moved[program] = move_of(all, program);
    std::string name(kNames[program]);
    if (moved[program] != 0)
      name += ", moved by " + std::to_string(static_cast<long long>(moved[program])) + " us";
    events.push_back(
        {{"ph", "M"}, {"name", "process_name"}, {"pid", program + 1}, {"args", {{"name", name}}}});
  }
  std::size_t count = 0;
  for (const auto& [key, c] : all) {
    const std::string method = method_of(c);
    if (method.empty() || !method.contains(options.method)) continue;
    ++count;
    Writer writer(key, events, moved);
    write_spans(c, method, writer);
  }
  double begin = kUnbounded;
  for (const auto& e : events) begin = std::min(begin, e.value("ts", kUnbounded));
  for (auto& e : events)
    if (e.contains("ts")) e["ts"] = e["ts"].get<double>() - begin;

  std::ofstream out(options.out, std::ios::trunc);
  out << nlohmann::json{{"displayTimeUnit", "ms"}, {"traceEvents", std::move(events)}}.dump(1)
      << "\n";
  out.close();
  if (!out) return fail(Errc::io_failure, options.out + ": cannot be written");
  return count;
}

}  // namespace jitfarm::cli::trace
