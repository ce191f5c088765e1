// Which faults does the worker commit on purpose? For tests of everybody else
// (docs/how-to/inject-faults.md).
#pragma once
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/id.h"
#include "common/base/result.h"
#include "common/facts/fact.h"

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
  facts::FactKind more_kind{};              ///< facts of this kind are asked again ..
  std::uint32_t more_percent = 0;           ///< .. so many for every hundred that are asked

  bool any() const;
};

/// The fault "ask-more": repeats earlier questions until there are so many more.
class MoreQuestions {
 public:
  explicit MoreQuestions(const Faults& faults)
      : kind_(faults.more_kind), percent_(faults.more_percent) {}
  /// `keys` are asked of `session` now; adds some that it was asked before and that are not there.
  void add(SessionId session, std::vector<facts::FactKey>& keys);

 private:
  facts::FactKind kind_;
  std::uint32_t percent_;
  std::uint64_t owed_ = 0;  ///< hundredths of a question
  static constexpr std::size_t kBeforeMax = 256;
  std::deque<std::pair<SessionId, facts::FactKey>> before_;
};

/// "crash-on-method=Foo.bar,late-result=500" (milliseconds). bad_configuration names what it does
/// not know.
Result<Faults> parse_faults(std::string_view text);

}  // namespace jitfarm::worker::job
