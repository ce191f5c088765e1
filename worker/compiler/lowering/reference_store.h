// How is a reference stored into the heap, or a weak one read from it? The access itself, and what the
// collector wants to know of it.
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

/// `ptr addrspace(1) @jf.exchange(ptr thread, ptr addrspace(1) address, ptr addrspace(1) value)`: the same at one
/// stroke with reading what was there, which it returns. To LLVM, as the next, it may read and write all memory.
inline constexpr const char* kExchange = "jf.exchange";

/// `ptr addrspace(1) @jf.exchange_if(ptr thread, ptr addrspace(1) address, ptr addrspace(1) expected,
/// ptr addrspace(1) value)`: the same, but stores only where `expected` was.
inline constexpr const char* kExchangeIf = "jf.exchange_if";

/// `ptr addrspace(1) @jf.load_referent(ptr thread, ptr addrspace(1) base, i64 offset)`: reads a reference that may be
/// a java.lang.ref.Reference's referent; then the collector, which may be about to clear it, is told.
inline constexpr const char* kLoadReferent = "jf.load_referent";

llvm::CallInst* call_store_reference(llvm::IRBuilderBase& builder, llvm::Value* thread,
                                     llvm::Value* marked, llvm::Value* address, llvm::Value* value);

llvm::CallInst* call_exchange(llvm::IRBuilderBase& builder, llvm::Value* thread,
                              llvm::Value* address, llvm::Value* value);
llvm::CallInst* call_exchange_if(llvm::IRBuilderBase& builder, llvm::Value* thread,
                                 llvm::Value* address, llvm::Value* expected, llvm::Value* value);
llvm::CallInst* call_load_referent(llvm::IRBuilderBase& builder, llvm::Value* thread,
                                   llvm::Value* base, llvm::Value* offset);

/// Before optimisation: attributes.
void declare_reference_store(llvm::Module& module);

/// After rewrite-statepoints-for-gc: the bodies, to be inlined, for this VM. Before
/// make_leaf_calls_absolute, since they call C functions.
void define_reference_store(llvm::Module& module, const facts::VmConfig& vm);

}  // namespace jitfarm::worker::compiler::lowering
