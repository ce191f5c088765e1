// What else could stand in this record? Fills any described value with random content, from a seed.
#pragma once
#include <array>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "common/wire/codec.h"

namespace jitfarm::test {

/// A seeded source of random values. Print the seed in every test that uses one (INFO).
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t bits() { return engine_(); }
  /// 0..bound-1
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }
  bool one_in(std::size_t n) { return below(n) == 0; }

 private:
  std::mt19937_64 engine_;
};

/// Every valid value of an enum that travels.
template <class E>
std::vector<E> enumerators() {
  std::vector<E> all;
  for (int i = 0; i <= std::numeric_limits<std::underlying_type_t<E>>::max() && i < 256; ++i) {
    const auto e = static_cast<E>(i);
    if constexpr (wire::detail::Counted<E>) {
      if (e < E::kCount) all.push_back(e);
    } else {
      if (is_valid(e)) all.push_back(e);
    }
  }
  return all;
}

/// Numbers of every magnitude, so that every width of the encoding comes up.
template <std::integral T>
T random_integer(Random& random) {
  switch (random.below(8)) {
    case 0:
      return 0;
    case 1:
      return std::numeric_limits<T>::max();
    case 2:
      return std::numeric_limits<T>::min();
    default:
      return static_cast<T>(random.bits() >> random.below(64));
  }
}

/// `value` with random content. Nested containers shrink, so that a record stays small.
template <class T>
void randomise(Random& random, T& value, std::size_t size_max = 6) {
  if constexpr (std::same_as<T, bool>) {
    value = random.one_in(2);
  } else if constexpr (std::is_enum_v<T>) {
    static const std::vector<T> kAll = enumerators<T>();
    value = kAll[random.below(kAll.size())];
  } else if constexpr (std::integral<T>) {
    value = random_integer<T>(random);
  } else if constexpr (wire::detail::kIsId<T>) {
    value.value = random_integer<typename T::rep>(random);
  } else if constexpr (std::same_as<T, Digest>) {
    for (auto& b : value.bytes) b = static_cast<std::uint8_t>(random.bits());
  } else if constexpr (std::same_as<T, std::string>) {
    value.resize(random.one_in(8) ? random.below(70'000) : random.below(40));
    for (char& c : value) c = static_cast<char>('a' + random.below(26));
  } else if constexpr (std::same_as<T, Bytes>) {
    value.resize(random.one_in(8) ? random.below(70'000) : random.below(40));
    for (auto& b : value) b = static_cast<std::uint8_t>(random.bits());
  } else if constexpr (std::same_as<T, Blob>) {
    Bytes bytes;
    randomise(random, bytes);
    value = Blob(std::move(bytes));
  } else if constexpr (wire::detail::kIsOptional<T>) {
    if (random.one_in(2))
      value.reset();
    else
      randomise(random, value.emplace(), size_max);
  } else if constexpr (wire::detail::kIsVector<T>) {
    value.clear();
    value.resize(random.one_in(6) && size_max == 6
                     ? 20
                     : random.below(size_max + 1));  // 16 and more have another header
    for (auto& element : value) randomise(random, element, size_max / 2);
  } else if constexpr (wire::detail::kIsArray<T>) {
    for (auto& element : value) randomise(random, element, size_max / 2);
  } else {
    std::apply([&](const auto&... f) { (randomise(random, value.*(f.pointer), size_max), ...); },
               T::kRecord.fields);
  }
}

template <wire::Record T>
T random_record(Random& random) {
  T value{};
  randomise(random, value);
  return value;
}

}  // namespace jitfarm::test
