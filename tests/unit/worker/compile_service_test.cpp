// Does every compilation end in exactly one reply, whatever the client does?
#include <catch2/catch.hpp>
#include <filesystem>
#include <random>
#include <set>

#include "common/code/image_codec.h"
#include "tests/unit/worker/worker_fixture.h"

using namespace jitfarm;
using namespace jitfarm::worker;
using namespace jitfarm::worker::test;
using namespace std::chrono_literals;

namespace {

const FactKey kInfo = key_of(FactKind::method_info, 7);
const FactKey kClass = key_of(FactKind::class_info, 3);
const FactKey kShape = key_of(FactKind::class_shape, 3);
const FactKey kState = key_of(FactKind::class_state, 3);

facts::Fact method_info() {
  return facts::encode_value(kInfo,
                             facts::MethodInfo{.holder = {3}, .name = "b", .descriptor = "()V"});
}
facts::Fact class_state() {
  return facts::encode_value(kState, facts::ClassState{.initialized = true});
}
const Bytes kShapeBytes{1, 2, 3, 4};
facts::Fact class_info(bool shareable = true, Digest digest = digest_of(kShapeBytes)) {
  return facts::encode_value(
      kClass, facts::ClassInfo{.name = "A", .shape = digest, .is_shareable = shareable});
}
facts::Fact shape_ref() {
  return facts::encode_value(kShape, facts::ShapeRef{.shape = digest_of(kShapeBytes)});
}
facts::ShapeBytes shape() { return {digest_of(kShapeBytes), Blob(kShapeBytes)}; }

}  // namespace

TEST_CASE("compile service: without missing facts the image comes back at once") {
  Fixture f;
  f.request(1, 10);
  auto result = f.sent<protocol::CompileResult>();
  REQUIRE(result);
  CHECK(result->request == RequestId{10});
  CHECK(result->waves == 0);
  auto image = code::decode_image(result->image.view());
  REQUIRE(image);
  CHECK(image->task.method == MethodId{7});
  CHECK(f.out.empty());
  CHECK(f.service().idle());
}

TEST_CASE(
    "compile service: all missing facts of a run are asked in one wave, and the next run has "
    "them") {
  Fixture f;
  f.compiler().waves = {{kInfo, kState}, {kClass}};
  f.request(1, 10);
  auto query = f.sent<protocol::FactQuery>();
  REQUIRE(query);
  CHECK(query->wave == 0);
  CHECK(std::set(query->keys.begin(), query->keys.end()) == std::set{kInfo, kState});
  CHECK(f.out.empty());
  f.answer(1, 10, 0, {method_info(), class_state()});
  query = f.sent<protocol::FactQuery>();
  REQUIRE(query);
  CHECK(query->wave == 1);
  CHECK(query->keys == std::vector{kClass});
  f.answer(1, 10, 1, {class_info()});
  auto result = f.sent<protocol::CompileResult>();
  REQUIRE(result);
  CHECK(result->waves == 2);
  CHECK(f.compiler().runs == 3);
}

TEST_CASE("compile service: facts sent ahead with the request are not asked") {
  Fixture f;
  f.compiler().waves = {{kInfo, kState}};
  f.request(1, 10, {method_info()});
  auto query = f.sent<protocol::FactQuery>();
  REQUIRE(query);
  CHECK(query->keys == std::vector{kState});
}

TEST_CASE(
    "compile service: a second compilation of the session asks nothing that the first one learnt") {
  Fixture f;
  f.compiler().waves = {{kInfo, kState}};
  f.request(1, 10);
  f.answer(1, 10, 0, {method_info(), class_state()});
  REQUIRE(f.sent<protocol::CompileResult>());
  f.out.clear();
  f.request(1, 11);
  CHECK(f.sent<protocol::CompileResult>());
  CHECK(f.out.empty());
  SECTION("but another session asks for itself") {
    f.request(2, 10);
    CHECK(f.sent<protocol::FactQuery>());
  }
}

