// Which machine code do the methods of InstallProbe get? Encoded by hand, so that installing is
// tested without the compiler.
#pragma once
#include <optional>
#include <string_view>

#include "common/code/code_image.h"
#include "common/facts/vm_config.h"

namespace jitfarm::tests {

/// Ids of the callees that an image may name.
struct ProbeMethods {
  MethodId self, helper, base_m, shape_area, thrower, tail;
};

/// The image of InstallProbe.`method`; none for the others.
std::optional<code::CodeImage> probe_image(std::string_view method, const ProbeMethods& methods,
                                           const facts::VmConfig& vm);

}  // namespace jitfarm::tests
