// Where does an exception go on? Handlers of the method, or the method's caller.
//
// An exception out of a call arrives at the call's landing pad, which takes it from the thread. The
// pad, and an athrow, try the classes that the covering handlers catch, in order; a match is an
// edge into the handler's block, with the locals of the instruction that threw.
#include "worker/compiler/translate/method_translator.h"

namespace jitfarm::worker::compiler::translate {

using bytecode::BlockIndex;
using bytecode::Opcode;
using bytecode::SlotType;
using facts::FactKind;

/// Where an exception out of the current instruction's call arrives. `state_` is that during the
/// call.
llvm::BasicBlock* MethodTranslator::landing_pad() {
  const llvm::IRBuilderBase::InsertPointGuard guard(b_);
  llvm::BasicBlock* pad = new_block("thrown");
  b_.SetInsertPoint(pad);
  // A token, or rewrite-statepoints-for-gc hangs relocations on it (hotspot-abi 7).
  b_.CreateLandingPad(llvm::Type::getTokenTy(context_), 0)->setCleanup(true);
  if (plan_.handlers.at(at_).empty() && !plan_.handlers.are_cut_short(at_))
    b_.CreateBr(unwind_block());
  else
    dispatch(take_exception(type_of('A')));
  return pad;
}

/// From the thread, which forgets it.
llvm::Value* MethodTranslator::take_exception(llvm::Type* type) {
  llvm::Value* oop_field = thread_field(plan_.vm.thread_exception_oop);
  llvm::LoadInst* exception = b_.CreateAlignedLoad(type, oop_field, llvm::Align(8));
  alias_.vm_memory(*exception);
  alias_.vm_memory(
      *b_.CreateAlignedStore(llvm::Constant::getNullValue(type), oop_field, llvm::Align(8)));
  alias_.vm_memory(*b_.CreateAlignedStore(
      b_.getInt64(0), thread_field(plan_.vm.thread_exception_pc), llvm::Align(8)));
  return exception;
}

/// Ends the current block: into the first handler that catches the exception, or out of the method.
void MethodTranslator::dispatch(llvm::Value* exception) {
  const State before = state_;
  state_.stack = {{SlotType::a, exception}};
  for (const std::uint16_t h : plan_.handlers.at(at_)) {
    const bytecode::ExceptionHandler& handler = plan_.method->handlers[h];
    const BlockIndex target = plan_.graph.block_at[plan_.code.at(handler.handler)];
    if (handler.catch_type == 0) {
      add_edge(target);
      b_.CreateBr(edge_block(target));
      state_ = before;
      return;
    }
    const auto klass =
        facts_.ask<FactKind::resolved_class>(plan_.info.holder.value, handler.catch_type);
    llvm::Value* is_caught = is_instance(exception, klass.value);
    llvm::BasicBlock* next = new_block("not_caught");
    add_edge(target);
    b_.CreateCondBr(is_caught, edge_block(target), next);
    b_.SetInsertPoint(next);
  }
  if (plan_.handlers.are_cut_short(at_)) {
    rethrow_in_interpreter();
  } else {
    llvm::StoreInst* store = b_.CreateAlignedStore(
        exception, thread_field(plan_.vm.thread_exception_oop), llvm::Align(8));
    alias_.vm_memory(*store);
    b_.CreateBr(unwind_block());
  }
  state_ = before;
}

/// Ends the current block. The class that the next handler catches is not resolved: the interpreter
/// resolves it, which may throw.
void MethodTranslator::rethrow_in_interpreter() {
  llvm::StoreInst* store = b_.CreateAlignedStore(
      b_.getInt32(trap_request(TrapReason::unresolved)),
      thread_field(plan_.vm.thread_pending_deoptimization), llvm::Align(4));
  alias_.vm_memory(*store);
  llvm::Function* target = callee("", 'V', "jf.trap");
  target->addFnAttr(llvm::Attribute::Cold);
  const auto deopt = deopt_operands(code::SiteKind::runtime_call, {}, code::Target::uncommon_trap,
                                    state_, at_, FrameUse::rethrows);
  safepoint_call(target, register_arguments(target->getFunctionType()), deopt,
                 plan_.vm.sled_runtime_call, nullptr);
  b_.CreateUnreachable();
}

/// The block that leaves the method with the exception that the thread holds: out of the function,
/// or to the handlers of the call that the body stands for.
llvm::BasicBlock* MethodTranslator::unwind_block() {
  if (unwind_ != nullptr) return unwind_;
  const llvm::IRBuilderBase::InsertPointGuard guard(b_);
  unwind_ = new_block("unwind");
  b_.SetInsertPoint(unwind_);
  if (caller_ != nullptr) {
    caller_->dispatch(take_exception(type_of('A')));
    return unwind_;
  }
  exit_method();
  // In the type of the register that it leaves in: nothing becomes an integer that was a reference
  // here.
  llvm::Value* exception = take_exception(prototype_.type->getParamType(kResultParameter));
  std::vector<llvm::Value*> arguments = register_arguments(prototype_.type);
  arguments[kResultParameter] = exception;
  leave("unwind_stub.0", arguments);
  return unwind_;
}

bool MethodTranslator::throw_exception(const bytecode::Instruction& at) {
  if (at.op != Opcode::athrow) return false;
  llvm::Value* exception = pop('A');
  throw_if_null(exception);
  if (is_dead_ || !error_.empty()) return true;
  dispatch(exception);
  is_dead_ = true;
  return true;
}

}  // namespace jitfarm::worker::compiler::translate
