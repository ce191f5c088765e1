// What may be known about a client's VM, under which name, and for how long does it hold?
#pragma once
#include <compare>
#include <cstdint>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/digest.h"
#include "common/base/id.h"
#include "common/wire/describe.h"

namespace jitfarm::facts {

enum class Lifetime : std::uint8_t {
  session,      ///< constant while the session lasts
  monotone,     ///< may go from unknown to known once; a known value never changes
  dependency,   ///< holds now; the code that uses it carries an assumption that the VM watches
  compilation,  ///< a snapshot for one compilation
};

enum class FactKind : std::uint8_t {
#define JF_FACT(id, kind, value, lifetime, subject, index, detail, doc) kind = id,
#include "common/facts/facts.def"
#undef JF_FACT
};

/// The name of a fact. What `subject`, `index` and `detail` are says facts.def; unused ones are 0.
struct FactKey {
  FactKind kind{};
  std::uint64_t subject = 0;
  std::uint32_t index = 0;
  std::uint32_t detail = 0;
  friend auto operator<=>(const FactKey&, const FactKey&) = default;

  static constexpr auto kRecord = wire::record(
      "fact_key", "Names one fact.", wire::field("kind", &FactKey::kind, "facts.def"),
      wire::field("subject", &FactKey::subject, "class or method id of the session"),
      wire::field("index", &FactKey::index, "constant-pool index or the like"),
      wire::field("detail", &FactKey::detail, "opcode or the like"));
};

/// A fact as it travels and is cached. `known` false is an answer too: "not resolved", "there is none".
struct Fact {
  FactKey key;
  bool known = false;
  Bytes value;  ///< the MessagePack body of the record that facts.def names; empty when not known
  friend bool operator==(const Fact&, const Fact&) = default;

  static constexpr auto kRecord =
      wire::record("fact", "One answer.", wire::field("key", &Fact::key, "which"),
                   wire::field("known", &Fact::known, "false: not resolved, or there is none"),
                   wire::field("value", &Fact::value, "encoded record of the kind"));
};

/// The canonical bytes of a class, shared between clients by content (docs: class-shape.md).
struct ShapeBytes {
  Digest digest;
  Blob bytes;
  friend bool operator==(const ShapeBytes&, const ShapeBytes&) = default;

  static constexpr auto kRecord =
      wire::record("shape_bytes", "A class shape and its name.", wire::field("digest", &ShapeBytes::digest, "BLAKE2b-256 of bytes"),
                   wire::field("bytes", &ShapeBytes::bytes, "canonical class shape"));
};

std::string_view name(FactKind kind);      ///< "resolved_field"; bounded, fit for a metric label
Lifetime lifetime(FactKind kind);
/// False for a number that facts.def does not have.
constexpr bool is_valid(FactKind kind) {
  switch (kind) {
#define JF_FACT(id, kind_, value, lifetime, subject, index, detail, doc) case FactKind::kind_:
#include "common/facts/facts.def"
#undef JF_FACT
    return true;
  }
  return false;
}

}  // namespace jitfarm::facts

template <>
struct std::hash<jitfarm::facts::FactKey> {
  std::size_t operator()(const jitfarm::facts::FactKey& k) const noexcept {
    std::uint64_t h = (k.subject ^ (static_cast<std::uint64_t>(k.kind) << 56)) * 0x9e3779b97f4a7c15ull;
    h ^= (static_cast<std::uint64_t>(k.index) << 32 | k.detail) * 0xc2b2ae3d27d4eb4full;
    return h ^ (h >> 29);
  }
};
