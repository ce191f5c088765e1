// How are references read from the heap? The operations on references that IR names and machine
// code spells out only after the safepoints are explicit.
//
// A reference that becomes an integer before rewrite-statepoints-for-gc is lost to the collector
// (hotspot-abi 9). So compressed references are decoded by an opaque leaf function until then, and by
// its inlined body afterwards.
#pragma once
#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringRef.h>
#include <llvm/Support/ModRef.h>

#include "common/facts/vm_config.h"

namespace llvm {
class BasicBlock;
class CallInst;
class Function;
class IRBuilderBase;
class Module;
class Type;
class Value;
}  // namespace llvm

namespace jitfarm::worker::compiler::lowering {

/// `ptr addrspace(1) @jf.decode_oop(i32)`: the reference that the compressed one stands for.
inline constexpr const char* kDecodeOop = "jf.decode_oop";

/// `ptr addrspace(1) @jf.load_cell.N()`: the reference in cell N beside the code. Opaque until the end: LLVM would turn a
/// choice between two loads into a load from a chosen address, or fold the load into its use, and HotSpot patches
/// nothing but a plain load of a cell.
inline constexpr const char* kLoadCell = "jf.load_cell.";

/// Effects of an operation that reads what a safepoint writes: neither moves across the other.
llvm::MemoryEffects read_between_safepoints();

/// Calls the opaque function `name`, declared by the types of its arguments.
llvm::CallInst* call_operation(llvm::IRBuilderBase& builder, llvm::StringRef name,
                               llvm::Type* result, llvm::ArrayRef<llvm::Value*> arguments);

/// What holds of every opaque operation that ends: no exception, no safepoint. `effects`: how it may
/// move.
void promise(llvm::Function& function, llvm::MemoryEffects effects);

/// The same of one that reads, or writes, too, what its arguments point to, and keeps none of them.
void promise_arguments_only(llvm::Function& function, llvm::ModRefInfo access);

/// Takes away all attributes of an opaque function and its calls: they said how it may move, which is
/// less than what its body does. Inlining would hand them on to what the body calls.
void forget_promises(llvm::Function& function);

/// An empty body of a function that was opaque, to be inlined.
llvm::BasicBlock* begin_body(llvm::Function& function);

/// In the body of `function`: the value of cell N beside the code, N being what its name has after
/// `prefix`. The one instruction that HotSpot knows; `stays` keeps the code generator from moving it.
llvm::CallInst* load_cell(llvm::IRBuilderBase& builder, llvm::Function& function,
                          const char* prefix, bool stays);

/// The reference (of type `reference`) that a compressed one stands for, spelled out.
llvm::Value* decode(llvm::IRBuilderBase& builder, llvm::Value* narrow, llvm::Type* reference,
                    const facts::VmConfig& vm);

/// Before optimisation: gives the opaque operations the attributes that let LLVM merge equal ones
/// between two safepoints and keep them from moving across one.
void declare_object_access(llvm::Module& module);

/// After rewrite-statepoints-for-gc: gives them bodies, to be inlined, for this VM.
void define_object_access(llvm::Module& module, const facts::VmConfig& vm);

/// After rewrite-statepoints-for-gc: calls of C functions of the VM (`@leaf.*`), which are out of reach of a
/// relative call, go through an absolute address that the installer fills in.
void make_leaf_calls_absolute(llvm::Module& module);

}  // namespace jitfarm::worker::compiler::lowering
