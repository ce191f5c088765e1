#include "cli/run/jvm_command.h"

#include <algorithm>

namespace jitfarm::cli {
namespace {

struct JdkFlags {
  int feature;
  std::vector<const char*> flags;
};

const std::vector<JdkFlags>& jdk_flags() {
  static const std::vector<JdkFlags> kFlags = {
      // JDK 17 adds the module jdk.internal.vm.ci with or without EnableJVMCI; naming it keeps the
      // intent visible.
      {17, {"-XX:+EnableJVMCI"}},
      // Without EnableJVMCI JDK 25 does not add the module, and its archived module graph stays in
      // use. UseJVMCICompiler changes how types are profiled, and an AOT cache or a CDS archive
      // that
      // was made without it is refused as a whole unless these two are as they were. One runtime
      // for
      // all compiler threads, made when a method is first to be compiled.
      {25,
       {"-XX:JVMCIThreadsPerNativeLibraryRuntime=0", "-XX:-EagerJVMCI", "-XX:TypeProfileLevel=111",
        "-XX:TypeProfileWidth=2"}},
  };
  return kFlags;
}

}  // namespace

std::vector<std::string> with_farm_flags(const std::vector<std::string>& command, const Jdk& jdk,
                                         const std::filesystem::path& agent, unsigned threads) {
  std::vector<std::string> full{jdk.java.string(), "-XX:+UnlockExperimentalVMOptions"};
  const auto own = std::ranges::find(jdk_flags(), jdk.feature, &JdkFlags::feature);
  if (own != jdk_flags().end()) full.insert(full.end(), own->flags.begin(), own->flags.end());
  full.insert(full.end(), {"-XX:+UseJVMCICompiler", "-XX:+UseJVMCINativeLibrary",
                           "-XX:JVMCILibPath=" + agent.string(),
                           "-XX:JVMCIThreads=" + std::to_string(threads)});
  full.insert(full.end(), command.begin() + 1, command.end());
  return full;
}

std::string archive_note(const Jdk& jdk) {
  return jdk.feature < 25
             ? "JVMCI adds a module, so that this JDK starts without its archived "
               "module graph, some 40 ms later; CDS archives are used but for that"
             : "AOT caches and CDS archives made without jitfarm stay in use, with the "
               "archived module graph";
}

}  // namespace jitfarm::cli
