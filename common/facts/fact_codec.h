// How does the value of a fact become the bytes that travel and are cached?
#pragma once
#include "common/facts/fact.h"
#include "common/facts/values.h"
#include "common/wire/codec.h"

namespace jitfarm::facts {

/// The kind whose value is a T, by facts.def; one record per kind.
template <class T>
inline constexpr FactKind kKindOf{};
#define JF_FACT(id, kind, value, lifetime, subject, index, detail, doc) \
  template <>                                                           \
  inline constexpr FactKind kKindOf<value> = FactKind::kind;
#include "common/facts/facts.def"
#undef JF_FACT

/// A known fact. `key.kind` must be the kind of T.
template <wire::Record T>
Fact encode_value(const FactKey& key, const T& value) {
  static_assert(is_valid(kKindOf<T>), "facts.def has no kind with this record");
  return {key, true, wire::encode(value).body};
}

/// An answer too: the VM does not know, or there is none.
inline Fact unknown_fact(const FactKey& key) { return {key, false, {}}; }

/// facts_missing when it is not known, facts_inconsistent when it is of another kind than T's, else what wire::decode says.
template <wire::Record T>
Result<T> decode_value(const Fact& fact) {
  static_assert(is_valid(kKindOf<T>), "facts.def has no kind with this record");
  if (fact.key.kind != kKindOf<T>)
    return fail(Errc::facts_inconsistent, std::string(name(fact.key.kind)) + " where " + std::string(T::kRecord.name) + " belongs");
  if (!fact.known) return fail(Errc::facts_missing, std::string(name(fact.key.kind)) + " is not known");
  return wire::decode<T>(fact.value);
}

}  // namespace jitfarm::facts
