// Which methods may kill a worker, and how many workers may one cost? Two: then it is in
// quarantine.
//
// A worker that is lost takes every method that it held under suspicion: nobody can tell which one
// it was. The rules make sure that no method costs a third worker, and that an innocent one is
// cleared by its next run:
//   1. A method that no worker has answered for yet is at two workers at most, however many clients
//   want it.
//   2. A suspect (one worker lost) is at one worker, which holds no other suspect.
//   3. The second loss is the quarantine. It ends by itself: the method may have been innocent
//   twice, or may have changed.
//   4. Any answer, good or bad, clears a method: it came back alive.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "coordinator/scheduler/job.h"

namespace jitfarm::coordinator::scheduler {

struct LedgerLimits {
  std::size_t suspects =
      4096;  ///< remembered strikes and quarantines; the oldest is forgotten first
  std::size_t harmless = 65'536;               ///< methods that were answered: about 100 bytes each
  Duration memory = std::chrono::minutes(10);  ///< of a strike or quarantine
};

enum class Verdict : std::uint8_t {
  go,            ///< to any worker
  only_holders,  ///< to a worker that holds it already, else wait
  alone,         ///< to a worker that holds no suspect
  wait,          ///< until an attempt under way ends
  quarantined,
};

class MethodLedger {
 public:
  explicit MethodLedger(const LedgerLimits& limits = {}) : limits_(limits) {}

  Verdict verdict(MethodKey method, TimePoint now) const;
  bool holds(MethodKey method, WorkerId worker) const;
  void started(MethodKey method, WorkerId worker);
  enum class End : std::uint8_t {
    answered,  ///< the worker answered: harmless
    unknown,   ///< cancelled, forgotten, handed back
    lost,      ///< the worker is gone: a strike
  };
  /// Ends one attempt. A method that several clients had at the lost worker gets one strike for it.
  void ended(MethodKey method, WorkerId worker, End end, TimePoint now);
  /// Number of methods in quarantine.
  std::size_t quarantined(TimePoint now) const;
  std::size_t size() const { return methods_.size(); }

 private:
  struct Method {
    std::vector<std::pair<WorkerId, std::uint32_t>> holders;  ///< attempts under way by worker
    std::uint8_t strikes = 0;
    WorkerId last_strike;  ///< worker that the last strike was for
    TimePoint struck;
    bool harmless = false;
  };
  bool struck(const Method& m, TimePoint now) const {
    return m.strikes > 0 && now - m.struck < limits_.memory;
  }
  void forget_if_idle(MethodKey key);

  LedgerLimits limits_;
  std::unordered_map<MethodKey, Method> methods_;
  std::deque<MethodKey> harmless_order_,
      strike_order_;  ///< oldest first; entries may be out of date
};

}  // namespace jitfarm::coordinator::scheduler
