// How are objects locked and unlocked? A slot of the frame for each monitor that is held; the
// verifier has made sure that they nest.
#include <llvm/IR/MDBuilder.h>

#include "worker/compiler/lowering/monitors.h"
#include "worker/compiler/translate/method_translator.h"

namespace jitfarm::worker::compiler::translate {

using bytecode::Opcode;
using bytecode::SlotType;
using code::Target;

/// The BasicLock of the monitor at this depth of this body. Above those that its callers hold, and
/// the same for all callees of one call: they follow each other.
llvm::AllocaInst* MethodTranslator::lock_slot(std::size_t depth) {
  for (const MethodTranslator* body = caller_; body != nullptr; body = body->caller_)
    depth += body->state_.locks.size();
  const llvm::IRBuilderBase::InsertPointGuard guard(b_);
  llvm::BasicBlock& entry = function_->getEntryBlock();
  std::vector<llvm::AllocaInst*>& slots = shared_.lock_slots;
  while (slots.size() <= depth) {
    b_.SetInsertPoint(&entry, entry.getFirstInsertionPt());
    slots.push_back(b_.CreateAlloca(b_.getInt64Ty(), nullptr, "lock"));
  }
  return slots[depth];
}

bool MethodTranslator::monitor(const bytecode::Instruction& at) {
  if (at.op == Opcode::monitorenter) {
    llvm::Value* object = pop('A');
    throw_if_null(object);
    if (is_dead_ || !error_.empty()) return true;
    enter_monitor(object, FrameUse::during_call);
    return true;
  }
  if (at.op != Opcode::monitorexit) return false;
  llvm::Value* object = pop('A');
  if (state_.locks.size() <= (is_synchronized() ? 1 : 0)) return fail("no monitor to leave"), true;
  // Another object than the one locked last: only the interpreter can do that, or throw. Two reads of
  // one object, as after an on-stack replacement, are two values here.
  llvm::Value* owner = state_.locks.back().value;
  if (object != owner) trap_if(b_.CreateICmpNE(object, owner), TrapReason::monitor_order);
  if (is_dead_ || !error_.empty()) return true;
  exit_monitor();
  state_.locks.pop_back();
  return true;
}

/// Locks `object`, which is not null. The interpreter goes on behind the monitorenter, or at the start
/// of the method, when the frame was deoptimised while the VM did it.
void MethodTranslator::enter_monitor(llvm::Value* object, FrameUse use) {
  llvm::AllocaInst* slot = lock_slot(state_.locks.size());
  state_.locks.push_back({SlotType::a, object});
  llvm::BasicBlock* locked = new_block("locked");
  llvm::BasicBlock* contended = new_block("contended");
  b_.CreateCondBr(lowering::call_lock(b_, thread(), object, slot), locked, contended,
                  llvm::MDBuilder(context_).createLikelyBranchWeights());
  b_.SetInsertPoint(contended);
  constexpr std::string_view kTypes = "AJ";
  llvm::Function* entry = callee(kTypes, 'V', "jf.vm_entry");
  const Prototype prototype = call_prototype(context_, kTypes, 'V');
  std::vector<llvm::Value*> passed = register_arguments(entry->getFunctionType());
  passed[prototype.argument_parameter[0]] = object;
  passed[prototype.argument_parameter[1]] = b_.CreatePtrToInt(slot, b_.getInt64Ty());
  const auto deopt =
      deopt_operands(code::SiteKind::runtime_call, {}, Target::monitor_enter, state_, at_, use);
  // Without a landing pad: the VM throws nothing here.
  safepoint_call(entry, passed, deopt, plan_.vm.sled_runtime_call, nullptr);
  b_.CreateBr(locked);
  b_.SetInsertPoint(locked);
}

/// Unlocks what was locked last; it stays in the state.
void MethodTranslator::exit_monitor() {
  lowering::call_unlock(b_, thread(), state_.locks.back().value,
                        lock_slot(state_.locks.size() - 1));
}

/// The monitor of a synchronized method, before its first bytecode.
void MethodTranslator::enter_method() {
  if (!is_synchronized()) return;
  llvm::Value* object = is_static()
                            ? load_constant(code::ConstantKind::mirror, plan_.info.holder, 0)
                            : state_.locals[0].value;
  enter_monitor(object, FrameUse::runs_again);
  method_monitor_ = object;
}

/// The same at its end. Needs no state: at the end no other monitor is held.
void MethodTranslator::exit_method() {
  if (is_synchronized()) lowering::call_unlock(b_, thread(), method_monitor_, lock_slot(0));
}

/// The interpreter's monitors, in an on-stack replacement: two words each behind its locals, the
/// innermost first, header and object. The VM has seen to it that no object points into the
/// interpreter's frame.
void MethodTranslator::take_interpreter_monitors(llvm::Value* buffer, std::size_t count) {
  const auto word = [&](llvm::Type* type, std::size_t index) {
    llvm::LoadInst* value =
        b_.CreateAlignedLoad(type, b_.CreateConstGEP1_64(b_.getInt64Ty(), buffer, index), llvm::Align(8));
    alias_.vm_memory(*value);
    return value;
  };
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t header = plan_.method->max_locals + 2 * (count - 1 - i);
    b_.CreateAlignedStore(word(b_.getInt64Ty(), header), lock_slot(i), llvm::Align(8));
    state_.locks.push_back({SlotType::a, word(type_of('A'), header + 1)});
  }
}

}  // namespace jitfarm::worker::compiler::translate
