#include "cli/run/java_options.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <map>

#include "cli/run/scratch_folder.h"

namespace jitfarm::cli {
namespace {

using Words = std::vector<std::string>;

Environment variables(std::map<std::string, std::string> set) {
  return [set](const char* name) {
    const auto it = set.find(name);
    return it == set.end() ? std::nullopt : std::optional(it->second);
  };
}

Words texts(const Words& arguments, const std::map<std::string, std::string>& environment = {}) {
  Words all;
  for (const auto& option : vm_options(arguments, variables(environment)))
    all.push_back(option.text);
  return all;
}

std::string file(const ScratchFolder& folder, const char* name, const std::string& text) {
  const auto path = folder / name;
  std::ofstream(path) << text;
  return path.string();
}

TEST_CASE("java options: the value of an option does not end the options") {
  for (const char* option :
       {"-cp", "-classpath", "--class-path", "-p", "--module-path", "--upgrade-module-path",
        "--add-modules", "--limit-modules", "--add-exports", "--add-opens", "--add-reads",
        "--patch-module", "--enable-native-access", "--source"}) {
    INFO(option);
    CHECK(texts({option, "value", "-XX:+UseZGC", "Main", "-Xint"}) == Words{"-XX:+UseZGC"});
  }
  CHECK(texts({"--class-path=value", "-XX:+UseZGC", "Main"}) ==
        Words{"--class-path=value", "-XX:+UseZGC"});
}

TEST_CASE("java options: main class, jar and module end the options") {
  CHECK(texts({"-Xmx1g", "Main", "-XX:+UseZGC"}) == Words{"-Xmx1g"});
  CHECK(texts({"-jar", "-Xmx1g", "app.jar", "-XX:+UseZGC"}) ==
        Words{"-jar", "-Xmx1g"});  // -jar takes no value: the file is what
  CHECK(texts({"-Xmx1g", "-m", "module/Main", "-XX:+UseZGC"}) == Words{"-Xmx1g"});
  CHECK(texts({"--module=module/Main", "-XX:+UseZGC"}).empty());
  CHECK(texts({}).empty());
  CHECK(texts({"-cp"}).empty());
}

TEST_CASE("java options: environment variables count, in HotSpot's order") {
  const std::map<std::string, std::string> set{{"JAVA_TOOL_OPTIONS", "-Da=1 '-Db=x y'"},
                                               {"JDK_JAVA_OPTIONS", "-cp x -Dc=2"},
                                               {"_JAVA_OPTIONS", "\"-Dd\"=3"}};
  CHECK(texts({"-De=4", "Main"}, set) == Words{"-Da=1", "-Db=x y", "-Dc=2", "-De=4", "-Dd=3"});
  std::map<std::string, bool> after_ours;
  for (const auto& option : vm_options({"-De=4", "Main"}, variables(set)))
    after_ours[option.source] = option.after_ours;
  CHECK(after_ours == std::map<std::string, bool>{{"JAVA_TOOL_OPTIONS", false},
                                                  {"JDK_JAVA_OPTIONS", false},
                                                  {"the command line", true},
                                                  {"_JAVA_OPTIONS", true}});
}

TEST_CASE("java options: argument files are read up to the main class") {
  auto folder = ScratchFolder::create().value();
  const auto options = file(folder, "options", "-cp \"a b\"  # the classes\n-XX:+UseZGC\n");
  CHECK(texts({"@" + options, "Main"}) == Words{"-XX:+UseZGC"});
  CHECK(texts({"-Xmx1g", "@" + options, "-Xms1g", "Main", "@" + options}) ==
        Words{"-Xmx1g", "-XX:+UseZGC", "-Xms1g"});
  CHECK(texts({"--disable-@files", "@" + options}) == Words{"--disable-@files"});
  CHECK(texts({"@@main", "-XX:+UseZGC"}).empty());
  CHECK(texts({"@/nonexistent/file", "-Xint", "Main"}) == Words{"-Xint"});
  const auto main = file(folder, "main", "-cp x Main -XX:+UseZGC");
  CHECK(texts({"@" + main, "-Xint"}).empty());
  const auto nested = file(folder, "nested", "@" + options + " -Xint");
  CHECK(texts({"@" + nested}).empty());  // no files in files: this is a main class
  CHECK(texts({"Main"}, {{"JDK_JAVA_OPTIONS", "@" + options}}) == Words{"-XX:+UseZGC"});
}

TEST_CASE("java options: a file of VM options is read in its place") {
  auto folder = ScratchFolder::create().value();
  const auto options = file(folder, "vm", "-XX:+UseZGC\n-Dx='a b'");
  CHECK(texts({"-Da", "-XX:VMOptionsFile=" + options, "-Db", "Main"}) ==
        Words{"-Da", "-XX:+UseZGC", "-Dx=a b", "-Db"});
}

TEST_CASE("java options: quotes, escapes, comments and continued lines of an argument file") {
  CHECK(argument_file_words("a  'b c'\t\"d\\te\" f'g'h\n") == Words{"a", "b c", "d\te", "fgh"});
  CHECK(argument_file_words("# only -Xint\n-Xmx1g # -Xint\n") == Words{"-Xmx1g"});
  CHECK(argument_file_words("a#b\n'c#d'") == Words{"c#d"});
  CHECK(argument_file_words("-cp \"a:\\\n   b\" Main") == Words{"-cp", "a:b", "Main"});
  CHECK(argument_file_words("c:\\dir '' \"\\\\\"") == Words{"c:\\dir", "", "\\"});
  CHECK(argument_file_words("'open\nnext") == Words{"open", "next"});
  CHECK(variable_words(" a 'b c'\"d\" \\n") == Words{"a", "b cd", "\\n"});
}

}  // namespace
}  // namespace jitfarm::cli
