#include "cli/top/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace jitfarm::cli::top {
namespace {

using protocol::ClientStatus;
using protocol::KindCount;
using protocol::MessageCount;
using protocol::StatusReply;
using protocol::WorkerStatus;

std::string plain(std::string text) {
  std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
  return text;
}

Cell text(std::string value) { return {.text = plain(std::move(value))}; }
Cell count(double value) { return {.text = short_number(value), .number = value}; }
Cell count(std::uint64_t value) { return count(static_cast<double>(value)); }
Cell bytes(double value) { return {.text = short_bytes(value), .number = value}; }
Cell seconds(double value) { return {.text = short_seconds(value), .number = value}; }
Cell rate(double value) { return {.text = fmt::format("{:.1f}", value), .number = value}; }
Cell ratio(double value) { return {.text = fmt::format("{:.3f}", value), .number = value}; }
Cell percent(double part, double whole) {
  if (whole <= 0) return {.text = "-", .number = -1};
  return {.text = fmt::format("{:.0f}%", 100 * part / whole), .number = part / whole};
}

double of_ns(std::uint64_t ns) { return static_cast<double>(ns) * 1e-9; }

/// Increase per second. A counter that fell belongs to another coordinator: no rate then.
struct Rates {
  double seconds = 0;
  double operator()(std::uint64_t now, std::uint64_t before) const {
    return seconds > 0 && now >= before ? static_cast<double>(now - before) / seconds : 0;
  }
};
Rates rates(const Sample& now, const Sample* before) {
  return {before ? now.seconds - before->seconds : static_cast<double>(now.reply.uptime_seconds)};
}

/// The entry of `before` with the same key, or an empty one.
template <class Item, class Key>
Item counterpart(const std::vector<Item> StatusReply::* list, const Sample* before, const Key& key,
                 const Item& item) {
  if (before)
    for (const Item& old : before->reply.*list)
      if (key(old) == key(item)) return old;
  return {};
}

/// A request and what answers it are one row for the operator, but each direction has its counts.
struct Ways {
  MessageCount received, sent;
};
std::map<std::string, Ways> by_type(const StatusReply& reply) {
  std::map<std::string, Ways> all;
  for (const MessageCount& m : reply.messages)
    (m.sent ? all[m.name].sent : all[m.name].received) = m;
  return all;
}

Table messages(const Sample& now, const Sample* before) {
  Table table{.columns = {{"message", true},
                          {"count"},
                          {"count/s"},
                          {"bytes"},
                          {"bytes/s"},
                          {"waited"},
                          {"wait/s"},
                          {"received"},
                          {"sent"}},
              .rows = {}};
  const Rates per_second = rates(now, before);
  std::map<std::string, Ways> old;
  if (before) old = by_type(before->reply);
  for (const auto& [name, ways] : by_type(now.reply)) {
    // What the coordinator passes on comes in and goes out again: it is one message.
    const auto both = [](const Ways& w, std::uint64_t MessageCount::* member) {
      return std::max(w.received.*member, w.sent.*member);
    };
    const Ways& was = old[name];
    const auto number = [&](std::uint64_t MessageCount::* member) { return both(ways, member); };
    const auto speed = [&](std::uint64_t MessageCount::* member) {
      return per_second(both(ways, member), both(was, member));
    };
    table.rows.push_back({.key = name,
                          .session = {},
                          .cells = {text(name), count(number(&MessageCount::count)),
                                    rate(speed(&MessageCount::count)),
                                    bytes(static_cast<double>(number(&MessageCount::bytes))),
                                    bytes(speed(&MessageCount::bytes)),
                                    seconds(of_ns(number(&MessageCount::waited_ns))),
                                    ratio(speed(&MessageCount::waited_ns) * 1e-9),
                                    count(ways.received.count), count(ways.sent.count)}});
  }
  return table;
}

Table kinds(const Sample& now, const Sample* before) {
  Table table{.columns = {{"kind", true},
                          {"asked"},
                          {"asked/s"},
                          {"per-request"},
                          {"waited"},
                          {"wait/s"},
                          {"hits"},
                          {"hit-rate"},
                          {"negative"},
                          {"evicted"},
                          {"repeated"}},
              .rows = {}};
  const Rates per_second = rates(now, before);
  for (const KindCount& k : now.reply.kinds) {
    const KindCount was =
        counterpart(&StatusReply::kinds, before, [](const KindCount& c) { return c.name; }, k);
    table.rows.push_back(
        {.key = k.name,
         .session = {},
         .cells = {text(k.name), count(k.asked), rate(per_second(k.asked, was.asked)),
                   ratio(now.reply.requests == 0 ? 0
                                                 : static_cast<double>(k.asked) /
                                                       static_cast<double>(now.reply.requests)),
                   seconds(of_ns(k.waited_ns)),
                   ratio(per_second(k.waited_ns, was.waited_ns) * 1e-9), count(k.cached),
                   percent(static_cast<double>(k.cached), static_cast<double>(k.cached + k.asked)),
                   count(k.negative), count(k.evicted), count(k.repeated)}});
  }
  return table;
}

Table clients(const Sample& now, const Sample* before) {
  Table table{.columns = {{"client", true},
                          {"session", true},
                          {"requests"},
                          {"requests/s"},
                          {"installed"},
                          {"declined"},
                          {"failed"},
                          {"in-flight"},
                          {"facts"},
                          {"facts/s"},
                          {"of-kind"},
                          {"bytes"},
                          {"waited"},
                          {"deopts"},
                          {"again"},
                          {"later"},
                          {"breaker", true},
                          {"backlog"},
                          {"worker"}},
              .rows = {}};
  const Rates per_second = rates(now, before);
  for (const ClientStatus& c : now.reply.clients) {
    const ClientStatus was = counterpart(
        &StatusReply::clients, before, [](const ClientStatus& s) { return s.session; }, c);
    const std::string session = fmt::format("{:x}", c.session.value);
    table.rows.push_back(
        {.key = session,
         .session = c.session,
         .cells = {text(c.name), text(session), count(c.requested),
                   rate(per_second(c.requested, was.requested)), count(c.installed),
                   count(c.bailed_out), count(c.failed), count(std::uint64_t{c.in_flight}),
                   count(c.facts_asked), rate(per_second(c.facts_asked, was.facts_asked)),
                   count(c.kind_asked), bytes(static_cast<double>(c.bytes_received + c.bytes_sent)),
                   seconds(of_ns(c.waited_ns)), count(c.invalidated), count(c.recompiled),
                   count(std::uint64_t{c.remembered}), text(c.breaker.empty() ? "-" : c.breaker),
                   seconds(c.backlog_ms * 1e-3), count(c.worker.value)}});
  }
  return table;
}

Table workers(const Sample& now, const Sample* before) {
  Table table{.columns = {{"worker", true},
                          {"id"},
                          {"slots"},
                          {"in-flight"},
                          {"compiled"},
                          {"compiled/s"},
                          {"declined"},
                          {"failed"},
                          {"sessions"},
                          {"memory"},
                          {"draining", true},
                          {"age"}},
              .rows = {}};
  const Rates per_second = rates(now, before);
  for (const WorkerStatus& w : now.reply.workers) {
    const WorkerStatus was = counterpart(
        &StatusReply::workers, before, [](const WorkerStatus& s) { return s.worker; }, w);
    table.rows.push_back(
        {.key = std::to_string(w.worker.value),
         .session = {},
         .cells = {text(w.name), count(w.worker.value), count(std::uint64_t{w.slots}),
                   count(std::uint64_t{w.in_flight}), count(w.completed),
                   rate(per_second(w.completed, was.completed)), count(w.bailed_out),
                   count(w.failed), count(std::uint64_t{w.sessions}),
                   bytes(static_cast<double>(w.memory_bytes)), text(w.draining ? "yes" : "no"),
                   seconds(w.age_seconds)}});
  }
  return table;
}

}  // namespace

