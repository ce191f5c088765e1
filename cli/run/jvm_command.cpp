#include "cli/run/jvm_command.h"

namespace jitfarm::cli {

std::vector<std::string> with_farm_flags(const std::vector<std::string>& command, const Jdk& jdk,
                                         const std::filesystem::path& agent, unsigned threads) {
  std::vector<std::string> full{jdk.java.string(), "-XX:+UnlockExperimentalVMOptions"};
  // JDK 17 adds the module jdk.internal.vm.ci with or without EnableJVMCI; naming it keeps the
  // intent visible.
  if (jdk.feature == 17) full.push_back("-XX:+EnableJVMCI");
  full.insert(full.end(), {"-XX:+UseJVMCICompiler", "-XX:+UseJVMCINativeLibrary",
                           "-XX:JVMCILibPath=" + agent.string(),
                           "-XX:JVMCIThreads=" + std::to_string(threads)});
  full.insert(full.end(), command.begin() + 1, command.end());
  return full;
}

}  // namespace jitfarm::cli
