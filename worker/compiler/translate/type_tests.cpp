// Is an object of a class? checkcast and instanceof, and the classes that handlers catch.
#include "worker/compiler/lowering/subtype.h"
#include "worker/compiler/translate/method_translator.h"

namespace jitfarm::worker::compiler::translate {

using bytecode::Opcode;
using facts::FactKind;

namespace {

constexpr std::uint32_t kSuperCheckOffsetMax = 1 << 16;  // a Klass's display lies in its first words

}  // namespace

bool MethodTranslator::type_test(const bytecode::Instruction& at) {
  if (at.op != Opcode::checkcast && at.op != Opcode::instanceof) return false;
  const bool is_cast = at.op == Opcode::checkcast;
  llvm::Value* object = pop('A');
  const auto klass = facts_.ask<FactKind::resolved_class>(plan_.info.holder.value,
                                                          static_cast<std::uint32_t>(at.value));
  if (klass.state != frontend::FactState::known) {
    // Null passes whatever the class is; anything else makes the interpreter resolve it.
    trap_if(is_never_null(object) ? b_.getTrue() : b_.CreateIsNotNull(object),
            TrapReason::unresolved);
    is_cast ? push('A', object) : push('I', b_.getInt32(0));
    return true;
  }
  llvm::BasicBlock* from = b_.GetInsertBlock();
  llvm::BasicBlock* test = new_block("test");
  llvm::BasicBlock* tested = new_block("tested");
  if (is_never_null(object))
    b_.CreateBr(test);
  else
    b_.CreateCondBr(b_.CreateIsNull(object), tested, test);
  b_.SetInsertPoint(test);
  llvm::Value* is_one = is_instance(object, klass.value);
  if (is_cast)
    throw_if(b_.CreateNot(is_one), code::ImplicitException::class_cast, [&] {
      return std::pair{lowering::call_load_klass(b_, object), load_klass(klass.value.klass)};
    });
  llvm::BasicBlock* passed = b_.GetInsertBlock();
  b_.CreateBr(tested);
  b_.SetInsertPoint(tested);
  if (is_cast) {
    push('A', object);
    return true;
  }
  llvm::PHINode* result = b_.CreatePHI(b_.getInt1Ty(), 2);
  if (!is_never_null(object)) result->addIncoming(b_.getFalse(), from);
  result->addIncoming(is_one, passed);
  push('I', b_.CreateZExt(result, b_.getInt32Ty()));
  return true;
}

/// Precondition: `object` is not null.
llvm::Value* MethodTranslator::is_instance(llvm::Value* object, const facts::ResolvedClass& klass) {
  const bool is_likely = klass.super_check_offset < kSuperCheckOffsetMax;  // 0 otherwise: it is read
  return lowering::call_is_subclass(
      b_, lowering::call_load_klass(b_, object), load_klass(klass.klass),
      is_likely ? static_cast<std::int32_t>(klass.super_check_offset) : 0);
}

/// The Klass* in a cell beside the code.
llvm::Value* MethodTranslator::load_klass(ClassId klass) {
  return lowering::call_load_klass_cell(b_, constant_cell({code::ConstantKind::klass, klass, 0}));
}

}  // namespace jitfarm::worker::compiler::translate
