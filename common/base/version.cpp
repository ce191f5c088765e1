#include "common/base/version.h"

namespace jitfarm {

std::string_view build() { return JITFARM_VERSION; }

}  // namespace jitfarm
