#include "worker/compiler/pipeline/method_name.h"

#include <utility>

#include "common/facts/fact_codec.h"

namespace jitfarm::worker::compiler {
namespace {

template <class T>
std::optional<T> read(const FactSource& facts, const facts::FactKey& key) {
  const facts::Fact* fact = facts.find(key);
  if (fact == nullptr) return std::nullopt;
  auto value = facts::decode_value<T>(*fact);
  if (!value) return std::nullopt;
  return std::move(*value);
}

}  // namespace

std::optional<MethodName> method_name(const code::CompileTask& task, const FactSource& facts) {
  auto method = read<facts::MethodInfo>(facts, {facts::FactKind::method_info, task.method.value});
  if (!method) return std::nullopt;
  auto holder = read<facts::ClassInfo>(facts, {facts::FactKind::class_info, method->holder.value});
  if (!holder) return std::nullopt;
  return MethodName{std::move(holder->name), std::move(method->name), std::move(method->descriptor)};
}

}  // namespace jitfarm::worker::compiler
