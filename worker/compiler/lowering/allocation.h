// How is an object made without the VM? The fast path of allocation: a piece of the thread's own
// buffer, cleared, with a header.
//
// Opaque until the safepoints are explicit: LLVM would compute the place of the second object from
// that of the first, and the collector would take them for one (hotspot-abi 6).
#pragma once
#include "common/facts/vm_config.h"

namespace llvm {
class CallInst;
class IRBuilderBase;
class Module;
class Value;
}  // namespace llvm

namespace jitfarm::worker::compiler::lowering {

/// `ptr addrspace(1) @jf.new_instance.N(ptr thread, ptr klass)`: a new object of N bytes, or null: the
/// thread's buffer has no room for it.
inline constexpr const char* kNewInstance = "jf.new_instance.";

/// `ptr addrspace(1) @jf.new_object(ptr thread, ptr klass, i64 size)`: the same of a class that is known
/// when the code runs.
inline constexpr const char* kNewObject = "jf.new_object";

/// The largest such N or size. Larger objects are rare.
inline constexpr std::uint32_t kInstanceBytesMax = 1u << 16;

/// `ptr addrspace(1) @jf.new_array(ptr thread, ptr klass, i32 length, i64 base, i64 shift)`: a new
/// array whose elements, of 1 << shift bytes, begin at `base`, or null: no room, or no such length.
inline constexpr const char* kNewArray = "jf.new_array";

/// Whether the VM's numbers allow these at all; else every object comes from the VM.
bool can_allocate_inline(const facts::VmConfig& vm);
/// The same for an object of one class.
bool can_allocate_inline(const facts::VmConfig& vm, std::uint32_t size);

llvm::Value* call_new_instance(llvm::IRBuilderBase& builder, llvm::Value* thread,
                               llvm::Value* klass, std::uint32_t size);
/// `size`: i64, as can_allocate_inline() wants it.
llvm::Value* call_new_object(llvm::IRBuilderBase& builder, llvm::Value* thread, llvm::Value* klass,
                             llvm::Value* size);
llvm::Value* call_new_array(llvm::IRBuilderBase& builder, llvm::Value* thread, llvm::Value* klass,
                            llvm::Value* length, std::int32_t base, unsigned shift);
/// For a class that is known when the code runs: `base` and `shift` are i64.
llvm::CallInst* call_new_array(llvm::IRBuilderBase& builder, llvm::Value* thread,
                               llvm::Value* klass, llvm::Value* length, llvm::Value* base,
                               llvm::Value* shift);

/// Before optimisation: attributes.
void declare_allocation(llvm::Module& module);

/// After rewrite-statepoints-for-gc: bodies, to be inlined, for this VM.
void define_allocation(llvm::Module& module, const facts::VmConfig& vm);

}  // namespace jitfarm::worker::compiler::lowering
