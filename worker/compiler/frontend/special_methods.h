// Which methods mean more to the VM than their bytecode says?
#pragma once
#include <optional>

#include <string_view>

#include "common/code/bailout.h"

namespace jitfarm::worker::compiler::frontend {

/// Why the method must not be compiled from its bytecode, if it is one of those. `klass` is the
/// holder's name in internal form.
std::optional<code::Bailout> special_method(std::string_view klass, std::string_view method);

}  // namespace jitfarm::worker::compiler::frontend
