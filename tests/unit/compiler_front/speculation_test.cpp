// Which guesses does a profile lead to, and which failed guesses end them?
#include "worker/compiler/frontend/speculation.h"

#include <catch2/catch.hpp>

#include "common/facts/inline_policy.h"
#include "tests/unit/compiler_front/shape_builder.h"

namespace jitfarm::worker::compiler::frontend {
namespace {

using bytecode::Ways;
using facts::FactKey;
using facts::FactKind;

constexpr std::uint32_t kUnreached = 2;
constexpr std::uint32_t kOften = 1000;

/// int m(int i): if (i == 0) return 0; <twelve additions>; return i
struct Sample {
  ShapeBuilder builder;
  Sample() {
    Bytes code = code_of({op(Opcode::iload_0), op(Opcode::ifne), 0, 5, op(Opcode::iconst_0),
                          op(Opcode::ireturn), op(Opcode::iload_0)});
    for (int i = 0; i < 12; ++i) {
      code.push_back(static_cast<std::uint8_t>(op(Opcode::iconst_1)));
      code.push_back(static_cast<std::uint8_t>(op(Opcode::iadd)));
    }
    code.push_back(static_cast<std::uint8_t>(op(Opcode::ireturn)));
    builder.method("m", "(I)I", 8, 2, 1, code);
  }
  Ways ways(const facts::BranchProfile& branch, const code::CompileTask& task = TestFacts::task()) {
    TestFacts facts(builder.bytes(), "m", "(I)I");
    facts.set({FactKind::method_profile, TestFacts::kMethod, 0, 0},
              facts::MethodProfile{.invocations = kOften, .branches = {branch}, .calls = {}, .tests = {}, .switches = {}});
    FactReader reader(facts);
    const PlanOutcome outcome = plan(task, reader, Limits{});
    REQUIRE(std::holds_alternative<Plan>(outcome));
    return std::get<Plan>(outcome).ways[1];
  }
};

TEST_CASE("speculation: a way that was never seen is a trap, unless its code costs less") {
  Sample sample;
  CHECK(sample.ways({.bci = 1, .taken = 0, .not_taken = kOften}) == Ways::next);
  CHECK(sample.ways({.bci = 1, .taken = kOften, .not_taken = 0}) == Ways::all);  // "return 0"
  CHECK(sample.ways({.bci = 1, .taken = 1, .not_taken = kOften}) == Ways::all);
  CHECK(sample.ways({.bci = 1, .taken = 0, .not_taken = 0}) == Ways::all);
  CHECK(sample.ways({.bci = 1, .taken = 0, .not_taken = facts::kMatureCount - 1}) == Ways::all);
  CHECK(sample.ways({.bci = 2, .taken = 0, .not_taken = kOften}) == Ways::all);  // no branch there
}

TEST_CASE("speculation: a guess that failed is not made again") {
  Sample sample;
  const facts::BranchProfile branch{.bci = 1, .taken = 0, .not_taken = kOften, .traps = 0};
  auto failed = branch;
  failed.traps = kUnreached;
  CHECK(sample.ways(failed) == Ways::all);
  failed.traps = facts::kManyTraps;
  CHECK(sample.ways(failed) == Ways::all);
  failed.traps = kUnreached + 1;  // another guess failed here
  CHECK(sample.ways(failed) == Ways::next);
  // Too many of this reason, wherever they were.
  code::CompileTask task = TestFacts::task();
  task.trap_history = Bytes(kUnreached + 1, 0);
  task.trap_history[kUnreached] = 2;
  CHECK(sample.ways(branch, task) == Ways::next);
  task.trap_history[kUnreached] = 200;
  CHECK(sample.ways(branch, task) == Ways::all);
}

/// switch (i) { case 0: <twelve additions>; case 1: return 7; default: <twelve additions> }
struct SwitchSample {
  ShapeBuilder builder;
  SwitchSample() {
    Bytes code = code_of({op(Opcode::iload_0), op(Opcode::tableswitch), 0, 0});
    const auto append = [&](std::initializer_list<int> bytes) {
      const Bytes more = code_of(bytes);
      code.insert(code.end(), more.begin(), more.end());
    };
    const auto additions = [&] {
      append({op(Opcode::iload_0)});
      for (int i = 0; i < 12; ++i) append({op(Opcode::iconst_1), op(Opcode::iadd)});
      append({op(Opcode::ireturn)});
    };
    constexpr int kFirst = 23, kAdditions = 26, kSeven = 3;  // bytes behind the switch, and of the code
    for (const int word : {kFirst + kAdditions + kSeven, 0, 1, kFirst, kFirst + kAdditions})
      append({0, 0, 0, word});
    additions();
    append({op(Opcode::bipush), 7, op(Opcode::ireturn)});
    additions();
    builder.method("m", "(I)I", 8, 2, 1, code);
  }
  std::vector<bool> counted(const facts::SwitchProfile& profile,
                            const code::CompileTask& task = TestFacts::task()) {
    TestFacts facts(builder.bytes(), "m", "(I)I");
    facts.set({FactKind::method_profile, TestFacts::kMethod, 0, 0},
              facts::MethodProfile{.invocations = kOften, .branches = {}, .calls = {}, .tests = {}, .switches = {profile}});
    FactReader reader(facts);
    const PlanOutcome outcome = plan(task, reader, Limits{});
    REQUIRE(std::holds_alternative<Plan>(outcome));
    const Plan& found = std::get<Plan>(outcome);
    blocks = found.graph.blocks.size();
    return found.counted_cases.empty() ? std::vector<bool>{} : found.counted_cases.at(1);
  }
  std::size_t blocks = 0;
};

TEST_CASE("speculation: cases that were never seen are traps, unless their code costs less") {
  SwitchSample sample;
  const std::vector<bool> all;
  CHECK(sample.counted({.bci = 1, .traps = 0, .counts = {0, kOften, 0}}) ==
        std::vector<bool>{true, true, false});  // case 1 is cheap, the default is not
  CHECK(sample.blocks == 3);
  CHECK(sample.counted({.bci = 1, .traps = 0, .counts = {kOften, 0, 0}}) ==
        std::vector<bool>{false, true, true});
  CHECK(sample.counted({.bci = 1, .traps = 0, .counts = {1, kOften, 0}}) == all);
  CHECK(sample.blocks == 4);
  // Not often enough, failed here, of another code, of another instruction.
  CHECK(sample.counted({.bci = 1, .traps = 0, .counts = {0, 3 * facts::kMatureCount - 1, 0}}) == all);
  CHECK(sample.counted({.bci = 1, .traps = kUnreached, .counts = {0, kOften, 0}}) == all);
  CHECK(sample.counted({.bci = 1, .traps = 0, .counts = {0, kOften}}) == all);
  CHECK(sample.counted({.bci = 1, .traps = 0, .counts = {0, kOften, 0, 0}}) == all);
  CHECK(sample.counted({.bci = 1, .traps = 0, .counts = {}}) == all);
  CHECK(sample.counted({.bci = 0, .traps = 0, .counts = {0, kOften, 0}}) == all);
  CHECK(sample.counted({.bci = 70'000, .traps = 0, .counts = {0, kOften, 0}}) == all);
  code::CompileTask task = TestFacts::task();
  task.trap_history = Bytes(kUnreached + 1, 200);
  CHECK(sample.counted({.bci = 1, .traps = 0, .counts = {0, kOften, 0}}, task) == all);
}

constexpr std::uint32_t kReceiver = 6;

/// boolean m(Object o): return o instanceof T; what its profile leads to
TestGuess guess(const facts::TestProfile& test, Opcode op_of = Opcode::instanceof,
                bool has_display = false, const code::CompileTask& task = TestFacts::task()) {
  Plan plan;
  plan.vm.reason_receiver = kReceiver;
  plan.vm.reason_unreached = kUnreached;
  plan.invocations = kOften;
  plan.tests.emplace(test.bci, test);
  bytecode::Instruction at;
  at.op = op_of;
  at.bci = 1;
  return guess_of_test(plan, task, at, has_display);
}

facts::TestProfile seen(std::vector<facts::TestedClass> classes, std::uint32_t others = 0) {
  facts::TestProfile test{.bci = 1, .count = others, .traps = 0, .saw_null = false, .is_complete = true,
                          .classes = std::move(classes)};
  for (const facts::TestedClass& klass : test.classes) test.count += klass.count;
  return test;
}

TEST_CASE("speculation: a test compares with the classes that were seen, and others are a trap") {
  const TestGuess two = guess(seen({{ClassId{1}, true, kOften}, {ClassId{2}, false, kOften / 2}}));
  CHECK(two.classes.size() == 2);
  CHECK(two.others_trap);
  CHECK_FALSE(two.saw_null);
  CHECK_FALSE(two.objects_trap);
  // A class that does not pass a cast throws: that is left to the usual test.
  const TestGuess cast = guess(seen({{ClassId{1}, true, kOften}, {ClassId{2}, false, kOften / 2}}),
                               Opcode::checkcast);
  REQUIRE(cast.classes.size() == 1);
  CHECK(cast.classes[0].klass == ClassId{1});
  CHECK_FALSE(cast.others_trap);
  CHECK(guess(seen({{ClassId{1}, true, 10}})).classes.empty());  // seldom
  facts::TestProfile other = seen({{ClassId{1}, true, kOften}});
  other.bci = 2;
  CHECK(guess(other).classes.empty());
}

TEST_CASE("speculation: where others were seen, a comparison replaces only a dear test") {
  const facts::TestProfile few = seen({{ClassId{1}, true, kOften}}, kOften / 20);
  CHECK(guess(few).classes.size() == 1);
  CHECK_FALSE(guess(few).others_trap);
  CHECK(guess(few, Opcode::instanceof, /*has_display=*/true).classes.empty());
  facts::TestProfile incomplete = seen({{ClassId{1}, true, kOften}});
  incomplete.is_complete = false;
  CHECK_FALSE(guess(incomplete).others_trap);
}

TEST_CASE("speculation: a test's guess that failed is not made again") {
  facts::TestProfile failed = seen({{ClassId{1}, true, kOften}});
  failed.traps = kReceiver;
  CHECK_FALSE(guess(failed).others_trap);
  code::CompileTask task = TestFacts::task();
  task.trap_history = Bytes(kReceiver + 1, 200);
  failed.traps = 0;
  CHECK_FALSE(guess(failed, Opcode::checkcast, false, task).others_trap);

  facts::TestProfile nulls = seen({});
  CHECK_FALSE(guess(nulls).objects_trap);  // it never ran
  nulls.saw_null = true;
  CHECK(guess(nulls).objects_trap);
  nulls.traps = kUnreached;
  CHECK_FALSE(guess(nulls).objects_trap);
}

TEST_CASE("inline policy: only what runs often may be large, and what never runs is not inlined") {
  CHECK(facts::inline_bytes_max(kOften, kOften) == facts::kHotInlineBytesMax);
  CHECK(facts::inline_bytes_max(kOften / 10, kOften) == facts::kInlineBytesMax);
  CHECK(facts::inline_bytes_max(0, kOften) == 0);
  CHECK(facts::inline_bytes_max(0, 1) == facts::kInlineBytesMax);
}

TEST_CASE("inline policy: receivers are told apart when nearly all are of one or two classes") {
  const auto guessed = [](std::uint32_t all, std::vector<std::uint32_t> counts) {
    facts::CallProfile call{.bci = 0, .count = all, .traps = 0, .receivers = {}};
    for (const std::uint32_t count : counts) call.receivers.push_back({ClassId{1}, MethodId{1}, count});
    return facts::receivers_to_guess(call);
  };
  CHECK(guessed(1000, {1000}) == 1);
  CHECK(guessed(1000, {950, 50}) == 1);
  CHECK(guessed(1000, {600, 400}) == 2);
  CHECK(guessed(1000, {400, 300, 300}) == 0);
  CHECK(guessed(10, {10}) == 0);
  CHECK(guessed(4'000'000'000u, {4'000'000'000u}) == 1);
}

}  // namespace
}  // namespace jitfarm::worker::compiler::frontend
