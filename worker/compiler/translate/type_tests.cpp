// Is an object of a class? checkcast and instanceof, and the classes that handlers catch.
#include <llvm/IR/MDBuilder.h>

#include <algorithm>

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
  if (is_of_class(object, klass.value.klass)) {
    is_cast ? push('A', object) : push('I', b_.getInt32(1));
    return true;
  }
  const auto offset = static_cast<std::int32_t>(klass.value.super_check_offset);
  const bool has_display = offset != 0 && offset != plan_.vm.klass_secondary_super_cache;
  const frontend::TestGuess guess =
      frontend::guess_of_test(plan_, shared_.task, at, has_display);
  if (guess.objects_trap && !is_never_null(object)) {
    trap_if(b_.CreateIsNotNull(object), TrapReason::unreached);
    is_cast ? push('A', llvm::Constant::getNullValue(type_of('A'))) : push('I', b_.getInt32(0));
    return true;
  }
  test_object(object, klass.value, guess, is_cast);
  return true;
}

/// Compares the object's class with those of the guess, then looks at its supers, out of line.
void MethodTranslator::test_object(llvm::Value* object, const facts::ResolvedClass& klass,
                                   const frontend::TestGuess& guess, bool is_cast) {
  if (const ClassId exact = exact_class(object)) {
    const auto seen = std::ranges::find(guess.classes, exact, &facts::TestedClass::klass);
    const bool is_seen = seen != guess.classes.end();
    if (exact == klass.klass || (is_seen && (seen->passes || !is_cast))) {
      is_cast ? push('A', object)
              : push('I', b_.getInt32(exact == klass.klass || seen->passes ? 1 : 0));
      return;
    }
  }
  const bool may_be_null = !is_never_null(object);
  const bool null_traps = guess.others_trap && !guess.saw_null;
  if (may_be_null && null_traps) trap_if(b_.CreateIsNull(object), TrapReason::receiver);
  if (is_dead_) return;
  llvm::BasicBlock* tested = new_block("tested");
  std::vector<std::pair<llvm::BasicBlock*, llvm::Value*>> results;
  const auto end_if = [&](llvm::Value* condition, bool is_one, llvm::MDNode* weights) {
    llvm::BasicBlock* next = new_block("test");
    results.emplace_back(b_.GetInsertBlock(), b_.getInt1(is_one));
    b_.CreateCondBr(condition, tested, next, weights);
    b_.SetInsertPoint(next);
  };
  if (may_be_null && !null_traps) end_if(b_.CreateIsNull(object), false, nullptr);
  llvm::Value* own = guess.classes.empty() ? nullptr : lowering::call_load_klass(b_, object);
  llvm::Value* is_one = nullptr;
  for (std::size_t i = 0; i < guess.classes.size(); ++i) {
    llvm::Value* is_it = b_.CreateICmpEQ(own, load_klass(guess.classes[i].klass));
    if (guess.others_trap && i + 1 == guess.classes.size()) {
      trap_if(b_.CreateNot(is_it), TrapReason::receiver);
      is_one = b_.getInt1(guess.classes[i].passes);
    } else {
      end_if(is_it, guess.classes[i].passes,
             llvm::MDBuilder(context_).createLikelyBranchWeights());
    }
  }
  if (!guess.others_trap) {
    is_one = is_instance(object, klass);
    if (is_cast)
      throw_if(b_.CreateNot(is_one), code::ImplicitException::class_cast, [&] {
        return std::pair{lowering::call_load_klass(b_, object), load_klass(klass.klass)};
      });
  }
  results.emplace_back(b_.GetInsertBlock(), is_one);
  b_.CreateBr(tested);
  b_.SetInsertPoint(tested);
  if (is_cast) return push('A', object);
  llvm::PHINode* result =
      b_.CreatePHI(b_.getInt1Ty(), static_cast<unsigned>(results.size()));
  for (const auto& [block, value] : results) result->addIncoming(value, block);
  push('I', b_.CreateZExt(result, b_.getInt32Ty()));
}

/// Precondition: `object` is not null.
llvm::Value* MethodTranslator::is_instance(llvm::Value* object, const facts::ResolvedClass& klass) {
  const bool is_likely = klass.super_check_offset < kSuperCheckOffsetMax;  // 0 otherwise: it is read
  return lowering::call_is_subclass(
      b_, klass_of(object), load_klass(klass.klass),
      is_likely ? static_cast<std::int32_t>(klass.super_check_offset) : 0);
}

/// 0: it is not known for certain.
ClassId MethodTranslator::exact_class(llvm::Value* object) const {
  const auto found = shared_.exact_classes.find(object);
  return found == shared_.exact_classes.end() ? ClassId{} : found->second;
}

/// Precondition: `object` is not null.
llvm::Value* MethodTranslator::klass_of(llvm::Value* object) {
  const ClassId exact = exact_class(object);
  return exact ? load_klass(exact) : lowering::call_load_klass(b_, object);
}

/// The Klass* in a cell beside the code.
llvm::Value* MethodTranslator::load_klass(ClassId klass) {
  return lowering::call_load_klass_cell(b_, constant_cell({code::ConstantKind::klass, klass, 0}));
}

}  // namespace jitfarm::worker::compiler::translate
