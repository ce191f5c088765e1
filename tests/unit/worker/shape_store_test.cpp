// Is a shape what its name says, and is memory bounded?
#include "worker/session/shape_store.h"

#include <catch2/catch.hpp>

using namespace jitfarm;
using namespace jitfarm::worker::session;

TEST_CASE("shape store: content is found by its digest, and only that") {
  ShapeStore store(1000);
  const Bytes bytes{1, 2, 3};
  REQUIRE(store.add(digest_of(bytes), bytes));
  CHECK(store.find(digest_of(bytes)) == Blob(bytes));
  CHECK(store.find(digest_of(Bytes{4})).empty());
}

TEST_CASE("shape store: other bytes than the digest names are refused and counted") {
  ShapeStore store(1000);
  auto refused = store.add(digest_of(Bytes{1}), Bytes{2});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::facts_inconsistent);
  CHECK_FALSE(store.add(digest_of(Bytes{}), Bytes{}));
  CHECK(store.counts().refused == 2);
  CHECK(store.counts().shapes == 0);
}

TEST_CASE("shape store: the least recently used goes first, and who holds a shape keeps it") {
  ShapeStore store(100);
  const Bytes a(40, std::uint8_t{1}), b(40, std::uint8_t{2}), c(40, std::uint8_t{3});
  const Blob held = *store.add(digest_of(a), a);
  REQUIRE(store.add(digest_of(b), b));
  CHECK_FALSE(store.find(digest_of(a)).empty());
  REQUIRE(store.add(digest_of(c), c));
  CHECK(store.find(digest_of(b)).empty());
  CHECK_FALSE(store.find(digest_of(a)).empty());
  const Bytes large(200, std::uint8_t{4});
  CHECK(store.add(digest_of(large),
                  large));  // usable by who brought it, though the store cannot keep it
  CHECK(store.counts().bytes <= 100);
  CHECK(held == Blob(a));
}
