// Does the agent read a real JVM right? Each test starts one, with the probe instead of the agent.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "common/base/digest.h"
#include "tests/compiler/support/class_file.h"
#include "tests/support/jdk.h"
#include "worker/compiler/bytecode/class_shape.h"

namespace {

namespace fs = std::filesystem;

struct Report {
  int exit_code = -1;
  std::vector<std::pair<std::string, std::string>> lines;
  fs::path directory;
  std::vector<std::string> all(const std::string& name) const {
    std::vector<std::string> found;
    for (const auto& [n, v] : lines)
      if (n == name) found.push_back(v);
    return found;
  }
  long number(const std::string& name) const {
    const auto found = all(name);
    return found.empty() ? -1 : std::stol(found.back());
  }
};

fs::path scratch() {
  static const fs::path root = [] {
    std::string pattern = (fs::temp_directory_path() / "jitfarm-facts-XXXXXX").string();
    const fs::path made = mkdtemp(pattern.data());
    std::atexit([] {
      std::error_code ignored;
      fs::remove_all(scratch(), ignored);
    });
    return made;
  }();
  return root;
}

fs::path compiled_java() {
  static const fs::path classes = [] {
    const fs::path out = scratch() / "java";
    const std::string command = "javac -g -d " + out.string() + " " JITFARM_PROBE_JAVA "/*.java";
    REQUIRE(std::system(command.c_str()) == 0);
    return out;
  }();
  return classes;
}

/// Runs Probe with these VM options and `arguments` of the program; `asks`: questions follow every
/// request.
Report run_program(const std::string& options, const std::string& arguments, bool asks) {
  static int number = 0;
  const jitfarm::tests::TestJdk& jdk = jitfarm::tests::test_jdk();
  Report report;
  report.directory = scratch() / std::to_string(number++);
  fs::create_directories(report.directory / "shapes");
  const std::string command = "JITFARM_PROBE_DIR=" + report.directory.string() +
                              (asks ? " JITFARM_PROBE_ASKS=1" : "") + " timeout 240 " + jdk.java +
                              jdk.compiler_flags(JITFARM_PROBE_LIBRARY) + options + " -cp " +
                              compiled_java().string() + " Probe " + arguments + " > " +
                              (report.directory / "out").string() + " 2>&1";
  const int status = std::system(command.c_str());
  report.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  std::ifstream in(report.directory / "report", std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    const auto space = line.find(' ');
    report.lines.emplace_back(line.substr(0, space),
                              space == std::string::npos ? "" : line.substr(space + 1));
  }
  std::ifstream out(report.directory / "out");
  std::stringstream text;
  text << out.rdbuf();
  INFO(command);
  INFO(text.str());
  REQUIRE(report.exit_code == 0);
  CHECK(report.all("failure") == std::vector<std::string>{});
  return report;
}

/// The same, where the VM must be one that the agent reads.
Report run(const std::string& options, const std::string& arguments, bool asks = true) {
  Report report = run_program(options, arguments, asks);
  CHECK(report.all("refusal") == std::vector<std::string>{});
  return report;
}

jitfarm::Bytes read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Every shape read from metaspace equals the one computed from the class file alone.
void compare_with_class_files(const Report& report, std::size_t at_least) {
  std::size_t equal = 0;
  std::vector<std::string> different;
  for (const std::string& line : report.all("shape")) {
    std::istringstream words(line);
    std::string name, digest, number;
    words >> name >> digest >> number;
    const fs::path file = report.directory / "classes" / number;
    if (!fs::exists(file)) continue;  // made at run time
    const auto expected = jitfarm::tests::compiler::read_class_file(file.string()).shape;
    const auto actual = read_file(report.directory / "shapes" / number);
    REQUIRE(jitfarm::digest_of(actual).hex() == digest);
    if (expected == actual)
      ++equal;
    else
      different.push_back(name);
  }
  CHECK(different == std::vector<std::string>{});
  CHECK(equal >= at_least);
  // Those without a class file too, hidden ones among them: the worker's parser takes every shape.
  std::vector<std::string> malformed;
  for (const std::string kind : {"shape", "hidden"})
    for (const std::string& line : report.all(kind)) {
      const jitfarm::Bytes bytes =
          read_file(report.directory / "shapes" / line.substr(line.rfind(' ') + 1));
      const auto parsed = jitfarm::worker::compiler::bytecode::ClassShape::parse(bytes);
      if (!parsed) malformed.push_back(line + ": " + parsed.error().detail);
    }
  CHECK(malformed == std::vector<std::string>{});
  CHECK(report.all("hidden").size() >= 5);
  CHECK(report.all("thread") == std::vector<std::string>{"asked"});

  std::ostringstream figures;
  figures << "equal " << equal;
  for (const char* name : {"create_us", "requests", "known", "unknown", "request_us",
                           "request_bytes", "request_shape_bytes", "answer_ns_per_key", "shape_ns",
                           "shape_digest_ns", "shape_bytes", "vm_config_bytes", "shapes_refused"})
    figures << ", " << name << " " << report.number(name);
  WARN(figures.str());
}

}  // namespace

