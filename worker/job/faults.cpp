// How is JITFARM_TEST_FAULT read?
#include "worker/job/faults.h"

#include <charconv>

namespace jitfarm::worker::job {

bool Faults::any() const {
  return !crash_on_method.empty() || garbage_result || out_of_range_sites || duplicate_result ||
         never_answer || late_result != Duration::zero() || other_version;
}

Result<Faults> parse_faults(std::string_view text) {
  Faults faults;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    const std::string_view name = item.substr(0, item.find('='));
    const std::string_view value =
        name.size() < item.size() ? item.substr(name.size() + 1) : std::string_view{};
    if (name == "crash-on-method" && !value.empty()) {
      faults.crash_on_method = value;
    } else if (name == "late-result" && !value.empty()) {
      std::uint32_t ms = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), ms);
      if (error != std::errc{} || end != value.data() + value.size())
        return fail(Errc::bad_configuration,
                    "late-result=" + std::string(value) + " is no number of milliseconds");
      faults.late_result = std::chrono::milliseconds(ms);
    } else if (item == "garbage-result") {
      faults.garbage_result = true;
    } else if (item == "out-of-range-sites") {
      faults.out_of_range_sites = true;
    } else if (item == "duplicate-result") {
      faults.duplicate_result = true;
    } else if (item == "never-answer") {
      faults.never_answer = true;
    } else if (item == "other-version") {
      faults.other_version = true;
    } else if (!item.empty()) {
      return fail(Errc::bad_configuration, "no such fault: " + std::string(item));
    }
  }
  return faults;
}

}  // namespace jitfarm::worker::job
