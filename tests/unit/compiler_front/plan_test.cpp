// Are facts asked in few waves, and is the method given up exactly when it must be?
#include "worker/compiler/frontend/plan.h"

#include <catch2/catch.hpp>

#include "tests/unit/compiler_front/shape_builder.h"

namespace jitfarm::worker::compiler::frontend {
namespace {

using code::BailoutReason;
using facts::FactKey;
using facts::FactKind;

PlanOutcome plan_of(const FactSource& source) {
  static std::vector<std::unique_ptr<FactReader>>
      readers;  // a Plan does not outlive its reader's source
  readers.push_back(std::make_unique<FactReader>(source));
  return plan(TestFacts::task(), *readers.back(), Limits{});
}

BailoutReason reason_of(const PlanOutcome& outcome) {
  REQUIRE(std::holds_alternative<code::Bailout>(outcome));
  return std::get<code::Bailout>(outcome).reason;
}

/// int m(int): if (i == 0) throw new E(); return f;   with a call before
struct Sample {
  ShapeBuilder builder;
  std::uint16_t e = builder.klass("E");
  std::uint16_t init = builder.member(10, "E", "<init>", "()V");
  std::uint16_t field = builder.member(9, "T", "f", "I");
  std::uint16_t call = builder.member(10, "T", "g", "()V");
  Sample() {
    builder.method(
        "m", "(I)I", 8, 2, 1,
        code_of({op(Opcode::invokestatic), call >> 8, call & 255,  // 0
                 op(Opcode::iload_0), op(Opcode::ifne), 0, 11,     // 3, 4
                 op(Opcode::new_), e >> 8, e & 255,                // 7
                 op(Opcode::dup), op(Opcode::invokespecial), init >> 8, init & 255,
                 op(Opcode::athrow),                                                      // 10
                 op(Opcode::getstatic), field >> 8, field & 255, op(Opcode::ireturn)}));  // 15
  }
  FactKey klass_key() const { return {FactKind::resolved_class, 1, e, 0}; }
  FactKey call_key() const {
    return {FactKind::resolved_method, 1, call, static_cast<std::uint32_t>(Opcode::invokestatic)};
  }
  FactKey init_key() const {
    return {FactKind::resolved_method, 1, init, static_cast<std::uint32_t>(Opcode::invokespecial)};
  }
  FactKey field_key() const {
    return {FactKind::resolved_field, 1, field, static_cast<std::uint32_t>(Opcode::getstatic)};
  }
  static facts::ResolvedMethod method(bool is_static) {
    facts::ResolvedMethod m;
    m.method = MethodId{7};
    m.is_static = is_static;
    return m;
  }
  static facts::ResolvedField int_field() {
    facts::ResolvedField f;
    f.holder = ClassId{1};
    f.offset = 112;
    f.type = 'I';
    f.is_static = true;
    return f;
  }
};

TEST_CASE("plan: nothing known, everything that can be named is asked at once") {
  Sample sample;
  TestFacts facts(sample.builder.bytes(), "m", "(I)I");
  facts.erase({.kind = FactKind::vm_config});
  facts.erase({.kind = FactKind::method_info, .subject = TestFacts::kMethod});
  const auto outcome = plan_of(facts);
  REQUIRE(std::holds_alternative<MissingFacts>(outcome));
  CHECK(std::get<MissingFacts>(outcome).keys ==
        std::vector<FactKey>{{FactKind::vm_config, 0, 0, 0}, {FactKind::method_info, 100, 0, 0}});
}

TEST_CASE(
    "plan: class info and shape are asked together, and the shape alone when only it is missing") {
  Sample sample;
  TestFacts facts(sample.builder.bytes(), "m", "(I)I");
  facts.hide_shape();
  auto outcome = plan_of(facts);
  REQUIRE(std::holds_alternative<MissingFacts>(outcome));
  CHECK(std::get<MissingFacts>(outcome).keys ==
        std::vector<FactKey>{{FactKind::class_shape, 1, 0, 0}});
  facts.erase({.kind = FactKind::class_info, .subject = 1});
  outcome = plan_of(facts);
  REQUIRE(std::holds_alternative<MissingFacts>(outcome));
  CHECK(std::get<MissingFacts>(outcome).keys.size() == 2);
}

TEST_CASE("plan: one wave asks for every entry of the constant pool that the code may touch") {
  Sample sample;
  TestFacts facts(sample.builder.bytes(), "m", "(I)I");
  const auto outcome = plan_of(facts);
  REQUIRE(std::holds_alternative<MissingFacts>(outcome));
  auto expected = std::vector<FactKey>{sample.klass_key(), sample.call_key(), sample.init_key(),
                                       sample.field_key()};
  std::ranges::sort(expected);
  CHECK(std::get<MissingFacts>(outcome).keys == expected);
}

TEST_CASE("plan: what is not resolved is a trap, and what lies behind it does not count") {
  Sample sample;
  TestFacts facts(sample.builder.bytes(), "m", "(I)I");
  facts.set_unknown(sample.klass_key());
  facts.set(sample.call_key(), Sample::method(true));
  facts.set(sample.field_key(), Sample::int_field());
  const auto outcome = plan_of(facts);  // neither init_key nor athrow is reached
  if (const auto* bailout = std::get_if<code::Bailout>(&outcome)) FAIL(bailout->detail);
  REQUIRE(std::holds_alternative<Plan>(outcome));
  const Plan& plan = std::get<Plan>(outcome);
  CHECK(plan.stops(plan.code.at(7)));
  CHECK(std::ranges::count(plan.ways, bytecode::Ways::all) + 1 == std::ssize(plan.ways));
}

TEST_CASE("plan: an allocation needs its VM, its class, and that initialised") {
  Sample sample;
  TestFacts facts(sample.builder.bytes(), "m", "(I)I");
  facts.set(sample.call_key(), Sample::method(true));
  facts.set(sample.klass_key(), facts::ResolvedClass{.klass = ClassId{5}, .initialized = true});
  facts::VmConfig vm;
  facts.set({FactKind::vm_config, 0, 0, 0}, vm);
  CHECK(reason_of(plan_of(facts)) == BailoutReason::allocation);
  vm.has_vm_entries = true;
  facts.set({FactKind::vm_config, 0, 0, 0}, vm);
  facts.set(sample.klass_key(), facts::ResolvedClass{.klass = ClassId{5}, .is_array = true});
  CHECK(reason_of(plan_of(facts)) == BailoutReason::malformed_bytecode);
  facts.set(sample.klass_key(), facts::ResolvedClass{.klass = ClassId{5}});
  const auto missing = plan_of(facts);
  REQUIRE(std::holds_alternative<MissingFacts>(missing));
  CHECK(std::ranges::find(std::get<MissingFacts>(missing).keys, FactKey{FactKind::class_state, 5, 0, 0}) !=
        std::get<MissingFacts>(missing).keys.end());
}

TEST_CASE("plan: invokespecial in an interface is compiled") {
  const auto outcome = [](const char* name) {
    ShapeBuilder builder;
    const std::uint16_t called = builder.member(10, "E", name, "()V");
    builder.method("m", "()V", 0x0001, 1, 1,
                   code_of({op(Opcode::aload_0), op(Opcode::invokespecial), called >> 8,
                            called & 255, op(Opcode::return_)}));
    TestFacts facts(builder.bytes(0x0601), "m", "()V", 1);
    facts.set({FactKind::resolved_method, 1, called, static_cast<std::uint32_t>(Opcode::invokespecial)},
              Sample::method(false));
    return plan_of(facts);
  };
  CHECK(std::holds_alternative<Plan>(outcome("again")));
  CHECK(std::holds_alternative<Plan>(outcome("<init>")));
}

TEST_CASE("plan: facts that contradict the bytecode are malformed") {
  Sample sample;
  TestFacts facts(sample.builder.bytes(), "m", "(I)I");
  facts.set_unknown(sample.klass_key());
  facts.set(sample.call_key(), Sample::method(true));
  auto field = Sample::int_field();
  field.type = 'J';
  facts.set(sample.field_key(), field);
  CHECK(reason_of(plan_of(facts)) == BailoutReason::malformed_bytecode);
  field = Sample::int_field();
  field.is_static = false;
  facts.set(sample.field_key(), field);
  CHECK(reason_of(plan_of(facts)) == BailoutReason::malformed_bytecode);
  field = Sample::int_field();
  facts.set_raw(sample.field_key(), {0xff});
  CHECK(reason_of(plan_of(facts)) == BailoutReason::malformed_bytecode);
}

TEST_CASE("plan: reasons that the method's head gives") {
  const Bytes body = code_of({op(Opcode::return_)});
  const auto reason = [&](std::uint16_t flags, const Bytes& code,
                          std::int32_t entry = code::kNormalEntry) {
    ShapeBuilder builder;
    builder.method("m", "()V", flags, 1, 1, code);
    TestFacts facts(builder.bytes(), "m", "()V", flags);
    FactReader reader(facts);
    auto task = TestFacts::task();
    task.entry_bci = entry;
    return reason_of(plan(task, reader, Limits{}));
  };
  CHECK(reason(8 | 0x20, body) == BailoutReason::monitor);  // in a VM whose locking is not known
  CHECK(reason(8 | 0x100, {}) == BailoutReason::native_or_abstract);
  CHECK(reason(8, body, 1) == BailoutReason::osr_entry);
  CHECK(reason(8, code_of({op(Opcode::jsr), 0, 3, op(Opcode::return_)})) ==
        BailoutReason::subroutine);
  CHECK(reason(8, Bytes(9000, static_cast<std::uint8_t>(Opcode::return_))) ==
        BailoutReason::method_too_large);
}

TEST_CASE("plan: monitors must nest on all ways") {
  const auto reason = [](std::initializer_list<Bytes> parts, std::uint16_t flags = 8,
                         const std::vector<HandlerRow>& handlers = {}) {
    Bytes code;
    for (const Bytes& part : parts) code.insert(code.end(), part.begin(), part.end());
    ShapeBuilder builder;
    builder.method("m", "(Ljava/lang/Object;)V", flags, 2, 2, code, handlers);
    TestFacts facts(builder.bytes(), "m", "(Ljava/lang/Object;)V", flags);
    facts::VmConfig vm;
    vm.knows_monitors = true;
    facts.set({FactKind::vm_config, 0, 0, 0}, vm);
    const auto outcome = plan_of(facts);
    return std::holds_alternative<Plan>(outcome) ? std::optional<BailoutReason>{}
                                                 : reason_of(outcome);
  };
  const Bytes in = code_of({op(Opcode::aload_0), op(Opcode::monitorenter)});
  const Bytes out = code_of({op(Opcode::aload_0), op(Opcode::monitorexit)});
  const Bytes end = code_of({op(Opcode::return_)});
  const Bytes pop = code_of({op(Opcode::pop)});
  CHECK_FALSE(reason({in, out, end}));
  CHECK_FALSE(reason({in, in, out, out, end}));
  CHECK_FALSE(reason({in, out, in, out, end}, 8 | 0x20));
  CHECK(reason({in, end}) == BailoutReason::monitor);
  CHECK(reason({out, end}) == BailoutReason::monitor);
  CHECK(reason({out, end}, 8 | 0x20) == BailoutReason::monitor);
  CHECK(reason({in, out, out, end}) == BailoutReason::monitor);
  // if (o != null) lock o; unlock o
  const Bytes test = code_of({op(Opcode::aload_0), op(Opcode::ifnull), 0, 5});
  CHECK(reason({test, in, out, end}) == BailoutReason::monitor);
  // An athrow leaves with the monitor, unless a handler catches everything.
  const Bytes thrown = code_of({op(Opcode::aload_0), op(Opcode::athrow)});
  CHECK(reason({in, thrown}) == BailoutReason::monitor);
  CHECK_FALSE(reason({in, thrown, pop, out, end}, 8, {{2, 4, 4}}));
  CHECK(reason({in, thrown, pop, end}, 8, {{2, 4, 4}}) == BailoutReason::monitor);
  CHECK_FALSE(reason({thrown}, 8 | 0x20));
}

TEST_CASE("plan: what happens is thrown by code, unless it would leave with a monitor") {
  // synchronized (o) { pop(a / a) }, with the handler that javac makes, or without
  const auto throws_division = [](const std::vector<HandlerRow>& handlers) {
    const Bytes code = code_of(
        {op(Opcode::aload_0), op(Opcode::monitorenter), op(Opcode::iload_1), op(Opcode::iload_1),
         op(Opcode::idiv), op(Opcode::pop), op(Opcode::aload_0), op(Opcode::monitorexit),
         op(Opcode::return_), op(Opcode::aload_0), op(Opcode::monitorexit), op(Opcode::athrow)});
    ShapeBuilder builder;
    builder.method("m", "(Ljava/lang/Object;I)V", 8, 2, 2, code, handlers);
    TestFacts facts(builder.bytes(), "m", "(Ljava/lang/Object;I)V");
    facts::VmConfig vm;
    vm.knows_monitors = vm.throws_implicit = true;
    vm.reason_div0_check = 3;
    facts.set({FactKind::vm_config, 0, 0, 0}, vm);
    FactReader reader(facts);
    code::CompileTask task = TestFacts::task();
    task.trap_history.assign(4, 200);
    const auto outcome = plan(task, reader, Limits{});
    REQUIRE(std::holds_alternative<Plan>(outcome));
    const auto& plan = std::get<Plan>(outcome);
    const bool throws = plan.throws[static_cast<std::size_t>(code::ImplicitException::arithmetic)];
    CHECK(plan.may_throw == throws);
    CHECK(plan.handlers.at(plan.code.at(7)).empty());  // a monitorexit stays the interpreter's
    return throws;
  };
  CHECK(throws_division({{2, 8, 9}, {9, 11, 9}}));
  CHECK_FALSE(throws_division({}));
}

TEST_CASE("plan: handlers are compiled, and the classes that they catch are facts") {
  ShapeBuilder builder;
  const auto call = builder.member(10, "T", "g", "()V");
  const auto caught = builder.klass("E");
  builder.method("m", "()V", 8, 1, 1,
                 code_of({op(Opcode::invokestatic), call >> 8, call & 255, op(Opcode::return_),
                          op(Opcode::pop), op(Opcode::return_)}),
                 {{0, 3, 4, caught}});
  TestFacts facts(builder.bytes(), "m", "()V");
  facts.set({FactKind::resolved_method, 1, call, static_cast<std::uint32_t>(Opcode::invokestatic)},
            Sample::method(true));
  const auto missing = plan_of(facts);
  REQUIRE(std::holds_alternative<MissingFacts>(missing));
  const FactKey key{FactKind::resolved_class, 1, caught, 0};
  CHECK(std::get<MissingFacts>(missing).keys == std::vector<FactKey>{key});
  facts.set_unknown(key);
  auto outcome = plan_of(facts);
  REQUIRE(std::holds_alternative<Plan>(outcome));
  CHECK(std::get<Plan>(outcome).graph.blocks.size() == 1);
  CHECK(std::get<Plan>(outcome).handlers.are_cut_short(0));
  facts.set(key, facts::ResolvedClass{.klass = ClassId{5}});
  outcome = plan_of(facts);
  REQUIRE(std::holds_alternative<Plan>(outcome));
  CHECK(std::get<Plan>(outcome).graph.blocks.size() == 2);
}

TEST_CASE("fact reader: what was read is recorded with its digest") {
  Sample sample;
  TestFacts facts(sample.builder.bytes(), "m", "(I)I");
  FactReader reader(facts);
  CHECK(reader.ask<FactKind::method_info>(100).state == FactState::known);
  CHECK(reader.ask<FactKind::class_state>(9).state == FactState::missing);
  REQUIRE(reader.uses().size() == 1);
  CHECK(reader.uses()[0].key.kind == FactKind::method_info);
  CHECK(reader.uses()[0].value_hash != 0);
  CHECK(reader.missing().keys.size() == 1);
}

}  // namespace
}  // namespace jitfarm::worker::compiler::frontend
