// Do the frame states of an image fit the methods that they speak of?
//
// Deoptimisation writes a frame state into an interpreter frame of the method's size without
// looking: a local too many is a write over somebody's stack. code::verify cannot know the methods;
// here they are known.
#pragma once
#include <functional>

#include "common/base/result.h"
#include "common/code/code_image.h"
#include "vmagent/hotspot/writer/backend.h"

namespace jitfarm::vmagent::install {

using BoundsOf = std::function<Result<hotspot::writer::MethodBounds>(MethodId)>;

/// invalid_code_image, naming site and frame; or what `bounds` failed with. The value is the most
/// bytes that the interpreter frames of one site take together, never less than HotSpot's own
/// figure.
Result<std::uint32_t> fit_frames(const code::CodeImage& image, const BoundsOf& bounds);

}  // namespace jitfarm::vmagent::install
