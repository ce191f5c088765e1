// What is the name of this content?
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string>

#include "common/base/bytes.h"

namespace jitfarm {

/// 256-bit BLAKE2b digest (libsodium crypto_generichash). Names class shapes and code between
/// JVMs that do not trust each other, hence cryptographic.
struct Digest {
  std::array<std::uint8_t, 32> bytes{};
  friend auto operator<=>(const Digest&, const Digest&) = default;
  explicit operator bool() const { return *this != Digest{}; }
  std::string hex() const;
};
Digest digest_of(ByteView content);

}  // namespace jitfarm

template <>
struct std::hash<jitfarm::Digest> {
  std::size_t operator()(const jitfarm::Digest& d) const noexcept {
    std::size_t h;
    std::memcpy(&h, d.bytes.data(), sizeof h);
    return h;
  }
};