std::string_view name(Panel panel) {
  switch (panel) {
    case Panel::messages:
      return "messages";
    case Panel::kinds:
      return "kinds";
    case Panel::clients:
      return "clients";
    case Panel::workers:
      return "workers";
  }
  return "";
}

Table make_table(Panel panel, const Sample& now, const Sample* before) {
  switch (panel) {
    case Panel::messages:
      return messages(now, before);
    case Panel::kinds:
      return kinds(now, before);
    case Panel::clients:
      return clients(now, before);
    case Panel::workers:
      return workers(now, before);
  }
  return {};
}

void sort(Table& table, std::size_t column) {
  if (column >= table.columns.size()) return;
  std::ranges::sort(table.rows, [&](const Row& a, const Row& b) {
    const Cell &x = a.cells[column], &y = b.cells[column];
    if (table.columns[column].text && x.text != y.text) return x.text < y.text;
    if (!table.columns[column].text && x.number != y.number) return x.number > y.number;
    return a.key < b.key;
  });
}

std::string summary(const Sample& now, const Sample* before) {
  const StatusReply& r = now.reply;
  const Rates per_second = rates(now, before);
  std::uint64_t slots = 0;
  for (const WorkerStatus& w : r.workers) slots += w.slots;
  return plain(
      fmt::format("jitfarm {}  up {}  clients {}  workers {} ({} slots)  queued {}  in flight {}  "
                  "quarantined {}  requests {} ({:.1f}/s)  with code {} ({:.1f}/s)",
                  r.build, short_seconds(r.uptime_seconds), r.clients.size(), r.workers.size(),
                  slots, r.queued, r.in_flight, r.quarantined, r.requests,
                  per_second(r.requests, before ? before->reply.requests : 0), r.results,
                  per_second(r.results, before ? before->reply.results : 0)));
}

std::string short_number(double value) {
  constexpr std::pair<double, char> kUnits[] = {{1e12, 'T'}, {1e9, 'G'}, {1e6, 'M'}, {1e4, 'k'}};
  for (const auto& [from, unit] : kUnits)
    if (value >= from) return fmt::format("{:.1f}{}", value / (unit == 'k' ? 1e3 : from), unit);
  return fmt::format("{:.0f}", value);
}

std::string short_bytes(double value) {
  constexpr std::string_view kUnits = "KMGT";
  if (value < 1024) return fmt::format("{:.0f}", value);
  std::size_t unit = 0;
  for (value /= 1024; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  return fmt::format("{:.1f}{}", value, kUnits[unit]);
}

std::string short_seconds(double value) {
  if (value < 10) return fmt::format("{:.2f}", value);
  if (value < 100) return fmt::format("{:.0f}", value);
  const auto whole = static_cast<std::uint64_t>(value);
  if (whole < 3600) return fmt::format("{}m{:02}s", whole / 60, whole % 60);
  return fmt::format("{}h{:02}m", whole / 3600, whole / 60 % 60);
}

}  // namespace jitfarm::cli::top
