// Is an object of this class? The operations on classes that IR names and machine code spells out
// only after the safepoints are explicit.
//
// A Klass does not move, but it lives only as long as something keeps it: an object of the class,
// or a class constant of the code. So the class of an object must not be used behind a safepoint
// that the object did not survive; the operations that read one do not move across safepoints.
#pragma once
#include "common/facts/vm_config.h"

namespace llvm {
class IRBuilderBase;
class Module;
class Value;
}  // namespace llvm

namespace jitfarm::worker::compiler::lowering {

/// `ptr @jf.load_klass(ptr addrspace(1) object)`: the Klass of an object that is not null.
inline constexpr const char* kLoadKlass = "jf.load_klass";

/// `i1 @jf.is_subclass(ptr sub_klass, ptr super_klass, i32 super_check_offset)`: whether every
/// object of the first class is one of the second; either may be an interface or an array class.
/// The offset is Klass::_super_check_offset of the second, or 0: it is read.
inline constexpr const char* kIsSubclass = "jf.is_subclass";

/// `ptr @jf.load_klass_cell.N()`: the Klass* in cell N beside the code.
inline constexpr const char* kLoadKlassCell = "jf.load_klass_cell.";

llvm::Value* call_load_klass(llvm::IRBuilderBase& builder, llvm::Value* object);
llvm::Value* call_is_subclass(llvm::IRBuilderBase& builder, llvm::Value* sub_klass,
                              llvm::Value* super_klass, std::int32_t super_check_offset);
llvm::Value* call_load_klass_cell(llvm::IRBuilderBase& builder, std::size_t cell);

/// Before optimisation: attributes.
void declare_subtype(llvm::Module& module);

/// After rewrite-statepoints-for-gc: bodies, to be inlined, for this VM.
void define_subtype(llvm::Module& module, const facts::VmConfig& vm);

}  // namespace jitfarm::worker::compiler::lowering
