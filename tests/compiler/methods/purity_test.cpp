// Is the compiler the pure function that it claims to be? Same facts, same bytes; missing facts are asked for; no facts, however
// mangled, make it crash or produce an image that does not verify.
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>
#include <set>
#include <thread>

#include "common/code/image_codec.h"
#include "common/facts/fact_codec.h"
#include "common/facts/inline_policy.h"
#include "tests/compiler/support/fixtures.h"
#include "tests/compiler/support/sample_vm.h"
#include "tests/compiler/support/world.h"
#include "worker/compiler/compiler.h"
#include "worker/compiler/replay/replay.h"

namespace jitfarm {
namespace {

using tests::compiler::class_files;
using tests::compiler::LoadedMethod;
using tests::compiler::sample_vm;
using tests::compiler::World;
using worker::compiler::FactSource;
using worker::compiler::MissingFacts;
using worker::compiler::Outcome;

/// The bytes of the image, or the text of the bail-out.
Bytes print(const Outcome& outcome) {
  if (const auto* image = std::get_if<code::CodeImage>(&outcome)) return code::encode(*image);
  if (const auto* bailout = std::get_if<code::Bailout>(&outcome)) {
    const std::string text = std::string(code::name(bailout->reason)) + ": " + bailout->detail;
    return {text.begin(), text.end()};
  }
  return {};
}

std::vector<LoadedMethod*> compilable(World& world) {
  std::vector<LoadedMethod*> methods;
  for (const auto& method : world.methods())
    if (method->code) methods.push_back(method.get());
  return methods;
}

#if !__has_feature(thread_sanitizer)  // it does not see the locks inside LLVM's library
TEST_CASE("compiler: threads at the same time give the same bytes as one") {
  World world(sample_vm(), class_files(JF_FIXTURE_CLASSES));
  const auto methods = compilable(world);
  std::vector<Bytes> wanted(methods.size());
  for (std::size_t i = 0; i < methods.size(); ++i) wanted[i] = print(compile({.method = methods[i]->id}, world));
  std::atomic<int> different = 0;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t k = 0; k < methods.size(); ++k) {
        const std::size_t i = (k * (2 * t + 1) + 31 * t) % methods.size();
        if (print(compile({.method = methods[i]->id}, world)) != wanted[i]) ++different;
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(different == 0);
}
#endif

/// Knows only what was asked for before.
class Asked final : public FactSource {
 public:
  explicit Asked(const World& world) : world_(world) {}
  const facts::Fact* find(const facts::FactKey& key) const override {
    return known_.contains(key) ? world_.find(key) : nullptr;
  }
  ByteView shape(const Digest& digest) const override { return shapes_ ? world_.shape(digest) : ByteView{}; }
  void answer(const MissingFacts& missing) {
    for (const facts::FactKey& key : missing.keys) {
      CHECK(known_.insert(key).second);  // asked once
      shapes_ |= key.kind == facts::FactKind::class_shape;
    }
  }

 private:
  const World& world_;
  std::set<facts::FactKey> known_;
  bool shapes_ = false;
};

TEST_CASE("compiler: what is missing is asked for in a few waves, and gives the same image") {
  World world(sample_vm(), class_files(JF_FIXTURE_CLASSES));
  for (LoadedMethod* method : compilable(world)) {
    INFO(method->holder->file.name << "." << method->name);
    Asked asked(world);
    Outcome outcome = compile({.method = method->id}, asked);
    int waves = 0;
    while (const auto* missing = std::get_if<MissingFacts>(&outcome)) {
      REQUIRE(++waves <= static_cast<int>(3 + 2 * facts::kInlineDepthMax));
      REQUIRE(!missing->keys.empty());
      asked.answer(*missing);
      outcome = compile({.method = method->id}, asked);
    }
    CHECK(print(outcome) == print(compile({.method = method->id}, world)));
  }
}

/// Spoils some of the facts and shapes of another source: bits flipped, bytes cut or repeated, known turned unknown.
class Mangled final : public FactSource {
 public:
  Mangled(const World& world, std::uint64_t seed) : world_(world), seed_(seed) {}

