// How do the readers of untrusted bytecode report what does not check? As a bail-out of the method.
#pragma once
#include <expected>
#include <string>
#include <utility>

#include "common/code/bailout.h"

namespace jitfarm::worker::compiler::bytecode {

template <class T>
using Checked = std::expected<T, code::Bailout>;

inline std::unexpected<code::Bailout> bail(code::BailoutReason reason, std::string detail) {
  return std::unexpected(code::Bailout{reason, std::move(detail)});
}
inline std::unexpected<code::Bailout> malformed(std::string detail) {
  return bail(code::BailoutReason::malformed_bytecode, std::move(detail));
}

}  // namespace jitfarm::worker::compiler::bytecode
