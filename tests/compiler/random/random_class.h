// What would a person not think of? A class of random methods: loops, branches and array accesses
// in all combinations, from a seed.
#pragma once
#include <cstdint>
#include <string>

#include "common/base/bytes.h"

namespace jitfarm::tests::compiler {

/// A class file "Random<seed>" with `methods` static methods m0, m1, .. of type
/// (Random<seed>, int[], int[], byte[], double[], int, int) int, and fields `int number`, `int[]
/// array`. All of them end; all pass the JVM's type rules.
Bytes random_class(std::uint32_t seed, unsigned methods);

}  // namespace jitfarm::tests::compiler
