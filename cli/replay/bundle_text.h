// What is in a replay bundle, for people?
#pragma once
#include <string>

#include "common/code/replay_bundle.h"

namespace jitfarm::cli {

/// The request, every fact that was read with its value, the class shapes by size, and what came of
/// it; a line each.
std::string bundle_text(const code::ReplayBundle& bundle);

}  // namespace jitfarm::cli
