// How do records become bytes and back? MessagePack arrays; blobs travel beside them, uncopied.
//
// Members may be: bool, integers, char, enum, Id, Digest, std::string, Bytes, Blob, std::optional,
// std::vector, std::array, Record. An enum travels as its number and must have a `kCount` or a function
// bool is_valid(E) beside it. A Blob travels as its position among the blobs of the message; positions ascend.
// No floating-point numbers: msgpack-cxx writes 2.0 as the integer 2 and -0.0 as 0. Send their bits.
//
// Evolution: fields are only appended. Fields that the sender did not know keep their defaults; what it
// appended beyond ours is skipped, with its blobs. Everything else that does not fit is an error: an
// integer or enum out of range, a wrong type, a dangling or repeated or unused blob, bytes left over.
#pragma once
#include <array>
#include <concepts>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/digest.h"
#include "common/base/id.h"
#include "common/base/result.h"
#include "common/wire/describe.h"
#include "common/wire/limits.h"
#include "common/wire/reader.h"
#include "common/wire/writer.h"

namespace jitfarm::wire {

/// A body and the blobs that it refers to by position.
struct Encoded {
  Bytes body;
  std::vector<Blob> blobs;
};

template <Record T>
Encoded encode(const T& value);

/// malformed_frame or limit_exceeded; the detail names the field: "compile_request.facts[3].key.kind: ..".
/// The blobs in the value share the owner of those in `blobs`.
template <Record T>
Result<T> decode(ByteView body, std::span<const Blob> blobs = {}, const Limits& limits = {});

/// Bytes of encode(value).body, without writing it.
template <Record T>
std::size_t encoded_size(const T& value);

namespace detail {

template <class T>
inline constexpr bool kIsId = false;
template <class Tag, class Rep>
inline constexpr bool kIsId<Id<Tag, Rep>> = true;
template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;
template <class T>
inline constexpr bool kIsArray = false;
template <class T, std::size_t N>
inline constexpr bool kIsArray<std::array<T, N>> = true;

template <class E>
concept Counted = requires { E::kCount; };
template <class E>
concept Checked = requires(E e) {
  { is_valid(e) } -> std::same_as<bool>;
};

template <class T>
void put(Writer& out, const T& value) {
  if constexpr (std::same_as<T, bool>) {
    out.boolean(value);
  } else if constexpr (std::is_enum_v<T>) {
    static_assert(Counted<T> || Checked<T>, "an enum on the wire needs kCount or is_valid()");
    put(out, static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::unsigned_integral<T>) {
    out.unsigned_integer(value);
  } else if constexpr (std::signed_integral<T>) {
    out.signed_integer(value);
  } else if constexpr (kIsId<T>) {
    put(out, value.value);
  } else if constexpr (std::same_as<T, Digest>) {
    out.binary(value.bytes);
  } else if constexpr (std::same_as<T, std::string>) {
    out.string(value);
  } else if constexpr (std::same_as<T, Bytes>) {
    out.binary(value);
  } else if constexpr (std::same_as<T, Blob>) {
    out.blob(value);
  } else if constexpr (kIsOptional<T>) {
    if (value)
      put(out, *value);
    else
      out.nil();
  } else if constexpr (kIsVector<T> || kIsArray<T>) {
    out.array(value.size());
    for (const auto& element : value) put(out, element);
  } else {
    static_assert(Record<T>, "this type has no encoding");
    out.array(std::tuple_size_v<decltype(T::kRecord.fields)>);
    std::apply([&](const auto&... f) { (put(out, value.*(f.pointer)), ...); }, T::kRecord.fields);
  }
}

/// A Reader, and the blobs of the message.
struct Source {
  Reader reader;
  std::span<const Blob> blobs;
  std::uint32_t next_blob = 0;       ///< lowest position that may come
  bool skipped_unknown_fields = false;  ///< then blobs may be left over, too
};

template <class T>
bool get(Source& in, T& value);

template <class T>
bool get_integer(Source& in, T& value) {
  if constexpr (std::is_unsigned_v<T>) {
    std::uint64_t wide;
    if (!in.reader.unsigned_integer(wide, std::numeric_limits<T>::max())) return false;
    value = static_cast<T>(wide);
  } else {
    std::int64_t wide;
    if (!in.reader.signed_integer(wide, std::numeric_limits<T>::min(), std::numeric_limits<T>::max())) return false;
    value = static_cast<T>(wide);
  }
  return true;
}

template <class T>
bool get_enum(Source& in, T& value) {
  std::underlying_type_t<T> number;
  if (!get_integer(in, number)) return false;
  const auto candidate = static_cast<T>(number);
  bool valid;
  if constexpr (Counted<T>)
    valid = number >= 0 && number < static_cast<std::underlying_type_t<T>>(T::kCount);
  else
    valid = is_valid(candidate);
  if (!valid) return in.reader.fail(Errc::malformed_frame, std::to_string(number) + " names nothing in this enumeration");
  value = candidate;
  return true;
}

inline bool get_blob(Source& in, Blob& value) {
  std::uint64_t position;
  if (!in.reader.unsigned_integer(position, std::numeric_limits<std::uint32_t>::max())) return false;
  if (position >= in.blobs.size())
    return in.reader.fail(Errc::malformed_frame,
                          "blob " + std::to_string(position) + " of a message with " + std::to_string(in.blobs.size()));
  if (position < in.next_blob)
    return in.reader.fail(Errc::malformed_frame, "blob " + std::to_string(position) + " is used twice or out of order");
  if (position > in.next_blob && !in.skipped_unknown_fields)
    return in.reader.fail(Errc::malformed_frame, "blob " + std::to_string(in.next_blob) + " is not used");
  in.next_blob = static_cast<std::uint32_t>(position) + 1;
  value = in.blobs[position];
  return true;
}

template <class T>
bool get_elements(Source& in, T& value, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!get(in, value[i])) [[unlikely]] {
      in.reader.prefix("[" + std::to_string(i) + "]");
      return false;
    }
  }
  return true;
}

/// One field; on failure the error gets the field's name before it.
template <class T, class F>
bool get_field(Source& in, T& value, const F& field, std::uint32_t& left) {
  if (left == 0) return true;  // an older sender
  --left;
  if (get(in, value.*(field.pointer))) [[likely]] return true;
  in.reader.prefix(field.name);
  in.reader.prefix(".");
  return false;
}

template <Record T>
bool get_record(Source& in, T& value) {
  std::uint32_t left;
  if (!in.reader.enter_array(left, 0)) return false;
  const bool ok = std::apply([&](const auto&... f) { return (get_field(in, value, f, left) && ...); }, T::kRecord.fields);
  if (!ok) return false;
  for (; left > 0; --left) {  // a newer sender
    in.skipped_unknown_fields = true;
    if (!in.reader.skip()) return false;
  }
  return true;
}

template <class T>
bool get(Source& in, T& value) {
  if constexpr (std::same_as<T, bool>) {
    return in.reader.boolean(value);
  } else if constexpr (std::is_enum_v<T>) {
    return get_enum(in, value);
  } else if constexpr (std::integral<T>) {
    return get_integer(in, value);
  } else if constexpr (kIsId<T>) {
    return get_integer(in, value.value);
  } else if constexpr (std::same_as<T, Digest>) {
    ByteView view;
    if (!in.reader.binary(view)) return false;
    if (view.size() != value.bytes.size())
      return in.reader.fail(Errc::malformed_frame, "digest of " + std::to_string(view.size()) + " bytes");
    std::memcpy(value.bytes.data(), view.data(), view.size());
    return true;
  } else if constexpr (std::same_as<T, std::string>) {
    std::string_view view;
    if (!in.reader.string(view)) return false;
    value = view;
    return true;
  } else if constexpr (std::same_as<T, Bytes>) {
    ByteView view;
    if (!in.reader.binary(view)) return false;
    value.assign(view.begin(), view.end());
    return true;
  } else if constexpr (std::same_as<T, Blob>) {
    return get_blob(in, value);
  } else if constexpr (kIsOptional<T>) {
    if (in.reader.nil()) {
      value.reset();
      return true;
    }
    return get(in, value.emplace());
  } else if constexpr (kIsVector<T>) {
    std::uint32_t count;
    if (!in.reader.enter_array(count, sizeof(typename T::value_type))) return false;
    value.clear();
    value.resize(count);
    return get_elements(in, value, count);
  } else if constexpr (kIsArray<T>) {
    std::uint32_t count;
    if (!in.reader.enter_array(count, 0)) return false;
    if (count != value.size())
      return in.reader.fail(Errc::malformed_frame,
                            "array of " + std::to_string(count) + " elements instead of " + std::to_string(value.size()));
    return get_elements(in, value, count);
  } else {
    return get_record(in, value);
  }
}

/// The checks before and after a record; not in decode(), which is instantiated for every message.
Status check_frames(std::string_view record, ByteView body, std::span<const Blob> blobs, const Limits& limits);
Status check_consumed(std::string_view record, const Source& in);

}  // namespace detail

template <Record T>
std::size_t encoded_size(const T& value) {
  Writer writer;
  detail::put(writer, value);
  return writer.size();
}

template <Record T>
Encoded encode(const T& value) {
  Encoded out;
  out.body.resize(encoded_size(value));
  Writer writer(out.body.data(), out.blobs);
  detail::put(writer, value);
  return out;
}

template <Record T>
Result<T> decode(ByteView body, std::span<const Blob> blobs, const Limits& limits) {
  static_assert(arity<T>() == std::tuple_size_v<decltype(T::kRecord.fields)>, "a member is missing from kRecord");
  JF_CHECK_OK(detail::check_frames(T::kRecord.name, body, blobs, limits));
  detail::Source in{Reader(body, limits), blobs};
  Result<T> value;
  if (!detail::get_record(in, *value)) return std::unexpected(in.reader.take_error(T::kRecord.name));
  JF_CHECK_OK(detail::check_consumed(T::kRecord.name, in));
  return value;
}

}  // namespace jitfarm::wire
