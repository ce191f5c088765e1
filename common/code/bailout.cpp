#include "common/code/bailout.h"

namespace jitfarm::code {

std::string_view name(BailoutReason reason) {
  switch (reason) {
#define JF_BAILOUT(r, t) \
  case BailoutReason::r: \
    return #r;
#include "common/code/bailouts.def"
#undef JF_BAILOUT
    case BailoutReason::kCount:
      break;
  }
  return "unknown";
}

std::string_view text(BailoutReason reason) {
  switch (reason) {
#define JF_BAILOUT(r, t) \
  case BailoutReason::r: \
    return t;
#include "common/code/bailouts.def"
#undef JF_BAILOUT
    case BailoutReason::kCount:
      break;
  }
  return "unknown";
}

}  // namespace jitfarm::code
