#include "worker/compiler/bytecode/descriptor.h"

#include <algorithm>

namespace jitfarm::worker::compiler::bytecode {
namespace {

constexpr std::size_t kArrayDimensionsMax = 255;  // JVMS 4.3.2

/// Takes one field type off the front of `text`.
std::optional<TypeChar> take_field_type(std::string_view& text) {
  const std::size_t dimensions = array_dimensions(text);
  if (dimensions > kArrayDimensionsMax) return std::nullopt;
  text.remove_prefix(dimensions);
  if (text.empty()) return std::nullopt;
  const char element = text.front();
  switch (element) {
    case 'B':
    case 'C':
    case 'D':
    case 'F':
    case 'I':
    case 'J':
    case 'S':
    case 'Z':
      text.remove_prefix(1);
      break;
    case 'L': {
      const std::size_t end = text.find(';');
      if (end == std::string_view::npos || end == 1) return std::nullopt;
      text.remove_prefix(end + 1);
      break;
    }
    default:
      return std::nullopt;
  }
  return dimensions > 0 ? '[' : element;
}

}  // namespace

std::size_t array_dimensions(std::string_view text) {
  return std::min(text.find_first_not_of('['), text.size());
}

std::optional<TypeChar> parse_field_descriptor(std::string_view text) {
  const std::optional<TypeChar> type = take_field_type(text);
  return text.empty() ? type : std::nullopt;
}

std::optional<MethodDescriptor> parse_method_descriptor(std::string_view text) {
  if (!text.starts_with('(')) return std::nullopt;
  text.remove_prefix(1);
  MethodDescriptor result;
  std::size_t slots = 0;
  while (!text.starts_with(')')) {
    const std::optional<TypeChar> type = take_field_type(text);
    if (!type) return std::nullopt;
    slots += *type == 'J' || *type == 'D' ? 2 : 1;
    if (slots > kParameterSlotsMax) return std::nullopt;
    result.parameters.push_back(*type);
  }
  text.remove_prefix(1);
  if (text == "V") return result;
  const std::optional<TypeChar> type = parse_field_descriptor(text);
  if (!type) return std::nullopt;
  result.result = *type;
  return result;
}

}  // namespace jitfarm::worker::compiler::bytecode
