// What stands before every body? Enough to route it without decoding it.
#pragma once
#include <cstdint>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/result.h"
#include "common/wire/describe.h"

namespace jitfarm::protocol {

// 2: compile_task and vm_config lost fields that nobody read.
inline constexpr std::uint16_t kVersionMin = 2;
inline constexpr std::uint16_t kVersionMax = 2;

/// First frame. On the wire: [envelope][body][blob]..; a ROUTER adds the routing id before it.
struct Envelope {
  std::uint16_t version = kVersionMax;  ///< of the protocol, as negotiated; kVersionMin in a hello
  std::uint16_t type = 0;               ///< message id
  SessionId session;                    ///< whose client it is about; 0 before the welcome and for workers' own messages
  RequestId correlation;                ///< the request it is about; 0: none
  std::uint32_t deadline_ms = 0;        ///< time left for the request when sent; 0: none
  friend bool operator==(const Envelope&, const Envelope&) = default;

  static constexpr auto kRecord = wire::record(
      "envelope", "First frame of every message.", wire::field("version", &Envelope::version, "protocol version"),
      wire::field("type", &Envelope::type, "message id"), wire::field("session", &Envelope::session, "client"),
      wire::field("correlation", &Envelope::correlation, "request"), wire::field("deadline_ms", &Envelope::deadline_ms, "time left, 0: none"));
};

/// A message in transit: decoded envelope, undecoded body, blobs by reference.
struct Packet {
  Envelope envelope;
  Blob body;
  std::vector<Blob> blobs;
  /// Bytes of the frames after the routing id, for counting.
  std::size_t size() const;
};

}  // namespace jitfarm::protocol
