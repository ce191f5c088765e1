#include "common/base/result.h"

#include <iterator>

namespace jitfarm {
namespace {
struct Row {
  std::string_view name, text;
  Disposition disposition;
};
constexpr Row kRows[] = {
#define JF_ERROR(code, disposition, text) {#code, text, Disposition::disposition},
#include "common/base/errors.def"
#undef JF_ERROR
};
}  // namespace

std::string_view name(Errc code) { return kRows[static_cast<std::size_t>(code)].name; }
std::string_view text(Errc code) { return kRows[static_cast<std::size_t>(code)].text; }
Disposition disposition(Errc code) { return kRows[static_cast<std::size_t>(code)].disposition; }

std::optional<Errc> errc_named(std::string_view wanted) {
  for (std::size_t i = 0; i < std::size(kRows); ++i)
    if (kRows[i].name == wanted) return static_cast<Errc>(i);
  return std::nullopt;
}

std::string Error::message() const {
  std::string s{name(code)};
  s.append(": ").append(text(code));
  if (!detail.empty()) s.append(": ").append(detail);
  return s;
}

}  // namespace jitfarm
