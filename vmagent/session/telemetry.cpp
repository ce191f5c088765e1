#include "vmagent/session/telemetry.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <string>

#include "common/base/result.h"
#include "common/code/bailout.h"
#include "common/protocol/catalogue.h"
#include "vmagent/session/breaker.h"

namespace jitfarm::vmagent::session {
namespace {


/// Calls f(metric, label, total) for every counter that travels, always in the same order.
template <class F>
void for_each_total(const stats::Layout& s, const F& f) {
  const auto get = [](const stats::Counter& c) { return c.load(std::memory_order_relaxed); };
  f("agent_requests_total", std::string(), get(s.requested));
  f("agent_installs_total", std::string(), get(s.installed));
  f("agent_cancelled_total", std::string(), get(s.cancelled));
  f("agent_invalidated_total", std::string(), get(s.invalidated));
  f("agent_recompilations_total", std::string(), get(s.recompiled));
  f("agent_remembered_total", std::string(), get(s.remembered));
  f("agent_wait_seconds_total", std::string(), get(s.waited_ns));
  f("agent_sessions_total", std::string(), get(s.sessions));
  for (std::size_t i = 0; i < Breaker::kNames.size(); ++i)
    f("agent_breaker_changes_total", std::string(Breaker::kNames[i]), get(s.breaker_changes[i]));
  for (std::size_t i = 0; i < static_cast<std::size_t>(code::BailoutReason::kCount); ++i)
    f("agent_bailouts_total", std::string(code::name(static_cast<code::BailoutReason>(i))),
      get(s.bailed_out[i]));
#define JF_ERROR(code, disposition, text) \
  f("agent_failures_total", std::string(#code), get(s.failed[static_cast<std::size_t>(Errc::code)]));
#include "common/base/errors.def"
#undef JF_ERROR
  protocol::AllMessages::for_each([&]<protocol::Message M>() {
    const std::string type(M::kRecord.name);
    const stats::Traffic &in = s.received[M::kRecord.id], &out = s.sent[M::kRecord.id];
    f("agent_messages_total", type + ",in", get(in.count));
    f("agent_messages_total", type + ",out", get(out.count));
    f("agent_message_bytes_total", type + ",in", get(in.bytes));
    f("agent_message_bytes_total", type + ",out", get(out.bytes));
  });
}

}  // namespace

void TelemetryLog::begin_session() {
  sequence_ = 0;
  breaker_told_ = {};
  remembered_told_ = 0;
  backlog_told_ = 0;
}

std::optional<protocol::Telemetry> TelemetryLog::take(const AgentGauges& gauges) {
  protocol::Telemetry telemetry;
  std::size_t at = 0;
  for_each_total(stats_, [&](std::string_view metric, std::string label, std::uint64_t total) {
    if (told_.size() <= at) told_.push_back(0);
    std::uint64_t& told = told_[at++];
    if (total <= told) return;
    telemetry.samples.push_back({std::string(metric), std::move(label), total - told});
    told = total;
  });
  if (gauges.breaker != breaker_told_) {
    telemetry.samples.push_back({"agent_breakers", std::string(gauges.breaker), 1});
    breaker_told_ = gauges.breaker;
  }
  if (gauges.remembered != remembered_told_) {
    telemetry.samples.push_back({"agent_remembered_methods", {}, gauges.remembered});
    remembered_told_ = gauges.remembered;
  }
  const std::uint64_t backlog = stats_.backlog_ns.load(std::memory_order_relaxed);
  if (backlog != backlog_told_) {
    telemetry.samples.push_back({"agent_backlog_seconds", {}, backlog});
    backlog_told_ = backlog;
  }
  if (telemetry.samples.empty()) return std::nullopt;
  telemetry.sequence = ++sequence_;
  return telemetry;
}

std::uint64_t process_start_ns(std::uint64_t fallback) {
  char text[1024] = {};
  std::FILE* file = std::fopen("/proc/self/stat", "re");
  if (!file) return fallback;
  const std::size_t read = std::fread(text, 1, sizeof text - 1, file);
  std::fclose(file);
  text[read] = 0;
  // The name of the program comes second, in brackets, and may have any character: proc(5).
  const char* rest = std::strrchr(text, ')');
  unsigned long long ticks = 0;
  if (!rest || std::sscanf(rest + 1,
                           " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
                           "%*s %*s %llu",
                           &ticks) != 1)
    return fallback;
  // Ticks count from the boot, with the time that the machine was suspended.
  timespec boot{}, monotonic{};
  ::clock_gettime(CLOCK_BOOTTIME, &boot);
  ::clock_gettime(CLOCK_MONOTONIC, &monotonic);
  const auto ns = [](const timespec& t) {
    return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000u +
           static_cast<std::uint64_t>(t.tv_nsec);
  };
  const std::uint64_t tick_ns =
      1'000'000'000u / static_cast<std::uint64_t>(std::max(1L, ::sysconf(_SC_CLK_TCK)));
  const std::uint64_t age = ns(boot) - std::min<std::uint64_t>(ns(boot), ticks * tick_ns);
  return age < ns(monotonic) ? ns(monotonic) - age : fallback;
}

std::uint64_t outstanding(const stats::Layout& stats) {
  const auto get = [](const stats::Counter& c) { return c.load(std::memory_order_relaxed); };
  // What has ended first: a compilation that ends meanwhile is outstanding rather than missing.
  std::uint64_t ended = get(stats.installed) + get(stats.cancelled);
  for (const stats::Counter& c : stats.bailed_out) ended += get(c);
  for (const stats::Counter& c : stats.failed) ended += get(c);
  const std::uint64_t requested = get(stats.requested);
  return requested > ended ? requested - ended : 0;
}

}  // namespace jitfarm::vmagent::session
