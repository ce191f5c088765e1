// Does the IR say what the bytecode says? Frame states, exits, and no crash on anything.
#include "worker/compiler/translate/translate.h"

#include <llvm/IR/Constants.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>

#include <catch2/catch.hpp>
#include <random>

#include "tests/unit/compiler_front/shape_builder.h"

namespace jitfarm::worker::compiler::translate {
namespace {

using code::SiteKind;
using code::ValueKind;
using facts::FactKind;

Translation translation_of(const FactSource& facts,
                           const code::CompileTask& task = TestFacts::task()) {
  Outcome outcome = translate(task, facts, Limits{});
  if (const auto* bailout = std::get_if<code::Bailout>(&outcome)) FAIL(bailout->detail);
  REQUIRE(std::holds_alternative<Translation>(outcome));
  auto& translation = std::get<Translation>(outcome);
  CHECK_FALSE(llvm::verifyModule(*translation.module));
  return std::move(translation);
}

TestFacts simple(const char* descriptor, const Bytes& code, std::uint16_t locals = 6,
                 std::uint16_t stack = 6) {
  ShapeBuilder builder;
  builder.method("m", descriptor, 8, stack, locals, code);
  return TestFacts(builder.bytes(), "m", descriptor);
}

TEST_CASE("translate: a trap has the state before the pops, without dead locals") {
  // int m(int a, int b): return a / b
  const TestFacts facts = simple("(II)I", code_of({op(Opcode::iload_0), op(Opcode::iload_1),
                                                   op(Opcode::idiv), op(Opcode::ireturn)}));
  const Translation t = translation_of(facts);
  REQUIRE(t.sites.size() == 1);
  CHECK(t.sites[0].kind == SiteKind::runtime_call);
  CHECK(t.sites[0].target == code::Target::uncommon_trap);
  const PlannedFrame& frame = t.sites[0].frames.at(0);
  CHECK(frame.bci == 2);
  CHECK_FALSE(frame.during_call);
  CHECK(frame.stack == std::vector{ValueKind::int_, ValueKind::int_});
  CHECK(frame.locals == std::vector<ValueKind>(6, ValueKind::illegal));
  CHECK_FALSE(t.has_receiver);
}

TEST_CASE("translate: a call has the state after its pops; wide values take two slots") {
  ShapeBuilder builder;
  const auto call = builder.member(10, "T", "g", "(J)D");
  builder.method("m", "(JI)I", 8, 6, 3,
                 code_of({op(Opcode::lload_0), op(Opcode::lload_0), op(Opcode::invokestatic),
                          call >> 8, call & 255, op(Opcode::pop2), op(Opcode::pop2),
                          op(Opcode::iload_2), op(Opcode::ireturn)}));
  TestFacts facts(builder.bytes(), "m", "(JI)I");
  facts::ResolvedMethod resolved;
  resolved.method = MethodId{7};
  resolved.is_static = true;
  facts.set({FactKind::resolved_method, 1, call, static_cast<std::uint32_t>(Opcode::invokestatic)},
            resolved);
  const Translation t = translation_of(facts);
  REQUIRE(t.sites.size() == 1);
  CHECK(t.sites[0].kind == SiteKind::call_static);
  CHECK(t.sites[0].method == MethodId{7});
  const PlannedFrame& frame = t.sites[0].frames.at(0);
  CHECK(frame.bci == 2);
  CHECK(frame.during_call);
  CHECK(frame.stack == std::vector{ValueKind::long_, ValueKind::illegal});
  CHECK(frame.locals == std::vector{ValueKind::illegal, ValueKind::illegal, ValueKind::int_});
  // Not in a try block: an exception has a landing pad.
  const bool has_invoke = std::ranges::any_of(
      llvm::instructions(*t.module->getFunction(kMethodFunction)),
      [](const llvm::Instruction& i) { return llvm::isa<llvm::InvokeInst>(i); });
  CHECK(has_invoke);
}

/// int m(int a, Object b): return (an invokedynamic of both)
struct LinkedCall {
  ShapeBuilder builder;
  std::uint16_t site = builder.dynamic(18, "name", "(ILjava/lang/Object;)I");
  TestFacts facts;
  LinkedCall() : facts(shape(), "m", "(ILjava/lang/Object;)I") {}
  Bytes shape() {
    builder.method("m", "(ILjava/lang/Object;)I", 8, 2, 2,
                   code_of({op(Opcode::iload_0), op(Opcode::aload_1), op(Opcode::invokedynamic),
                            site >> 8, site & 255, 0, 0, op(Opcode::ireturn)}));
    return builder.bytes();
  }
  static facts::FactKey key() { return {FactKind::call_site, TestFacts::kMethod, 2, 0}; }
};

TEST_CASE("translate: a linked call site is a static call of its adapter, the appendix comes last") {
  LinkedCall c;
  c.facts.set(c.key(), facts::CallSite{.method = MethodId{7}, .has_appendix = true, .appendix = 3});
  const Translation t = translation_of(c.facts);
  REQUIRE(t.sites.size() == 1);
  CHECK(t.sites[0].kind == SiteKind::call_static);
  CHECK(t.sites[0].method == MethodId{7});
  CHECK(t.sites[0].frames.at(0).bci == 2);
  CHECK(t.sites[0].frames.at(0).stack.empty());
  CHECK(t.constants == ConstantTable{{code::ConstantKind::reference, ClassId{1}, 3}});
  CHECK(t.module->getFunction("jf.call.IAA.I") != nullptr);
}

TEST_CASE("translate: an adapter without appendix takes what the call site has") {
  LinkedCall c;
  c.facts.set(c.key(), facts::CallSite{.method = MethodId{7}});
  const Translation t = translation_of(c.facts);
  CHECK(t.constants.empty());
  CHECK(t.module->getFunction("jf.call.IA.I") != nullptr);
}

TEST_CASE("translate: a call site that is not linked is left to the interpreter") {
  LinkedCall c;
  c.facts.set_unknown(c.key());
  const Translation t = translation_of(c.facts);
  REQUIRE(t.sites.size() == 1);
  CHECK(t.sites[0].target == code::Target::uncommon_trap);
  CHECK_FALSE(t.sites[0].frames.at(0).during_call);
  CHECK(t.sites[0].frames.at(0).stack == std::vector{ValueKind::int_, ValueKind::object});
}

TEST_CASE("translate: a method handle's call goes to its adapter; invokeBasic is called as it is") {
  ShapeBuilder builder;
  const auto call = builder.member(10, "java/lang/invoke/MethodHandle", "invokeExact", "(I)I");
  builder.method("m", "(Ljava/lang/invoke/MethodHandle;I)I", 8, 2, 2,
                 code_of({op(Opcode::aload_0), op(Opcode::iload_1), op(Opcode::invokevirtual),
                          call >> 8, call & 255, op(Opcode::ireturn)}));
  TestFacts facts(builder.bytes(), "m", "(Ljava/lang/invoke/MethodHandle;I)I");
  const facts::FactKey key{FactKind::resolved_method, 1, call,
                           static_cast<std::uint32_t>(Opcode::invokevirtual)};
  facts.set(key, facts::ResolvedMethod{.method = MethodId{7},
                                       .is_static = true,
                                       .has_appendix = true,
                                       .can_be_statically_bound = true,
                                       .appendix = 5});
  const Translation adapter = translation_of(facts);
  REQUIRE(adapter.sites.size() == 2);  // the call, and a null receiver
  const auto& first = adapter.sites[0].target == code::Target::none ? adapter.sites[0] : adapter.sites[1];
  CHECK(first.kind == SiteKind::call_static);
  CHECK(adapter.module->getFunction("jf.call.AIA.I") != nullptr);

  facts.set(key, facts::ResolvedMethod{.method = MethodId{7},
                                       .is_method_handle_intrinsic = true,
                                       .can_be_statically_bound = true});
  const Translation basic = translation_of(facts);
  CHECK(basic.constants.empty());
  CHECK(std::ranges::any_of(basic.sites, [](const PlannedSite& s) { return s.kind == SiteKind::call_special; }));

  // Nothing but an adapter has an appendix.
  facts.set(key, facts::ResolvedMethod{.method = MethodId{7}, .has_appendix = true});
  const Outcome outcome = translate(TestFacts::task(), facts, Limits{});
  REQUIRE(std::holds_alternative<code::Bailout>(outcome));
  CHECK(std::get<code::Bailout>(outcome).reason == code::BailoutReason::malformed_bytecode);
}

TEST_CASE("translate: a resolved dynamic constant is its number, null, or the object that the VM keeps") {
  const auto constants_of = [](const char* type, Opcode load, Opcode leave, const facts::ResolvedObject& value) {
    ShapeBuilder builder;
    const auto constant = builder.dynamic(17, "c", type);
    const std::string descriptor = "()" + std::string(type);
    builder.method("m", descriptor, 8, 2, 0, code_of({op(load), constant >> 8, constant & 255, op(leave)}));
    TestFacts facts(builder.bytes(), "m", descriptor);
    facts.set({FactKind::resolved_object, 1, constant, 0}, value);
    return translation_of(facts);
  };
  const auto text = [](const Translation& t) {
    std::string out;
    llvm::raw_string_ostream stream(out);
    t.module->print(stream, nullptr);
    return out;
  };
  CHECK(text(constants_of("J", Opcode::ldc2_w, Opcode::lreturn, {.bits = 123456789012})).find("123456789012") != std::string::npos);
  CHECK(text(constants_of("B", Opcode::ldc_w, Opcode::ireturn, {.bits = ~std::uint64_t{0}})).find("4294967295") != std::string::npos);
  CHECK(constants_of("[I", Opcode::ldc_w, Opcode::areturn, {.is_null = true}).constants.empty());
  CHECK(constants_of("[I", Opcode::ldc_w, Opcode::areturn, {}).constants ==
        ConstantTable{{code::ConstantKind::pool_object, ClassId{1}, 4}});
}

TEST_CASE(
    "translate: an exception out of a call goes to the handler that covers it, which finds what it "
    "reads") {
  ShapeBuilder builder;
  const auto call = builder.member(10, "T", "g", "()V");
  builder.method(
      "m", "(I)I", 8, 2, 1,
      code_of({op(Opcode::invokestatic), call >> 8, call & 255, op(Opcode::iconst_0),
               op(Opcode::ireturn), op(Opcode::pop), op(Opcode::iload_0), op(Opcode::ireturn)}),
      {{0, 3, 5}});
  TestFacts facts(builder.bytes(), "m", "(I)I");
  facts::ResolvedMethod resolved;
  resolved.method = MethodId{7};
  resolved.is_static = true;
  facts.set({FactKind::resolved_method, 1, call, static_cast<std::uint32_t>(Opcode::invokestatic)},
            resolved);
  const Translation t = translation_of(facts);
  CHECK(t.sites.at(0).frames.at(0).locals == std::vector{ValueKind::int_});
  std::size_t returns = 0;
  for (const llvm::Instruction& i : llvm::instructions(*t.module->getFunction(kMethodFunction)))
    returns += llvm::isa<llvm::ReturnInst>(i) ? 1 : 0;
  CHECK(returns == 2);
  CHECK(t.module->getFunction("unwind_stub.0") == nullptr);  // it catches everything
}

TEST_CASE("translate: a monitor is in the states while it is held, and of its own slow path") {
  // static synchronized int m(Object o, int a, int b): synchronized (o) { return a / b; }
  constexpr std::uint16_t kStaticSynchronized = 0x28;
  ShapeBuilder builder;
  builder.method("m", "(Ljava/lang/Object;II)I", kStaticSynchronized, 3, 3,
                 code_of({op(Opcode::aload_0), op(Opcode::monitorenter), op(Opcode::iload_1),
                          op(Opcode::iload_2), op(Opcode::idiv), op(Opcode::aload_0),
                          op(Opcode::monitorexit), op(Opcode::ireturn)}));
  TestFacts facts(builder.bytes(), "m", "(Ljava/lang/Object;II)I", kStaticSynchronized);
  facts::VmConfig vm;
  vm.knows_monitors = true;
  vm.sled_runtime_call = 5;
  facts.set({FactKind::vm_config, 0, 0, 0}, vm);
  const Translation t = translation_of(facts);
  struct Wanted {
    code::Target target;
    std::int32_t bci;
    bool during_call;
    std::size_t locks;
  };
  const Wanted wanted[] = {{code::Target::monitor_enter, 0, false, 1},  // of the method
                           {code::Target::monitor_enter, 1, true, 2},
                           {code::Target::uncommon_trap, 1, false, 1},  // o is null
                           {code::Target::uncommon_trap, 4, false, 2}};
  REQUIRE(t.sites.size() == std::size(wanted));
  for (const Wanted& w : wanted)
    CHECK(std::ranges::any_of(t.sites, [&](const PlannedSite& site) {
      const PlannedFrame& frame = site.frames.at(0);
      return site.target == w.target && frame.bci == w.bci && frame.during_call == w.during_call &&
             frame.locks == w.locks;
    }));
  std::size_t unlocks = 0;
  for (const llvm::Instruction& i : llvm::instructions(*t.module->getFunction(kMethodFunction)))
    if (const auto* call = llvm::dyn_cast<llvm::CallInst>(&i); call != nullptr && call->getCalledFunction() != nullptr)
      unlocks += call->getCalledFunction()->getName() == "jf.unlock" ? 1 : 0;
  CHECK(unlocks == 2);
}

TEST_CASE("translate: an exception that its handler drops is not made") {
  // static int m(int a, int b): try { return a / b; } catch (E e) { return 1; }
  constexpr std::uint8_t kReason = 3;
  const auto throws = [&](const char* caught, Opcode first, bool is_seen = false) {
    ShapeBuilder builder;
    const auto klass = builder.klass(caught);
    builder.method("m", "(II)I", 8, 2, 3,
                   code_of({op(Opcode::iload_0), op(Opcode::iload_1), op(Opcode::idiv),
                            op(Opcode::ireturn), op(first), op(Opcode::iconst_1),
                            op(Opcode::ireturn)}),
                   {{0, 3, 4, klass}});
    TestFacts facts(builder.bytes(), "m", "(II)I");
    facts.set({FactKind::resolved_class, 1, klass, 0},
              facts::ResolvedClass{.klass = ClassId{5}});
    facts::VmConfig vm;
    vm.throws_implicit = true;
    vm.may_post_exceptions = is_seen;
    vm.reason_div0_check = kReason;
    vm.sled_runtime_call = 5;
    facts.set({FactKind::vm_config, 0, 0, 0}, vm);
    code::CompileTask task = TestFacts::task();
    task.trap_history.assign(kReason + 1, 200);
    const Translation t = translation_of(facts, task);
    return !t.sites.empty();
  };
  CHECK_FALSE(throws("java/lang/ArithmeticException", Opcode::pop));
  CHECK_FALSE(throws("java/lang/ArithmeticException", Opcode::astore_2));
  CHECK_FALSE(throws("java/lang/RuntimeException", Opcode::astore_2));
  CHECK(throws("java/lang/NullPointerException", Opcode::pop));
  CHECK(throws("lang/ArithmeticException", Opcode::pop));
  CHECK(throws("java/lang/ArithmeticException", Opcode::pop, true));  // a debugger may ask for it
}

std::int64_t stored_request(const Translation& t) {
  for (const llvm::Instruction& i : llvm::instructions(*t.module->getFunction(kMethodFunction)))
    if (const auto* phi = llvm::dyn_cast<llvm::PHINode>(&i))
      return llvm::cast<llvm::ConstantInt>(phi->getIncomingValue(0))->getSExtValue();
  return 0;
}

TEST_CASE("translate: an implicit exception keeps the code, something unresolved gives it up") {
  const TestFacts divides = simple("(II)I", code_of({op(Opcode::iload_0), op(Opcode::iload_1),
                                                     op(Opcode::idiv), op(Opcode::ireturn)}));
  CHECK(stored_request(translation_of(divides)) == ~(15 << 3 | 0));

  ShapeBuilder builder;
  const auto call = builder.member(10, "T", "g", "()V");
  builder.method("m", "()V", 8, 2, 1,
                 code_of({op(Opcode::invokestatic), call >> 8, call & 255, op(Opcode::return_)}));
  TestFacts facts(builder.bytes(), "m", "()V");
  facts.set_unknown(
      {FactKind::resolved_method, 1, call, static_cast<std::uint32_t>(Opcode::invokestatic)});
  CHECK(stored_request(translation_of(facts)) == ~(29 << 3 | 2));
  auto task = TestFacts::task();
  task.trap_history.assign(32, 0);
  task.trap_history[29] = 200;  // it stays unresolved
  CHECK(stored_request(translation_of(facts, task)) == ~(29 << 3));
}

TEST_CASE("translate: a loop polls with the state of its header") {
  // while (i < n) i += i; return
  const TestFacts facts = simple(
      "(II)V", code_of({op(Opcode::iload_0), op(Opcode::iload_1), op(Opcode::if_icmpge), 0, 10,
                        op(Opcode::iload_0), op(Opcode::iload_0), op(Opcode::iadd),
                        op(Opcode::istore_0), op(Opcode::goto_), 0xff, 0xf7, op(Opcode::return_)}));
  const Translation t = translation_of(facts);
  REQUIRE(t.sites.size() == 1);
  CHECK(t.sites[0].kind == SiteKind::poll);
  CHECK(t.sites[0].frames.at(0).bci == 0);
  CHECK(t.sites[0].frames.at(0).locals[0] == ValueKind::int_);
  CHECK(t.sites[0].frames.at(0).locals[2] == ValueKind::illegal);
}

TEST_CASE("translate: same task and facts, same IR and same record of facts") {
  const TestFacts facts = simple("(II)I", code_of({op(Opcode::iload_0), op(Opcode::iload_1),
                                                   op(Opcode::irem), op(Opcode::ireturn)}));
  const auto text = [&] {
    const Translation t = translation_of(facts);
    std::string out;
    llvm::raw_string_ostream stream(out);
    t.module->print(stream, nullptr);
    return std::pair(out, t.facts);
  };
  CHECK(text() == text());
}

/// Facts that know everything and agree with nothing in particular.
class Agreeable final : public FactSource {
 public:
  Agreeable(const TestFacts& base, std::uint32_t seed) : base_(base), seed_(seed) {}
  const facts::Fact* find(const facts::FactKey& key) const override {
    if (const facts::Fact* found = base_.find(key)) return found;
    facts::Fact fact{key, true, {}};
    const std::uint32_t random = seed_ ^ key.index * 2654435761u;
    switch (key.kind) {
      case FactKind::resolved_field: {
        facts::ResolvedField f;
        f.holder = ClassId{1};
        f.offset = 16;
        f.type = "IJFDZBCSL["[random % 10];
        f.is_static = key.detail == static_cast<std::uint32_t>(Opcode::getstatic) ||
                      key.detail == static_cast<std::uint32_t>(Opcode::putstatic);
        fact.value = wire::encode(f).body;
        break;
      }
      case FactKind::resolved_method: {
        facts::ResolvedMethod m;
        m.method = MethodId{3};
        m.is_static = key.detail == static_cast<std::uint32_t>(Opcode::invokestatic);
        fact.value = wire::encode(m).body;
        break;
      }
      case FactKind::call_site:
        fact.value = wire::encode(facts::CallSite{.method = MethodId{3},
                                                  .has_appendix = random % 2 == 0,
                                                  .appendix = random >> (random % 32)})
                         .body;
        break;
      case FactKind::resolved_object:
        fact.value = wire::encode(facts::ResolvedObject{}).body;
        break;
      case FactKind::constant_object: {
        facts::ConstantObjects objects;
        for (std::uint32_t i = 0; i <= random % 3; ++i)
          objects.objects.push_back({.classes = {ClassId{random % 5}},
                                     .form = MethodId{3 + random % 2},
                                     .member = MethodId{3 + random % 2},
                                     .fields = {{16, random % 5, random}}});
        fact.value = wire::encode(objects).body;
        break;
      }
      default:
        fact.known = false;
    }
    return &(made_[key] = fact);
  }
  ByteView shape(const Digest& digest) const override { return base_.shape(digest); }

