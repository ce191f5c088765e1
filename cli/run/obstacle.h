// Why can the JVM of this command not use the farm?
#pragma once
#include <string>
#include <vector>

#include "cli/run/java_options.h"

namespace jitfarm::cli {

/// A sentence, or empty: it can. The user's own choice is left alone: such a JVM runs without the
/// farm's flags. `arguments` are those of java.
std::string obstacle(const std::vector<std::string>& arguments, const Environment& environment);

}  // namespace jitfarm::cli
