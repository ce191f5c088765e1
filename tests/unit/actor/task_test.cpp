// Are temporaries and frames destroyed exactly once, and does a long chain of tasks need no stack?
#include <catch2/catch.hpp>
#include <functional>
#include <memory>

#include "common/actor/channel.h"
#include "tests/unit/actor/actor_fixture.h"

using namespace jitfarm;
using namespace jitfarm::actor;
using namespace jitfarm::actor::test;

namespace {

// g++ 12 destroys these temporaries twice (docs/adr/0002): each case is a co_await expression with
// one of them.
Task<int> by_value(Tracked a, Tracked b) {
  co_await yield();
  co_await sleep_until(TimePoint{} + 1ms);
  co_return a.value + b.value;
}
template <class F>
Task<int> call(F f) {
  co_await sleep_until(TimePoint{} + 1ms);
  co_return f();
}
Task<int> call_function(std::function<int()> f) {
  co_await sleep_until(TimePoint{} + 1ms);
  co_return f();
}
struct Aggregate {
  std::string text;
  Tracked tracked;
};
Task<int> aggregate(Aggregate a) {
  co_await sleep_until(TimePoint{} + 1ms);
  co_return a.tracked.value + static_cast<int>(a.text.size());
}

Task<void> lambda_temporary(int* out) {
  Tracked x(5);
  auto shared = std::make_shared<std::string>("a string that is too long for the small buffer");
  *out = co_await call([x, shared] { return x.value + static_cast<int>(shared->size()); });
}
Task<void> function_temporary(int* out) {
  Tracked x(5);
  auto shared = std::make_shared<std::string>("a string that is too long for the small buffer");
  *out = co_await call_function([x, shared] { return x.value + static_cast<int>(shared->size()); });
}
Task<void> value_temporaries(int* out) { *out = co_await by_value(Tracked(1), Tracked(2)); }
Task<void> in_conditional(int* out, bool first) {
  *out =
      first ? co_await by_value(Tracked(1), Tracked(2)) : co_await by_value(Tracked(3), Tracked(4));
}
Task<void> aggregate_temporary(int* out) {
  *out = co_await aggregate(
      Aggregate{std::string("a string that is too long for the small buffer"), Tracked(3)});
}
Task<void> braced_temporary(int* out) {
  *out = co_await aggregate(
      {std::string("a string that is too long for the small buffer"), Tracked(3)});
}

Task<int> leaf(int i) { co_return i; }
Task<void> many_leaves(long n, long* sum) {
  for (long i = 0; i < n; ++i) *sum += co_await leaf(1);
}
Task<int> nested(int depth) { co_return depth == 0 ? 0 : 1 + co_await nested(depth - 1); }
Task<void> start_nested(int depth, int* out) { *out = co_await nested(depth); }
Task<std::unique_ptr<int>> move_only() { co_return std::make_unique<int>(7); }
Task<void> take_move_only(int* out) { *out = *co_await move_only(); }

}  // namespace

TEST_CASE("task: temporaries inside a co_await expression live and die once") {
  const auto check = [](Task<void> (*start)(int*), int expected) {
    World w;
    int got = 0;
    w.start(start(&got));
    w.run();
    w.advance(1ms);
    CHECK(got == expected);
    CHECK(w.live() == 0);
    CHECK(Tracked::alive == 0);
  };
  check(lambda_temporary, 5 + 46);
  check(function_temporary, 5 + 46);
  check(value_temporaries, 3);
  check([](int* out) { return in_conditional(out, true); }, 3);
  check([](int* out) { return in_conditional(out, false); }, 7);
  check(aggregate_temporary, 3 + 46);
  check(braced_temporary, 3 + 46);
}

TEST_CASE("task: frames that are dropped while they wait destroy what they hold once") {
  {
    World w;
    int got = 0;
    w.start(lambda_temporary(&got));
    w.start(braced_temporary(&got));
    w.run();
    CHECK(Tracked::alive > 0);
  }
  CHECK(Tracked::alive == 0);
}

TEST_CASE("task: a task that is never awaited runs nothing and leaks nothing") {
  {
    Task<int> unused = by_value(Tracked(1), Tracked(2));
    CHECK(Tracked::alive == 2);
  }
  CHECK(Tracked::alive == 0);
}

TEST_CASE("task: synchronous completions need no stack") {
  World w;
  long sum = 0;
  w.start(many_leaves(1'000'000, &sum));
  w.run();
  CHECK(sum == 1'000'000);
}

TEST_CASE("task: a deep chain returns its value to the top; values may be move-only") {
  World w;
  int depth = 0, taken = 0;
  w.start(start_nested(10'000, &depth));
  w.start(take_move_only(&taken));
  w.run();
  CHECK(depth == 10'000);
  CHECK(taken == 7);
}
