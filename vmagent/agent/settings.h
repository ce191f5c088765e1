// What did the user ask the agent for? The environment, read once.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"

namespace jitfarm::vmagent::agent {

struct Settings {
  std::string coordinator;  ///< JITFARM_COORDINATOR, "tcp://host:port"; empty: the agent stays idle
  Duration deadline =
      std::chrono::seconds(10);  ///< JITFARM_DEADLINE_MS, of one compilation; 1 ms to 10 minutes
  std::string stats_file;        ///< JITFARM_STATS_FILE; empty: counts are not kept
  std::vector<std::string> exclude;  ///< JITFARM_EXCLUDE, see is_excluded
  bool unproved_jdk = false;         ///< JITFARM_UNPROVED_JDK=1: a JDK in the making, too
  /// JITFARM_TEST_AGENT_FAULT=other-version: the hello names a version that nobody speaks
  /// (docs/how-to/inject-faults.md).
  bool other_version = false;
  std::vector<std::string>
      problems;  ///< sentences about variables that are wrong; their defaults stand
};
Settings read_settings();

/// `patterns`: "java.util.*" (classes), "Foo::bar", "*::toString"; '*' is any text, '/' and '.' are
/// the same, a pattern without "::" means all methods of the classes. `klass` is "java/util/List",
/// `method` a name.
bool is_excluded(const std::vector<std::string>& patterns, std::string_view klass,
                 std::string_view method);

}  // namespace jitfarm::vmagent::agent
