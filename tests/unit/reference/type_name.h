// What is a member's type called in the reference pages, and which values has an enum? Read from
// the compiler, so said nowhere twice.
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "common/wire/codec.h"

namespace jitfarm::reference {

template <auto V>
constexpr std::string_view pretty() {
  return __PRETTY_FUNCTION__;
}
template <class T>
constexpr std::string_view pretty_type() {
  return __PRETTY_FUNCTION__;
}

/// The part between "[x = " and "]", without namespaces.
constexpr std::string_view last_name(std::string_view pretty) {
  pretty = pretty.substr(pretty.rfind(" = ") + 3);
  pretty.remove_suffix(1);
  const std::size_t colon = pretty.rfind(':');
  return colon == std::string_view::npos ? pretty : pretty.substr(colon + 1);
}

/// "SiteKind" -> "site_kind"
inline std::string snake(std::string_view camel) {
  std::string out;
  for (char c : camel) {
    if (c >= 'A' && c <= 'Z') {
      if (!out.empty()) out += '_';
      c = static_cast<char>(c - 'A' + 'a');
    }
    out += c;
  }
  return out;
}

struct Enumerator {
  int value;
  std::string name;
};

/// Clang prints an enumerator as "E::name" and any other value as "(E)7".
template <class E>
std::vector<Enumerator> enumerators() {
  std::vector<Enumerator> all;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    const auto add = [&](std::size_t value, std::string_view text) {
      if (text.find('(', text.rfind(" = ")) != std::string_view::npos) return;
      std::string name(last_name(text));
      if (name == "kCount") return;
      if (name.ends_with('_')) name.pop_back();  // int_, operator_: a keyword without it
      all.push_back({static_cast<int>(value), std::move(name)});
    };
    (add(I, pretty<static_cast<E>(I)>()), ...);
  }(std::make_index_sequence<64>());
  return all;
}

template <class T>
std::string type_name() {
  using namespace wire::detail;
  if constexpr (std::same_as<T, bool>) {
    return "bool";
  } else if constexpr (std::is_enum_v<T>) {
    return snake(last_name(pretty_type<T>()));
  } else if constexpr (std::integral<T>) {
    return (std::is_signed_v<T> ? "i" : "u") + std::to_string(8 * sizeof(T));
  } else if constexpr (kIsId<T>) {
    std::string text(pretty_type<T>());
    text = text.substr(0, text.rfind("Tag"));
    return snake(text.substr(text.rfind(':') + 1)) + "_id";
  } else if constexpr (std::same_as<T, Digest>) {
    return "digest";
  } else if constexpr (std::same_as<T, std::string>) {
    return "string";
  } else if constexpr (std::same_as<T, Bytes>) {
    return "bytes";
  } else if constexpr (std::same_as<T, Blob>) {
    return "blob";
  } else if constexpr (kIsOptional<T>) {
    return type_name<typename T::value_type>() + ", or nil";
  } else if constexpr (kIsVector<T>) {
    return "list of " + type_name<typename T::value_type>();
  } else if constexpr (kIsArray<T>) {
    return std::to_string(std::tuple_size_v<T>) + " of " + type_name<typename T::value_type>();
  } else {
    return std::string(T::kRecord.name);
  }
}

/// Calls f<T>() for the record or enum inside optional, vector and array; not for plain values.
template <class T, class F>
void visit_inner(F&& f) {
  using namespace wire::detail;
  if constexpr (kIsOptional<T> || kIsArray<T> || (kIsVector<T> && !std::same_as<T, Bytes>))
    visit_inner<typename T::value_type>(f);
  else if constexpr (std::is_enum_v<T> || wire::Record<T>)
    f.template operator()<T>();
}

}  // namespace jitfarm::reference