 private:
  const TestFacts& base_;
  std::uint32_t seed_;
  mutable std::map<facts::FactKey, facts::Fact> made_;
};

TEST_CASE("translate: random code and mutated shapes never crash and never make bad IR", "[fuzz]") {
  const std::uint32_t seed = 20'260'101;
  INFO("seed " << seed);
  std::mt19937 random(seed);
  std::map<std::string, int> outcomes;
  for (int round = 0; round < 20'000; ++round) {
    ShapeBuilder builder;
    builder.member(9, "T", "f", "I");
    builder.member(10, "T", "g", "(IJFDLT;)D");
    builder.dynamic(17, "c", "I");
    builder.dynamic(18, "s", "(I)I");
    builder.text("x");
    builder.integer(7);
    builder.long_(9);
    // Mostly opcodes that need no operands, so that much of it gets far.
    Bytes code;
    const std::size_t size = 1 + random() % 24;
    for (std::size_t i = 0; i < size; ++i) {
      const auto kind = random() % 8;
      if (kind == 0)
        code.push_back(static_cast<std::uint8_t>(random()));
      else if (kind == 1)
        for (std::uint8_t b : {static_cast<std::uint8_t>(0x99 + random() % 17), std::uint8_t{0},
                               static_cast<std::uint8_t>(3 + random() % 9)})
          code.push_back(b);
      else if (kind == 2)
        for (std::uint8_t b : {static_cast<std::uint8_t>(0x99 + random() % 17), std::uint8_t{0xff},
                               static_cast<std::uint8_t>(0xf0 + random() % 16)})
          code.push_back(b);
      else
        code.push_back(static_cast<std::uint8_t>(random() % 0x9a));
    }
    code.push_back(static_cast<std::uint8_t>(Opcode::ireturn));
    const char* descriptors[] = {"(IJ[IF)I", "(II)I", "([B[BI)I", "(LT;D)I"};
    const char* descriptor = descriptors[random() % 4];
    builder.method("m", descriptor, 8, 8, 8, code);
    Bytes shape = builder.bytes();
    TestFacts facts(shape, "m", descriptor);
    if (round % 2 == 1) {
      for (unsigned n = 1 + random() % 4; n > 0; --n)
        shape[random() % shape.size()] = static_cast<std::uint8_t>(random());
      facts.replace_shape(shape);
    }
    const Agreeable agreeable(facts, random());
    Outcome outcome = translate(TestFacts::task(), agreeable, Limits{});
    if (auto* bailout = std::get_if<code::Bailout>(&outcome)) {
      INFO("round " << round << ": " << bailout->detail);
      CHECK(bailout->reason != code::BailoutReason::internal_error);
      ++outcomes[std::string(code::name(bailout->reason))];
    } else if (auto* translation = std::get_if<Translation>(&outcome)) {
      INFO("round " << round);
      CHECK_FALSE(llvm::verifyModule(*translation->module));
      ++outcomes["translated"];
    }
  }
  CHECK(outcomes["translated"] > 0);
  CHECK(outcomes["malformed_bytecode"] > 1000);
}

/// Code that the JVM would accept: int m(int[] a, int b), ints in locals 1 to 4, statements that
/// jump anywhere.
class RandomMethod {
 public:
  explicit RandomMethod(std::uint32_t seed) : random_(seed) {}

