// What is the method called that is being compiled?
#pragma once
#include <optional>
#include <string>

#include "common/code/compile_task.h"
#include "worker/compiler/compiler.h"

namespace jitfarm::worker::compiler {

struct MethodName {
  std::string klass;  ///< internal form
  std::string name;
  std::string descriptor;
  /// "java/lang/String.hashCode()I"
  std::string text() const { return klass + "." + name + descriptor; }
};

/// Nothing while the facts that name it are missing.
std::optional<MethodName> method_name(const code::CompileTask& task, const FactSource& facts);

}  // namespace jitfarm::worker::compiler
