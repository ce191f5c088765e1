#include "cli/run/obstacle.h"

#include <catch2/catch.hpp>

namespace jitfarm::cli {
namespace {

std::string with(std::vector<std::string> arguments, const std::string& variable = {},
                 const std::string& value = {}) {
  return obstacle(arguments, [&](const char* name) {
    return name == variable ? std::optional(value) : std::nullopt;
  });
}
bool says(const std::string& sentence, const std::string& part) {
  return sentence.find(part) != std::string::npos;
}

TEST_CASE(
    "obstacle: a collector that the farm does not know is found in the usual order of arguments") {
  CHECK(says(with({"-cp", "x", "-XX:+UseZGC", "Main"}), "ZGC is not supported"));
  CHECK(says(with({"-XX:+UseShenandoahGC", "Main"}), "-XX:+UseShenandoahGC (the command line)"));
  for (const char* variable : {"JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS"})
    CHECK(says(with({"Main"}, variable, "-XX:+UseZGC"),
               std::string("-XX:+UseZGC (") + variable + ")"));
  CHECK(with({"-cp", "x", "Main", "-XX:+UseZGC"}).empty());
  CHECK(with({"-XX:+UseZGC", "-XX:-UseZGC", "Main"}).empty());
  CHECK(with({"-XX:+UseZGC", "Main"}, "_JAVA_OPTIONS", "-XX:-UseZGC").empty());
  for (const char* fine : {"-XX:+UseG1GC", "-XX:+UseSerialGC", "-XX:+UseParallelGC"})
    CHECK(with({fine, "Main"}).empty());
  CHECK(says(with({"-XX:+UseCompactObjectHeaders", "Main"}), "compact object headers"));
  CHECK(says(with({"-XX:LockingMode=1", "Main"}), "LockingMode=1 ("));
  CHECK(with({"-XX:LockingMode=1", "-XX:LockingMode=2", "Main"}).empty());
  CHECK(
      says(with({"-XX:+UseObjectMonitorTable", "Main"}), "UseObjectMonitorTable is not supported"));
  CHECK(with({"-XX:-UseCompactObjectHeaders", "Main"}).empty());
}

TEST_CASE("obstacle: a JVM that never asks for the fourth tier is named") {
  CHECK(says(with({"-Xint", "Main"}), "only interprets"));
  CHECK(with({"-Xint", "-Xmixed", "Main"}).empty());
  for (const char* level : {"0", "1", "2", "3"})
    CHECK(says(with({std::string("-XX:TieredStopAtLevel=") + level, "Main"}), "fourth tier"));
  CHECK(with({"-XX:TieredStopAtLevel=4", "Main"}).empty());
  CHECK(says(with({"Main"}, "JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1"),
             "TieredStopAtLevel=1 (JAVA_TOOL_OPTIONS)"));
  CHECK(says(with({"-XX:CompilationMode=quick-only", "Main"}), "fourth tier"));
  CHECK(with({"-XX:CompilationMode=high-only", "Main"}).empty());
}

TEST_CASE("obstacle: JVMCI that the user switches off after our flags") {
  for (const char* flag :
       {"-XX:-EnableJVMCI", "-XX:-UseJVMCICompiler", "-XX:-UseJVMCINativeLibrary"}) {
    CHECK(says(with({flag, "Main"}), "switched off"));
    CHECK(says(with({"Main"}, "_JAVA_OPTIONS", flag), "switched off"));
    CHECK(with({"Main"}, "JAVA_TOOL_OPTIONS", flag).empty());  // ours come later and win
  }
  CHECK(with({"-XX:+EnableJVMCI", "Main"}).empty());
}

}  // namespace
}  // namespace jitfarm::cli