  Bytes make() {
    const std::size_t statements = 2 + random_() % 10;
    for (std::size_t local : {2, 3, 4}) {
      put(Opcode::iconst_2);
      store(local);
    }
    for (std::size_t i = 0; i < statements; ++i) {
      starts_.push_back(code_.size());
      statement();
    }
    starts_.push_back(code_.size());
    expression(2);
    put(Opcode::ireturn);
    for (const auto& [at, target] : jumps_) {
      const auto offset = static_cast<std::uint16_t>(starts_[target % starts_.size()] - at);
      code_[at + 1] = static_cast<std::uint8_t>(offset >> 8);
      code_[at + 2] = static_cast<std::uint8_t>(offset);
    }
    return std::move(code_);
  }

 private:
  void put(Opcode o) { code_.push_back(static_cast<std::uint8_t>(o)); }
  void put(Opcode o, std::size_t operand) {
    put(o);
    code_.push_back(static_cast<std::uint8_t>(operand));
  }
  void store(std::size_t local) { put(Opcode::istore, local); }
  std::size_t int_local() { return 1 + random_() % 4; }

  void expression(int depth) {
    switch (depth == 0 ? random_() % 2 : random_() % 6) {
      case 0:
        return put(Opcode::bipush, random_() % 256);
      case 1:
        return put(Opcode::iload, int_local());
      case 2:
        put(Opcode::aload_0);
        expression(depth - 1);
        return put(Opcode::iaload);
      case 3:
        put(Opcode::aload_0);
        return put(Opcode::arraylength);
      default: {
        expression(depth - 1);
        expression(depth - 1);
        constexpr Opcode kOps[] = {Opcode::iadd, Opcode::isub, Opcode::imul, Opcode::idiv,
                                   Opcode::irem, Opcode::ishl, Opcode::ishr, Opcode::iushr,
                                   Opcode::iand, Opcode::ixor};
        return put(kOps[random_() % std::size(kOps)]);
      }
    }
  }
  void jump(Opcode o) {
    jumps_.emplace_back(code_.size(), random_());
    put(o);
    code_.resize(code_.size() + 2);
  }
  void statement() {
    switch (random_() % 6) {
      case 0:
        expression(2);
        return store(int_local());
      case 1:
        put(Opcode::iinc, int_local());
        return code_.push_back(static_cast<std::uint8_t>(random_() % 5 - 2));
      case 2:
        put(Opcode::aload_0);
        expression(1);
        expression(2);
        return put(Opcode::iastore);
      case 3:
        expression(1);
        return jump(static_cast<Opcode>(static_cast<int>(Opcode::ifeq) + random_() % 6));
      default:
        expression(1);
        expression(1);
        return jump(static_cast<Opcode>(static_cast<int>(Opcode::if_icmpeq) + random_() % 6));
    }
  }

