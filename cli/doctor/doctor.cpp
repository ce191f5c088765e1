#include "cli/doctor/doctor.h"

#include "cli/run/jdk.h"
#include "cli/run/jvm_command.h"
#include "cli/run/obstacle.h"
#include "cli/run/run.h"

namespace jitfarm::cli {

Diagnosis diagnose(const std::vector<std::string>& command, const Environment& environment) {
  Diagnosis diagnosis;
  const auto line = [&](const std::string& what, const std::string& text) {
    diagnosis.text += "  " + what + ": " + text + "\n";
  };
  const auto jdk = find_jdk(command.front());
  if (!jdk) {
    diagnosis.text = command.front() + "\n";
    line("no", jdk.error().detail);
    return diagnosis;
  }
  diagnosis.text = jdk->java.string() + ": JDK " + jdk->version + "\n";
  diagnosis.works = true;
  const auto refuse = [&](const std::string& why) {
    diagnosis.works = false;
    line("no", why);
  };
  if (const auto supported = check_supported(*jdk); !supported) refuse(supported.error().detail);
  if (const std::string why = obstacle({command.begin() + 1, command.end()}, environment);
      !why.empty())
    refuse(why);
  const auto installation = find_installation(false);
  if (!installation) refuse(installation.error().detail);
  if (!diagnosis.works) return diagnosis;
  line("yes", "jitfarm run works with it");
  const RunOptions defaults;
  std::string flags;
  for (const std::string& word :
       with_farm_flags({command.front()}, *jdk, installation->agent, defaults.jvm_threads))
    if (word.starts_with('-')) flags += (flags.empty() ? "" : " ") + word;
  line("flags", flags);
  line("start", archive_note(*jdk));
  return diagnosis;
}

}  // namespace jitfarm::cli