TEST_CASE("facts: shapes from metaspace equal the class files (G1, CDS)") {
  compare_with_class_files(run("-XX:+UseG1GC -XX:-BackgroundCompilation", "20", false), 700);
}

TEST_CASE("facts: shapes from metaspace equal the class files (Serial, no CDS)") {
  compare_with_class_files(run("-XX:+UseSerialGC -Xshare:off -XX:-UseCompressedOops", "20"), 700);
}

TEST_CASE("facts: shapes equal the class files (Parallel, wide class pointers)") {
  compare_with_class_files(run("-XX:+UseParallelGC -XX:-UseCompressedClassPointers", "10"), 700);
}

TEST_CASE("facts: classes that are unloaded are noticed and never read") {
  const Report report =
      run("-XX:+UseG1GC -Xmx256m -XX:JVMCIThreads=4 -XX:-UseDynamicNumberOfCompilerThreads",
          "5 unload");
  CHECK(report.all("unloaded").size() >= 20);
  CHECK(report.all("ended").empty());
  CHECK(report.all("hold") == std::vector<std::string>{"taken"});
}

TEST_CASE("facts: a redefined class gets a new id, and all that was known ends") {
  const Report report = run("-XX:+UseSerialGC", "2 redefine");
  const auto roots = report.all("redefined_root");
  const auto classes = report.all("redefined_class");
  REQUIRE(roots.size() >= 2);
  REQUIRE(classes.size() >= 2);
  CHECK(roots.front() != roots.back());
  // Redefined as itself: the content is the same, but it is nobody else's business any more.
  CHECK(classes.front().substr(0, 64) == classes.back().substr(0, 64));
  CHECK(classes.front().find("shareable") != std::string::npos);
  CHECK(classes.back().find("private") != std::string::npos);
  const std::string old_class = roots.front().substr(roots.front().find(' ') + 1);
  const auto unloaded = report.all("unloaded");
  CHECK(std::find(unloaded.begin(), unloaded.end(), old_class) != unloaded.end());
}

TEST_CASE("facts: everything compiled, by four threads at once") {
  const Report report =
      run("-Xcomp -XX:+UseSerialGC -XX:JVMCIThreads=4 -XX:-UseDynamicNumberOfCompilerThreads", "2");
  CHECK(report.number("requests") > 1000);
  CHECK(report.number("known") > 5000);
}

TEST_CASE("facts: a VM in a mode that nobody has proved is left alone") {
  const auto refusal = [](const std::string& options) {
    const Report report = run_program(options + " -Xcomp", "1", false);
    const auto refusals = report.all("refusal");
    return refusals.size() == 1 ? refusals[0] : "refusals: " + std::to_string(refusals.size());
  };
  if (jitfarm::tests::test_jdk().feature < 25) {
    CHECK(refusal("-Xcheck:jni").find("-Xcheck:jni") != std::string::npos);
    return;
  }
  CHECK(refusal("-XX:+UseZGC").find("garbage collector") != std::string::npos);
  CHECK(refusal("-XX:+UseShenandoahGC").find("garbage collector") != std::string::npos);
  CHECK(refusal("-XX:+UseCompactObjectHeaders").find("compact object headers") !=
        std::string::npos);
  CHECK(refusal("-XX:LockingMode=1").find("LockingMode") != std::string::npos);
}

TEST_CASE("facts: the VM's own flags bound the instructions that are used") {
  const Report report = run("-XX:+UseSerialGC -XX:UseAVX=1 -Xcomp", "1");
  REQUIRE(report.all("vm").size() == 1);
  CHECK(report.all("vm")[0].find("+avx2") == std::string::npos);
}
