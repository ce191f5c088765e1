// Do two peers understand each other? Pure; the coordinator asks it about a Hello.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/protocol/envelope.h"
#include "common/protocol/messages.h"

namespace jitfarm::protocol {

/// What a program speaks.
struct Spoken {
  std::uint16_t version_min = kVersionMin;
  std::uint16_t version_max = kVersionMax;
  std::vector<std::string> capabilities;
};

/// What two peers speak with each other.
struct Agreement {
  std::uint16_t version = 0;              ///< the newest that both have
  std::vector<std::string> capabilities;  ///< that both have, sorted; unknown ones of the peer are ignored
};

inline constexpr std::size_t kCapabilitiesMax = 64;       // of one peer: a bound on the handshake's work
inline constexpr std::size_t kCapabilityBytesMax = 64;    // of one name
inline constexpr std::size_t kPeerTextBytesMax = 512;     // name, build, vm: they go to logs

/// version_mismatch or malformed_frame; the detail is a sentence that tells both sides what to do.
Result<Agreement> negotiate(const Hello& hello, const Spoken& own);

/// The refusal that carries `error` to the peer.
Refuse make_refuse(const Error& error, const Spoken& own);

/// The peer's side of a refusal: handshake_refused or version_mismatch or unknown_session, with the sentence for its own log.
Error refused(const Refuse& refuse, const Spoken& own);

/// The peer's side of a welcome: fails when the coordinator answers with what was not offered.
Result<Agreement> accept_welcome(const Welcome& welcome, const Spoken& own);

}  // namespace jitfarm::protocol
