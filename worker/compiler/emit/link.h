// How do object code and site table become a CodeImage?
#pragma once
#include <expected>

#include "common/code/bailout.h"
#include "common/code/code_image.h"
#include "common/facts/vm_config.h"
#include "worker/compiler/emit/object_code.h"
#include "worker/compiler/translation.h"

namespace llvm {
class TargetMachine;
}

namespace jitfarm::worker::compiler::emit {

/// Combines what the code generator wrote with what the translation knows. Whatever cannot be expressed exactly
/// in the image is an internal error, never a wrong image.
std::expected<code::CodeImage, code::Bailout> link(const code::CompileTask& task, const Translation& translation,
                                                   ObjectCode object, const facts::VmConfig& vm,
                                                   const llvm::TargetMachine& machine);

}  // namespace jitfarm::worker::compiler::emit
