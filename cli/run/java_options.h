// Which options does the virtual machine get from a Java command line? Read as the launcher of JDK
// 17 reads it (libjli: args.c, java.c) and HotSpot the environment (Arguments::parse).
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jitfarm::cli {

/// The value of an environment variable, if it is set.
using Environment = std::function<std::optional<std::string>(const char* name)>;

/// That of this process.
std::optional<std::string> environment_variable(const char* name);

struct VmOption {
  std::string text;  ///< "-XX:+UseZGC", one word
  /// Where it is written: the command line, an environment variable, a file.
  std::string source;
  /// It comes after what `jitfarm run` adds right behind the launcher, and so wins over it.
  bool after_ours = false;
};

/// All words that are options, in the order in which HotSpot takes them: a later one wins.
/// `arguments` are those of java. Values of options ("-cp x"), the main class and what follows it
/// are not among them. Argument files, also those of -XX:VMOptionsFile, are read; one that cannot
/// be read counts as empty, the launcher has its own words for it.
std::vector<VmOption> vm_options(const std::vector<std::string>& arguments,
                                 const Environment& environment);

/// The words of a file of @file: separated by white space, quoted with ' or ", with escapes in
/// quotes and # comments.
std::vector<std::string> argument_file_words(std::string_view text);
/// The words of JDK_JAVA_OPTIONS, JAVA_TOOL_OPTIONS, _JAVA_OPTIONS and of a file of VM options: no
/// escapes.
std::vector<std::string> variable_words(std::string_view text);

}  // namespace jitfarm::cli