  std::mt19937 random_;
  Bytes code_;
  std::vector<std::size_t> starts_;
  std::vector<std::pair<std::size_t, std::size_t>> jumps_;
};

TEST_CASE("translate: random methods that check become good IR", "[fuzz]") {
  int translated = 0;
  int with_fast_body = 0;
  for (std::uint32_t seed = 1; seed <= 5000; ++seed) {
    INFO("seed " << seed);
    const TestFacts facts = simple("([II)I", RandomMethod(seed).make(), 5, 8);
    Outcome outcome = translate(TestFacts::task(), facts, Limits{});
    if (auto* bailout = std::get_if<code::Bailout>(&outcome)) {
      INFO(bailout->detail);
      CHECK(bailout->reason == code::BailoutReason::irreducible_control_flow);
      continue;
    }
    auto& translation = std::get<Translation>(outcome);
    std::string why;
    llvm::raw_string_ostream stream(why);
    const bool is_bad = llvm::verifyModule(*translation.module, &stream);
    INFO(why);
    CHECK_FALSE(is_bad);
    ++translated;
    for (const llvm::BasicBlock& block : *translation.module->getFunction(kMethodFunction))
      if (block.getName() == "fast_latch") ++with_fast_body;
  }
  CHECK(translated > 2500);
  CHECK(with_fast_body > 50);
}

}  // namespace
}  // namespace jitfarm::worker::compiler::translate
