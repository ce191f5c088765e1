#include "cli/run/obstacle.h"

#include <charconv>
#include <map>

namespace jitfarm::cli {
namespace {

/// What the options say in the end: the last one of each kind.
class Outcome {
 public:
  explicit Outcome(const std::vector<VmOption>& options) {
    for (const auto& option : options) take(option);
  }
  /// The option that decided about `flag`, or nothing.
  const VmOption* of(const std::string& flag) const {
    const auto it = last_.find(flag);
    return it == last_.end() ? nullptr : &it->second;
  }

 private:
  void take(const VmOption& option) {
    const std::string& text = option.text;
    if (text == "-Xint" || text == "-Xmixed" || text == "-Xcomp") {
      last_["mode"] = option;
    } else if (text.starts_with("-XX:+") || text.starts_with("-XX:-")) {
      last_[text.substr(5)] = option;
    } else if (text.starts_with("-XX:")) {
      last_[text.substr(4, text.find('=') - 4)] = option;
    }
  }
  std::map<std::string, VmOption> last_;
};

std::string as_written(const VmOption& option) { return option.text + " (" + option.source + ")"; }

}  // namespace

std::string obstacle(const std::vector<std::string>& arguments, const Environment& environment) {
  const Outcome outcome(vm_options(arguments, environment));
  for (const std::string collector : {"ZGC", "ShenandoahGC", "EpsilonGC"})
    if (const auto* use = outcome.of("Use" + collector); use && use->text.starts_with("-XX:+"))
      return collector +
             " is not supported; supported are SerialGC, ParallelGC and G1GC: " + as_written(*use);
  if (const auto* use = outcome.of("UseCompactObjectHeaders");
      use && use->text.starts_with("-XX:+"))
    return "compact object headers are not supported: " + as_written(*use);
  // Of JDK 21 and later; those before have locks of their own and neither option.
  if (const auto* mode = outcome.of("LockingMode"); mode && !mode->text.ends_with("=2"))
    return "of LockingMode only 2, the default, is supported: " + as_written(*mode);
  if (const auto* use = outcome.of("UseObjectMonitorTable"); use && use->text.starts_with("-XX:+"))
    return "UseObjectMonitorTable is not supported: " + as_written(*use);
  // Options before ours are overridden by ours.
  for (const char* flag : {"EnableJVMCI", "UseJVMCICompiler", "UseJVMCINativeLibrary"})
    if (const auto* off = outcome.of(flag);
        off && off->after_ours && off->text.starts_with("-XX:-"))
      return "the farm compiles through JVMCI, which is switched off: " + as_written(*off);
  if (const auto* mode = outcome.of("mode"); mode && mode->text == "-Xint")
    return "this JVM only interprets and never asks for a compilation: " + as_written(*mode);
  if (const auto* compiler = outcome.of("UseCompiler");
      compiler && compiler->text.starts_with("-XX:-"))
    return "this JVM only interprets and never asks for a compilation: " + as_written(*compiler);
  const std::string never = "the farm is HotSpot's fourth tier, which this JVM never reaches: ";
  if (const auto* stop = outcome.of("TieredStopAtLevel")) {
    const auto equals = stop->text.find('=');
    int level = 4;
    if (equals != std::string::npos)
      std::from_chars(stop->text.data() + equals + 1, stop->text.data() + stop->text.size(), level);
    if (level < 4) return never + as_written(*stop);
  }
  if (const auto* mode = outcome.of("CompilationMode"); mode && mode->text.ends_with("=quick-only"))
    return never + as_written(*mode);
  return {};
}

}  // namespace jitfarm::cli
