// Can code be generated for this VM at all? A client sends its numbers; LLVM is not asked to believe them.
#pragma once
#include <expected>

#include "common/code/bailout.h"
#include "common/facts/vm_config.h"

namespace jitfarm::worker::compiler::verify {

/// Every number in the range that any HotSpot could have, sleds large enough for their calls.
std::expected<void, code::Bailout> check_vm(const facts::VmConfig& vm);

}  // namespace jitfarm::worker::compiler::verify
