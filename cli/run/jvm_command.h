// Which flags bring the agent into a JVM?
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "cli/run/jdk.h"

namespace jitfarm::cli {

/// The user's command with the flags of this JDK right behind the launcher, so that the user's own
/// flags win. `agent` is the folder of libjvmcicompiler.so; `threads` JVMCI compiler threads wait
/// for the farm at once.
std::vector<std::string> with_farm_flags(const std::vector<std::string>& command, const Jdk& jdk,
                                         const std::filesystem::path& agent, unsigned threads);

/// What becomes of AOT caches and CDS archives with those flags.
std::string archive_note(const Jdk& jdk);

}  // namespace jitfarm::cli
