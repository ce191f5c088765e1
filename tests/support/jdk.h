// Which java does a test run? The one on the path, which is JDK 17's; where ctest sets
// JITFARM_TEST_JDK, one of that feature release.
#pragma once
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace jitfarm::tests {

/// What ctest takes for "skipped" (SKIP_RETURN_CODE).
inline constexpr int kSkipped = 77;

struct TestJdk {
  int feature = 17;
  std::string java = "java";
  /// What makes the VM load the library in `folder` as its compiler.
  std::string compiler_flags(const std::string& folder) const {
    const std::string common =
        " -XX:+UnlockExperimentalVMOptions -XX:+UseJVMCICompiler"
        " -XX:+UseJVMCINativeLibrary -XX:JVMCILibPath=" +
        folder + " ";
    return feature < 21 ? " -XX:+UnlockExperimentalVMOptions -XX:+EnableJVMCI" + common
                        : common +
                              "-XX:JVMCIThreadsPerNativeLibraryRuntime=0 -XX:-EagerJVMCI"
                              " -XX:TypeProfileLevel=111 -XX:TypeProfileWidth=2 ";
  }
};

/// JITFARM_JDK25 (or another release), else a JDK of it under /usr/lib/jvm; empty: none.
inline std::string find_java(int feature) {
  namespace fs = std::filesystem;
  const std::string number = std::to_string(feature);
  if (const char* home = std::getenv(("JITFARM_JDK" + number).c_str()))
    return std::string(home) + "/bin/java";
  std::error_code none;
  std::vector<fs::path> homes;
  for (const auto& entry : fs::directory_iterator("/usr/lib/jvm", none)) {
    const std::string name = entry.path().filename().string();
    const auto at = name.find(number);
    const bool whole = at != std::string::npos &&
                       (at == 0 || std::isdigit(static_cast<unsigned char>(name[at - 1])) == 0) &&
                       std::isdigit(static_cast<unsigned char>(name[at + number.size()])) == 0;
    if (whole && fs::exists(entry.path() / "bin/java")) homes.push_back(entry.path());
  }
  std::sort(homes.begin(), homes.end());
  return homes.empty() ? "" : (homes.front() / "bin/java").string();
}

/// Ends the process as skipped when there is no such JDK.
inline const TestJdk& test_jdk() {
  static const TestJdk jdk = [] {
    TestJdk found;
    const char* wanted = std::getenv("JITFARM_TEST_JDK");
    if (wanted == nullptr) return found;
    found.feature = std::atoi(wanted);
    found.java = find_java(found.feature);
    if (found.java.empty()) {
      std::printf("skipped: no JDK %s in JITFARM_JDK%s or /usr/lib/jvm\n", wanted, wanted);
      std::exit(kSkipped);
    }
    return found;
  }();
  return jdk;
}

}  // namespace jitfarm::tests
