#include "worker/compiler/frontend/fact_reader.h"

#include <cstring>

namespace jitfarm::worker::compiler::frontend {

const facts::Fact* FactReader::find(const facts::FactKey& key) {
  const facts::Fact* fact = source_.find(key);
  if (fact == nullptr)
    miss(key);
  else
    used_.emplace(key, fact);
  return fact;
}

void FactReader::miss(const facts::FactKey& key) {
  missing_.insert(key);
  ++misses_;
}

ByteView FactReader::shape(ClassId klass, const Digest& digest) {
  const ByteView bytes = source_.shape(digest);
  if (bytes.empty()) miss({facts::FactKind::class_shape, klass.value, 0, 0});
  return bytes;
}

std::vector<code::FactUse> FactReader::uses() const {
  std::vector<code::FactUse> uses;
  uses.reserve(used_.size());
  for (const auto& [key, fact] : used_) {
    const Digest digest = digest_of(wire::encode(*fact).body);
    code::FactUse& use = uses.emplace_back(key, 0);
    std::memcpy(&use.value_hash, digest.bytes.data(), sizeof use.value_hash);
  }
  return uses;
}

}  // namespace jitfarm::worker::compiler::frontend
