// Does the IR keep the conventions of translation.h? Checked before LLVM sees it, and again after its passes.
#pragma once
#include <expected>

#include "common/code/bailout.h"
#include "common/facts/vm_config.h"
#include "worker/compiler/translation.h"

namespace jitfarm::worker::compiler::verify {

/// What the translation must satisfy:
///   1. LLVM's own verifier accepts the module
///   2. it defines kMethodFunction and no other function, and no global with a body that is not constant
///   3. an undefined name is one that the emitter knows: ret_stub.N, unwind_stub.N, jf.load_cell.N, jf.load_klass_cell.N,
///      leaf.drem, leaf.frem, leaf.osr_migration_end, jf.decode_oop, jf.load_klass, jf.is_subclass, jf.new_instance.N,
///      jf.new_object, jf.new_array, jf.store_reference, jf.lock, jf.unlock, the operations of lowering/headers.h and
///      array_bytes.h, other C functions of code::Target, pers, or a callee of statepoints only
///   4. a call is an intrinsic, a gc-leaf-function, inline asm that is one, or has a statepoint-id in the site table,
///      the patch bytes of its site, and a deopt bundle with one operand for every frame value
std::expected<void, code::Bailout> check_translation(const Translation& translation, const facts::VmConfig& vm);

/// After the last pass: LLVM's verifier accepts the module, and nothing is called that would become an undefined
/// symbol (no library calls, no intrinsic that LLVM lowers to one).
std::expected<void, code::Bailout> check_lowered(const llvm::Module& module);

/// Number of instructions of the method.
std::size_t instruction_count(const llvm::Module& module);

/// Bytes that a site of this kind reserves in this VM; 0 for none.
std::uint32_t sled_size(code::SiteKind kind, const facts::VmConfig& vm);

}  // namespace jitfarm::worker::compiler::verify
