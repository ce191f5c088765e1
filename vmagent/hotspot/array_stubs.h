// Where does the VM keep its stubs over arrays? Names of readConfiguration.
#pragma once
#include <array>

#include "vmagent/hotspot/shell/shell.h"

namespace jitfarm::vmagent::hotspot {

/// In the order of code::Target, from multiply_to_len on. The VM has those that its processor and
/// its flags (-XX:-UseMultiplyToLenIntrinsic) ask for; the others are zero.
inline constexpr std::array kArrayStubs = {
    "StubRoutines::_multiplyToLen",      "StubRoutines::_squareToLen",
    "StubRoutines::_mulAdd",             "StubRoutines::_montgomeryMultiply",
    "StubRoutines::_montgomerySquare",   "StubRoutines::_vectorizedMismatch",
    "StubRoutines::_updateBytesCRC32",   "StubRoutines::_updateBytesCRC32C",
    "StubRoutines::_updateBytesAdler32", "StubRoutines::_base64_encodeBlock"};
static_assert(kArrayStubs.size() == shell::ShellConfig::kArrayStubs);

}  // namespace jitfarm::vmagent::hotspot
