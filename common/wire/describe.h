// What does a record or message look like? Said once; codec, docs, metrics and fuzz targets derive from it.
#pragma once
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace jitfarm::wire {

template <class Struct, class Member>
struct Field {
  std::string_view name;
  Member Struct::* pointer;
  std::string_view doc;
};
template <class S, class M>
constexpr Field<S, M> field(std::string_view name, M S::* pointer, std::string_view doc) {
  return {name, pointer, doc};
}

/// A struct inside messages. Encoded as an array in the order of the fields; fields are only ever
/// appended (an older peer ignores the surplus, a newer one keeps the default).
template <class... Fields>
struct RecordDescriptor {
  std::string_view name;
  std::string_view doc;
  std::tuple<Fields...> fields;
};
template <class... Fields>
constexpr RecordDescriptor<Fields...> record(std::string_view name, std::string_view doc, Fields... f) {
  return {name, doc, {f...}};
}

namespace detail {
struct AnyField {
  template <class T>
  operator T() const;  // never defined: only asked whether it could be
};
template <class T, class... A>
consteval std::size_t arity() {
  if constexpr (requires { T{std::declval<A>()..., std::declval<AnyField>()}; })
    return arity<T, A..., AnyField>();
  else
    return sizeof...(A);
}
}  // namespace detail

/// Number of members of an aggregate: a member without field() fails the build.
template <class T>
consteval std::size_t arity() {
  return detail::arity<T>();
}

template <class T>
concept Record = std::is_aggregate_v<T> && requires { T::kRecord.fields; };

}  // namespace jitfarm::wire
