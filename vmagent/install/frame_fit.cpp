#include "vmagent/install/frame_fit.h"

#include <fmt/format.h>

#include <algorithm>

namespace jitfarm::vmagent::install {

namespace {
// Fixed part of an interpreter frame (12 words on x86-64), return address, and the words that
// deoptimisation adds at the top frame for a call under way; rounded up. HotSpot's figure is only
// known to the VM.
constexpr std::uint64_t kFrameWords = 32;
constexpr std::uint64_t kLockWords = 2;  // BasicObjectLock: header, object
constexpr std::uint64_t kWordBytes = 8;
constexpr std::uint64_t kBytesMax = 1u << 30;
}  // namespace

Result<std::uint32_t> fit_frames(const code::CodeImage& image, const BoundsOf& bounds) {
  std::uint64_t most = 0;
  for (std::size_t i = 0; i < image.sites.size(); ++i) {
    std::uint64_t words = 0;
    for (std::size_t k = 0; k < image.sites[i].frames.size(); ++k) {
      const code::Frame& frame = image.sites[i].frames[k];
      auto wrong = [&](std::string_view what) {
        return fail(Errc::invalid_code_image, fmt::format("site {}, frame {}: {}", i, k, what));
      };
      JF_TRY(const hotspot::writer::MethodBounds method, bounds(frame.method));
      if (frame.bci < 0 || static_cast<std::uint32_t>(frame.bci) >= method.code_bytes)
        return wrong("bci outside the method");
      if (frame.locals.size() != method.max_locals)
        return wrong("not as many locals as the method has");
      if (frame.stack.size() > method.max_stack)
        return wrong("operand stack deeper than the method's");
      const bool innermost = k + 1 == image.sites[i].frames.size();
      if (!innermost && !frame.during_call) return wrong("an outer frame that is not at a call");
      words += kFrameWords + method.max_locals + method.max_stack + kLockWords * frame.locks.size();
    }
    most = std::max(most, words * kWordBytes);
  }
  return static_cast<std::uint32_t>(std::min(most, kBytesMax));
}

}  // namespace jitfarm::vmagent::install
