#include "vmagent/install/nmethod_table.h"

#include <catch2/catch.hpp>
#include <set>

#include "vmagent/jvmci/world.h"

using namespace jitfarm;
using namespace jitfarm::vmagent;
using hotspot::writer::Liveness;
using install::NmethodTable;

namespace {
jvmci::Ref mirror() {
  jvmci::World& world = jvmci::World::get();
  return jvmci::Ref::adopt(world.allocate(world.find_class("jdk/vm/ci/hotspot/HotSpotNmethod")));
}
}  // namespace

TEST_CASE("nmethod_table: an invalidated entry is counted once and forgotten") {
  NmethodTable table;
  jvmci::Ref dead = mirror();
  table.add(MethodId{1}, dead);
  table.add(MethodId{2}, mirror());
  auto look = [&](jvmci::Object& m) {
    return &m == dead.get() ? Liveness::invalidated : Liveness::in_use;
  };
  CHECK(table.contains(MethodId{1}));
  CHECK_FALSE(table.contains(MethodId{3}));
  std::vector<MethodId> gone;
  const auto note = [&](MethodId id) { gone.push_back(id); };
  CHECK(table.poll({}, 10, look, note) == 1);
  CHECK(table.poll({}, 10, look, note) == 0);
  CHECK(gone == std::vector<MethodId>{MethodId{1}});
  CHECK(table.size() == 1);
  CHECK_FALSE(table.contains(MethodId{1}));
  CHECK(dead.get()->references() == 1);
}

TEST_CASE(
    "nmethod_table: a poll looks at no more than its share, at the given method first, and comes "
    "round to all") {
  NmethodTable table;
  std::vector<jvmci::Ref> mirrors;
  for (std::uint64_t i = 1; i <= 10; ++i) table.add(MethodId{i}, mirrors.emplace_back(mirror()));
  std::vector<jvmci::Object*> seen;
  auto look = [&](jvmci::Object& m) {
    seen.push_back(&m);
    return Liveness::in_use;
  };
  table.poll(MethodId{7}, 4, look);
  CHECK(seen.size() <= 4);
  REQUIRE_FALSE(seen.empty());
  CHECK(seen.front() == mirrors[6].get());
  for (int i = 0; i < 4; ++i) table.poll({}, 4, look);
  CHECK(std::set<jvmci::Object*>(seen.begin(), seen.end()).size() == 10);
}

TEST_CASE("nmethod_table: it is bounded, and lets go of everything when told") {
  NmethodTable table;
  jvmci::Ref first = mirror();
  jvmci::Ref other = mirror();
  table.add(MethodId{1}, first);
  for (std::size_t i = 1; i < NmethodTable::kEntriesMax; ++i) table.add(MethodId{2}, other);
  CHECK(table.size() == NmethodTable::kEntriesMax);
  CHECK(first.get()->references() == 2);
  table.add(MethodId{3}, mirror());
  CHECK(table.size() == NmethodTable::kEntriesMax);
  CHECK(first.get()->references() == 1);  // the oldest went
  table.clear();
  CHECK(table.size() == 0);
  CHECK(other.get()->references() == 1);
}

TEST_CASE("nmethod_table: polling an empty table asks nothing") {
  NmethodTable table;
  CHECK(table.poll(MethodId{1}, 5, [](jvmci::Object&) { return Liveness::invalidated; }) == 0);
}
