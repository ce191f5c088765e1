// How does a compilation read facts, and what of an answer is taken?
#include "worker/session/snapshot.h"

#include <algorithm>
#include <iterator>

#include "common/facts/fact_codec.h"
#include "worker/session/fact_check.h"

namespace jitfarm::worker::session {

FactPtr Snapshot::lookup(const facts::FactKey& key) const {
  if (auto known = pinned_.find(key); known != pinned_.end()) return known->second;
  FactPtr cached = session_->facts().find(key);
  if (!cached) return nullptr;
  pinned_.emplace(key, cached);
  ++cache_hits_[static_cast<std::uint8_t>(key.kind)];
  return cached;
}

const facts::Fact* Snapshot::find(const facts::FactKey& key) const {
  FactPtr fact = lookup(key);
  if (!fact) return nullptr;
  if (!fact->known && settled_.insert(key).second)
    ++negative_hits_[static_cast<std::uint8_t>(key.kind)];
  return facts_read_.insert_or_assign(key, std::move(fact)).first->second.get();
}

ByteView Snapshot::shape(const Digest& digest) const {
  auto known = shapes_.find(digest);
  if (known == shapes_.end()) {
    Blob found = session_->find_shape(digest);
    if (found.empty()) return {};
    known = shapes_.emplace(digest, std::move(found)).first;
  }
  shapes_read_.emplace(digest, known->second);
  return known->second.view();
}

Ingested Snapshot::ingest(std::vector<facts::Fact> facts,
                          const std::vector<facts::ShapeBytes>& shapes) {
  Ingested result;
  if (facts.size() > kFactsPerMessageMax) {
    result.surplus = facts.size() - kFactsPerMessageMax;
    facts.resize(kFactsPerMessageMax);
  }
  for (facts::Fact& received : facts) {
    if (!check_fact(received)) {
      ++result.refused_facts;
      continue;
    }
    session_->learn(received);
    auto fact = std::make_shared<const facts::Fact>(std::move(received));
    if (FactPtr cached = session_->facts().add(fact)) fact = std::move(cached);
    // A known fact stays as it was first seen; an unknown one may have become known between two
    // waves.
    auto [entry, is_new] = pinned_.try_emplace(fact->key, fact);
    if (!is_new && !entry->second->known) entry->second = std::move(fact);
    ++result.facts;
  }
  for (const facts::ShapeBytes& received : shapes) {
    Result<Blob> kept = session_->add_shape(received);
    if (!kept) {
      ++result.refused_shapes;
      continue;
    }
    shapes_.insert_or_assign(received.digest, *std::move(kept));
    ++result.shapes;
  }
  return result;
}

std::optional<Digest> Snapshot::shared_shape(const facts::FactKey& key) const {
  const FactPtr info = lookup({facts::FactKind::class_info, key.subject, 0, 0});
  if (!info || !info->known) return std::nullopt;
  const auto decoded = facts::decode_value<facts::ClassInfo>(*info);
  return decoded && decoded->is_shareable ? std::optional(decoded->shape) : std::nullopt;
}

bool Snapshot::must_ask(const facts::FactKey& key) const {
  if (key.kind != facts::FactKind::class_shape) return !lookup(key);
  const FactPtr info = lookup({facts::FactKind::class_info, key.subject, 0, 0});
  if (!info || !info->known) return false;
  const auto decoded = facts::decode_value<facts::ClassInfo>(*info);
  return decoded && !shapes_.contains(decoded->shape) &&
         session_->find_shape(decoded->shape).empty();
}

std::vector<facts::FactKey> Snapshot::still_missing(std::span<const facts::FactKey> keys) const {
  std::vector<facts::FactKey> missing;
  std::ranges::copy_if(keys, std::back_inserter(missing),
                       [this](const facts::FactKey& key) { return must_ask(key); });
  std::ranges::sort(missing);
  const auto repeated = std::ranges::unique(missing);
  missing.erase(repeated.begin(), repeated.end());
  return missing;
}

std::vector<facts::Fact> Snapshot::facts_read() const {
  std::vector<facts::Fact> facts;
  facts.reserve(facts_read_.size());
  for (const auto& [key, fact] : facts_read_) facts.push_back(*fact);
  return facts;
}

std::vector<facts::ShapeBytes> Snapshot::shapes_read() const {
  std::vector<facts::ShapeBytes> shapes;
  shapes.reserve(shapes_read_.size());
  for (const auto& [digest, bytes] : shapes_read_) shapes.push_back({digest, bytes});
  return shapes;
}

void Snapshot::forget_reads() {
  facts_read_.clear();
  shapes_read_.clear();
}

}  // namespace jitfarm::worker::session
