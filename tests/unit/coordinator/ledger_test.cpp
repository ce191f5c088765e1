#include <catch2/catch.hpp>

#include "coordinator/scheduler/method_ledger.h"

namespace jitfarm::coordinator::scheduler {
namespace {

using namespace std::chrono_literals;
using End = MethodLedger::End;

constexpr MethodKey kMethod{7};
constexpr WorkerId kFirst{1}, kSecond{2}, kThird{3};
const TimePoint kNow = TimePoint{} + 1h;

TEST_CASE("method_ledger: a new method is at two workers at most, at each as often as wanted") {
  MethodLedger l;
  CHECK(l.verdict(kMethod, kNow) == Verdict::go);
  l.started(kMethod, kFirst);
  CHECK(l.verdict(kMethod, kNow) == Verdict::go);
  l.started(kMethod, kSecond);
  l.started(kMethod, kSecond);
  CHECK(l.verdict(kMethod, kNow) == Verdict::only_holders);
  CHECK(l.holds(kMethod, kSecond));
  CHECK_FALSE(l.holds(kMethod, kThird));
  l.ended(kMethod, kSecond, End::unknown, kNow);
  CHECK(l.verdict(kMethod, kNow) == Verdict::only_holders);  // one attempt is left there
  l.ended(kMethod, kSecond, End::unknown, kNow);
  CHECK(l.verdict(kMethod, kNow) == Verdict::go);
}

TEST_CASE("method_ledger: any answer makes a method harmless, then it may be everywhere") {
  MethodLedger l;
  l.started(kMethod, kFirst);
  l.ended(kMethod, kFirst, End::answered, kNow);
  for (std::uint64_t w = 1; w < 9; ++w) {
    CHECK(l.verdict(kMethod, kNow) == Verdict::go);
    l.started(kMethod, WorkerId{w});
  }
}

TEST_CASE("method_ledger: after one loss it runs alone, after the second not at all") {
  MethodLedger l;
  l.started(kMethod, kFirst);
  l.ended(kMethod, kFirst, End::lost, kNow);
  CHECK(l.verdict(kMethod, kNow) == Verdict::alone);
  l.started(kMethod, kSecond);
  CHECK(l.verdict(kMethod, kNow) == Verdict::wait);
  l.ended(kMethod, kSecond, End::lost, kNow);
  CHECK(l.verdict(kMethod, kNow) == Verdict::quarantined);
  CHECK(l.quarantined(kNow) == 1);
}

TEST_CASE("method_ledger: a worker that held it three times is one loss") {
  MethodLedger l;
  for (int i = 0; i < 3; ++i) l.started(kMethod, kFirst);
  for (int i = 0; i < 3; ++i) l.ended(kMethod, kFirst, End::lost, kNow);
  CHECK(l.verdict(kMethod, kNow) == Verdict::alone);
}

TEST_CASE("method_ledger: two workers lost at once are two losses") {
  MethodLedger l;
  l.started(kMethod, kFirst);
  l.started(kMethod, kSecond);
  l.ended(kMethod, kFirst, End::lost, kNow);
  CHECK(l.verdict(kMethod, kNow) ==
        Verdict::wait);  // the second may still show that it is harmless
  l.ended(kMethod, kSecond, End::lost, kNow);
  CHECK(l.verdict(kMethod, kNow) == Verdict::quarantined);
}

TEST_CASE("method_ledger: an answer clears a suspect") {
  MethodLedger l;
  l.started(kMethod, kFirst);
  l.ended(kMethod, kFirst, End::lost, kNow);
  l.started(kMethod, kSecond);
  l.ended(kMethod, kSecond, End::answered, kNow);
  CHECK(l.verdict(kMethod, kNow) == Verdict::go);
  l.started(kMethod, kThird);
  l.ended(kMethod, kThird, End::lost, kNow);
  CHECK(l.verdict(kMethod, kNow) == Verdict::alone);  // counted anew
}

TEST_CASE("method_ledger: a quarantine ends by itself") {
  MethodLedger l(LedgerLimits{.memory = 10min});
  for (const WorkerId w : {kFirst, kSecond}) {
    l.started(kMethod, w);
    l.ended(kMethod, w, End::lost, kNow);
  }
  CHECK(l.verdict(kMethod, kNow + 10min - 1ns) == Verdict::quarantined);
  CHECK(l.verdict(kMethod, kNow + 10min) == Verdict::go);
  CHECK(l.quarantined(kNow + 10min) == 0);
  l.started(kMethod, kThird);
  l.ended(kMethod, kThird, End::lost, kNow + 11min);
  CHECK(l.verdict(kMethod, kNow + 11min) == Verdict::alone);  // the old strikes are forgotten
}

TEST_CASE("method_ledger: what it remembers is bounded") {
  MethodLedger l(LedgerLimits{.suspects = 10, .harmless = 20});
  for (std::uint64_t m = 1; m <= 1000; ++m) {
    l.started(MethodKey{m}, kFirst);
    l.ended(MethodKey{m}, kFirst, End::answered, kNow);
    l.started(MethodKey{m + 5000}, WorkerId{m});
    l.ended(MethodKey{m + 5000}, WorkerId{m}, End::lost, kNow);
  }
  CHECK(l.size() == 30);
  CHECK(l.verdict(MethodKey{6000}, kNow) == Verdict::alone);  // the newest are kept
  CHECK(l.verdict(MethodKey{5001}, kNow) == Verdict::go);
}

TEST_CASE("method_ledger: attempts that end without news leave no trace") {
  MethodLedger l;
  l.started(kMethod, kFirst);
  l.ended(kMethod, kFirst, End::unknown, kNow);
  l.ended(kMethod, kFirst, End::unknown, kNow);
  CHECK(l.size() == 0);
}

}  // namespace
}  // namespace jitfarm::coordinator::scheduler
