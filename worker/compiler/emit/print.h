// How does a CodeImage look to a person?
#pragma once
#include <string>

#include "common/code/code_image.h"

namespace llvm {
class TargetMachine;
}

namespace jitfarm::worker::compiler::emit {

/// Assembly (Intel syntax) with a line for every site and a note at every relocation.
std::string print_assembly(const code::CodeImage& image, const llvm::TargetMachine& machine);

/// Everything but the code: frame, sites with their frame states and references, relocations, constants.
std::string print_tables(const code::CodeImage& image);

}  // namespace jitfarm::worker::compiler::emit
