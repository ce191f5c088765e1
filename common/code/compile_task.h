// What is to be compiled?
#pragma once
#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/wire/describe.h"

namespace jitfarm::code {

inline constexpr std::int32_t kNormalEntry = -1;

/// With the facts, everything that the compiler's result depends on.
struct CompileTask {
  MethodId method;
  std::int32_t entry_bci = kNormalEntry;
  Bytes trap_history;           ///< traps so far by HotSpot's DeoptReason (MethodData::_trap_hist), saturating u1 each
  friend bool operator==(const CompileTask&, const CompileTask&) = default;

  static constexpr auto kRecord = wire::record(
      "compile_task", "What is to be compiled.", wire::field("method", &CompileTask::method, "root method"),
      wire::field("entry_bci", &CompileTask::entry_bci, "-1, or the bci of an OSR entry"),
      wire::field("trap_history", &CompileTask::trap_history, "traps of this method by DeoptReason"));
};

}  // namespace jitfarm::code
