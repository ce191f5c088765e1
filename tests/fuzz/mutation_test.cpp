// Do 10,000 random mutations of every message type leave the decoders unharmed? Repeat a failure
// with the seed it prints.
#include <catch2/catch.hpp>

#include "tests/fuzz/mutate.h"

namespace jitfarm::fuzz {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr int kMutations = 10'000;
constexpr int kSamples = 50;  // valid inputs that the mutations start from

TEST_CASE("fuzz: 10,000 mutations of every message and record decode to an error or a stable value",
          "[fuzz]") {
  for (const Target& target : targets()) {
    DYNAMIC_SECTION(target.name) {
      std::vector<Input> samples;
      for (int i = 0; i < kSamples; ++i) {
        samples.push_back(target.sample(kSeed * 1000 + static_cast<std::uint64_t>(i)));
        if (samples.back().body.size() > 4000)
          samples.back() = target.sample(kSeed * 7000 + static_cast<std::uint64_t>(i));
        const Verdict whole = target.feed(samples.back());
        REQUIRE(whole.accepted);
        REQUIRE(whole.wrong == "");
      }
      int accepted = 0;
      for (int i = 0; i < kMutations; ++i) {
        const std::uint64_t seed = kSeed * 1'000'000 + static_cast<std::uint64_t>(i);
        test::Random random(seed);
        Input input = samples[random.below(samples.size())];
        mutate(random, input);
        const Verdict verdict = target.feed(input);
        if (!verdict.wrong.empty()) FAIL(target.name << " seed " << seed << ": " << verdict.wrong);
        accepted += verdict.accepted;
      }
      // A canary: were every input refused at its first byte, or none damaged, this test would see
      // nothing.
      CHECK(accepted > kMutations / 100);
      CHECK(accepted < kMutations * 99 / 100);
    }
  }
}

}  // namespace
}  // namespace jitfarm::fuzz