TEST_CASE("compile service: an unknown monotone fact is believed for one compilation only") {
  Fixture f;
  f.compiler().waves = {{kState}};
  f.request(1, 10);
  f.answer(1, 10, 0, {facts::unknown_fact(kState)});
  REQUIRE(f.sent<protocol::CompileResult>());
  f.out.clear();
  f.request(1, 11);
  CHECK(f.sent<protocol::FactQuery>());
}

TEST_CASE("compile service: a dependency fact is asked by every compilation") {
  const FactKey unique = key_of(FactKind::unique_target, 7, 0, 3);
  Fixture f;
  f.compiler().waves = {{unique}};
  for (std::uint64_t request : {10, 11}) {
    f.request(1, request);
    REQUIRE(f.sent<protocol::FactQuery>());
    f.answer(1, request, 0, {facts::encode_value(unique, facts::UniqueTarget{.method = {9}})});
    CHECK(f.sent<protocol::CompileResult>());
  }
}

TEST_CASE("compile service: a shape is asked only when its digest is known and not here") {
  Fixture f;
  f.compiler().waves = {{kClass, kShape}};
  f.request(1, 10);
  auto query = f.sent<protocol::FactQuery>();
  REQUIRE(query);
  CHECK(query->keys == std::vector{kClass});  // the bytes would perhaps travel for nothing
  f.answer(1, 10, 0, {class_info()});
  query = f.sent<protocol::FactQuery>();
  REQUIRE(query);
  CHECK(query->keys == std::vector{kShape});
  f.answer(1, 10, 1, {shape_ref()}, {shape()});
  REQUIRE(f.sent<protocol::CompileResult>());

  f.request(2, 20);  // another client with the same class: its bytes are here
  REQUIRE(f.sent<protocol::FactQuery>());
  f.answer(2, 20, 0, {class_info()});
  CHECK(f.sent<protocol::CompileResult>());
  CHECK(f.out.empty());
}

TEST_CASE("compile service: the shape of a redefined class stays in its session") {
  Fixture f;
  f.compiler().waves = {{kClass}, {kShape}};
  f.farm[digest_of(kShapeBytes)] = shape().bytes;
  f.request(1, 10, {class_info(false)});
  f.answer(1, 10, 0, {shape_ref()}, {shape()});
  REQUIRE(f.sent<protocol::CompileResult>());
  f.out.clear();
  f.request(1, 11);
  CHECK(f.sent<protocol::CompileResult>());
  f.farm.clear();
  f.request(2, 20, {class_info(true)});
  auto query = f.sent<protocol::FactQuery>();
  REQUIRE(query);
  CHECK(query->keys == std::vector{kShape});
}

TEST_CASE("compile service: a shape that the farm has is not asked of the client") {
  Fixture f;
  f.farm[digest_of(kShapeBytes)] = shape().bytes;
  f.compiler().waves = {{kClass, kShape}};
  f.request(1, 10, {class_info()});
  const auto result = f.sent<protocol::CompileResult>();
  REQUIRE(result);
  CHECK(result->waves == 0);
  CHECK(f.service().counts().shapes_from_farm == 1);
  CHECK(f.out.empty());
}

TEST_CASE(
    "compile service: a shape that a request announces is there when the compiler runs first") {
  Fixture f;
  f.compiler().waves = {{kClass, kShape}};
  f.request(1, 10, {class_info(), shape_ref()});
  const auto query = f.sent<protocol::FactQuery>();
  REQUIRE(query);
  CHECK(query->keys == std::vector{kShape});
  CHECK(f.compiler().runs == 0);
  f.answer(1, 10, 0, {shape_ref()}, {shape()});
  CHECK(f.compiler().runs == 1);
  CHECK(f.sent<protocol::CompileResult>());
}

