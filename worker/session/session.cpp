// Which shapes leave the session?
#include "worker/session/session.h"

#include "common/facts/fact_codec.h"

namespace jitfarm::worker::session {

void Session::learn(const facts::Fact& fact) {
  if (fact.key.kind != facts::FactKind::class_info || !fact.known) return;
  const auto info = facts::decode_value<facts::ClassInfo>(fact);
  if (!info) return;
  std::lock_guard lock(mutex_);
  if (shareable_.size() >= limits_.digests)
    shareable_.clear();  // shapes that come later stay private: slower, not wrong
  auto [entry, is_new] = shareable_.try_emplace(info->shape, info->is_shareable);
  if (!info->is_shareable) entry->second = false;
}

Result<Blob> Session::add_shape(const facts::ShapeBytes& shape) {
  bool shareable = false;
  {
    std::lock_guard lock(mutex_);
    if (auto said = shareable_.find(shape.digest); said != shareable_.end())
      shareable = said->second;
  }
  return (shareable ? *shared_ : private_).add(shape.digest, shape.bytes.view());
}

bool Session::asks_again(const facts::FactKey& key) {
  const facts::Lifetime lifetime = facts::lifetime(key.kind);
  if (lifetime != facts::Lifetime::session && lifetime != facts::Lifetime::monotone) return false;
  std::lock_guard lock(mutex_);
  if (asked_.size() >= limits_.questions) asked_.clear();
  return !asked_.insert(key).second;
}

Blob Session::find_shape(const Digest& digest) {
  if (Blob own = private_.find(digest); !own.empty()) return own;
  return shared_->find(digest);
}

}  // namespace jitfarm::worker::session
