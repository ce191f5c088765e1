// Which JDK does this command start, and is it one that we support?
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace jitfarm::cli {

struct Jdk {
  std::filesystem::path java;  ///< the launcher, links resolved
  std::filesystem::path home;
  std::string version;  ///< JAVA_VERSION of the release file, "17.0.15"
  int feature = 0;      ///< 17
};

/// Feature releases that the agent has an adapter for.
inline constexpr int kSupportedFeatures[] = {17};
/// Those whose code was not proved by every suite yet: with JITFARM_UNPROVED_JDK=1.
inline constexpr int kUnprovedFeatures[] = {25};

/// Resolves `launcher` ("java", "/opt/jdk/bin/java") as a shell would. Reads the JDK's release file
/// and starts nothing. bad_configuration when there is no such program or it is no java launcher.
Result<Jdk> find_jdk(const std::string& launcher);

/// bad_configuration, naming what was found and what is supported, unless the agent can work in
/// this JDK; an unproved one only where the environment asks for it.
Status check_supported(const Jdk& jdk);

}  // namespace jitfarm::cli
