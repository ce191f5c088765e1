// How is JITFARM_TEST_FAULT read?
#include "worker/job/faults.h"

#include <algorithm>
#include <charconv>

namespace jitfarm::worker::job {

namespace {

/// "class_info:30"
Status parse_ask_more(std::string_view value, Faults& faults) {
  const std::string_view kind = value.substr(0, value.find(':'));
  const std::string_view percent = value.substr(std::min(value.size(), kind.size() + 1));
  const auto [end, error] =
      std::from_chars(percent.data(), percent.data() + percent.size(), faults.more_percent);
#define JF_FACT(id, kind_, record, lifetime, subject, index, detail, doc) \
  if (kind == #kind_) faults.more_kind = facts::FactKind::kind_;
#include "common/facts/facts.def"
#undef JF_FACT
  if (error != std::errc{} || end != percent.data() + percent.size() || percent.empty() ||
      faults.more_kind == facts::FactKind{})
    return fail(Errc::bad_configuration, "ask-more=" + std::string(value) + " is no KIND:PERCENT");
  return {};
}

}  // namespace

void MoreQuestions::add(SessionId session, std::vector<facts::FactKey>& keys) {
  if (percent_ == 0) return;
  const std::vector<facts::FactKey> asked = keys;
  for (const facts::FactKey& key : asked) {
    if (key.kind != kind_) continue;
    owed_ += percent_;
    before_.emplace_back(session, key);
    if (before_.size() > kBeforeMax) before_.pop_front();
  }
  for (const auto& [of, key] : before_) {
    if (owed_ < 100) break;
    if (of != session || std::ranges::find(keys, key) != keys.end()) continue;
    keys.push_back(key);
    owed_ -= 100;
  }
  std::ranges::sort(keys);
}

bool Faults::any() const {
  return !crash_on_method.empty() || garbage_result || out_of_range_sites || duplicate_result ||
         never_answer || late_result != Duration::zero() || other_version || more_percent != 0;
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
    } else if (name == "ask-more" && !value.empty()) {
      JF_CHECK_OK(parse_ask_more(value, faults));
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
