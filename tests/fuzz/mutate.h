// How is a valid input damaged? Repeats from its seed.
#pragma once
#include "tests/fuzz/targets.h"
#include "tests/support/random_value.h"

namespace jitfarm::fuzz {

/// Damages `input` in one to four places: bits, bytes, headers that announce huge sizes, cuts,
/// insertions, moved chunks, and blobs lost, doubled, swapped or damaged.
void mutate(test::Random& random, Input& input);

}  // namespace jitfarm::fuzz
