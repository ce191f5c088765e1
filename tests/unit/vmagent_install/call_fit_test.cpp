#include "vmagent/install/call_fit.h"

#include <catch2/catch.hpp>
#include <functional>

using namespace jitfarm;
using vmagent::hotspot::Invoke;
using vmagent::hotspot::MethodDetails;
using vmagent::hotspot::MethodRef;
using vmagent::install::Callee;
using vmagent::install::fit_calls;

namespace {

constexpr std::uint8_t kVirtual = 182, kSpecial = 183, kStatic = 184, kInterface = 185,
                       kDynamic = 186, kMonitorenter = 194;

Result<std::vector<Invoke>> invokes(MethodId id) {
  if (id == MethodId{1})
    return std::vector<Invoke>{{3, kVirtual, "m", "(I)I", false, {}},
                               {9, kSpecial, "m", "(I)I", false, {}},
                               {15, kStatic, "m", "(I)I", false, {}},
                               {21, kInterface, "m", "(I)I", false, {}},
                               // What the VM linked, whatever the constant says.
                               {30, kDynamic, "", "", true, MethodRef{5}},
                               {36, kVirtual, "invokeExact", "(I)I", true, MethodRef{5}},
                               {42, kVirtual, "invokeBasic", "(I)I", true, MethodRef{6}},
                               {48, kDynamic, "", "", true, MethodRef{}},
                               {54, kMonitorenter, "", "", false, {}}};
  return fail(Errc::class_unreadable, "gone");
}
Result<Callee> callee(MethodId id) {
  const MethodRef method{id.value};
  if (id == MethodId{2}) return Callee{method, {.name = "m", .descriptor = "(I)I"}};
  if (id == MethodId{3})
    return Callee{method, {.name = "m", .descriptor = "(I)Ljava/lang/Object;"}};
  if (id == MethodId{5})
    return Callee{method,
                  {.name = "adapter", .descriptor = "(ILjava/lang/Object;)I", .access_flags = 8}};
  if (id == MethodId{6})
    return Callee{
        method, {.name = "invokeBasic", .descriptor = "(I)I", .is_method_handle_intrinsic = true}};
  return fail(Errc::class_unreadable, "gone");
}

Status fit(code::SiteKind kind, std::int32_t bci, MethodId method = {2}, bool during_call = true) {
  code::CodeImage image;
  code::Site site{.kind = kind, .method = method};
  site.frames.push_back({.method = MethodId{1}, .bci = bci, .during_call = during_call});
  image.sites = {site};
  return fit_calls(image, invokes, callee);
}

}  // namespace

TEST_CASE("call_fit: each kind of call fits the bytecodes that make it, and no others") {
  using enum code::SiteKind;
  const std::vector<std::int32_t> bcis{3, 9, 15, 21};
  const std::pair<code::SiteKind, std::vector<bool>> rules[] = {
      {call_virtual, {true, false, false, true}},
      {call_interface, {true, false, false, true}},
      {call_special, {true, true, false, true}},
      {call_static, {false, false, true, false}}};
  for (const auto& [kind, fits] : rules)
    for (std::size_t i = 0; i < bcis.size(); ++i) {
      CAPTURE(static_cast<int>(kind), bcis[i]);
      CHECK(fit(kind, bcis[i]).has_value() == fits[i]);
    }
}

TEST_CASE(
    "call_fit: a call at no invoke, with another callee or with a state before it is refused") {
  using enum code::SiteKind;
  CHECK(fit(call_static, 14).error().detail == "site 0: no invoke at bci 14");
  CHECK(fit(call_static, 22).error().code == Errc::invalid_code_image);
  CHECK(fit(call_static, -1).error().code == Errc::invalid_code_image);
  CHECK(fit(call_static, 15, MethodId{3}).error().detail == "site 0: another callee at bci 15");
  CHECK(fit(call_static, 15, MethodId{9}).error().code == Errc::class_unreadable);
  CHECK(fit(call_static, 15, MethodId{2}, false).error().detail ==
        "site 0: a call whose frame state is before it");
}

TEST_CASE(
    "call_fit: where the VM linked something, that is called, statically unless it is an instance "
    "method") {
  using enum code::SiteKind;
  CHECK(fit(call_static, 30, MethodId{5}));
  CHECK(fit(call_static, 36, MethodId{5}));
  CHECK(fit(call_special, 42, MethodId{6}));
  CHECK(fit(call_special, 30, MethodId{5}).error().detail ==
        "site 0: another kind of call at bci 30");
  CHECK(fit(call_virtual, 42, MethodId{6}).error().detail ==
        "site 0: another kind of call at bci 42");
  CHECK(fit(call_special, 30, MethodId{6}).error().detail == "site 0: another callee at bci 30");
  CHECK(fit(call_special, 36, MethodId{2}).error().detail == "site 0: another callee at bci 36");
  CHECK(fit(call_static, 48, MethodId{5}).error().detail == "site 0: another callee at bci 48");
  CHECK(fit(call_static, 15, MethodId{5}).error().detail == "site 0: another callee at bci 15");
}

TEST_CASE("call_fit: traps and polls may stand anywhere; the frames around them stand at calls") {
  using enum code::SiteKind;
  CHECK(fit(runtime_call, 14, {}, false));
  CHECK(fit(poll, 0, {}, false));
  code::CodeImage image;
  code::Site site{.kind = poll};
  site.frames.push_back({.method = MethodId{1}, .bci = 15, .during_call = true});
  site.frames.push_back({.method = MethodId{1}, .bci = 0});
  image.sites = {site};
  CHECK(fit_calls(image, invokes, callee));
  image.sites[0].frames[0].bci = 16;
  CHECK(fit_calls(image, invokes, callee).error().detail == "site 0: no invoke at bci 16");
  image.sites[0].frames.clear();
  CHECK_FALSE(fit_calls(image, invokes, callee));
}

TEST_CASE("call_fit: a monitor is entered during a monitorenter, or before the first bytecode") {
  const auto enter = [](std::int32_t bci, bool during_call, std::size_t locks = 1) {
    code::CodeImage image;
    code::Site site{.kind = code::SiteKind::runtime_call, .target = code::Target::monitor_enter};
    site.frames.push_back({.method = MethodId{1},
                           .bci = bci,
                           .during_call = during_call,
                           .locks = std::vector<code::FrameLock>(locks)});
    image.sites = {site};
    return fit_calls(image, invokes, callee);
  };
  CHECK(enter(54, true));
  CHECK(enter(0, false));
  CHECK(enter(15, true).error().detail == "site 0: the instruction at bci 15 is another");
  CHECK(enter(55, true).error().detail == "site 0: no invoke at bci 55");
  CHECK(enter(54, false).error().detail == "site 0: a method that is entered at bci 54");
  CHECK(enter(54, true, 0).error().detail ==
        "site 0: a monitor is entered that the frame does not have");
  CHECK(fit(code::SiteKind::call_static, 54).error().detail ==
        "site 0: the instruction at bci 54 is another");
}
