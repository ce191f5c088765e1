// Which calls may their callees' code stand for, and how many questions does it take to know?
#include "worker/compiler/frontend/inlining.h"

#include <catch2/catch.hpp>

#include "common/facts/inline_policy.h"
#include "tests/unit/compiler_front/shape_builder.h"
#include "worker/compiler/translate/translate.h"

namespace jitfarm::worker::compiler::frontend {
namespace {

using facts::FactKey;
using facts::FactKind;

constexpr std::uint64_t kCallee = 7;

/// int m(int i): return g(i);    static int g(int i): return i + f;
struct Sample {
  ShapeBuilder builder;
  std::uint16_t call = builder.member(10, "T", "g", "(I)I");
  std::uint16_t field = builder.member(9, "T", "f", "I");
  facts::MethodInfo callee;
  Sample() {
    builder.method("m", "(I)I", 8, 2, 1,
                   code_of({op(Opcode::iload_0), op(Opcode::invokestatic), call >> 8, call & 255,
                            op(Opcode::ireturn)}));
    builder.method("g", "(I)I", 8, 2, 1,
                   code_of({op(Opcode::iload_0), op(Opcode::getstatic), field >> 8, field & 255,
                            op(Opcode::iadd), op(Opcode::ireturn)}));
    callee.holder = ClassId{TestFacts::kClass};
    callee.name = "g";
    callee.descriptor = "(I)I";
    callee.access_flags = 8;
    callee.code_bytes = 6;
  }
  FactKey call_key() const {
    return {FactKind::resolved_method, 1, call, static_cast<std::uint32_t>(Opcode::invokestatic)};
  }
  FactKey field_key() const {
    return {FactKind::resolved_field, 1, field, static_cast<std::uint32_t>(Opcode::getstatic)};
  }
  static FactKey info_key() { return {FactKind::method_info, kCallee, 0, 0}; }
  static FactKey state_key() { return {FactKind::class_state, TestFacts::kClass, 0, 0}; }