  const facts::Fact* find(const facts::FactKey& key) const override {
    auto [entry, added] = facts_.try_emplace(key);
    if (added) {
      entry->second = *world_.find(key);
      std::mt19937_64 random(seed_ ^ std::hash<facts::FactKey>{}(key));
      if (random() % 4 == 0) mangle(entry->second.value, random);
      if (random() % 32 == 0) entry->second.known = !entry->second.known;
    }
    return &entry->second;
  }
  ByteView shape(const Digest& digest) const override {
    auto [entry, added] = shapes_.try_emplace(digest);
    if (added) {
      const ByteView bytes = world_.shape(digest);
      entry->second.assign(bytes.begin(), bytes.end());
      std::mt19937_64 random(seed_);
      if (random() % 4 != 0) mangle(entry->second, random);
    }
    return entry->second;
  }

 private:
  static void mangle(Bytes& bytes, std::mt19937_64& random) {
    for (std::uint64_t changes = 1 + random() % 3; changes > 0 && !bytes.empty(); --changes) {
      const std::size_t at = random() % bytes.size();
      switch (random() % 8) {
        case 0:
          bytes.resize(at);
          break;
        case 1:
          bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), static_cast<std::uint8_t>(random()));
          break;
        case 2:
          bytes[at] = static_cast<std::uint8_t>(random());
          break;
        case 3:
          bytes[at] = random() % 2 ? 0 : 0xff;
          break;
        default:
          bytes[at] ^= static_cast<std::uint8_t>(1u << random() % 8);
          break;
      }
    }
  }

  const World& world_;
  const std::uint64_t seed_;
  mutable std::map<facts::FactKey, facts::Fact> facts_;
  mutable std::map<Digest, Bytes> shapes_;
};

TEST_CASE("compiler: mangled facts and shapes end in an image that verifies, a bail-out or a question") {
  World world(sample_vm(), class_files(JF_FIXTURE_CLASSES));
  const auto methods = compilable(world);
  const char* more = std::getenv("JITFARM_TEST_SEEDS");
  const std::uint64_t seeds = more != nullptr ? std::strtoull(more, nullptr, 10) : 4000;
  std::uint64_t images = 0, bailouts = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const LoadedMethod& method = *methods[seed % methods.size()];
    CAPTURE(seed, method.holder->file.name, method.name);
    const Mangled mangled(world, seed);
    const Outcome outcome = compile({.method = method.id}, mangled);
    if (const auto* image = std::get_if<code::CodeImage>(&outcome)) {
      ++images;
      const Status sound = code::verify(*image);
      INFO((sound ? "" : sound.error().message()));
      CHECK(sound);
    } else if (const auto* bailout = std::get_if<code::Bailout>(&outcome)) {
      ++bailouts;
      INFO(bailout->detail);
      CHECK(bailout->reason != code::BailoutReason::internal_error);
    }
  }
  CHECK(images > seeds / 20);
  CHECK(bailouts > seeds / 20);
}

TEST_CASE("replay: a recorded compilation gives the recorded image, and a changed one does not pass") {
  World world(sample_vm(), class_files(JF_FIXTURE_CLASSES));
  const LoadedMethod& method = world.method("CallCases", "interior");
  const Outcome outcome = compile({.method = method.id}, world);
  const auto& image = std::get<code::CodeImage>(outcome);
  code::ReplayBundle bundle{.method = "CallCases.interior", .task = {.method = method.id}};
  for (const code::FactUse& use : image.facts) bundle.facts.push_back(*world.find(use.key));
  bundle.shapes.push_back({method.holder->digest, Blob(Bytes(method.holder->file.shape))});
  bundle.image = digest_of(code::encode(image));
  auto read = code::decode_bundle(code::encode(bundle));
  REQUIRE(read);
  CHECK(worker::compiler::replay(*read).same);
  read->image.bytes[0] ^= 1;
  CHECK_FALSE(worker::compiler::replay(*read).same);
  read->facts.pop_back();
  CHECK(std::holds_alternative<MissingFacts>(worker::compiler::replay(*read).outcome));
}

}  // namespace
}  // namespace jitfarm
