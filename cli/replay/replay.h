// `jitfarm replay BUNDLE`: does a recorded compilation give the same code again, and what does it
// look like?
#pragma once
#include <string>

#include "common/base/result.h"

namespace jitfarm::cli {

struct ReplayOptions {
  std::string bundle;
  std::string print;   ///< a stage of the compiler: "ir", "optimised", "statepoints", "lowered",
                       ///< "asm", "image"; "bundle": what was recorded, also printed when the
                       ///< compilation ends before the stage; empty: none
  std::string image;   ///< write the encoded CodeImage to this file; empty: none
  bool times = false;  ///< print the time of every stage
};

/// Prints to standard output. bad_configuration for a file that is no bundle; compiler_failure when
/// the result is not the recorded one.
Status replay(const ReplayOptions& options);

}  // namespace jitfarm::cli
