// Why is a method not compiled?
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace jitfarm::code {

enum class BailoutReason : std::uint8_t {
#define JF_BAILOUT(reason, text) reason,
#include "common/code/bailouts.def"
#undef JF_BAILOUT
  kCount,
};

struct Bailout {
  BailoutReason reason{};
  std::string detail;  ///< for people: bci, bytecode, name
};

std::string_view name(BailoutReason reason);
std::string_view text(BailoutReason reason);

}  // namespace jitfarm::code
