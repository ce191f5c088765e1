// What stands in place of calls through method handles that code names?
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>

#include <catch2/catch.hpp>

#include "tests/unit/compiler_front/shape_builder.h"
#include "worker/compiler/translate/translate.h"

namespace jitfarm::worker::compiler::translate {
namespace {

using code::SiteKind;
using facts::FactKey;
using facts::FactKind;

constexpr std::uint64_t kAdapter = 7, kForm = 8, kTarget = 9, kSpecies = 21, kHandle = 22;
constexpr std::uint32_t kAppendix = 3;
constexpr std::int32_t kMemberOffset = 24, kNumberOffset = 32;

/// int m(int i): invokedynamic(i)
/// adapter(int i, Object handle): ((Species) handle).invokeBasic(i)
/// form(Object handle, int i): linkToStatic(i + handle.number, handle.member)
/// int target(int i): return i
struct Handles {
  ShapeBuilder builder;
  std::uint16_t site = builder.dynamic(18, "name", "(I)I");
  std::uint16_t basic = builder.member(10, "java/lang/invoke/MethodHandle", "invokeBasic", "(I)I");
  std::uint16_t link = builder.member(10, "java/lang/invoke/MethodHandle", "linkToStatic",
                                      "(ILjava/lang/invoke/MemberName;)I");
  std::uint16_t member = builder.member(9, "Species", "member", "Ljava/lang/invoke/MemberName;");
  std::uint16_t number = builder.member(9, "Species", "number", "I");
  facts::ConstantObjects objects;
  std::string form_descriptor = "(Ljava/lang/Object;I)I";

  Handles() {
    facts::ConstantObject handle;
    handle.classes = {ClassId{kSpecies}, ClassId{kHandle}};
    handle.form = MethodId{kForm};
    handle.fields = {{kMemberOffset, 1, 0}, {kNumberOffset, 0, 5}};
    facts::ConstantObject name;
    name.member = MethodId{kTarget};
    objects.objects = {handle, name};
  }

  TestFacts facts() {
    builder.method("m", "(I)I", 8, 2, 1,
                   code_of({op(Opcode::iload_0), op(Opcode::invokedynamic), site >> 8, site & 255, 0,
                            0, op(Opcode::ireturn)}));
    builder.method("adapter", "(ILjava/lang/Object;)I", 8, 2, 2,
                   code_of({op(Opcode::aload_1), op(Opcode::iload_0), op(Opcode::invokevirtual),
                            basic >> 8, basic & 255, op(Opcode::ireturn)}));
    builder.method("form", form_descriptor, 8, 3, 3,
                   code_of({op(Opcode::iload_1), op(Opcode::aload_0), op(Opcode::getfield),
                            number >> 8, number & 255, op(Opcode::iadd), op(Opcode::aload_0),
                            op(Opcode::getfield), member >> 8, member & 255,
                            op(Opcode::invokestatic), link >> 8, link & 255, op(Opcode::ireturn)}));
    builder.method("target", "(I)I", 8, 1, 1,
                   code_of({op(Opcode::iload_0), op(Opcode::ireturn)}));
    TestFacts facts(builder.bytes(), "m", "(I)I");
    facts.set({FactKind::call_site, TestFacts::kMethod, 1, 0},
              facts::CallSite{.method = MethodId{kAdapter},
                              .holder = ClassId{TestFacts::kClass},
                              .has_appendix = true,
                              .appendix = kAppendix});
    const auto method = [&](std::uint64_t id, const char* name, const std::string& descriptor,
                            std::uint32_t bytes) {
      facts.set({FactKind::method_info, id, 0, 0},
                facts::MethodInfo{.holder = ClassId{TestFacts::kClass},
                                  .name = name,
                                  .descriptor = descriptor,
                                  .access_flags = 8,
                                  .code_bytes = bytes});
    };
    method(kAdapter, "adapter", "(ILjava/lang/Object;)I", 6);
    method(kForm, "form", form_descriptor, 14);
    method(kTarget, "target", "(I)I", 2);
    facts.set({FactKind::class_state, TestFacts::kClass, 0, 0}, facts::ClassState{true});
    const auto linker = [&](std::uint16_t index, Opcode opcode) {
      facts.set({FactKind::resolved_method, 1, index, static_cast<std::uint32_t>(opcode)},
                facts::ResolvedMethod{.method = MethodId{30},
                                      .is_static = opcode == Opcode::invokestatic,
                                      .is_method_handle_intrinsic = true,
                                      .can_be_statically_bound = true});
    };
    linker(basic, Opcode::invokevirtual);
    linker(link, Opcode::invokestatic);
    const auto field = [&](std::uint16_t index, std::int32_t offset, char type) {
      facts.set({FactKind::resolved_field, 1, index, static_cast<std::uint32_t>(Opcode::getfield)},
                facts::ResolvedField{.holder = ClassId{kSpecies}, .offset = offset, .type = type, .is_final = true});
    };
    field(member, kMemberOffset, 'L');
    field(number, kNumberOffset, 'I');
    facts.set({FactKind::constant_object, 1, kAppendix, facts::kInReferences}, objects);
    return facts;
  }
};

/// The Java calls that are left, and traps.
std::pair<std::size_t, std::size_t> sites_of(const TestFacts& facts) {
  Outcome outcome = translate(TestFacts::task(), facts, Limits{});
  if (const auto* bailout = std::get_if<code::Bailout>(&outcome)) FAIL(bailout->detail);
  REQUIRE(std::holds_alternative<Translation>(outcome));
  const auto& translation = std::get<Translation>(outcome);
  CHECK_FALSE(llvm::verifyModule(*translation.module));
  std::size_t calls = 0;
  for (const PlannedSite& site : translation.sites) calls += site.kind != SiteKind::runtime_call;
  return {calls, translation.sites.size() - calls};
}
using Sites = std::pair<std::size_t, std::size_t>;

TEST_CASE("handles: what a constant handle calls stands for the call, down to the last method") {
  CHECK(sites_of(Handles().facts()) == Sites{0, 0});
}

TEST_CASE("handles: a handle of which nothing is known is called") {
  Handles handles;
  TestFacts facts = handles.facts();
  facts.set_unknown({FactKind::constant_object, 1, kAppendix, facts::kInReferences});
  CHECK(sites_of(facts) == Sites{1, 0});
}

TEST_CASE("handles: a method that does not take what is passed is called") {
  Handles handles;
  SECTION("other arguments") { handles.form_descriptor = "(Ljava/lang/Object;J)I"; }
  SECTION("not as many") { handles.form_descriptor = "(Ljava/lang/Object;)I"; }
  SECTION("another result") { handles.form_descriptor = "(Ljava/lang/Object;I)V"; }
  SECTION("no code") { handles.objects.objects[0].form = {}; }
  TestFacts facts = handles.facts();
  CHECK(sites_of(facts).first == 1);
}

TEST_CASE("handles: a member that is not known stays a call of the VM's linker") {
  Handles handles;
  SECTION("no member") { handles.objects.objects[1].member = {}; }
  SECTION("the method is gone") { handles.objects.objects[1].member = MethodId{99}; }
  SECTION("a field of another object") { handles.objects.objects[0].fields[0].offset += 4; }
  SECTION("a number where an object belongs") { handles.objects.objects[0].fields[0].object = 0; }
  SECTION("an object that is not there") { handles.objects.objects[0].fields[0].object = 2; }
  CHECK(sites_of(handles.facts()).first == 1);
}

}  // namespace
}  // namespace jitfarm::worker::compiler::translate
