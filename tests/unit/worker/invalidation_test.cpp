// What happened in the client's VM: does a worker use what held before, and does it forget more
// than it must?
#include <catch2/catch.hpp>

#include "tests/unit/worker/worker_fixture.h"

using namespace jitfarm;
using namespace jitfarm::worker;
using namespace jitfarm::worker::test;

namespace {

FactKey info_of(std::uint64_t method) { return key_of(FactKind::method_info, method); }
FactKey class_of(std::uint64_t id) { return key_of(FactKind::class_info, id); }
FactKey state_of(std::uint64_t id) { return key_of(FactKind::class_state, id); }
const FactKey kUnique = key_of(FactKind::unique_target, 7, 0, 3);
const FactKey kProfile = key_of(FactKind::method_profile, 7);

facts::Fact info(std::uint64_t method, std::uint64_t holder) {
  return facts::encode_value(
      info_of(method), facts::MethodInfo{.holder = {holder}, .name = "m", .descriptor = "()V"});
}
facts::Fact state(std::uint64_t id) {
  return facts::encode_value(state_of(id), facts::ClassState{.initialized = true});
}
facts::Fact a_class(std::uint64_t id, const Bytes& shape, bool shareable = true) {
  return facts::encode_value(
      class_of(id),
      facts::ClassInfo{.name = "A", .shape = digest_of(shape), .is_shareable = shareable});
}

/// The facts that a compilation read, and the questions that it took.
struct Client : Fixture {
  explicit Client(std::vector<FactKey> needs) {
    compiler().waves = {std::move(needs)};
    compiler().reads = [this](const compiler::FactSource& source) {
      read.clear();
      for (const FactKey& key : compiler().waves[0])
        if (const facts::Fact* fact = source.find(key)) read.push_back(*fact);
    };
  }
  /// What is asked of the client when it compiles next and sends `ahead`; all of it is answered
  /// from `vm`.
  std::vector<FactKey> compile(std::vector<facts::Fact> ahead = {}) {
    request(1, ++last, std::move(ahead));
    std::vector<FactKey> asked;
    if (const auto query = sent<protocol::FactQuery>()) {
      asked = query->keys;
      std::vector<facts::Fact> answers;
      for (const FactKey& key : asked) {
        const auto known = std::ranges::find(vm, key, &facts::Fact::key);
        answers.push_back(known != vm.end() ? *known : facts::unknown_fact(key));
      }
      answer(1, last, 0, std::move(answers));
    }
    REQUIRE(sent<protocol::CompileResult>());
    return asked;
  }
  void unload(std::vector<ClassId> classes) {
    give(protocol::make_packet(protocol::ClassesUnloaded{.classes = std::move(classes)},
                               {.session = {1}}));
  }

  std::vector<facts::Fact> vm;    ///< what the client answers
  std::vector<facts::Fact> read;  ///< by the last compilation
  std::uint64_t last = 0;
};

}  // namespace

TEST_CASE("invalidation: unloading ends the facts of the class and its methods, and no others") {
  Client c({class_of(3), class_of(4), state_of(3), state_of(4), info_of(30), info_of(40)});
  c.vm = {a_class(3, {1}), a_class(4, {2}), state(3), state(4), info(30, 3), info(40, 4)};
  CHECK(c.compile().size() == 6);
  CHECK(c.compile().empty());
  c.unload({{3}});
  c.vm = {};  // the VM does not know them any more
  CHECK(c.compile() == std::vector{class_of(3), state_of(3), info_of(30)});
  CHECK(std::ranges::count(c.read, true, &facts::Fact::known) == 3);
}

TEST_CASE("invalidation: an initialised class is seen at once, and asked no more") {
  Client c({state_of(3)});
  CHECK(c.compile({facts::unknown_fact(state_of(3))}).empty());
  CHECK_FALSE(c.read.at(0).known);
  CHECK(c.compile({state(3)}).empty());
  CHECK(c.read.at(0).known);
  CHECK(c.compile().empty());
  CHECK(c.read.at(0).known);
}

TEST_CASE("invalidation: a new subclass ends the only target, and nothing else") {
  Client c({kUnique, info_of(7)});
  c.vm = {info(7, 3), facts::encode_value(kUnique, facts::UniqueTarget{.method = {7}})};
  CHECK(c.compile().size() == 2);
  CHECK(std::ranges::all_of(c.read, &facts::Fact::known));
  c.vm = {};
  CHECK(c.compile() == std::vector{kUnique});  // each compilation asks, or is told ahead
  CHECK_FALSE(c.read.at(0).known);
  CHECK(c.read.at(1).known);
}

TEST_CASE("invalidation: a profile is that of the request, never an older one") {
  Client c({kProfile, info_of(7)});
  const auto profile = [](std::uint32_t invocations) {
    return facts::encode_value(kProfile, facts::MethodProfile{.invocations = invocations});
  };
  c.vm = {info(7, 3), profile(3)};
  c.compile({profile(1)});
  for (std::uint32_t invocations : {1u, 2u}) {
    CHECK(c.compile({profile(invocations)}).empty());
    CHECK(facts::decode_value<facts::MethodProfile>(c.read.at(0))->invocations == invocations);
  }
  CHECK(c.compile() == std::vector{kProfile});
  CHECK(facts::decode_value<facts::MethodProfile>(c.read.at(0))->invocations == 3);
}

TEST_CASE(
    "invalidation: a redefined class has a new id and a shape of its own; no other client gets "
    "it") {
  const Bytes before{1}, after{2};
  Client c({class_of(3), key_of(FactKind::class_shape, 3)});
  c.vm = {a_class(3, before)};
  c.farm[digest_of(before)] = Blob(before);
  c.compile();
  // The agent ends the ids that it gave out and gives new ones.
  c.unload({{3}});
  c.compiler().waves = {{class_of(8), key_of(FactKind::class_shape, 8)}};
  c.coordinator_answers = false;  // it must not be told of the shape
  c.request(1, 50, {a_class(8, after, false)});
  const auto query = c.sent<protocol::FactQuery>();
  REQUIRE(query);
  CHECK(query->keys == std::vector{key_of(FactKind::class_shape, 8)});
  CHECK_FALSE(c.sent<protocol::ShapeQuery>());
  c.answer(1, 50, 0, {}, {{digest_of(after), Blob(after)}});
  CHECK(c.sent<protocol::CompileResult>());
  CHECK_FALSE(c.service().find_session({1})->facts().find(class_of(3)));

  c.request(2, 60, {a_class(8, after, true)});  // another client that says it is an ordinary class
  CHECK(c.sent<protocol::ShapeQuery>());
}
