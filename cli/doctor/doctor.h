// Would the farm work for this java, and if not, why?
#pragma once
#include <string>
#include <vector>

#include "cli/run/java_options.h"

namespace jitfarm::cli {

struct Diagnosis {
  bool works = false;
  std::string text;  ///< some lines
};

/// `command`: a java launcher and, if any, its arguments. Reads the JDK's release file, the options
/// and the environment's, and starts nothing.
Diagnosis diagnose(const std::vector<std::string>& command, const Environment& environment);

}  // namespace jitfarm::cli
