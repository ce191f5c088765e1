// What does one compilation know? An immutable view: what was read once stays as it was read.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "common/protocol/messages.h"
#include "worker/compiler/compiler.h"
#include "worker/session/session.h"

namespace jitfarm::worker::session {

/// What became of an answer; all of it is counted, nothing of it ends the compilation.
struct Ingested {
  std::size_t facts = 0;
  std::size_t shapes = 0;
  std::size_t refused_facts = 0;   ///< did not check
  std::size_t refused_shapes = 0;  ///< other bytes than their name says, or too large
  std::size_t surplus = 0;         ///< over kFactsPerMessageMax
};

inline constexpr std::size_t kFactsPerMessageMax =
    65'536;  // a request may send facts ahead; the largest wave seen is below 3,000

/// Facts and shapes of one compilation: the answers to its own questions, and the session's cache
/// behind them. Everything that the compiler reads is pinned, so eviction and unloading cannot pull
/// it away. Used by one thread at a time: the pool thread while the compiler runs, the scheduler
/// thread between the waves.
class Snapshot final : public compiler::FactSource {
 public:
  explicit Snapshot(std::shared_ptr<Session> session) : session_(std::move(session)) {}

  const facts::Fact* find(const facts::FactKey& key) const override;
  ByteView shape(const Digest& digest) const override;

  /// Takes what checks out of a request or an answer.
  Ingested ingest(std::vector<facts::Fact> facts, const std::vector<facts::ShapeBytes>& shapes);

  /// The keys that really have to be asked: not those that came meanwhile, nor shapes that are here
  /// under the digest that the class_info names, nor shapes whose digest is not known yet (their
  /// bytes would travel for nothing where another client brought them already). Ascending, without
  /// duplicates.
  std::vector<facts::FactKey> still_missing(std::span<const facts::FactKey> keys) const;
  /// What a class_shape key asks for, by the class_info that is known; nullopt when that says that
  /// the shape is not shared.
  std::optional<Digest> shared_shape(const facts::FactKey& key) const;
  /// `keys` are asked now.
  void asks(std::span<const facts::FactKey> keys) { settled_.insert(keys.begin(), keys.end()); }

  /// What the compiler has read so far, ascending: for the replay bundle.
  std::vector<facts::Fact> facts_read() const;
  std::vector<facts::ShapeBytes> shapes_read() const;
  void forget_reads();  ///< before the compiler runs again
  /// Facts that the session's cache had, by number of the kind.
  const std::array<std::uint32_t, 256>& cache_hits() const { return cache_hits_; }
  /// Facts that were read and are unknown, and that nobody asked for: they came ahead. Likewise.
  const std::array<std::uint32_t, 256>& negative_hits() const { return negative_hits_; }

 private:
  bool must_ask(const facts::FactKey& key) const;
  FactPtr lookup(const facts::FactKey& key) const;

  const std::shared_ptr<Session> session_;
  mutable std::unordered_map<facts::FactKey, FactPtr> pinned_;
  mutable std::unordered_map<Digest, Blob> shapes_;
  mutable std::array<std::uint32_t, 256> cache_hits_{};
  mutable std::array<std::uint32_t, 256> negative_hits_{};
  mutable std::unordered_set<facts::FactKey> settled_;  // asked, or counted as negative hits
  mutable std::map<facts::FactKey, FactPtr> facts_read_;
  mutable std::map<Digest, Blob> shapes_read_;
};

}  // namespace jitfarm::worker::session
