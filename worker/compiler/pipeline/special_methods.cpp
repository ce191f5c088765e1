#include "worker/compiler/pipeline/special_methods.h"

#include <string_view>

#include "common/facts/fact_codec.h"

namespace jitfarm::worker::compiler {
namespace {

struct Special {
  std::string_view klass;
  std::string_view method;  ///< empty: every method of the class
  std::string_view why;
};

constexpr Special kSpecial[] = {
    // The VM replaces its return by one that registers objects with a finalizer; canonical code shows the plain one.
    {"java/lang/Object", "<init>", "registers finalizers"},
    // G1 must see the reads of Reference.referent, a private field: it may be about to clear it (HotSpot's own
    // compilers treat Reference.get as an intrinsic even when it is the method that they compile).
    {"java/lang/ref/Reference", "", "reads of a referent are seen by the collector"},
};

template <class T>
std::optional<T> read(const FactSource& facts, const facts::FactKey& key) {
  const facts::Fact* fact = facts.find(key);
  if (fact == nullptr) return std::nullopt;
  auto value = facts::decode_value<T>(*fact);
  if (!value) return std::nullopt;
  return std::move(*value);
}

}  // namespace

std::optional<code::Bailout> special_method(const code::CompileTask& task, const FactSource& facts) {
  const auto method = read<facts::MethodInfo>(facts, {facts::FactKind::method_info, task.method.value});
  if (!method) return std::nullopt;
  const auto holder = read<facts::ClassInfo>(facts, {facts::FactKind::class_info, method->holder.value});
  if (!holder) return std::nullopt;
  for (const Special& special : kSpecial)
    if (holder->name == special.klass && (special.method.empty() || method->name == special.method))
      return code::Bailout{code::BailoutReason::vm_special, std::string(special.why)};
  return std::nullopt;
}

}  // namespace jitfarm::worker::compiler
