// Which methods mean more to the VM than their bytecode says?
#pragma once
#include <optional>

#include "common/code/bailout.h"
#include "worker/compiler/pipeline/method_name.h"

namespace jitfarm::worker::compiler {

/// Why the method must not be compiled from its bytecode, if it is one of those.
std::optional<code::Bailout> special_method(const MethodName& method);

}  // namespace jitfarm::worker::compiler
