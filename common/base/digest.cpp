#include "common/base/digest.h"

#include <sodium.h>

namespace jitfarm {

std::string Digest::hex() const {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string s;
  for (auto b : bytes) {
    s.push_back(kHex[b >> 4]);
    s.push_back(kHex[b & 15]);
  }
  return s;
}

Digest digest_of(ByteView content) {
  Digest d;
  crypto_generichash(d.bytes.data(), d.bytes.size(), content.data(), content.size(), nullptr, 0);
  return d;
}

}  // namespace jitfarm
