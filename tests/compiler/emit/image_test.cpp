// Does IR in the conventions of translation.h become a CodeImage with everything that the VM must know?
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>

#include "tests/compiler/support/ir_text.h"
#include "tests/compiler/support/sample_vm.h"
#include "worker/compiler/pipeline/pipeline.h"

namespace jitfarm {
namespace {

using code::SiteKind;
using code::Target;
using code::ValueKind;
using code::ValuePlace;
using tests::compiler::parse_ir;
using tests::compiler::sample_vm;
using worker::compiler::PlannedFrame;
using worker::compiler::PlannedSite;
using worker::compiler::Translation;

constexpr MethodId kRoot{1};
constexpr MethodId kCallee{2};

PlannedSite site(SiteKind kind, std::int32_t bci, std::vector<ValueKind> locals, std::vector<ValueKind> stack = {}) {
  const bool call = kind != SiteKind::poll && kind != SiteKind::runtime_call;
  return {.kind = kind,
          .method = call ? kCallee : MethodId{},
          .target = kind == SiteKind::runtime_call ? Target::uncommon_trap : Target::none,
          .frames = {{.method = kRoot, .bci = bci, .during_call = call, .locals = std::move(locals), .stack = std::move(stack)}}};
}

worker::compiler::Options options() {
  worker::compiler::Options result;
  if (std::getenv("JITFARM_TEST_PRINT") != nullptr)
    result.dump = [](std::string_view stage, std::string_view text) { std::cout << "== " << stage << "\n" << text; };
  return result;
}

std::expected<code::CodeImage, code::Bailout> emit(Translation translation, const facts::VmConfig& vm = sample_vm()) {
  return emit_image({.method = kRoot}, std::move(translation), vm, options());
}

/// int sum(int[] a, int n): for i in 0..n: s += callee(a[i]); an exception of the callee leaves through a landing pad.
Translation loop_call_trap_pad() {
  constexpr auto I = ValueKind::int_;
  constexpr auto A = ValueKind::object;
  Translation translation = parse_ir(R"(
declare preserve_nonecc i32 @callee(ptr, i64, i64, ptr, i64, i32, i64, i64, i64, i64, i64, i64)
declare preserve_nonecc void @poll(ptr, i64, i64, ptr, i64, i64, i64, i64, i64, i64, i64, i64)
declare preserve_nonecc void @trap(ptr, i64, i64, ptr, i64, i64, i64, i64, i64, i64, i64, i64)
METHOD
  %n = trunc i64 %j1 to i32
  br label %head
head:
  %i = phi i32 [0, %entry], [%i.next, %latch]
  %s = phi i32 [0, %entry], [%s.next, %latch]
  %more = icmp slt i32 %i, %n
  br i1 %more, label %body, label %done
body:
  %is_null = icmp eq OOP %j0, null
  br i1 %is_null, label %null, label %checked, !prof !0
checked:
  %length.at = getelementptr i8, OOP %j0, i64 12
  %length = load i32, OOP %length.at
  %in_range = icmp ult i32 %i, %length
  br i1 %in_range, label %load, label %range, !prof !1
load:
  %wide = zext i32 %i to i64
  %base = getelementptr i8, OOP %j0, i64 16
  %element.at = getelementptr i32, OOP %base, i64 %wide
  %element = load i32, OOP %element.at
  %r = invoke preserve_nonecc i32 @callee(ptr %hb, i64 poison, i64 poison, ptr %thr, i64 poison, i32 %element, i64 poison, i64 poison, i64 poison, i64 poison, i64 poison, i64 poison) SITE(0, 8) ["deopt"(i32 1, ptr %resc, OOP %j0, i32 %n, i32 %s, i32 %i)] to label %returned unwind label %pad
returned:
  %s.next = add i32 %s, %r
  %i.next = add i32 %i, 1
  %word.at = getelementptr i8, ptr %thr, i64 832
  %word = load volatile i8, ptr %word.at
  %armed = trunc i8 %word to i1
  br i1 %armed, label %poll, label %latch, !prof !0
poll:
  call preserve_nonecc void @poll(ptr %hb, i64 poison, i64 poison, ptr %thr, i64 poison, i64 poison, i64 poison, i64 poison, i64 poison, i64 poison, i64 poison, i64 poison) SITE(1, 10) ["deopt"(i32 1, ptr %resc, OOP %j0, i32 %n, i32 %s.next, i32 %i.next)]
  br label %latch
latch:
  br label %head
null:
  call preserve_nonecc void @trap(ptr %hb, i64 poison, i64 poison, ptr %thr, i64 poison, i64 poison, i64 poison, i64 poison, i64 poison, i64 poison, i64 poison, i64 poison) SITE(2, 5) ["deopt"(i32 1, ptr %resc, OOP %j0, i32 %n, i32 %s, i32 %i, OOP null, i32 %i)]
  unreachable
range:
  call preserve_nonecc void @trap(ptr %hb, i64 poison, i64 poison, ptr %thr, i64 poison, i64 poison, i64 poison, i64 poison, i64 poison, i64 poison, i64 poison, i64 poison) SITE(3, 5) ["deopt"(i32 1, ptr %resc, OOP %j0, i32 %n, i32 %s, i32 %i, OOP %j0, i32 %i)]
  unreachable
pad:
  %token = landingpad token cleanup
  %exception.at = getelementptr i8, ptr %thr, i64 976
  %exception = load OOP, ptr %exception.at
  store OOP null, ptr %exception.at
  %pc.at = getelementptr i8, ptr %thr, i64 984
  store i64 0, ptr %pc.at
  UNWIND %exception
done:
  %result = zext i32 %s to i64
  RETURN %result
}
!0 = !{!"branch_weights", i32 1, i32 100000}
!1 = !{!"branch_weights", i32 100000, i32 1}
)");
  translation.sites = {site(SiteKind::call_static, 12, {A, I, I, I}), site(SiteKind::poll, 4, {A, I, I, I}),
                       site(SiteKind::runtime_call, 10, {A, I, I, I}, {A, I}),
                       site(SiteKind::runtime_call, 10, {A, I, I, I}, {A, I})};
  return translation;
}

TEST_CASE("emit: a loop with a call, a poll, traps and a landing pad becomes a verified image") {
  auto image = emit(loop_call_trap_pad());
  if (!image) FAIL(image.error().detail);
  CHECK(image->text[0] == 0x55);  // push rbp
  CHECK(image->frame_size % 16 == 0);
  REQUIRE(image->sites.size() >= 4);
  std::array<int, 4> kinds{};
  for (const code::Site& s : image->sites) {
    if (s.kind == SiteKind::call_static) {
      ++kinds[0];
      CHECK(s.size == 8);
      CHECK(s.landing_pad > 0);
      CHECK(s.method == kCallee);
      REQUIRE(s.oops.size() >= 1);
      CHECK(s.frames[0].locals[0].place == ValuePlace::stack_slot);
    } else if (s.kind == SiteKind::poll) {
      ++kinds[1];
      CHECK(s.landing_pad == -1);
      CHECK(s.size == 10);
    } else {
      ++kinds[s.frames[0].stack[0].place == ValuePlace::constant ? 2 : 3];
    }
  }
  CHECK(kinds == std::array<int, 4>{1, 1, 1, 1});
  const auto exits = [&](Target target) {
    return std::ranges::count_if(image->relocations, [&](const code::Relocation& r) { return r.target == target; });
  };
  CHECK(exits(Target::return_stub) >= 1);
  CHECK(exits(Target::unwind_stub) == 1);
}

TEST_CASE("emit: the same translation gives the same image") {
  CHECK(*emit(loop_call_trap_pad()) == *emit(loop_call_trap_pad()));
}

}  // namespace
}  // namespace jitfarm
