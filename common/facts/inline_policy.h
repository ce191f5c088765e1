// Which callees are inlined? The compiler decides by this, and the agent foresees by it what the
// compiler will ask: they may differ in version, then the difference costs a question.
#pragma once
#include <cstddef>
#include <cstdint>

namespace jitfarm::facts {

inline constexpr std::uint32_t kInlineBytesMax = 35;  ///< of bytecode; HotSpot's MaxInlineSize
inline constexpr std::size_t kInlineDepthMax = 6;     ///< callees of callees
inline constexpr std::size_t kInlineCalleesMax = 64;  ///< different ones in one compilation

constexpr bool may_inline(std::uint32_t code_bytes) {
  return code_bytes != 0 && code_bytes <= kInlineBytesMax;
}

}  // namespace jitfarm::facts
