#include "cli/doctor/doctor.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/run/jvm_command.h"

namespace jitfarm::cli {
namespace {

namespace fs = std::filesystem;

/// A folder that looks like a JDK of this version.
class FakeJdk {
 public:
  explicit FakeJdk(const std::string& version) {
    std::string pattern = (fs::temp_directory_path() / "jitfarm-jdk-XXXXXX").string();
    home_ = mkdtemp(pattern.data());
    fs::create_directories(home_ / "bin");
    fs::create_directories(home_ / "lib/server");
    std::ofstream(home_ / "bin/java") << "#!/bin/false\n";
    std::ofstream(home_ / "lib/server/libjvm.so");
    std::ofstream(home_ / "release") << "JAVA_VERSION=\"" << version << "\"\n";
  }
  ~FakeJdk() {
    std::error_code ignored;
    fs::remove_all(home_, ignored);
  }
  std::string java() const { return (home_ / "bin/java").string(); }

 private:
  fs::path home_;
};

Diagnosis diagnosis_of(std::vector<std::string> command) {
  return diagnose(command, [](const char*) { return std::optional<std::string>(); });
}
bool says(const Diagnosis& diagnosis, const std::string& part) {
  return diagnosis.text.find(part) != std::string::npos;
}
bool has(const std::vector<std::string>& words, const std::string& word) {
  return std::ranges::find(words, word) != words.end();
}

TEST_CASE("doctor: a JDK that is not supported is named, with those that are") {
  const FakeJdk jdk("11.0.2");
  const Diagnosis diagnosis = diagnosis_of({jdk.java()});
  CHECK_FALSE(diagnosis.works);
  CHECK(says(diagnosis, "JDK 11.0.2"));
  CHECK(says(diagnosis, "supported: JDK 17"));
}

TEST_CASE("doctor: a JDK that was not proved works only for those who ask for it") {
  const FakeJdk jdk("25.0.3");
  ::unsetenv("JITFARM_UNPROVED_JDK");
  CHECK(says(diagnosis_of({jdk.java()}), "JITFARM_UNPROVED_JDK=1 tries it"));
  ::setenv("JITFARM_UNPROVED_JDK", "1", 1);
  CHECK_FALSE(says(diagnosis_of({jdk.java()}), "is not supported"));
  const FakeJdk other("21.0.2");
  CHECK(says(diagnosis_of({other.java()}), "is not supported"));
  ::unsetenv("JITFARM_UNPROVED_JDK");
}

TEST_CASE("doctor: what stands in the way of a supported JDK is said") {
  const FakeJdk jdk("17.0.15");
  const Diagnosis diagnosis = diagnosis_of({jdk.java(), "-XX:+UseZGC", "Main"});
  CHECK_FALSE(diagnosis.works);
  CHECK(says(diagnosis, "ZGC is not supported"));
}

TEST_CASE("doctor: no java") {
  const Diagnosis diagnosis = diagnosis_of({"/nonexistent/java"});
  CHECK_FALSE(diagnosis.works);
  CHECK(says(diagnosis, "no such program"));
}

TEST_CASE("flags: each JDK has its own, and the user's come last") {
  const std::vector<std::string> command{"java", "-Xmx1g", "Main"};
  const auto flags = [&](int feature) {
    return with_farm_flags(command, {"/jdk/bin/java", "/jdk", "", feature}, "/agent", 3);
  };
  const auto of17 = flags(17), of25 = flags(25);
  CHECK(has(of17, "-XX:+EnableJVMCI"));
  CHECK_FALSE(has(of17, "-XX:-EagerJVMCI"));
  CHECK_FALSE(has(of25, "-XX:+EnableJVMCI"));
  for (const char* flag : {"-XX:JVMCIThreadsPerNativeLibraryRuntime=0", "-XX:-EagerJVMCI",
                           "-XX:TypeProfileLevel=111", "-XX:TypeProfileWidth=2"})
    CHECK(has(of25, flag));
  for (const auto& words : {of17, of25}) {
    CHECK(words.front() == "/jdk/bin/java");
    CHECK(has(words, "-XX:JVMCILibPath=/agent"));
    CHECK(has(words, "-XX:JVMCIThreads=3"));
    CHECK(words[words.size() - 2] == "-Xmx1g");
    CHECK(words.back() == "Main");
  }
}

}  // namespace
}  // namespace jitfarm::cli
