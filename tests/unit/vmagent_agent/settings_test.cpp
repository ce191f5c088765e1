// Does the environment mean what its description says?
#include "vmagent/agent/settings.h"

#include <catch2/catch.hpp>
#include <cstdlib>

namespace jitfarm::vmagent::agent {
namespace {

using namespace std::chrono_literals;

TEST_CASE("settings: patterns name classes, packages and methods") {
  const std::vector<std::string> patterns{"java.util.*", "com/acme/Foo::bar", "*::toString",
                                          "Main"};
  CHECK(is_excluded(patterns, "java/util/List", "add"));
  CHECK(is_excluded(patterns, "java/util/concurrent/Phaser", "arrive"));
  CHECK_FALSE(is_excluded(patterns, "java/utility/List", "add"));
  CHECK(is_excluded(patterns, "com/acme/Foo", "bar"));
  CHECK_FALSE(is_excluded(patterns, "com/acme/Foo", "bars"));
  CHECK(is_excluded(patterns, "any/Thing", "toString"));
  CHECK(is_excluded(patterns, "Main", "main"));
  CHECK_FALSE(is_excluded(patterns, "Main2", "main"));
  CHECK_FALSE(is_excluded({}, "Main", "main"));
}

TEST_CASE("settings: a hostile pattern costs no more than its length times the text's") {
  const std::string stars(200, '*');
  std::string pattern;
  for (int i = 0; i < 60; ++i) pattern += "a*";
  CHECK_FALSE(is_excluded({pattern + "b"}, std::string(60'000, 'a'), "m"));
  CHECK(is_excluded({stars}, "x/Y", "m"));
}

TEST_CASE("settings: a wrong number is named and its default stands") {
  ::setenv("JITFARM_DEADLINE_MS", "soon", 1);
  Settings s = read_settings();
  CHECK(s.deadline == 10s);
  REQUIRE(s.problems.size() == 1);
  CHECK(s.problems[0].find("JITFARM_DEADLINE_MS") != std::string::npos);
  ::setenv("JITFARM_DEADLINE_MS", "250", 1);
  ::setenv("JITFARM_EXCLUDE", "a.*,,b::c,", 1);
  s = read_settings();
  CHECK(s.deadline == 250ms);
  CHECK(s.problems.empty());
  CHECK(s.exclude == std::vector<std::string>{"a.*", "b::c"});
  CHECK_FALSE(s.other_version);
  ::setenv("JITFARM_TEST_AGENT_FAULT", "other-version", 1);
  CHECK(read_settings().other_version);
  ::setenv("JITFARM_TEST_AGENT_FAULT", "none-such", 1);
  CHECK(read_settings().problems.size() == 1);
  ::unsetenv("JITFARM_TEST_AGENT_FAULT");
  CHECK_FALSE(read_settings().unproved_jdk);
  ::setenv("JITFARM_UNPROVED_JDK", "yes", 1);
  CHECK(read_settings().problems.size() == 1);
  CHECK_FALSE(read_settings().unproved_jdk);
  ::setenv("JITFARM_UNPROVED_JDK", "1", 1);
  CHECK(read_settings().unproved_jdk);
  ::unsetenv("JITFARM_UNPROVED_JDK");
  ::unsetenv("JITFARM_DEADLINE_MS");
  ::unsetenv("JITFARM_EXCLUDE");
}

}  // namespace
}  // namespace jitfarm::vmagent::agent
