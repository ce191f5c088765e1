// What does this worker keep of one client?
#pragma once
#include <memory>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "common/base/id.h"
#include "worker/session/fact_cache.h"
#include "worker/session/shape_store.h"

namespace jitfarm::worker::session {

struct SessionLimits {
  std::size_t fact_bytes = 64u << 20;  // about 150,000 facts; javac's whole run needs a tenth
  std::size_t private_shape_bytes = 8u << 20;  // redefined and hidden classes
  std::size_t digests = 1u << 16;              // class_info records whose digest is remembered
  std::size_t questions = 1u << 15;            // remembered to notice repetitions; 1 MiB
};

/// Caches of one client JVM. Shared by its compilations, which may outlive the session's end. Any
/// thread. Losing one costs time only.
class Session {
 public:
  Session(SessionId id, std::shared_ptr<ShapeStore> shared_shapes, const SessionLimits& limits)
      : id_(id),
        facts_(limits.fact_bytes),
        shared_(std::move(shared_shapes)),
        private_(limits.private_shape_bytes),
        limits_(limits) {}

  SessionId id() const { return id_; }
  FactCache& facts() { return facts_; }
  /// Of what only this session holds.
  std::size_t bytes() const { return facts_.counts().bytes + private_.counts().bytes; }

  /// A checked class_info tells whether its shape may be shared. To be called before the shape is
  /// added.
  void learn(const facts::Fact& fact);
  /// Into the shared store if a class_info said so, else into the session's own: redefined and
  /// hidden classes stay here.
  Result<Blob> add_shape(const facts::ShapeBytes& shape);
  /// This is asked now. True when it was asked before and is a fact that lasts: then the answer was
  /// forgotten, or was "unknown". After SessionLimits::questions the memory begins anew.
  bool asks_again(const facts::FactKey& key);
  /// Empty when neither store has it.
  Blob find_shape(const Digest& digest);

 private:
  const SessionId id_;
  FactCache facts_;
  const std::shared_ptr<ShapeStore> shared_;
  ShapeStore private_;
  const SessionLimits limits_;
  std::mutex mutex_;
  std::unordered_map<Digest, bool> shareable_;  // what class_info records said; cleared when full
  std::unordered_set<facts::FactKey> asked_;    // likewise
};

}  // namespace jitfarm::worker::session
