// Does the client's processor have a feature? VmConfig::cpu_features is an LLVM feature string,
// "+avx2,+bmi".
#pragma once
#include <algorithm>
#include <string_view>

namespace jitfarm::facts {

/// `name` without the plus sign.
constexpr bool has_feature(std::string_view features, std::string_view name) {
  while (!features.empty()) {
    const std::string_view token = features.substr(0, features.find(','));
    if (token.starts_with('+') && token.substr(1) == name) return true;
    features.remove_prefix(std::min(token.size() + 1, features.size()));
  }
  return false;
}

}  // namespace jitfarm::facts
