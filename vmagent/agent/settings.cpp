#include "vmagent/agent/settings.h"

#include <charconv>
#include <cstdlib>

namespace jitfarm::vmagent::agent {

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool same(char a, char b) { return a == b || ((a == '.' || a == '/') && (b == '.' || b == '/')); }

bool matches(std::string_view pattern, std::string_view text) {
  // Iterative, one star remembered: patterns come from users, and nothing may take exponential time
  // in a compiler thread.
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && same(pattern[p], text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace

Settings read_settings() {
  Settings s;
  s.coordinator = variable("JITFARM_COORDINATOR");
  s.stats_file = variable("JITFARM_STATS_FILE");
  if (const std::string text = variable("JITFARM_DEADLINE_MS"); !text.empty()) {
    int ms = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
    if (error == std::errc{} && end == text.data() + text.size() && ms >= 1 && ms <= 600'000)
      s.deadline = std::chrono::milliseconds(ms);
    else
      s.problems.push_back("JITFARM_DEADLINE_MS is '" + text +
                           "': a number from 1 to 600000 is needed");
  }
  if (const std::string fault = variable("JITFARM_TEST_AGENT_FAULT"); fault == "other-version")
    s.other_version = true;
  else if (!fault.empty())
    s.problems.push_back("JITFARM_TEST_AGENT_FAULT: no such fault: " + fault);
  if (const std::string asked = variable("JITFARM_UNPROVED_JDK"); asked == "1")
    s.unproved_jdk = true;
  else if (!asked.empty())
    s.problems.push_back("JITFARM_UNPROVED_JDK is '" + asked + "': 1 is needed");
  const std::string exclude = variable("JITFARM_EXCLUDE");
  for (std::size_t begin = 0; begin < exclude.size();) {
    const std::size_t end = std::min(exclude.find(',', begin), exclude.size());
    if (end > begin) s.exclude.push_back(exclude.substr(begin, end - begin));
    begin = end + 1;
  }
  return s;
}

bool is_excluded(const std::vector<std::string>& patterns, std::string_view klass,
                 std::string_view method) {
  for (const std::string& pattern : patterns) {
    const std::string_view p = pattern;
    const std::size_t colons = p.find("::");
    if (!matches(p.substr(0, colons), klass)) continue;
    if (colons == std::string_view::npos || matches(p.substr(colons + 2), method)) return true;
  }
  return false;
}

}  // namespace jitfarm::vmagent::agent
