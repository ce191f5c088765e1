// Does a bundle's text have what was recorded?
#include "cli/replay/bundle_text.h"

#include <catch2/catch.hpp>

#include "common/facts/fact_codec.h"

namespace jitfarm::cli {
namespace {

TEST_CASE("bundle_text: the request, the facts that were read and the reason are there") {
  code::ReplayBundle bundle{.method = "A.f()I",
                            .task = {.method = {7}, .entry_bci = 12, .trap_history = {0, 0, 3}},
                            .bailout = "monitor"};
  bundle.facts = {
      facts::encode_value(
          {facts::FactKind::method_info, 7},
          facts::MethodInfo{
              .holder = {4}, .name = "f", .descriptor = "()I", .can_be_statically_bound = true}),
      facts::unknown_fact({facts::FactKind::resolved_field, 4, 17, 0xb4}),
      {{facts::FactKind::class_state, 4}, true, {0xc1}},
  };
  bundle.shapes = {{digest_of({}), Blob(Bytes{1, 2, 3})}};
  const std::string text = bundle_text(bundle);
  CHECK(
      text.starts_with("A.f()I\n  method 7 entry bci 12, 3 traps of reason 2\n3 facts\n"
                       "  method_info 7 index 0 detail 0: holder=4 name=f descriptor=()I "
                       "can_be_statically_bound=true\n"
                       "  resolved_field 4 index 17 detail 180: not known\n"
                       "  class_state 4 index 0 detail 0: malformed_frame: "));
  CHECK(text.find(digest_of({}).hex() + " 3 bytes\n") != std::string::npos);
  CHECK(text.ends_with("recorded result: monitor\n"));
}

TEST_CASE("bundle_text: of a compilation that gave code, the image is named") {
  const code::ReplayBundle bundle{.image = digest_of({})};
  CHECK(bundle_text(bundle).ends_with("recorded result: image " + digest_of({}).hex() + "\n"));
}

}  // namespace
}  // namespace jitfarm::cli
