#include "cli/replay/bundle_text.h"

#include <fmt/format.h>

#include <ranges>
#include <type_traits>

#include "common/facts/fact_codec.h"

namespace jitfarm::cli {
namespace {

constexpr std::string_view kIndent = "  ";

template <wire::Record T>
std::string record_text(const T& record);

/// A member of a record as text. Members that say nothing (0, false, empty) are left out of their
/// record.
template <class T>
std::string member_text(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "";
  } else if constexpr (std::is_same_v<T, char>) {
    return value == 0 ? "" : std::string(1, value);
  } else if constexpr (std::is_enum_v<T>) {
    return fmt::to_string(static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::is_integral_v<T>) {
    return value == 0 ? "" : fmt::to_string(value);
  } else if constexpr (requires { value.value; }) {
    return member_text(value.value);
  } else if constexpr (std::is_same_v<T, Digest>) {
    return value ? value.hex() : "";
  } else if constexpr (requires { value.begin()->kRecord; }) {  // a list of records
    std::string text;
    for (const auto& record : value) text += fmt::format("{{{}}}", record_text(record).substr(1));
    return text;
  } else if constexpr (std::is_same_v<T, std::string>) {
    return value;
  } else {
    static_assert(std::ranges::range<T>,
                  "a fact's value has a member of another type: say how it is printed");
    std::string text;
    for (const auto& element : value) {
      const std::string one = member_text(element);
      text += (text.empty() ? "" : ",") + (one.empty() ? "0" : one);
    }
    return text;
  }
}

template <wire::Record T>
std::string record_text(const T& record) {
  std::string text;
  std::apply(
      [&](const auto&... fields) {
        const auto add = [&](std::string_view name, const std::string& value) {
          if (!value.empty()) text += fmt::format(" {}={}", name, value);
        };
        (add(fields.name, member_text(record.*(fields.pointer))), ...);
      },
      T::kRecord.fields);
  return text;
}

template <wire::Record T>
std::string value_text(const facts::Fact& fact) {
  const auto value = facts::decode_value<T>(fact);
  return value ? record_text(*value) : " " + value.error().message();
}

std::string fact_text(const facts::Fact& fact) {
  const auto& key = fact.key;
  std::string text = fmt::format("{} {} index {} detail {}:", facts::name(key.kind), key.subject,
                                 key.index, key.detail);
  if (!fact.known) return text + " not known";
  switch (key.kind) {
#define JF_FACT(id, kind, value, lifetime, subject, index, detail, doc) \
  case facts::FactKind::kind:                                           \
    return text + value_text<facts::value>(fact);
#include "common/facts/facts.def"
#undef JF_FACT
  }
  return text;
}

}  // namespace

std::string bundle_text(const code::ReplayBundle& bundle) {
  std::string text = fmt::format("{}\n{}method {} entry bci {}", bundle.method, kIndent,
                                 bundle.task.method.value, bundle.task.entry_bci);
  for (std::size_t reason = 0; reason < bundle.task.trap_history.size(); ++reason)
    if (const int traps = bundle.task.trap_history[reason]; traps != 0)
      text += fmt::format(", {} traps of reason {}", traps, reason);
  text += fmt::format("\n{} facts\n", bundle.facts.size());
  for (const facts::Fact& fact : bundle.facts)
    text += fmt::format("{}{}\n", kIndent, fact_text(fact));
  text += fmt::format("{} shapes\n", bundle.shapes.size());
  for (const facts::ShapeBytes& shape : bundle.shapes)
    text += fmt::format("{}{} {} bytes\n", kIndent, shape.digest.hex(), shape.bytes.size());
  text += "recorded result: ";
  return text + (bundle.bailout.empty() ? "image " + bundle.image.hex() : bundle.bailout) + "\n";
}

}  // namespace jitfarm::cli
