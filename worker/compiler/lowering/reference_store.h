// How is a reference stored into the heap? The store itself, and what the collector wants to know of
// it.
//
// Opaque until the safepoints are explicit: the card of an address that was computed before a
// safepoint is another object's behind it (hotspot-abi 9).
#pragma once
#include "common/facts/vm_config.h"

namespace llvm {
class CallInst;
class IRBuilderBase;
class Module;
class Value;
}  // namespace llvm

namespace jitfarm::worker::compiler::lowering {

/// `void @jf.store_reference(ptr thread, ptr addrspace(1) marked, ptr addrspace(1) address,
/// ptr addrspace(1) value)`: stores `value` at `address`, with the barriers of the VM's collector.
/// `marked` is what the collector looks for: of a field the object, of an array element its address.
/// Reads and writes nothing but what is at `address`, as far as others are concerned.
inline constexpr const char* kStoreReference = "jf.store_reference";

llvm::CallInst* call_store_reference(llvm::IRBuilderBase& builder, llvm::Value* thread,
                                     llvm::Value* marked, llvm::Value* address, llvm::Value* value);

/// Before optimisation: attributes.
void declare_reference_store(llvm::Module& module);

/// After rewrite-statepoints-for-gc: the body, to be inlined, for this VM. Before
/// make_leaf_calls_absolute, since it calls C functions.
void define_reference_store(llvm::Module& module, const facts::VmConfig& vm);

}  // namespace jitfarm::worker::compiler::lowering
