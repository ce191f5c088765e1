// Does it hold with the compiler on real threads, and when a run of it does not come back? For the
// sanitizers, too.
#include <atomic>
#include <catch2/catch.hpp>
#include <deque>
#include <latch>
#include <thread>

#include "tests/unit/worker/worker_fixture.h"

using namespace jitfarm;
using namespace jitfarm::worker;
using namespace jitfarm::worker::test;
using namespace std::chrono_literals;

namespace {

/// A service with slots; the test's thread is the scheduler's.
struct Threads {
  explicit Threads(job::CompileFn compile, const Clock& clock, std::size_t slots,
                   Duration hard_limit = 60s)
      : scheduler(clock),
        service(scheduler, clock, std::move(compile),
                [this](protocol::Packet p) { return out.push_back(std::move(p)), Status{}; },
                {.slots = slots, .hard_limit = hard_limit}) {}
  void request(std::uint64_t session, std::uint64_t request, std::uint32_t deadline_ms = 100'000) {
    service.on_packet(protocol::make_packet(
        protocol::CompileRequest{.request = {request},
                                 .task = {.method = {request}},
                                 .facts = {},
                                 .shapes = {},
                                 .method_name = "A.b()V"},
        {.session = {session}, .correlation = {request}, .deadline_ms = deadline_ms}));
  }
  std::deque<protocol::Packet> out;
  actor::Scheduler scheduler;
  job::CompileService service;
};

const Bytes kShapeBytes{9, 8, 7};

protocol::FactAnswer answer_to(const protocol::FactQuery& query) {
  protocol::FactAnswer answer{
      .request = query.request, .wave = query.wave, .facts = {}, .shapes = {}};
  for (const FactKey& key : query.keys) {
    if (key.kind == FactKind::class_info)
      answer.facts.push_back(
          facts::encode_value(key, facts::ClassInfo{.name = "A", .shape = digest_of(kShapeBytes)}));
    if (key.kind == FactKind::class_shape) {
      answer.facts.push_back(
          facts::encode_value(key, facts::ShapeRef{.shape = digest_of(kShapeBytes)}));
      answer.shapes.push_back({digest_of(kShapeBytes), Blob(kShapeBytes)});
    }
    if (key.kind == FactKind::class_state)
      answer.facts.push_back(facts::encode_value(key, facts::ClassState{.initialized = true}));
  }
  return answer;
}

}  // namespace

TEST_CASE("pool threads: compilations of several sessions run at once and read the same caches") {
  const SteadyClock clock;
  std::atomic<int> images{0};
  Threads t(
      [&](const code::CompileTask& task, const compiler::FactSource& source) -> compiler::Outcome {
        FakeCompiler one{.waves = {{key_of(FactKind::class_info, 1 + task.method.value % 5)},
                                   {key_of(FactKind::class_shape, 1 + task.method.value % 5),
                                    key_of(FactKind::class_state, task.method.value % 17)}},
                         .bailout = {}};
        auto outcome = one(task, source);
        images += std::holds_alternative<code::CodeImage>(outcome);
        return outcome;
      },
      clock, 3);
  constexpr std::uint64_t kRequests = 300;
  for (std::uint64_t r = 1; r <= kRequests; ++r) t.request(1 + r % 4, r);
  std::size_t results = 0;
  while (results < kRequests) {
    t.scheduler.run_ready();
    while (!t.out.empty()) {
      const protocol::Packet packet = std::move(t.out.front());
      t.out.pop_front();
      if (auto query = protocol::read<protocol::FactQuery>(packet))
        t.service.on_packet(
            protocol::make_packet(answer_to(*query), {.session = packet.envelope.session}));
      else if (auto shapes = protocol::read<protocol::ShapeQuery>(packet))  // nobody has them
        t.service.on_packet(protocol::make_packet(
            protocol::ShapeAnswer{.request = shapes->request, .ask = shapes->digests, .shapes = {}},
            {.session = packet.envelope.session}));
      else if (protocol::read<protocol::CompileResult>(packet))
        ++results;
      else
        FAIL(protocol::message_name(packet.envelope.type));
    }
    std::this_thread::yield();
  }
  CHECK(images == kRequests);
  CHECK(t.service.idle());
  CHECK(t.service.shape_counts().shapes == 1);
}

TEST_CASE(
    "pool threads: a run that does not come back is answered at its deadline and loses its slot; "
    "too many ask for a restart") {
  ManualClock clock;
  std::latch release(1);
  std::atomic<int> started{0};
  Threads t(
      [&](const code::CompileTask& task, const compiler::FactSource&) -> compiler::Outcome {
        if (task.method.value < 100) {
          ++started;
          release.wait();
        }
        return small_image(task);
      },
      clock, 1, 10s);
  const auto wait_started = [&](int n) {
    while (started < n) {
      t.scheduler.run_ready();
      std::this_thread::yield();
    }
  };
  const auto pass = [&](Duration d) {
    for (Duration step{}; step < d; step += 1s) {
      clock.advance(1s);
      t.scheduler.run_ready();
    }
  };
  const auto next_error = [&] {
    REQUIRE_FALSE(t.out.empty());
    auto failed = protocol::read<protocol::CompileFailed>(t.out.front());
    t.out.pop_front();
    REQUIRE(failed);
    return failed->error;
  };
  t.scheduler.run_ready();
  t.request(1, 1, 2000);
  wait_started(1);
  pass(2s);
  CHECK(next_error() == "deadline_passed");
  CHECK(t.service.idle());
  CHECK(t.service.pool_counts().threads == 1);
  pass(12s);
  CHECK(t.service.counts().runs_stuck == 1);
  CHECK(t.service.pool_counts().threads == 2);
  CHECK_FALSE(t.service.unhealthy());

  t.request(1, 100);  // the slot works again
  t.scheduler.run_ready();
  while (t.out.empty()) {
    t.scheduler.run_ready();
    std::this_thread::yield();
  }
  CHECK(protocol::read<protocol::CompileResult>(t.out.front()));
  t.out.clear();

  t.request(1, 2, 2000);
  wait_started(2);
  pass(14s);
  CHECK(next_error() == "deadline_passed");
  CHECK(t.service.unhealthy());
  release.count_down();
}
