// What do these bytes mean? A disassembly for tests to compare with.
#pragma once
#include <string>

#include "common/base/bytes.h"

namespace jitfarm::tests {

/// One instruction a line, "<hex offset>: <intel syntax>", single blanks; nops are kept. A byte
/// that does not decode is "??".
std::string listing(ByteView code, std::uint32_t begin = 0);

}  // namespace jitfarm::tests
