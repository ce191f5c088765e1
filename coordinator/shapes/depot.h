// Which class shapes has this farm, and which client brings those that it has not?
//
// Clients of one program have the same classes. Each shape is asked of one of them, whoever comes
// first; the workers of the others wait for it here, and so does every later worker. Pure: no
// socket, no clock.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/digest.h"
#include "common/base/id.h"
#include "common/base/lru.h"
#include "common/facts/fact.h"

namespace jitfarm::coordinator::shapes {

struct DepotLimits {
  std::size_t bytes = 256u << 20;  ///< of shapes; javac's whole run has 6 MiB
  /// Of one shape. Larger ones are passed on and not kept; the largest class of a JDK is smaller.
  std::size_t shape_bytes = 1u << 20;
  std::size_t answer_shapes = 1024;      ///< of one query; the rest is left to its client
  std::size_t answer_bytes = 16u << 20;  ///< likewise; a message has room for four times as much
  /// Waiting compilations and shapes on their way; beyond, workers ask their own clients. 10 MiB.
  std::size_t waiting = 1u << 16;
  /// A client that has not brought what it was asked for: the next one is asked.
  Duration patience = std::chrono::seconds(1);
  /// What nobody waits for any more may still come; then it is kept.
  Duration linger = std::chrono::seconds(10);
};

/// A compilation that needs shapes.
struct Seeker {
  WorkerId worker;
  SessionId session;
  RequestId request;
  friend bool operator==(const Seeker&, const Seeker&) = default;
};

/// To be sent to its worker.
struct Answer {
  Seeker to;
  std::vector<facts::ShapeBytes> shapes;
  std::vector<Digest> ask;
};

/// Owned by the relay, used on its thread only. Content is named by its digest, so nobody can put
/// other bytes under a name; only what was asked for is kept, so nobody can fill it unasked.
class Depot {
 public:
  explicit Depot(const DepotLimits& limits) : limits_(limits), shapes_(limits.bytes) {}

  /// What is here, and what `from` has to ask its client for. The rest is on its way: arrived() or
  /// tick() answers.
  Answer asked(const Seeker& from, std::span<const Digest> digests, TimePoint now);
  /// A client has sent these bytes. Answers those who wait for them.
  std::vector<Answer> arrived(const Blob& bytes);
  /// Where a client has not brought what it was asked for, the next seeker has to ask.
  std::vector<Answer> tick(TimePoint now);
  std::optional<TimePoint> next_event() const;

  struct Counts {
    std::size_t shapes = 0, bytes = 0;
    std::uint64_t served = 0;     ///< to a worker at once, instead of a question to its client
    std::uint64_t passed_on = 0;  ///< likewise, once another client had brought it
    std::uint64_t asked = 0;      ///< left to a worker to ask
    std::uint64_t evicted = 0;    ///< for want of room
    std::uint64_t too_large = 0;  ///< passed on and not kept
  };
  Counts counts() const;

 private:
  struct Pending {
    TimePoint until;    ///< of the patience, or of the lingering
    bool asked = true;  ///< false: it lingers
    std::deque<Seeker> waiting;
  };

  void set(Pending& pending, const Digest& digest, TimePoint until);

  const DepotLimits limits_;
  Lru<Digest, Blob> shapes_;
  std::unordered_map<Digest, Pending> pending_;
  std::vector<std::pair<TimePoint, Digest>>
      due_;  ///< a heap, the earliest first; stale ones are skipped
  std::size_t waiting_ = 0;
  std::uint64_t served_ = 0, passed_on_ = 0, asked_ = 0, too_large_ = 0;
};

}  // namespace jitfarm::coordinator::shapes
