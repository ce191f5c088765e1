// Which callees are inlined, and which receivers are guessed? The compiler decides by this, and the
// agent foresees by it what the compiler will ask: they may differ in version, then the difference
// costs a question.
#pragma once
#include <cstddef>
#include <cstdint>

#include "common/facts/values.h"

namespace jitfarm::facts {

inline constexpr std::uint32_t kInlineBytesMax = 35;      ///< of bytecode; HotSpot's MaxInlineSize
inline constexpr std::uint32_t kHotInlineBytesMax = 325;  ///< HotSpot's FreqInlineSize
/// Code that the VM made for method handles: it does nothing but call, and all that it calls may be
/// known.
inline constexpr std::uint32_t kFormBytesMax = 600;
inline constexpr std::size_t kInlineDepthMax = 9;     ///< callees of callees
inline constexpr std::size_t kInlineCalleesMax = 96;  ///< different ones in one compilation

/// Below that nothing is concluded from what did not happen.
inline constexpr std::uint32_t kMatureCount = 40;

/// Classes of receivers that one call tells apart.
inline constexpr std::size_t kReceiversMax = 2;

/// Of a callee's bytecode, for a call that ran `count` times while its method ran `invocations`
/// times. 0: it never runs.
constexpr std::uint32_t inline_bytes_max(std::uint32_t count, std::uint32_t invocations) {
  if (count == 0 && invocations >= kMatureCount) return 0;
  // One call in four invocations, as HotSpot's InlineFrequencyRatio.
  return count >= kMatureCount && count >= invocations / 4 ? kHotInlineBytesMax : kInlineBytesMax;
}

/// null: nothing is known about the call.
constexpr std::uint32_t inline_bytes_max(const MethodProfile& profile, const CallProfile* call) {
  return call == nullptr ? kInlineBytesMax : inline_bytes_max(call->count, profile.invocations);
}

/// How many of the first `seen` classes are worth a comparison: they have to be nearly all.
template <class Classes>
constexpr std::size_t classes_to_guess(std::uint32_t count, const Classes& seen) {
  if (count < kMatureCount) return 0;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < seen.size() && i < kReceiversMax; ++i) {
    sum += seen[i].count;
    if (sum >= std::uint64_t{count} * 9 / 10) return i + 1;
  }
  return 0;
}
constexpr std::size_t receivers_to_guess(const CallProfile& call) {
  return classes_to_guess(call.count, call.receivers);
}
constexpr std::size_t classes_to_compare(const TestProfile& test) {
  return classes_to_guess(test.count, test.classes);
}

/// The test ran, and never on an object.
constexpr bool saw_only_null(const TestProfile& test) {
  return test.saw_null && test.count == 0 && test.is_complete;
}

/// Nothing follows from the counts of a longer one: who writes so many cases means them.
inline constexpr std::size_t kSwitchCasesMax = 256;

constexpr std::uint64_t times(const SwitchProfile& profile) {
  std::uint64_t sum = 0;
  for (const std::uint32_t count : profile.counts) sum += count;
  return sum;
}

/// It ran often enough to tell frequent cases from rare ones.
constexpr bool tells_cases(const SwitchProfile& profile) { return times(profile) >= kMatureCount; }

/// Often enough to tell rare cases from those that never happen.
constexpr bool tells_unseen_cases(const SwitchProfile& profile) {
  return times(profile) >= kMatureCount * profile.counts.size();
}

constexpr bool may_inline(std::uint32_t code_bytes, std::uint32_t bytes_max) {
  return code_bytes != 0 && code_bytes <= bytes_max;
}

}  // namespace jitfarm::facts
