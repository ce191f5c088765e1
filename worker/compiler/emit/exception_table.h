// Where does an exception out of a call go on? The call-site table of .gcc_except_table.
#pragma once
#include <cstdint>
#include <expected>
#include <vector>

#include "common/base/bytes.h"
#include "common/code/bailout.h"

namespace jitfarm::worker::compiler::emit {

/// Exceptions of calls that return into (start, end] go on at `landing_pad`.
struct CallSiteRange {
  std::uint32_t start = 0;
  std::uint32_t end = 0;
  std::uint32_t landing_pad = 0;
};

/// The ranges that have a landing pad, ascending; offsets in text.
std::expected<std::vector<CallSiteRange>, code::Bailout> read_exception_table(ByteView section);

/// Landing pad of the call that returns to `return_offset`, or -1.
std::int32_t landing_pad(const std::vector<CallSiteRange>& ranges, std::uint32_t return_offset);

}  // namespace jitfarm::worker::compiler::emit