TEST_CASE("compile service: a shape on its way from another client is waited for") {
  Fixture f;
  f.coordinator_answers = false;
  f.compiler().waves = {{kClass, kShape}};
  f.request(1, 10, {class_info()}, 10'000);
  const auto query = f.sent<protocol::ShapeQuery>();
  REQUIRE(query);
  REQUIRE(query->digests == std::vector{digest_of(kShapeBytes)});
  f.shapes(1, 10, {});
  f.advance(job::kShapePatience / 2);
  CHECK(f.out.empty());

  SECTION("it comes") { f.shapes(1, 10, {}, {shape()}); }
  SECTION("it comes as other bytes than its name says, and the client is asked") {
    f.shapes(1, 10, {}, {{digest_of(kShapeBytes), Blob(Bytes{6})}});
    f.settle();
    const auto asked = f.sent<protocol::FactQuery>();
    REQUIRE(asked);
    CHECK(asked->keys == std::vector{kShape});
    f.answer(1, 10, 0, {shape_ref()}, {shape()});
  }
  SECTION("the coordinator gives up, and the client is asked") {
    f.shapes(1, 10, query->digests);
    f.settle();
    REQUIRE(f.sent<protocol::FactQuery>());
    f.answer(1, 10, 0, {shape_ref()}, {shape()});
  }
  SECTION("nobody says anything, and the client is asked") {
    f.advance(job::kShapePatience);
    REQUIRE(f.sent<protocol::FactQuery>());
    f.answer(1, 10, 0, {shape_ref()}, {shape()});
  }
  f.settle();
  CHECK(f.sent<protocol::CompileResult>());
}

TEST_CASE("compile service: what the farm has not is asked at once, whatever else is waited for") {
  Fixture f;
  f.coordinator_answers = false;
  f.compiler().waves = {{kInfo, kClass, kShape}};
  f.request(1, 10, {class_info()});
  REQUIRE(f.sent<protocol::ShapeQuery>());
  f.shapes(1, 10, {});
  const auto query = f.sent<protocol::FactQuery>();
  REQUIRE(query);
  CHECK(query->keys == std::vector{kInfo});
  f.shapes(1, 10, {}, {shape()});  // before the client answers
  f.answer(1, 10, 0, {method_info()});
  CHECK(f.sent<protocol::CompileResult>());
}

TEST_CASE("compile service: a shape for which a worker has no room serves the job that got it") {
  job::ServiceOptions options;
  options.shape_bytes = 1;
  Fixture f(std::move(options));
  f.farm[digest_of(kShapeBytes)] = shape().bytes;
  f.compiler().waves = {{kClass, kShape}};
  for (std::uint64_t request : {10u, 11u}) {
    f.request(1, request, {class_info()});
    CHECK(f.sent<protocol::CompileResult>());
  }
  CHECK(f.service().counts().shapes_from_farm == 2);  // asked again, never guessed
}

TEST_CASE("compile service: with room for hardly a fact, what is forgotten is asked again") {
  job::ServiceOptions options;
  options.session.fact_bytes = 1;
  Fixture f(std::move(options));
  f.compiler().waves = {{kInfo, kState}};
  for (std::uint64_t request : {10u, 11u, 12u}) {
    f.request(1, request);
    const auto query = f.sent<protocol::FactQuery>();
    REQUIRE(query);
    CHECK(query->keys == std::vector{kState, kInfo});
    f.answer(1, request, 0, {method_info(), class_state()});
    CHECK(f.sent<protocol::CompileResult>());
  }
  CHECK(f.service().find_session({1})->facts().counts().facts == 0);
}

TEST_CASE("compile service: bytes that are not what their digest says are refused") {
  Fixture f;
  f.compiler().waves = {{kClass}, {kShape}};
  f.request(1, 10, {class_info()});
  f.answer(1, 10, 0, {shape_ref()}, {{digest_of(kShapeBytes), Blob(Bytes{6, 6, 6})}});
  CHECK(f.service().counts().shapes_refused == 1);
  CHECK(f.service().shape_counts().shapes == 0);
  CHECK_FALSE(f.sent<protocol::CompileResult>());
}

TEST_CASE(
    "compile service: a client that never tells ends in facts_missing after a bounded number of "
    "questions") {
  Fixture f;
  f.compiler().waves = {{kInfo}};
  f.request(1, 10);
  std::uint32_t waves = 0;
  while (auto query = f.sent<protocol::FactQuery>()) {
    CHECK(query->wave == waves++);
    f.answer(1, 10, query->wave, {});
  }
  CHECK(waves == job::kWavesMax);
  auto failed = f.sent<protocol::CompileFailed>();
  REQUIRE(failed);
  CHECK(failed->error == "facts_missing");
  CHECK(f.service().idle());
}

TEST_CASE("compile service: facts that do not check are dropped and counted, and asked again") {
  Fixture f;
  f.compiler().waves = {{kInfo}};
  f.request(1, 10);
  facts::Fact garbage = method_info();
  garbage.value = Bytes{0xff, 0x00, 0x13};
  facts::Fact huge = class_state();
  huge.value.assign(1u << 20, 0x80);
  facts::Fact contradictory = class_info();
  contradictory.known = false;
  f.answer(1, 10, 0, {garbage, huge, contradictory});
  CHECK(f.service().counts().facts_refused == 3);
  auto query = f.sent<protocol::FactQuery>();
  query = f.sent<protocol::FactQuery>();
  REQUIRE(query);
  CHECK(query->keys == std::vector{kInfo});
  f.answer(1, 10, 1, {method_info()});
  CHECK(f.sent<protocol::CompileResult>());
}

TEST_CASE("compile service: late, repeated and foreign answers change nothing") {
  Fixture f;
  f.compiler().waves = {{kInfo}, {kState}};
  f.request(1, 10);
  f.answer(2, 10, 0, {method_info()});  // another session
  f.answer(1, 99, 0, {method_info()});  // another request
  f.answer(1, 10, 1, {method_info()});  // a wave that was not asked
  f.answer(1, 10, 7, {method_info()});
  CHECK(f.service().counts().answers_dropped == 4);
  f.answer(1, 10, 0, {method_info()});
  f.answer(1, 10, 0, {method_info()});  // twice
  CHECK(f.service().counts().answers_dropped == 5);
  f.answer(1, 10, 1, {class_state()});
  CHECK(f.sent<protocol::CompileResult>());
  f.answer(1, 10, 1, {class_state()});  // after the end
  CHECK(f.service().counts().answers_dropped == 6);
  CHECK(f.service().idle());
}

TEST_CASE("compile service: the deadline ends a compilation in every state") {
  Fixture f;
  f.compiler().waves = {{kInfo}};
  SECTION("waiting for the client") {
    f.request(1, 10, {}, 500);
    f.advance(499ms);
    CHECK_FALSE(f.sent<protocol::CompileFailed>());
    f.advance(1ms);
    f.answer(1, 10, 0, {method_info()});  // too late
  }
  SECTION("waiting for a slot") {
    f.auto_compile = false;
    f.request(1, 10, {}, 500);
    f.advance(500ms);
    f.auto_compile = true;
    f.settle();
    CHECK(f.compiler().runs == 0);  // what nobody waits for is not compiled
  }
  auto failed = f.sent<protocol::CompileFailed>();
  REQUIRE(failed);
  CHECK(failed->error == "deadline_passed");
  CHECK_FALSE(f.sent<protocol::CompileFailed>());
  CHECK_FALSE(f.sent<protocol::CompileResult>());
  CHECK(f.service().idle());
}

TEST_CASE(
    "compile service: a request without a deadline gets one, and none is longer than the limit") {
  Fixture f({.deadline_default = 5s, .deadline_max = 10s});
  f.compiler().waves = {{kInfo}};
  f.request(1, 10, {}, 0);
  f.request(1, 11, {}, 4'000'000'000u);
  f.advance(5s);
  auto failed = f.sent<protocol::CompileFailed>();
  REQUIRE(failed);
  CHECK(failed->request == RequestId{10});
  CHECK_FALSE(f.sent<protocol::CompileFailed>());
  f.advance(5s);
  CHECK(f.sent<protocol::CompileFailed>());
}

TEST_CASE("compile service: cancelling works in every state and is answered once") {
  Fixture f;
  f.compiler().waves = {{kInfo}};
  SECTION("waiting for the client") {
    f.request(1, 10);
    f.cancel(1, 10);
  }
  SECTION("waiting for a slot") {
    f.auto_compile = false;
    f.request(1, 10);
    f.cancel(1, 10);
    CHECK(f.service().idle());
    f.auto_compile = true;
    f.settle();
    CHECK(f.compiler().runs == 0);
  }
  SECTION("before its actor ran at all") {
    f.service().on_packet(protocol::make_packet(
        protocol::CompileRequest{
            .request = {10}, .task = {}, .facts = {}, .shapes = {}, .method_name = {}},
        {.session = {1}}));
    f.cancel(1, 10);
  }
  auto failed = f.sent<protocol::CompileFailed>();
  REQUIRE(failed);
  CHECK(failed->error == "cancelled");
  CHECK_FALSE(f.sent<protocol::CompileFailed>());
  CHECK(f.service().idle());
  f.cancel(1, 10);  // what is over or never was
  f.cancel(4, 4);
  CHECK_FALSE(f.sent<protocol::CompileFailed>());
}

TEST_CASE(
    "compile service: a closed session takes its compilations and caches with it, and frees their "
    "slots") {
  Fixture f;
  f.compiler().waves = {{kInfo}, {kState}};
  f.request(1, 10);
  f.request(1, 11);
  f.request(2, 10);
  f.out.clear();
  f.close(1);
  CHECK(f.out.size() == 2);
  const auto failed = f.sent<protocol::CompileFailed>();
  REQUIRE(failed);
  CHECK(failed->error == "cancelled");
  f.out.clear();
  CHECK(f.service().jobs() == 1);
  CHECK_FALSE(f.service().find_session({1}));
  f.answer(1, 10, 0, {method_info()});
  CHECK(f.out.empty());
  f.answer(2, 10, 0, {method_info()});
  CHECK(f.sent<protocol::FactQuery>());
}

TEST_CASE(
    "compile service: a session closes while its method is compiled: the slot is free when that "
    "ends") {
  Fixture f;
  f.auto_compile = false;
  f.request(1, 10);
  f.close(1);
  f.auto_compile = true;
  f.settle();
  CHECK(f.out.size() == 1);
  CHECK(f.sent<protocol::CompileFailed>());
  CHECK(f.service().idle());
}

TEST_CASE("compile service: what is unloaded is asked again") {
  Fixture f;
  f.compiler().waves = {{kInfo, kState}};
  f.request(1, 10, {method_info(), class_state()});
  REQUIRE(f.sent<protocol::CompileResult>());
  f.give(protocol::make_packet(protocol::ClassesUnloaded{.classes = {{3}}}, {.session = {1}}));
  f.request(1, 11);
  auto query = f.sent<protocol::FactQuery>();
  REQUIRE(query);
  CHECK(std::set(query->keys.begin(), query->keys.end()) ==
        std::set{kInfo, kState});  // the method's holder is gone, too
}

TEST_CASE("compile service: the same request twice is compiled once") {
  Fixture f;
  f.compiler().waves = {{kInfo}};
  f.request(1, 10);
  f.request(1, 10);
  CHECK(f.service().counts().requests_repeated == 1);
  CHECK(f.service().jobs() == 1);
  f.answer(1, 10, 0, {method_info()});
  CHECK(f.sent<protocol::CompileResult>());
  CHECK_FALSE(f.sent<protocol::CompileResult>());
}

TEST_CASE("compile service: jobs are bounded and the surplus is refused, to come later") {
  Fixture f({.jobs_max = 2});
  f.compiler().waves = {{kInfo}};
  for (std::uint64_t r : {10, 11, 12}) f.request(1, r);
  auto failed = f.sent<protocol::CompileFailed>();
  REQUIRE(failed);
  CHECK(failed->request == RequestId{12});
  CHECK(failed->error == "queue_full");
  CHECK(failed->retry_later);
  f.answer(1, 10, 0, {method_info()});
  f.request(1, 12);
  CHECK_FALSE(f.sent<protocol::CompileFailed>());
}

TEST_CASE("compile service: a draining worker refuses new work and finishes the old") {
  Fixture f;
  f.compiler().waves = {{kInfo}};
  f.request(1, 10);
  f.service().drain();
  f.request(1, 11);
  auto failed = f.sent<protocol::CompileFailed>();
  REQUIRE(failed);
  CHECK(failed->request == RequestId{11});
  CHECK(failed->retry_later);
  CHECK_FALSE(f.service().idle());
  f.answer(1, 10, 0, {method_info()});
  CHECK(f.sent<protocol::CompileResult>());
  CHECK(f.service().idle());
}

TEST_CASE("compile service: a bail-out names its reason") {
  Fixture f;
  f.compiler().bailout = code::Bailout{code::BailoutReason::monitor, "bci 3"};
  f.request(1, 10);
  auto failed = f.sent<protocol::CompileFailed>();
  REQUIRE(failed);
  CHECK(failed->error == "bail_out");
  CHECK(failed->reason == "monitor");
  CHECK(failed->detail == "bci 3");
  CHECK_FALSE(failed->retry_later);
}

TEST_CASE("compile service: an image that breaks a rule of its format does not leave the worker") {
  ManualClock clock;
  actor::Scheduler scheduler(clock);
  std::vector<protocol::Packet> out;
  job::CompileService service(
      scheduler, clock,
      [](const code::CompileTask& task, const compiler::FactSource&) -> compiler::Outcome {
        code::CodeImage image = small_image(task);
        image.relocations[0].offset = 4000;
        return image;
      },
      [&](protocol::Packet p) { return out.push_back(std::move(p)), Status{}; }, {.slots = 0});
  service.on_packet(protocol::make_packet(
      protocol::CompileRequest{
          .request = {1}, .task = {.method = {7}}, .facts = {}, .shapes = {}, .method_name = {}},
      {.session = {1}}));
  scheduler.run_ready();
  REQUIRE(service.run_one());
  scheduler.run_ready();
  REQUIRE(out.size() == 1);
  auto failed = protocol::read<protocol::CompileFailed>(out[0]);
  REQUIRE(failed);
  CHECK(failed->error == "invalid_code_image");
}

TEST_CASE(
    "compile service: lost work is dropped without replies, handed-back work is answered once") {
  Fixture f;
  f.compiler().waves = {{kInfo}};
  f.request(1, 10);
  f.request(2, 20);
  f.out.clear();
  SECTION("dropped") {
    f.service().drop_all();
    f.settle();
    CHECK(f.out.empty());
  }
  SECTION("handed back") {
    f.service().hand_back_all(Errc::worker_lost, "restart");
    f.settle();
    CHECK(f.out.size() == 2);
    auto failed = f.sent<protocol::CompileFailed>();
    REQUIRE(failed);
    CHECK(failed->retry_later);
    CHECK(failed->error == "worker_lost");
  }
  CHECK(f.service().idle());
}

TEST_CASE(
    "compile service: messages that do not decode are counted; a request is refused by its "
    "envelope") {
  Fixture f;
  const Blob garbage(Bytes{0xc1, 0xff, 0x00});
  for (std::uint16_t type :
       {protocol::CompileRequest::kRecord.id, protocol::FactAnswer::kRecord.id,
        protocol::CancelCompile::kRecord.id, protocol::SessionClosed::kRecord.id,
        protocol::ClassesUnloaded::kRecord.id})
    f.give({{.type = type, .session = {1}, .correlation = {10}}, garbage, {}});
  CHECK(f.service().counts().malformed == 5);
  CHECK(f.out.size() == 1);
  auto failed = f.sent<protocol::CompileFailed>();
  REQUIRE(failed);
  CHECK(failed->request == RequestId{10});
  CHECK(failed->error == "malformed_frame");
}

TEST_CASE("compile service: a recorded compilation has what was read, and the image's digest") {
  const auto folder = std::filesystem::temp_directory_path() /
                      ("jitfarm-record-" + std::to_string(std::random_device{}()));
  std::filesystem::create_directories(folder);
  Fixture f({.record_dir = folder.string()});
  f.compiler().waves = {{kClass}, {kShape}};
  f.request(1, 10, {class_info(), class_state()});
  f.answer(1, 10, 0, {shape_ref()}, {shape()});
  auto result = f.sent<protocol::CompileResult>();
  REQUIRE(result);
  auto bundle = code::read_bundle((folder / "s1-r10-A.b.jfreplay").string());
  std::filesystem::remove_all(folder);
  REQUIRE(bundle);
  CHECK(bundle->method == "A.b()V");
  CHECK(bundle->image == digest_of(result->image.view()));
  REQUIRE(bundle->facts.size() == 1);  // class_state was sent ahead and not read
  CHECK(bundle->facts[0] == class_info());
  REQUIRE(bundle->shapes.size() == 1);
  CHECK(bundle->shapes[0] == shape());
}

TEST_CASE(
    "compile service: the bundle of a compilation that does not end is there before it begins") {
  const auto folder = std::filesystem::temp_directory_path() /
                      ("jitfarm-record-" + std::to_string(std::random_device{}()));
  std::filesystem::create_directories(folder);
  Fixture f({.record_dir = folder.string()});
  f.compiler().waves = {{kClass}};
  std::string state_during;
  std::size_t facts_during = 0;
  f.compiler().during = [&] {
    const auto bundle = code::read_bundle((folder / "s1-r10-A.b.jfreplay").string());
    if (!bundle) return;
    state_during = bundle->bailout;
    facts_during = bundle->facts.size();
  };
  f.request(1, 10, {class_info()});
  const auto after = code::read_bundle((folder / "s1-r10-A.b.jfreplay").string());
  std::filesystem::remove_all(folder);
  CHECK(state_during == code::kUnfinished);
  CHECK(facts_during == 1);
  REQUIRE(after);
  CHECK(after->bailout.empty());
  CHECK(after->image);
}

TEST_CASE("compile service: bundle names are safe file names") {
  CHECK(job::bundle_file_name({1}, {2}, "java/lang/String.hashCode()I") ==
        "s1-r2-java.lang.String.hashCode.jfreplay");
  CHECK(job::bundle_file_name({1}, {2}, "../../etc/passwd\n") ==
        "s1-r2-......etc.passwd..jfreplay");
  CHECK(job::bundle_file_name({1}, {2}, std::string(5000, 'x')).size() < 220);
}

TEST_CASE("compile service: sessions are bounded; a forgotten one is asked again") {
  Fixture f({.sessions_max = 2});
  f.compiler().waves = {{kInfo}};
  for (std::uint64_t s : {1, 2, 3}) f.request(s, 10, {method_info()});
  CHECK(f.service().sessions() == 2);
  f.out.clear();
  f.request(1, 11);
  CHECK(f.sent<protocol::FactQuery>());
}

TEST_CASE("compile service: the caches of all sessions together are bounded, the last used stay") {
  Fixture f({.session_bytes = 5000});  // about 7 sessions with two facts each
  for (std::uint64_t s = 1; s <= 64; ++s) f.request(s, 10, {method_info(), class_state()});
  CHECK(f.service().sessions() < 10);
  CHECK(f.service().find_session({64}));
  CHECK_FALSE(f.service().find_session({1}));
  CHECK(f.service().idle());
}

TEST_CASE("compile service: sessions that move between workers at random lose nothing but time") {
  const std::uint64_t seed = GENERATE(1u, 2u, 3u, 4u);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  Fixture workers[3];
  const std::vector<std::vector<FactKey>> waves{{kInfo, kState}, {kClass}, {kShape}};
  for (auto& w : workers) w.compiler().waves = waves;
  // One client that answers truthfully; its requests go to any worker at any time.
  for (std::uint64_t request = 1; request <= 200; ++request) {
    Fixture& w = workers[random() % 3];
    if (random() % 10 == 0) w.close(1);  // the worker forgets the session
    if (random() % 10 == 0)
      w.give(protocol::make_packet(protocol::ClassesUnloaded{.classes = {{3}}}, {.session = {1}}));
    w.request(1, request);
    while (auto query = w.sent<protocol::FactQuery>()) {
      std::vector<facts::Fact> facts;
      std::vector<facts::ShapeBytes> shapes;
      for (const FactKey& key : query->keys) {
        if (key == kInfo) facts.push_back(method_info());
        if (key == kState) facts.push_back(class_state());
        if (key == kClass) facts.push_back(class_info());
        if (key == kShape) {
          facts.push_back(shape_ref());
          shapes.push_back(shape());
        }
      }
      if (random() % 4 == 0) w.answer(1, request, query->wave + 1, facts);  // noise
      w.answer(1, request, query->wave, facts, shapes);
      if (random() % 4 == 0) w.answer(1, request, query->wave, facts, shapes);  // and again
    }
    auto result = w.sent<protocol::CompileResult>();
    REQUIRE(result);
    CHECK(result->request == RequestId{request});
    CHECK(w.out.empty());
  }
}

TEST_CASE("compile service: a report tells waits, negative hits, repeated questions") {
  struct Report {
    std::uint64_t wait_ns;
    std::map<FactKind, std::uint32_t> asked, negative, repeated;
  };
  std::vector<Report> reports;
  job::ServiceOptions options;
  options.on_finished = [&](const job::JobReport& r) {
    const auto by_kind = [](job::JobReport::ByKind numbers) {
      std::map<FactKind, std::uint32_t> all;
      for (std::size_t i = 0; i < numbers.size(); ++i)
        if (numbers[i]) all[static_cast<FactKind>(i)] = numbers[i];
      return all;
    };
    reports.push_back(
        {r.wait_ns, by_kind(r.facts_asked), by_kind(r.facts_negative), by_kind(r.facts_repeated)});
  };
  Fixture f(options);
  using Counts = std::map<FactKind, std::uint32_t>;
  f.compiler().waves = {{kInfo, kState}};
  f.request(1, 10, {facts::unknown_fact(kState)});
  f.advance(5ms);
  f.answer(1, 10, 0, {facts::unknown_fact(kInfo)});
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].wait_ns == 5'000'000);
  CHECK(reports[0].asked == Counts{{FactKind::method_info, 1}});
  CHECK(reports[0].negative == Counts{{FactKind::class_state, 1}});
  CHECK(reports[0].repeated.empty());
  f.request(1, 11, {facts::unknown_fact(kState)});  // "unknown" is not kept: asked again
  f.answer(1, 11, 0, {method_info()});
  f.request(1, 12, {facts::unknown_fact(kState)});  // known now, and kept
  f.request(2, 13, {facts::unknown_fact(kState)});  // another client
  f.answer(2, 13, 0, {method_info()});
  REQUIRE(reports.size() == 4);
  CHECK(reports[1].repeated == Counts{{FactKind::method_info, 1}});
  CHECK(reports[2].asked.empty());
  CHECK(reports[3].asked == Counts{{FactKind::method_info, 1}});
  CHECK(reports[3].repeated.empty());
}
