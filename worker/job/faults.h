// Which faults does the worker commit on purpose? For tests of everybody else
// (docs/how-to/inject-faults.md).
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"

namespace jitfarm::worker::job {

/// All off by default; switched on by the environment variable JITFARM_TEST_FAULT only, which no
/// package and no image sets.
struct Faults {
  std::string crash_on_method;  ///< the process ends with SIGABRT in the compilation of a method
                                ///< whose name has this part
  bool garbage_result = false;  ///< random bytes instead of a CodeImage
  bool out_of_range_sites = false;          ///< a CodeImage whose sites lie behind its code
  bool duplicate_result = false;            ///< every reply twice
  bool never_answer = false;                ///< no reply at all
  Duration late_result = Duration::zero();  ///< every reply this much later
  bool other_version = false;               ///< it speaks the protocol of tomorrow only

  bool any() const;
};

/// "crash-on-method=Foo.bar,late-result=500" (milliseconds). bad_configuration names what it does
/// not know.
Result<Faults> parse_faults(std::string_view text);

}  // namespace jitfarm::worker::job
