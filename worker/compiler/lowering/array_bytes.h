// How are the elements of arrays copied and compared at once? By the VM's own stubs, which know its
// collector, and by loops over words.
//
// Opaque until the safepoints are explicit: addresses of elements become integers.
#pragma once
#include "common/facts/vm_config.h"

namespace llvm {
class CallInst;
class IRBuilderBase;
class Module;
class Value;
}  // namespace llvm

namespace jitfarm::worker::compiler::lowering {

/// `i1 @jf.copy_array(ptr thread, ptr addrspace(1) from, i32 from_index, ptr addrspace(1) to, i32
/// to_index, i32 count)`: System.arraycopy where it cannot throw. False: nothing was done, since
/// one is null or no array, the elements are of other classes, or an index is wrong.
inline constexpr const char* kCopyArray = "jf.copy_array";

/// `i1 @jf.equal_bytes(ptr addrspace(1) a, ptr addrspace(1) b, i64 bytes)`: whether two arrays of
/// bytes or chars begin with the same `bytes`, which both have.
inline constexpr const char* kEqualBytes = "jf.equal_bytes";

/// `i1 @jf.has_negatives(ptr addrspace(1) array, i64 first, i64 count)`: whether one of these bytes
/// is negative. The array has them.
inline constexpr const char* kHasNegatives = "jf.has_negatives";

llvm::CallInst* call_copy_array(llvm::IRBuilderBase& builder, llvm::Value* thread,
                                llvm::Value* from, llvm::Value* from_index, llvm::Value* to,
                                llvm::Value* to_index, llvm::Value* count);
llvm::CallInst* call_equal_bytes(llvm::IRBuilderBase& builder, llvm::Value* a, llvm::Value* b,
                                 llvm::Value* bytes);
llvm::CallInst* call_has_negatives(llvm::IRBuilderBase& builder, llvm::Value* array,
                                   llvm::Value* first, llvm::Value* count);

/// Before optimisation: attributes.
void declare_array_bytes(llvm::Module& module);

/// After rewrite-statepoints-for-gc: bodies, to be inlined, for this VM. Before define_subtype and
/// make_leaf_calls_absolute, whose operations they use.
void define_array_bytes(llvm::Module& module, const facts::VmConfig& vm);

}  // namespace jitfarm::worker::compiler::lowering
