// Which machine does LLVM generate code for, and how is LLVM set up in this process?
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "common/facts/vm_config.h"

namespace llvm {
class LLVMContext;
class Module;
class TargetMachine;
}  // namespace llvm

namespace jitfarm::worker::compiler::passes {

/// Sets LLVM's process-wide state once: the x86-64 target, options that LLVM offers only as global
/// ones, and what happens on a fatal error of LLVM. Thread-safe; every entry into the compiler calls it.
void initialize_llvm();

/// Names what this thread compiles while it lives, for the report of a fatal LLVM error.
class CompilingNow {
 public:
  explicit CompilingNow(std::string what);
  ~CompilingNow();
  CompilingNow(const CompilingNow&) = delete;
  CompilingNow& operator=(const CompilingNow&) = delete;
};

/// The features of `wanted` that the compiler knows how to use, in a fixed order. Everything else in
/// the string, which comes from a client, is dropped.
std::string known_features(std::string_view wanted);

/// Code generator for the client's CPU: strict floating point, position-independent, small code model.
std::unique_ptr<llvm::TargetMachine> make_target_machine(const facts::VmConfig& vm);

/// Gives the method's function the attributes that its frame and instructions must have, and every
/// external name the visibility that makes it directly addressable (hotspot-abi 2.1, 11).
void prepare_for_target(llvm::Module& module, const facts::VmConfig& vm);

}  // namespace jitfarm::worker::compiler::passes
