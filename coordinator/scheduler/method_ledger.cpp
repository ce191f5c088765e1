#include "coordinator/scheduler/method_ledger.h"

#include <algorithm>
#include <unordered_set>

namespace jitfarm::coordinator::scheduler {
namespace {
constexpr std::uint8_t kStrikesMax = 2;
}  // namespace

Verdict MethodLedger::verdict(MethodKey method, TimePoint now) const {
  const auto it = methods_.find(method);
  if (it == methods_.end()) return Verdict::go;
  const Method& m = it->second;
  if (struck(m, now)) {
    if (m.strikes >= kStrikesMax) return Verdict::quarantined;
    return m.holders.empty() ? Verdict::alone : Verdict::wait;
  }
  if (m.harmless || m.holders.size() < kStrikesMax) return Verdict::go;
  return Verdict::only_holders;
}

bool MethodLedger::holds(MethodKey method, WorkerId worker) const {
  const auto it = methods_.find(method);
  return it != methods_.end() &&
         std::ranges::any_of(it->second.holders, [&](const auto& h) { return h.first == worker; });
}

void MethodLedger::started(MethodKey method, WorkerId worker) {
  auto& holders = methods_[method].holders;
  const auto it = std::ranges::find(holders, worker, [](const auto& h) { return h.first; });
  if (it == holders.end())
    holders.emplace_back(worker, 1);
  else
    ++it->second;
}

void MethodLedger::ended(MethodKey method, WorkerId worker, End end, TimePoint now) {
  const auto found = methods_.find(method);
  if (found == methods_.end()) return;
  Method& m = found->second;
  const auto it = std::ranges::find(m.holders, worker, [](const auto& h) { return h.first; });
  if (it != m.holders.end() && --it->second == 0) m.holders.erase(it);
  switch (end) {
    case End::answered:
      m.strikes = 0;
      if (!std::exchange(m.harmless, true)) {
        harmless_order_.push_back(method);
        if (harmless_order_.size() > limits_.harmless) {
          const MethodKey oldest = harmless_order_.front();
          harmless_order_.pop_front();
          if (const auto old = methods_.find(oldest); old != methods_.end() && oldest != method) {
            old->second.harmless = false;
            forget_if_idle(oldest);
          }
        }
      }
      break;
    case End::lost:
      m.harmless = false;
      if (!struck(m, now)) {
        m.strikes = 0;
        m.last_strike = {};
      }
      if (std::exchange(m.last_strike, worker) != worker) {
        ++m.strikes;
        m.struck = now;
        strike_order_.push_back(method);
        if (strike_order_.size() > limits_.suspects) {
          const MethodKey oldest = strike_order_.front();
          strike_order_.pop_front();
          if (const auto old = methods_.find(oldest);
              old != methods_.end() &&
              std::ranges::find(strike_order_, oldest) == strike_order_.end()) {
            old->second.strikes = 0;
            forget_if_idle(oldest);
          }
        }
      }
      break;
    case End::unknown:
      break;
  }
  forget_if_idle(method);
}

void MethodLedger::forget_if_idle(MethodKey key) {
  const auto it = methods_.find(key);
  if (it != methods_.end() && it->second.holders.empty() && it->second.strikes == 0 &&
      !it->second.harmless)
    methods_.erase(it);
}

std::size_t MethodLedger::quarantined(TimePoint now) const {
  std::unordered_set<MethodKey> seen;  // a quarantined method stands twice in the order
  for (const MethodKey key : strike_order_)
    if (const auto m = methods_.find(key);
        m != methods_.end() && m->second.strikes >= kStrikesMax && struck(m->second, now))
      seen.insert(key);
  return seen.size();
}

}  // namespace jitfarm::coordinator::scheduler
