#include "cli/run/jdk.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace jitfarm::cli {
namespace {

namespace fs = std::filesystem;

std::string supported_list() {
  std::string s;
  for (int f : kSupportedFeatures) s += (s.empty() ? "" : ", ") + std::to_string(f);
  return s;
}

Result<fs::path> resolve(const std::string& launcher) {
  std::error_code error;
  if (launcher.find('/') != std::string::npos) {
    auto path = fs::canonical(launcher, error);
    if (error) return fail(Errc::bad_configuration, "no such program: " + launcher);
    return path;
  }
  const char* search = std::getenv("PATH");
  std::istringstream folders(search ? search : "/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    auto candidate = fs::path(folder.empty() ? "." : folder) / launcher;
    if (::access(candidate.c_str(), X_OK) == 0 && !fs::is_directory(candidate, error)) {
      auto path = fs::canonical(candidate, error);
      if (!error) return path;
    }
  }
  return fail(Errc::bad_configuration,
              "no '" + launcher + "' on the PATH: install a JDK (supported: " + supported_list() +
                  ") or name its java");
}

std::string release_value(std::istream& release, std::string_view key) {
  for (std::string line; std::getline(release, line);) {
    if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != '=') continue;
    auto value = line.substr(key.size() + 1);
    std::erase(value, '"');
    return value;
  }
  return {};
}

/// "17.0.15" -> 17; the old form "1.8.0_302" -> 8.
int feature_of(std::string_view version) {
  if (version.starts_with("1.")) version.remove_prefix(2);
  int feature = 0;
  std::from_chars(version.data(), version.data() + version.size(), feature);
  return feature;
}

}  // namespace

Result<Jdk> find_jdk(const std::string& launcher) {
  JF_TRY(auto java, resolve(launcher));
  if (java.filename() != "java")
    return fail(Errc::bad_configuration,
                "'" + launcher + "' is " + java.string() +
                    ", not a java launcher: the command after -- starts with java");
  Jdk jdk{.java = java, .home = java.parent_path().parent_path(), .version = {}};
  std::ifstream release(jdk.home / "release");
  jdk.version = release_value(release, "JAVA_VERSION");
  if (jdk.version.empty())
    return fail(Errc::bad_configuration,
                "no JAVA_VERSION in " + (jdk.home / "release").string() +
                    ": cannot tell which JDK this is (supported: " + supported_list() + ")");
  jdk.feature = feature_of(jdk.version);
  return jdk;
}

Status check_supported(const Jdk& jdk) {
  const bool unproved =
      std::ranges::find(kUnprovedFeatures, jdk.feature) != std::end(kUnprovedFeatures);
  const char* const asked = std::getenv("JITFARM_UNPROVED_JDK");
  const bool supported =
      std::ranges::find(kSupportedFeatures, jdk.feature) != std::end(kSupportedFeatures) ||
      (unproved && asked != nullptr && std::string_view(asked) == "1");
  if (!supported)
    return fail(Errc::bad_configuration,
                "JDK " + jdk.version + " in " + jdk.home.string() +
                    " is not supported; supported: JDK " + supported_list() +
                    (unproved ? "; this one was not proved by every test yet, "
                                "JITFARM_UNPROVED_JDK=1 tries it"
                              : ""));
  if (!fs::exists(jdk.home / "lib/server/libjvm.so"))
    return fail(Errc::bad_configuration,
                "no server VM in " + jdk.home.string() + " (lib/server/libjvm.so)");
  return {};
}

}  // namespace jitfarm::cli
