// What does a descriptor say? JVMS 4.3.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

namespace jitfarm::worker::compiler::bytecode {

/// A field type by its first character: B C D F I J S Z, L (class) or [ (array).
using TypeChar = char;

struct MethodDescriptor {
  std::vector<TypeChar> parameters;
  TypeChar result = 'V';  ///< V: void
};

inline constexpr std::size_t kParameterSlotsMax = 255;  // JVMS 4.11, receiver included

/// Nothing when the text is not one valid field descriptor.
std::optional<TypeChar> parse_field_descriptor(std::string_view text);

/// Nothing when the text is not valid or has more than 255 parameter slots.
std::optional<MethodDescriptor> parse_method_descriptor(std::string_view text);

/// Dimensions of an array descriptor or array class name: leading '['.
std::size_t array_dimensions(std::string_view text);

}  // namespace jitfarm::worker::compiler::bytecode
