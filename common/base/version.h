// Which build is this?
#pragma once
#include <string_view>

namespace jitfarm {

/// The version of the project, "0.1.0": for people and logs, never compared.
std::string_view build();

}  // namespace jitfarm
