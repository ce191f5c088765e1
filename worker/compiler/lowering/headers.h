// What do the headers of objects and classes say? Operations on them that IR names and machine code
// spells out only after the safepoints are explicit: what they read is a reference, or becomes one.
#pragma once
#include "common/facts/vm_config.h"

namespace llvm {
class CallInst;
class IRBuilderBase;
class Module;
class Value;
}  // namespace llvm

namespace jitfarm::worker::compiler::lowering {

/// `ptr addrspace(1) @jf.load_mirror(ptr klass)`: the java.lang.Class of a Klass.
inline constexpr const char* kLoadMirror = "jf.load_mirror";

/// `ptr @jf.mirror_klass(ptr addrspace(1) mirror)`: the Klass of a java.lang.Class that is not
/// null; null: of a primitive type. Of use only up to the next safepoint that the mirror does not
/// survive.
inline constexpr const char* kMirrorKlass = "jf.mirror_klass";

/// `ptr addrspace(1) @jf.thread_object(ptr thread)`: the java.lang.Thread.
inline constexpr const char* kThreadObject = "jf.thread_object";

/// `i32 @jf.identity_hash(ptr addrspace(1) object)`: the hash of an object that is not null, or 0:
/// it has none yet, or the VM knows where it is.
inline constexpr const char* kIdentityHash = "jf.identity_hash";

llvm::CallInst* call_load_mirror(llvm::IRBuilderBase& builder, llvm::Value* klass);
llvm::CallInst* call_mirror_klass(llvm::IRBuilderBase& builder, llvm::Value* mirror);
llvm::CallInst* call_thread_object(llvm::IRBuilderBase& builder, llvm::Value* thread);
llvm::CallInst* call_identity_hash(llvm::IRBuilderBase& builder, llvm::Value* object);

/// Before optimisation: attributes.
void declare_headers(llvm::Module& module);

/// After rewrite-statepoints-for-gc: bodies, to be inlined, for this VM.
void define_headers(llvm::Module& module, const facts::VmConfig& vm);

}  // namespace jitfarm::worker::compiler::lowering
