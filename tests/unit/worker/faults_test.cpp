// Does a fault do what its name says, and nothing when it is off?
#include <catch2/catch.hpp>
#include <set>

#include "common/code/image_codec.h"
#include "tests/unit/worker/worker_fixture.h"

using namespace jitfarm;
using namespace jitfarm::worker;
using namespace jitfarm::worker::test;

namespace {

job::ServiceOptions with(std::string_view faults) {
  auto parsed = job::parse_faults(faults);
  REQUIRE(parsed);
  return {.faults = *parsed};
}

}  // namespace

TEST_CASE("faults: what is not known is refused") {
  CHECK_FALSE(job::parse_faults("")->any());
  CHECK(job::parse_faults("crash-on-method=Foo.bar,late-result=5")->crash_on_method == "Foo.bar");
  CHECK(job::parse_faults("late-result=250")->late_result == std::chrono::milliseconds(250));
  CHECK(job::parse_faults("other-version")->other_version);
  CHECK(job::parse_faults("other-version")->any());
  CHECK_FALSE(job::parse_faults("explode"));
  CHECK_FALSE(job::parse_faults("late-result=soon"));
  CHECK_FALSE(job::parse_faults("crash-on-method"));
  CHECK(job::parse_faults("ask-more=class_info:30")->any());
  for (const char* wrong : {"ask-more", "ask-more=class_info", "ask-more=class_info:",
                            "ask-more=no_such_kind:30", "ask-more=class_info:some"})
    CHECK_FALSE(job::parse_faults(wrong));
}

TEST_CASE("faults: ask-more repeats earlier questions of one kind to the same client, 30 in 100") {
  job::MoreQuestions more(*job::parse_faults("ask-more=class_info:30"));
  std::size_t asked = 0, extra = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const SessionId session{1 + i % 2};
    std::vector<FactKey> keys{key_of(FactKind::class_info, 10 + i),
                              key_of(FactKind::class_info, 5000 + i),
                              key_of(FactKind::method_info, i)};
    more.add(session, keys);
    asked += 2;
    extra += keys.size() - 3;
    CHECK(std::set<FactKey>(keys.begin(), keys.end()).size() == keys.size());
    for (const FactKey& key : keys)
      if (key.subject < 5000 && key.kind == FactKind::class_info)
        CHECK(key.subject % 2 == i % 2);  // asked of this client before
  }
  CHECK(extra * 100 >= asked * 29);
  CHECK(extra * 100 <= asked * 30);
}

TEST_CASE("faults: garbage-result sends bytes that do not decode") {
  Fixture f(with("garbage-result"));
  f.request(1, 10);
  auto result = f.sent<protocol::CompileResult>();
  REQUIRE(result);
  CHECK_FALSE(code::decode_image(result->image.view()));
}

TEST_CASE("faults: out-of-range-sites sends an image that decodes and does not verify") {
  Fixture f(with("out-of-range-sites"));
  f.request(1, 10);
  auto result = f.sent<protocol::CompileResult>();
  REQUIRE(result);
  auto image = code::decode_image(result->image.view());
  REQUIRE(image);
  CHECK_FALSE(code::verify(*image));
}

TEST_CASE("faults: duplicate-result, never-answer and late-result") {
  Fixture twice(with("duplicate-result"));
  twice.request(1, 10);
  CHECK(twice.out.size() == 2);
  Fixture never(with("never-answer"));
  never.request(1, 10);
  CHECK(never.out.empty());
  CHECK(never.service().idle());
  Fixture late(with("late-result=300"));
  late.request(1, 10);
  CHECK(late.out.empty());
  late.advance(std::chrono::milliseconds(299));
  CHECK(late.out.empty());
  late.advance(std::chrono::milliseconds(1));
  CHECK(late.sent<protocol::CompileResult>());
}
