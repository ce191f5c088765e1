// What does the cache keep, and what does it forget?
#include <catch2/catch.hpp>

#include "tests/unit/worker/worker_fixture.h"
#include "worker/session/fact_check.h"

using namespace jitfarm;
using namespace jitfarm::worker::session;
using namespace jitfarm::worker::test;

namespace {

FactPtr fact(facts::Fact f) { return std::make_shared<const facts::Fact>(std::move(f)); }
facts::Fact state_of(std::uint64_t klass) {
  return facts::encode_value(key_of(FactKind::class_state, klass),
                             facts::ClassState{.initialized = true});
}

}  // namespace

TEST_CASE("fact cache: known session and monotone facts are kept, nothing else") {
  FactCache cache(1u << 20);
  CHECK(cache.add(fact(state_of(1))));
  CHECK(cache.find(key_of(FactKind::class_state, 1)));
  CHECK_FALSE(cache.add(fact(facts::unknown_fact(key_of(FactKind::class_state, 2)))));
  CHECK_FALSE(cache.find(key_of(FactKind::class_state, 2)));
  CHECK_FALSE(cache.add(fact(facts::encode_value(key_of(FactKind::unique_target, 1),
                                                 facts::UniqueTarget{.method = {2}}))));
}

TEST_CASE("fact cache: of two values the first stays and the contradiction is counted") {
  FactCache cache(1u << 20);
  const FactKey key = key_of(FactKind::resolved_class, 1, 2);
  cache.add(fact(facts::encode_value(key, facts::ResolvedClass{.klass = {5}})));
  FactPtr kept = cache.add(fact(facts::encode_value(key, facts::ResolvedClass{.klass = {6}})));
  CHECK(facts::decode_value<facts::ResolvedClass>(*kept)->klass == ClassId{5});
  CHECK(cache.counts().contradictions == 1);
  cache.add(fact(facts::encode_value(key, facts::ResolvedClass{.klass = {5}})));
  CHECK(cache.counts().contradictions == 1);
}

TEST_CASE(
    "fact cache: memory is bounded, the least recently used goes first, who holds a fact keeps "
    "it") {
  FactCache cache(4000);  // about 12 facts
  FactPtr held = cache.add(fact(state_of(1)));
  for (std::uint64_t k = 2; k < 100; ++k) {
    cache.add(fact(state_of(k)));
    if (k < 50) CHECK(cache.find(key_of(FactKind::class_state, 1)));  // used again and again
  }
  CHECK(cache.counts().bytes <= 4000);
  CHECK(cache.counts().evicted > 80);
  CHECK(cache.take_evictions()[static_cast<std::size_t>(FactKind::class_state)] ==
        cache.counts().evicted);
  CHECK(cache.take_evictions()[static_cast<std::size_t>(FactKind::class_state)] == 0);
  CHECK_FALSE(cache.find(key_of(FactKind::class_state, 1)));
  CHECK(cache.find(key_of(FactKind::class_state, 99)));
  CHECK(held->known);
}

TEST_CASE("fact cache: unloading takes the facts of the class and of its methods, and no others") {
  FactCache cache(1u << 20);
  cache.add(fact(state_of(1)));
  cache.add(fact(state_of(2)));
  cache.add(fact(facts::encode_value(key_of(FactKind::method_info, 2),
                                     facts::MethodInfo{.holder = {1}, .name = "m"})));
  cache.add(fact(facts::encode_value(key_of(FactKind::method_info, 1),
                                     facts::MethodInfo{.holder = {2}, .name = "m"})));
  cache.add(fact(facts::encode_value(key_of(FactKind::vm_config, 0), facts::VmConfig{})));
  const ClassId gone[]{{1}, {77}};
  cache.unload(gone);
  CHECK_FALSE(cache.find(key_of(FactKind::class_state, 1)));
  CHECK_FALSE(cache.find(key_of(FactKind::method_info, 2)));
  CHECK(cache.find(key_of(FactKind::class_state, 2)));
  CHECK(cache.find(key_of(FactKind::method_info, 1)));
  CHECK(cache.find(key_of(FactKind::vm_config, 0)));
  CHECK(cache.counts().unloaded == 2);
}

TEST_CASE("fact check: kind, size and form are checked for every kind") {
  CHECK(check_fact(state_of(1)));
  CHECK_FALSE(check_fact({{static_cast<FactKind>(0), 1, 0, 0}, true, {}}));
  CHECK_FALSE(check_fact({{static_cast<FactKind>(200), 1, 0, 0}, false, {}}));
  CHECK_FALSE(check_fact({key_of(FactKind::class_state, 1), false, {0x91, 0xc3}}));
#define JF_FACT(id, kind, value, lifetime, subject, index, detail, doc)              \
  CHECK(check_fact(facts::encode_value(key_of(FactKind::kind, 1), facts::value{}))); \
  CHECK(check_fact(facts::unknown_fact(key_of(FactKind::kind, 1))));                 \
  CHECK_FALSE(check_fact({key_of(FactKind::kind, 1), true, Bytes{0xc1}}));           \
  CHECK_FALSE(check_fact(                                                            \
      {key_of(FactKind::kind, 1), true, Bytes(kFactValueBytesMax + 1, std::uint8_t{0x90})}));
#include "common/facts/facts.def"
#undef JF_FACT
}
