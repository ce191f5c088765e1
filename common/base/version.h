// Which build is this?
#pragma once
#include <string_view>

namespace jitfarm {

/// The version of the project, and the commit when it was built from a clone, as of the last run of
/// CMake: "0.1.0+3203c83bb0". For people and logs, never compared. Programs and rooms that ask link
/// jf_version.
std::string_view build();

}  // namespace jitfarm
