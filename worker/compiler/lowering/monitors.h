// How is an object locked without the VM? By a CAS of its mark word, which then is the address of a
// word in our frame.
//
// Opaque until the safepoints are explicit: the mark word is a part of the object that only the VM
// and these operations know. To LLVM both may read and write all memory, so that nothing moves across
// them.
#pragma once
#include "common/facts/vm_config.h"

namespace llvm {
class CallInst;
class IRBuilderBase;
class Module;
class Value;
}  // namespace llvm

namespace jitfarm::worker::compiler::lowering {

/// `i1 @jf.lock(ptr thread, ptr addrspace(1) object, ptr slot)`: locks the object, which is not null,
/// with the BasicLock at `slot`. False: that takes the VM, for which the slot is prepared.
inline constexpr const char* kLock = "jf.lock";

/// `void @jf.unlock(ptr thread, ptr addrspace(1) object, ptr slot)`: unlocks what was locked with this
/// slot, by us, the VM or an interpreter frame that this one replaces.
inline constexpr const char* kUnlock = "jf.unlock";

llvm::CallInst* call_lock(llvm::IRBuilderBase& builder, llvm::Value* thread, llvm::Value* object,
                          llvm::Value* slot);
llvm::CallInst* call_unlock(llvm::IRBuilderBase& builder, llvm::Value* thread, llvm::Value* object,
                            llvm::Value* slot);

/// Before optimisation: attributes.
void declare_monitors(llvm::Module& module);

/// After rewrite-statepoints-for-gc: bodies, to be inlined, for this VM. Before define_subtype and
/// make_leaf_calls_absolute, whose operations they use.
void define_monitors(llvm::Module& module, const facts::VmConfig& vm);

}  // namespace jitfarm::worker::compiler::lowering
