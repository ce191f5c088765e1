// Does a recorded compilation give the same result again?
#pragma once
#include <string>

#include "common/code/replay_bundle.h"
#include "worker/compiler/compiler.h"

namespace jitfarm::worker::compiler {

struct Replay {
  Outcome outcome;      ///< MissingFacts: this compiler asks for facts that the recorded one did not need
  bool same = false;    ///< the image has the recorded digest, or the same reason to bail out was given; true when nothing was
                        ///< recorded, since the worker died in the compilation
  std::string summary;  ///< one line for people
};

/// Repeats the compilation of `bundle`, without a JVM and a network. `options` can print every stage.
Replay replay(const code::ReplayBundle& bundle, const Options& options = {});

}  // namespace jitfarm::worker::compiler
