// How are the characters of strings compared and searched? By loops over vectors.
//
// Opaque until the safepoints are explicit, like array_bytes.h. All arrays are byte[], all lengths
// and indices have been checked.
#pragma once
#include <initializer_list>

#include "common/facts/vm_config.h"

namespace llvm {
class CallInst;
class IRBuilderBase;
class Module;
class Value;
}  // namespace llvm

namespace jitfarm::worker::compiler::lowering {

/// `i32 @jf.compare_latin1(ptr addrspace(1) a, i64 a_bytes, ptr addrspace(1) b, i64 b_bytes)`: the
/// difference of the first characters that differ, else of the lengths.
inline constexpr const char* kCompareLatin1 = "jf.compare_latin1";
/// The same for characters of two bytes; the lengths are even.
inline constexpr const char* kCompareUtf16 = "jf.compare_utf16";

/// `i32 @jf.index_of_byte(ptr addrspace(1) array, i64 from, i64 to, i32 wanted)`: where its low
/// byte is first, from `from` on and before `to`; -1 when it is not.
inline constexpr const char* kIndexOfByte = "jf.index_of_byte";
/// The same for characters of two bytes, which `from`, `to` and the result count.
inline constexpr const char* kIndexOfChar = "jf.index_of_char";

/// `i32 @jf.index_of_bytes(ptr addrspace(1) array, i64 bytes, ptr addrspace(1) wanted, i64
/// wanted_bytes, i64 from)`: where the wanted bytes, at least one, are first from `from` on; -1
/// when they are not.
inline constexpr const char* kIndexOfBytes = "jf.index_of_bytes";

/// One of the operations above.
llvm::CallInst* call_string_operation(llvm::IRBuilderBase& builder, const char* name,
                                      std::initializer_list<llvm::Value*> arguments);

/// Before optimisation: attributes.
void declare_strings(llvm::Module& module);

/// After rewrite-statepoints-for-gc: bodies, to be inlined, for this VM.
void define_strings(llvm::Module& module, const facts::VmConfig& vm);

}  // namespace jitfarm::worker::compiler::lowering
