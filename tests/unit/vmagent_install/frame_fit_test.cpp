#include "vmagent/install/frame_fit.h"

#include <catch2/catch.hpp>
#include <functional>

using namespace jitfarm;
using hotspot_bounds = vmagent::hotspot::writer::MethodBounds;
using vmagent::install::fit_frames;

namespace {

Result<hotspot_bounds> bounds(MethodId id) {
  if (id == MethodId{1}) return hotspot_bounds{.max_locals = 3, .max_stack = 2, .code_bytes = 20};
  if (id == MethodId{2}) return hotspot_bounds{.max_locals = 1, .max_stack = 4, .code_bytes = 5};
  return fail(Errc::class_unreadable, "gone");
}

code::CodeImage image() {
  code::CodeImage image;
  code::Site site{.kind = code::SiteKind::call_static};
  site.frames.push_back({.method = MethodId{1},
                         .bci = 7,
                         .during_call = true,
                         .locals = std::vector<code::FrameValue>(3)});
  site.frames.push_back({.method = MethodId{2},
                         .bci = 4,
                         .locals = std::vector<code::FrameValue>(1),
                         .stack = std::vector<code::FrameValue>(4)});
  image.sites = {site};
  return image;
}

}  // namespace

TEST_CASE("frame_fit: frames that fit give the interpreter's need, inlined frames together") {
  auto need = fit_frames(image(), bounds);
  REQUIRE(need);
  CHECK(*need >= (3 + 2 + 1 + 4 + 2 * 12) * 8);
  CHECK(*need < 1000);
  code::CodeImage locked = image();
  locked.sites[0].frames[1].locks.resize(2);
  CHECK(*fit_frames(locked, bounds) == *need + 2 * 16);
  CHECK(*fit_frames({}, bounds) == 0);
}

TEST_CASE("frame_fit: a frame that does not fit its method is refused by site and frame") {
  struct Case {
    const char* what;
    std::function<void(code::Site&)> spoil;
    Errc code = Errc::invalid_code_image;
  };
  for (const Case& c : std::vector<Case>{
           {"site 0, frame 0: not as many locals",
            [](auto& s) { s.frames[0].locals.emplace_back(); }},
           {"site 0, frame 0: not as many locals", [](auto& s) { s.frames[0].locals.pop_back(); }},
           {"site 0, frame 1: operand stack deeper",
            [](auto& s) { s.frames[1].stack.emplace_back(); }},
           {"site 0, frame 1: bci", [](auto& s) { s.frames[1].bci = 5; }},
           {"site 0, frame 1: bci", [](auto& s) { s.frames[1].bci = -2; }},
           {"site 0, frame 0: an outer frame", [](auto& s) { s.frames[0].during_call = false; }},
           {"gone", [](auto& s) { s.frames[0].method = MethodId{3}; }, Errc::class_unreadable},
       }) {
    code::CodeImage spoiled = image();
    c.spoil(spoiled.sites[0]);
    auto result = fit_frames(spoiled, bounds);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == c.code);
    CHECK(result.error().detail.find(c.what) != std::string::npos);
  }
}
