// Which calls does code do itself? Those of the VM's own methods, not of namesakes.
#include "worker/compiler/frontend/intrinsics.h"

#include <catch2/catch.hpp>
#include <set>
#include <tuple>

#include "common/code/code_image.h"
#include "tests/unit/compiler_front/shape_builder.h"
#include "worker/compiler/frontend/inlining.h"

namespace jitfarm::worker::compiler::frontend {
namespace {

using facts::FactKey;
using facts::FactKind;

constexpr std::uint64_t kCallee = 7;
constexpr std::uint64_t kMath = 9;

/// int m(int i): return Math.max(i, i);
struct Sample {
  ShapeBuilder builder;
  std::uint16_t call = builder.member(10, "java/lang/Math", "max", "(II)I");
  facts::MethodInfo callee;
  facts::ClassInfo holder;
  Sample() {
    builder.method("m", "(I)I", 8, 2, 1,
                   code_of({op(Opcode::iload_0), op(Opcode::iload_0), op(Opcode::invokestatic),
                            call >> 8, call & 255, op(Opcode::ireturn)}));
    callee.holder = ClassId{kMath};
    callee.name = "max";
    callee.descriptor = "(II)I";
    callee.access_flags = 8;
    callee.intrinsic_id = 23;
    holder.name = "java/lang/Math";
  }
  std::size_t found() const {
    TestFacts facts(builder.bytes(), "m", "(I)I");
    facts::ResolvedMethod method;
    method.method = MethodId{kCallee};
    method.holder = ClassId{kMath};
    method.is_static = true;
    method.can_be_statically_bound = true;
    facts.set(
        {FactKind::resolved_method, 1, call, static_cast<std::uint32_t>(Opcode::invokestatic)},
        method);
    facts.set({FactKind::method_info, kCallee, 0, 0}, callee);
    facts.set({FactKind::class_info, kMath, 0, 0}, holder);
    FactReader reader(facts);
    const PlansOutcome outcome = plan_with_callees(TestFacts::task(), reader, Limits{});
    REQUIRE(std::holds_alternative<Plans>(outcome));
    return std::get<Plans>(outcome).root.intrinsics.size();
  }
};

TEST_CASE("intrinsics: a method that the VM marks and the table names is one") {
  CHECK(Sample().found() == 1);
}

TEST_CASE("intrinsics: a namesake is none") {
  Sample sample;
  SECTION("the VM does not mark it") { sample.callee.intrinsic_id = 0; }
  SECTION("of another class") { sample.holder.name = "app/Math"; }
  SECTION("another method") { sample.callee.name = "maximum"; }
  SECTION("other arguments") { sample.callee.descriptor = "(SS)I"; }
  CHECK(sample.found() == 0);
}

TEST_CASE("intrinsics: all are calls where the user switched one off") {
  facts::VmConfig vm;
  CHECK(is_possible(IntrinsicOp::bit_count, 'I', vm));
  CHECK(is_possible(IntrinsicOp::unsafe_put, 'I', vm));
  vm.calls_intrinsics = true;
  CHECK_FALSE(is_possible(IntrinsicOp::bit_count, 'I', vm));
  CHECK_FALSE(is_possible(IntrinsicOp::unsafe_put, 'I', vm));
}

TEST_CASE("intrinsics: what the VM or the processor lacks stays a call") {
  facts::VmConfig vm;
  CHECK_FALSE(is_possible(IntrinsicOp::sin, 'D', vm));
  CHECK_FALSE(is_possible(IntrinsicOp::copy_array, 'A', vm));
  CHECK_FALSE(is_possible(IntrinsicOp::get_class, 'A', vm));
  CHECK_FALSE(is_possible(IntrinsicOp::unsafe_put, 'A', vm));
  CHECK(is_possible(IntrinsicOp::unsafe_put, 'I', vm));
  vm.cpu_features = "+sse4.2,+fma4";
  CHECK_FALSE(is_possible(IntrinsicOp::fma, 'D', vm));
  CHECK_FALSE(is_possible(IntrinsicOp::floor, 'D', vm));
  CHECK_FALSE(is_possible(IntrinsicOp::crc32, 'B', vm));
  vm.array_stubs = code::array_stub_bit(code::Target::crc32);
  CHECK(is_possible(IntrinsicOp::crc32, 'B', vm));
  CHECK_FALSE(is_possible(IntrinsicOp::square_to_len, 'I', vm));
  vm.cpu_features = "+fma,+sse4.1";
  CHECK(is_possible(IntrinsicOp::fma, 'D', vm));
  CHECK(is_possible(IntrinsicOp::floor, 'D', vm));
}

TEST_CASE("intrinsics: every row is of the VM's list, and there once") {
  std::set<std::tuple<std::string_view, std::string_view, std::string_view>> of_vm, of_table;
#define JF_VM_INTRINSIC(klass, method, descriptor) of_vm.emplace(klass, method, descriptor);
#include "tests/unit/reference/vm_intrinsics_17.def"
#undef JF_VM_INTRINSIC
  for (const Intrinsic& row : intrinsics()) {
    const std::tuple key(row.klass, row.method, row.descriptor);
    INFO(row.klass << "." << row.method << row.descriptor);
    CHECK(of_vm.contains(key));
    CHECK(of_table.insert(key).second);
    CHECK(find_intrinsic(row.klass, row.method, row.descriptor) == &row);
  }
}

}  // namespace
}  // namespace jitfarm::worker::compiler::frontend
