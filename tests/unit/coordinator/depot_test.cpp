// Is each shape asked of one client, and of the next one when that does not bring it?
#include "coordinator/shapes/depot.h"

#include <catch2/catch.hpp>

namespace jitfarm::coordinator::shapes {
namespace {

using namespace std::chrono_literals;

Blob shape(std::uint8_t content, std::size_t size = 100) { return Blob(Bytes(size, content)); }
Digest name(std::uint8_t content, std::size_t size = 100) {
  return digest_of(shape(content, size).view());
}
Seeker seeker(std::uint64_t n) { return {{n}, {100 + n}, {1000 + n}}; }

struct Farm {
  explicit Farm(DepotLimits l = {}) : limits(l), depot(l) {}
  Answer asks(std::uint64_t who, std::vector<Digest> digests) {
    return depot.asked(seeker(who), digests, now);
  }
  DepotLimits limits;
  Depot depot;
  TimePoint now{};
};

}  // namespace

TEST_CASE("depot: the first who needs a shape asks its client, the others wait for it") {
  Farm f;
  CHECK(f.asks(1, {name(1), name(2)}).ask == std::vector{name(1), name(2)});
  CHECK(f.asks(2, {name(1), name(3)}).ask == std::vector{name(3)});
  CHECK(f.asks(3, {name(1)}).ask.empty());
  const auto answers = f.depot.arrived(shape(1));
  REQUIRE(answers.size() == 2);
  CHECK(answers[0].to == seeker(2));
  CHECK(answers[1].to == seeker(3));
  CHECK(answers[0].shapes == std::vector<facts::ShapeBytes>{{name(1), shape(1)}});

  const Answer later = f.asks(4, {name(1)});
  CHECK(later.ask.empty());
  CHECK(later.shapes.size() == 1);
  CHECK(f.depot.counts().asked == 3);
  CHECK(f.depot.counts().passed_on == 2);
  CHECK(f.depot.counts().served == 1);
}

TEST_CASE("depot: a client that does not bring it is given up, the next one is asked") {
  Farm f;
  for (std::uint64_t who : {1u, 2u, 3u}) f.asks(who, {name(1)});
  CHECK(f.depot.next_event() == f.now + f.limits.patience);
  CHECK(f.depot.tick(f.now + f.limits.patience - 1ns).empty());
  for (std::uint64_t who : {2u, 3u}) {
    f.now += f.limits.patience;
    const auto answers = f.depot.tick(f.now);
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].to == seeker(who));
    CHECK(answers[0].ask == std::vector{name(1)});
  }
  f.now += f.limits.patience;
  CHECK(f.depot.tick(f.now).empty());

  SECTION("who comes next is asked at once") { CHECK(f.asks(4, {name(1)}).ask.size() == 1); }
  SECTION("what comes late is kept") {
    CHECK(f.depot.arrived(shape(1)).empty());
    CHECK(f.asks(4, {name(1)}).shapes.size() == 1);
  }
  SECTION("what comes much later is not: it may be anybody's") {
    f.now += f.limits.linger;
    f.depot.tick(f.now);
    CHECK_FALSE(f.depot.next_event());
    CHECK(f.depot.arrived(shape(1)).empty());
    CHECK(f.asks(4, {name(1)}).ask.size() == 1);
  }
}

TEST_CASE("depot: what nobody asked for is not kept") {
  Farm f;
  f.depot.arrived(shape(9));
  f.asks(1, {name(1)});
  f.depot.arrived(shape(9));
  CHECK(f.depot.counts().bytes == 0);
  CHECK(f.asks(2, {name(9)}).ask.size() == 1);
}

TEST_CASE("depot: memory is bounded; what was forgotten is asked again") {
  Farm f({.bytes = 1000, .shape_bytes = 500});
  for (std::uint8_t i = 0; i < 10; ++i) {
    f.asks(1, {name(i)});
    f.depot.arrived(shape(i));
    CHECK(f.depot.counts().bytes <= 1000);
  }
  CHECK(f.depot.counts().evicted > 0);
  CHECK(f.asks(2, {name(9)}).shapes.size() == 1);
  CHECK(f.asks(2, {name(0)}).ask.size() == 1);

  f.asks(1, {name(50, 600)});
  f.asks(2, {name(50, 600)});
  CHECK(f.depot.arrived(shape(50, 600)).size() == 1);  // passed on, not kept
  CHECK(f.depot.counts().too_large == 1);
  CHECK(f.asks(3, {name(50, 600)}).ask.size() == 1);
}

TEST_CASE("depot: who waits is bounded, and so is one answer; the surplus is asked at once") {
  Farm f({.answer_shapes = 2, .answer_bytes = 150, .waiting = 3});
  f.asks(1, {name(1)});
  CHECK(f.asks(2, {name(1)}).ask.empty());
  CHECK(f.asks(3, {name(1)}).ask.empty());
  CHECK(f.asks(4, {name(1)}).ask.size() == 1);
  f.depot.arrived(shape(1));
  f.asks(5, {name(2)});
  f.depot.arrived(shape(2));
  f.asks(5, {name(3)});
  f.depot.arrived(shape(3));
  const Answer answer = f.asks(6, {name(1), name(2), name(3)});
  CHECK(answer.shapes.size() == 2);
  CHECK(answer.ask == std::vector{name(3)});
}

}  // namespace jitfarm::coordinator::shapes
