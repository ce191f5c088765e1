// Which LLVM passes run, and in which order?
#pragma once
#include "common/facts/vm_config.h"

namespace llvm {
class Module;
class TargetMachine;
}  // namespace llvm

namespace jitfarm::worker::compiler::passes {

/// LLVM's -O3, without library calls that nobody would resolve and without relaxed floating point. References are
/// still opaque, calls are still plain calls.
void optimise(llvm::Module& module, llvm::TargetMachine& machine);

/// Makes every safepoint explicit: which references live across it, and their new values after it.
void rewrite_statepoints(llvm::Module& module, llvm::TargetMachine& machine);

/// Inlines the bodies that lowering/ gave to the operations on references, and cleans up.
void finish(llvm::Module& module, llvm::TargetMachine& machine);

}  // namespace jitfarm::worker::compiler::passes
