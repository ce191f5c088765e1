#include "worker/compiler/frontend/special_methods.h"

#include <string>
#include <string_view>

namespace jitfarm::worker::compiler::frontend {
namespace {

struct Special {
  std::string_view klass;
  std::string_view method;  ///< empty: every method of the class
  std::string_view why;
};

constexpr Special kSpecial[] = {
    // The VM replaces its return by one that registers objects with a finalizer; canonical code shows the plain one.
    {"java/lang/Object", "<init>", "registers finalizers"},
};

}  // namespace

std::optional<code::Bailout> special_method(std::string_view klass, std::string_view method) {
  for (const Special& special : kSpecial)
    if (klass == special.klass && (special.method.empty() || method == special.method))
      return code::Bailout{code::BailoutReason::vm_special, std::string(special.why)};
  return std::nullopt;
}

}  // namespace jitfarm::worker::compiler::frontend
