// What does translate/ hand to the emitter? The method as LLVM IR, and what the IR's names stand for.
//
// Conventions of the IR (proved on stock JVMs: hotspot-abi sections 1 to 4, 9 and 11):
//   * One function definition, named "method": `preserve_nonecc void`, gc "statepoint-example",
//     personality ptr @pers. Parameters are the fixed twelve integer registers, then the rest.
//   * Oops are `ptr addrspace(1)` and never become integers: compressed oops are loaded as i32 and
//     decoded by `declare ptr addrspace(1) @jf.decode_oop(i32)` (lowering/object_access.h).
//   * Every Java call, trap and poll is a call or invoke with "statepoint-id" = its index in `sites`,
//     "statepoint-num-patch-bytes" = the sled of VmConfig, and a "deopt" bundle as site_table.h says.
//   * Everything else that is called is "gc-leaf-function".
// Target attributes, frame layout attributes and the rbp clobber are added by the pipeline.
#pragma once
#include <memory>
#include <vector>

#include "common/code/code_image.h"
#include "worker/compiler/site_table.h"

namespace llvm {
class LLVMContext;
class Module;
}  // namespace llvm

namespace jitfarm::worker::compiler {

inline constexpr const char* kMethodFunction = "method";

/// A translated method. Movable; the context belongs to this compilation alone.
struct Translation {
  Translation();
  ~Translation();
  Translation(Translation&&) noexcept;
  Translation& operator=(Translation&&) noexcept;

  std::unique_ptr<llvm::LLVMContext> context;  ///< outlives `module`
  std::unique_ptr<llvm::Module> module;
  SiteTable sites;
  ConstantTable constants;
  bool has_receiver = false;
  std::vector<MethodId> methods;  ///< root first, then every inlined method
  std::vector<code::Assumption> assumptions;
  std::vector<code::FactUse> facts;  ///< ascending key
};

}  // namespace jitfarm::worker::compiler
