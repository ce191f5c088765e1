// What may a stranger's bytes do to a decoder? One entry per record, used by the mutation test and
// by libFuzzer.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"

namespace jitfarm::fuzz {

/// A body and blobs as they come from the network.
struct Input {
  Bytes body;
  std::vector<Blob> blobs;
};

struct Verdict {
  bool accepted = false;  ///< it decoded; else it was refused with an error
  std::string wrong;  ///< empty, or what must not happen: an accepted value that does not encode
                      ///< and decode to itself
};

struct Target {
  std::string_view name;
  /// Feeds `input` to the decoder, and what it accepts to everything that trusts the decoder.
  Verdict (*feed)(const Input& input);
  /// A valid input with random content.
  Input (*sample)(std::uint64_t seed);
};

/// Every message (as frames, envelope first), every stored record, CodeImage with verify(),
/// ReplayBundle as a file.
std::span<const Target> targets();

}  // namespace jitfarm::fuzz
