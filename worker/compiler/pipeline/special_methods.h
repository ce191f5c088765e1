// Which methods mean more to the VM than their bytecode says?
#pragma once
#include <optional>

#include "common/code/bailout.h"
#include "common/code/compile_task.h"
#include "worker/compiler/compiler.h"

namespace jitfarm::worker::compiler {

/// Why the root method must not be compiled from its bytecode, if it is one of those. Nothing while the facts
/// that name the method are missing.
std::optional<code::Bailout> special_method(const code::CompileTask& task, const FactSource& facts);

}  // namespace jitfarm::worker::compiler
