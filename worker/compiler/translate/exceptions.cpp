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
using code::ImplicitException;
using facts::FactKind;

namespace {

/// Whether all such exceptions are of the class of this name. Only the VM's own loader defines classes
/// of java.lang: the name is the class.
bool is_caught_as(ImplicitException exception, std::string_view name) {
  for (const std::string_view above : {"java/lang/RuntimeException", "java/lang/Exception",
                                       "java/lang/Throwable", "java/lang/Object"})
    if (name == above) return true;
  switch (exception) {
    case ImplicitException::null_pointer:
      return name == "java/lang/NullPointerException";
    case ImplicitException::array_index:
      return name == "java/lang/ArrayIndexOutOfBoundsException" ||
             name == "java/lang/IndexOutOfBoundsException";
    case ImplicitException::arithmetic:
      return name == "java/lang/ArithmeticException";
    case ImplicitException::class_cast:
      return name == "java/lang/ClassCastException";
    case ImplicitException::array_store:
      return name == "java/lang/ArrayStoreException";
    case ImplicitException::kCount:
      break;
  }
  return false;
}

/// Whether a handler that begins here drops the exception before anything else.
bool is_blind(const frontend::Plan& plan, std::uint32_t first) {
  const bytecode::Instruction& at = plan.code.list[first];
  if (at.op == Opcode::pop) return true;
  const bytecode::OpcodeInfo& row = bytecode::info(at.op);
  return (row.effects & bytecode::writes_local) != 0 && row.pops == "A" &&
         !plan.liveness.is_live(first + 1, static_cast<std::size_t>(at.value));
}

}  // namespace

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

/// Where the current block goes on when this handler of the body takes the exception.
llvm::BasicBlock* MethodTranslator::edge_to_handler(BlockIndex handler, llvm::Value* exception) {
  std::vector<Slot> stack{{SlotType::a, exception}};
  std::swap(state_.stack, stack);
  add_edge(handler);
  state_.stack = std::move(stack);
  return edge_block(handler);
}

/// Ends the current block: into the first handler that catches the exception, or out of the method.
void MethodTranslator::dispatch(llvm::Value* exception) {
  for (const std::uint16_t h : plan_.handlers.at(at_)) {
    const bytecode::ExceptionHandler& handler = plan_.method->handlers[h];
    const BlockIndex target = plan_.graph.block_at[plan_.code.at(handler.handler)];
    if (handler.catch_type == 0) {
      b_.CreateBr(edge_to_handler(target, exception));
      return;
    }
    const auto klass =
        facts_.ask<FactKind::resolved_class>(plan_.info.holder.value, handler.catch_type);
    llvm::Value* is_caught = is_instance(exception, klass.value);
    llvm::BasicBlock* next = new_block("not_caught");
    b_.CreateCondBr(is_caught, edge_to_handler(target, exception), next);
    b_.SetInsertPoint(next);
  }
  if (plan_.handlers.are_cut_short(at_)) return rethrow_in_interpreter(exception);
  llvm::StoreInst* store = b_.CreateAlignedStore(
      exception, thread_field(plan_.vm.thread_exception_oop), llvm::Align(8));
  alias_.vm_memory(*store);
  b_.CreateBr(unwind_block());
}

/// Null: none of this body's, at its current instruction.
const bytecode::ExceptionHandler* MethodTranslator::handler_of(ImplicitException exception) const {
  for (const std::uint16_t h : plan_.handlers.at(at_)) {
    const bytecode::ExceptionHandler& handler = plan_.method->handlers[h];
    if (handler.catch_type == 0 ||
        is_caught_as(exception, plan_.shape.class_name(handler.catch_type).value_or("")))
      return &handler;
  }
  return nullptr;
}

/// Ends the current block when the current instruction's exception goes to a handler in this code that
/// drops it: what nobody sees is not made. False: nothing was done.
bool MethodTranslator::enter_blind_handler(ImplicitException exception) {
  if (plan_.vm.may_post_exceptions) return false;
  for (MethodTranslator* body = this; body != nullptr; body = body->caller_) {
    if (body->counted_.mode != CountedLoop::Mode::off) return false;
    const bytecode::ExceptionHandler* handler = body->handler_of(exception);
    if (handler == nullptr) {
      if (body->plan_.handlers.are_cut_short(body->at_)) return false;
      continue;
    }
    const std::uint32_t first = body->plan_.code.at(handler->handler);
    if (!is_blind(body->plan_, first)) return false;
    for (MethodTranslator* left = this; left != body; left = left->caller_) left->exit_method();
    b_.CreateBr(body->edge_to_handler(body->plan_.graph.block_at[first],
                                      llvm::Constant::getNullValue(type_of('A'))));
    return true;
  }
  return false;
}

/// An exception that a debugger asked for is thrown by the interpreter, which reports it.
void MethodTranslator::show_to_debugger() {
  if (plan_.vm.thread_posts_exceptions == 0) return trap(TrapReason::debugger);
  llvm::LoadInst* wanted = b_.CreateAlignedLoad(
      b_.getInt32Ty(), thread_field(plan_.vm.thread_posts_exceptions), llvm::Align(4));
  wanted->setVolatile(true);
  alias_.vm_memory(*wanted);
  trap_if(b_.CreateIsNotNull(wanted), TrapReason::debugger);
}

/// Ends the current block. The class that the next handler catches is not resolved: the interpreter
/// resolves it, which may throw.
void MethodTranslator::rethrow_in_interpreter(llvm::Value* exception) {
  llvm::StoreInst* store = b_.CreateAlignedStore(
      b_.getInt32(trap_request(TrapReason::unresolved)),
      thread_field(plan_.vm.thread_pending_deoptimization), llvm::Align(4));
  alias_.vm_memory(*store);
  llvm::Function* target = callee("", 'V', "jf.trap");
  target->addFnAttr(llvm::Attribute::Cold);
  State thrown = state_;
  thrown.stack = {{SlotType::a, exception}};
  const auto deopt = deopt_operands(code::SiteKind::runtime_call, {}, code::Target::uncommon_trap,
                                    thrown, at_, FrameUse::rethrows);
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
    exit_method();
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
  if (plan_.vm.may_post_exceptions) show_to_debugger();
  if (is_dead_) return true;
  dispatch(exception);
  is_dead_ = true;
  return true;
}

}  // namespace jitfarm::worker::compiler::translate