  /// Everything is known.
  TestFacts facts() const {
    TestFacts facts(builder.bytes(), "m", "(I)I");
    facts::ResolvedMethod method;
    method.method = MethodId{kCallee};
    method.holder = ClassId{TestFacts::kClass};
    method.is_static = true;
    facts.set(call_key(), method);
    facts.set(info_key(), callee);
    facts.set(state_key(), facts::ClassState{true});
    facts::ResolvedField f;
    f.holder = ClassId{TestFacts::kClass};
    f.offset = 100;
    f.type = 'I';
    f.is_static = true;
    facts.set(field_key(), f);
    return facts;
  }
};

PlansOutcome plans_of(const FactSource& source) {
  FactReader reader(source);
  return plan_with_callees(TestFacts::task(), reader, Limits{});
}
std::size_t inlined(const FactSource& source) {
  const PlansOutcome outcome = plans_of(source);
  REQUIRE(std::holds_alternative<Plans>(outcome));
  const auto& plans = std::get<Plans>(outcome);
  CHECK(plans.root.inlines.size() == plans.callees.size());
  return plans.callees.size();
}
std::vector<FactKey> missing(const FactSource& source) {
  const PlansOutcome outcome = plans_of(source);
  REQUIRE(std::holds_alternative<MissingFacts>(outcome));
  return std::get<MissingFacts>(outcome).keys;
}

TEST_CASE("inlining: a small static method of an initialised class stands for its call") {
  CHECK(inlined(Sample().facts()) == 1);
}

TEST_CASE("inlining: what a callee needs is asked together, one wave a depth") {
  TestFacts facts = Sample().facts();
  facts.forget(Sample::info_key());
  CHECK(missing(facts) == std::vector{Sample::info_key()});
  facts = Sample().facts();
  facts.forget(Sample::state_key());
  facts.forget(Sample().field_key());
  auto expected = std::vector{Sample::state_key(), Sample().field_key()};
  std::ranges::sort(expected);
  CHECK(missing(facts) == expected);
}

TEST_CASE("inlining: calls stay calls where the callee is not small, certain and complete") {
  Sample sample;
  SECTION("too large") { sample.callee.code_bytes = facts::kInlineBytesMax + 1; }
  SECTION("the client does not say how large") { sample.callee.code_bytes = 0; }
  SECTION("not wanted by the VM") { sample.callee.dont_inline = true; }
  TestFacts facts = sample.facts();
  SECTION("the class may not be initialised") { facts.set_unknown(Sample::state_key()); }
  SECTION("something is unresolved") { facts.set_unknown(sample.field_key()); }
  SECTION("the callee is gone") { facts.set_unknown(Sample::info_key()); }
  CHECK(inlined(facts) == 0);
}

TEST_CASE("inlining: a virtual call needs to know its only target, and says what it assumed") {
  Sample sample;
  ShapeBuilder& builder = sample.builder;
  const auto call = builder.member(10, "T", "v", "()I");
  builder.method("w", "()I", 1, 1, 1,
                 code_of({op(Opcode::aload_0), op(Opcode::invokevirtual), call >> 8, call & 255,
                          op(Opcode::ireturn)}));
  builder.method("v", "()I", 1, 1, 1, code_of({op(Opcode::iconst_3), op(Opcode::ireturn)}));
  TestFacts facts(builder.bytes(), "w", "()I", 1);
  facts::ResolvedMethod method;
  method.method = MethodId{kCallee};
  method.holder = ClassId{TestFacts::kClass};
  facts.set({FactKind::resolved_method, 1, call, static_cast<std::uint32_t>(Opcode::invokevirtual)},
            method);
  facts::MethodInfo info;
  info.holder = ClassId{TestFacts::kClass};
  info.name = "v";
  info.descriptor = "()I";
  info.code_bytes = 2;
  facts.set(Sample::info_key(), info);
  const FactKey unique{FactKind::unique_target, kCallee, 0, TestFacts::kClass};
  CHECK(missing(facts) == std::vector{unique});
  facts.set_unknown(unique);
  CHECK(inlined(facts) == 0);
  facts.set(unique, facts::UniqueTarget{MethodId{kCallee}});
  CHECK(inlined(facts) == 1);

  const auto outcome = translate::translate(TestFacts::task(), facts, Limits{});
  REQUIRE(std::holds_alternative<Translation>(outcome));
  const auto& translation = std::get<Translation>(outcome);
  CHECK(translation.methods == std::vector{MethodId{TestFacts::kMethod}, MethodId{kCallee}});
  REQUIRE(translation.assumptions.size() == 1);
  CHECK(translation.assumptions[0].context_method == MethodId{kCallee});
  CHECK(translation.assumptions[0].klass == ClassId{TestFacts::kClass});
}

TEST_CASE("translate: a static final field whose value is known is not read") {
  TestFacts facts = Sample().facts();
  facts::ResolvedField field{.holder = ClassId{TestFacts::kClass},
                             .offset = 100,
                             .type = 'I',
                             .is_static = true,
                             .is_final = true};
  std::size_t mirrors = 1;
  SECTION("not known") {}
  SECTION("known") {
    field.has_value = true;
    field.bits = 42;
    mirrors = 0;
  }
  facts.set(Sample().field_key(), field);
  const auto outcome = translate::translate(TestFacts::task(), facts, Limits{});
  REQUIRE(std::holds_alternative<Translation>(outcome));
  CHECK(std::get<Translation>(outcome).constants.size() == mirrors);
}

TEST_CASE("inlining: a method is inlined in itself once, where that call runs often") {
  ShapeBuilder builder;
  const auto call = builder.member(10, "T", "m", "()V");
  builder.method("m", "()V", 8, 1, 1,
                 code_of({op(Opcode::invokestatic), call >> 8, call & 255, op(Opcode::return_)}));
  TestFacts facts(builder.bytes(), "m", "()V");
  facts::ResolvedMethod method;
  method.method = MethodId{TestFacts::kMethod};
  method.holder = ClassId{TestFacts::kClass};
  method.is_static = true;
  facts.set({FactKind::resolved_method, 1, call, static_cast<std::uint32_t>(Opcode::invokestatic)},
            method);
  facts::MethodInfo info;
  info.holder = ClassId{TestFacts::kClass};
  info.name = "m";
  info.descriptor = "()V";
  info.access_flags = 8;
  info.code_bytes = 4;
  facts.set({FactKind::method_info, TestFacts::kMethod, 0, 0}, info);
  facts.set(Sample::state_key(), facts::ClassState{true});
  facts::MethodProfile profile;
  profile.invocations = 1000;
  profile.calls.push_back({.bci = 0, .count = 1000, .traps = 0, .receivers = {}});
  std::size_t depth = 2;
  SECTION("often") {}
  SECTION("seldom") {
    profile.calls[0].count = 100;
    depth = 1;
  }
  SECTION("nobody counted") {
    profile = {};
    depth = 1;
  }
  facts.set({FactKind::method_profile, TestFacts::kMethod, 0, 0}, profile);
  const auto outcome = translate::translate(TestFacts::task(), facts, Limits{});
  REQUIRE(std::holds_alternative<Translation>(outcome));
  std::size_t deepest = 0;
  for (const PlannedSite& site : std::get<Translation>(outcome).sites)
    deepest = std::max(deepest, site.frames.size());
  CHECK(deepest == depth);
  CHECK(std::get<Translation>(outcome).methods == std::vector{MethodId{TestFacts::kMethod}});
}

}  // namespace
}  // namespace jitfarm::worker::compiler::frontend
