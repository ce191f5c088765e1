// How does compiled code leave? Traps, polls, returns and exceptions, each with the interpreter's
// state.
#include <llvm/IR/MDBuilder.h>

#include "worker/compiler/frontend/speculation.h"
#include "worker/compiler/translate/method_translator.h"

namespace jitfarm::worker::compiler::translate {

using bytecode::SlotType;
using code::ValueKind;

namespace {

ValueKind value_kind(SlotType type) {
  switch (type) {
    case SlotType::i:
      return ValueKind::int_;
    case SlotType::j:
      return ValueKind::long_;
    case SlotType::f:
      return ValueKind::float_;
    case SlotType::d:
      return ValueKind::double_;
    case SlotType::a:
      return ValueKind::object;
    default:
      return ValueKind::illegal;
  }
}

}  // namespace

/// The current thread; read again after every call where the VM may move us to another
/// (hotspot-abi 2.4).
llvm::Value* MethodTranslator::thread() {
  if (thread_slot_ == nullptr) return function_->getArg(kThreadParameter);
  return b_.CreateLoad(b_.getPtrTy(), thread_slot_);
}

llvm::Value* MethodTranslator::thread_field(std::int32_t offset) {
  return b_.CreateConstGEP1_64(b_.getInt8Ty(), thread(), static_cast<std::uint64_t>(offset));
}

/// Plans a site and makes the operands of its deopt bundle, as site_table.h says.
std::vector<llvm::Value*> MethodTranslator::deopt_operands(code::SiteKind kind, MethodId callee,
                                                           code::Target target, const State& state,
                                                           std::uint32_t instruction,
                                                           FrameUse use) {
  PlannedSite& site = out_.sites.emplace_back();
  site.kind = kind;
  site.method = callee;
  site.target = target;
  std::vector<llvm::Value*> operands = {b_.getInt32(1), rescue_slot_};
  if (thread_slot_ != nullptr) operands.push_back(thread_slot_);
  add_frames(site, operands, state, instruction, use);
  return operands;
}

/// The interpreter's frame of this body, below those of its callers.
void MethodTranslator::add_frames(PlannedSite& site, std::vector<llvm::Value*>& operands,
                                  const State& state, std::uint32_t instruction, FrameUse use) {
  if (caller_ != nullptr)
    caller_->add_frames(site, operands, caller_->state_, caller_->at_, FrameUse::during_call);
  PlannedFrame& frame = site.frames.emplace_back();
  frame.method = method_;
  frame.bci = plan_.code.list[instruction].bci;
  frame.during_call = use == FrameUse::during_call;
  frame.rethrows = use == FrameUse::rethrows;
  const auto add = [&](const Slot& slot, bool is_live, std::vector<ValueKind>& kinds) {
    const ValueKind value = is_live ? value_kind(slot.type) : ValueKind::illegal;
    kinds.push_back(value);
    if (value != ValueKind::illegal) operands.push_back(slot.value);
  };
  for (std::size_t i = 0; i < state.locals.size(); ++i)
    add(state.locals[i], plan_.liveness.is_live(instruction, i), frame.locals);
  for (const Slot& slot : state.stack) add(slot, true, frame.stack);
  frame.locks = state.locks.size();
  for (std::size_t i = 0; i < state.locks.size(); ++i) {
    operands.push_back(state.locks[i].value);
    operands.push_back(lock_slot(i));
  }
  operands_left_ -= std::min(operands_left_, state.locals.size() + state.stack.size());
}

/// r12 and r15, everything else undefined.
std::vector<llvm::Value*> MethodTranslator::register_arguments(llvm::FunctionType* type) {
  std::vector<llvm::Value*> arguments;
  for (llvm::Type* parameter : type->params())
    arguments.push_back(llvm::PoisonValue::get(parameter));
  arguments[kHeapBaseParameter] = function_->getArg(kHeapBaseParameter);
  arguments[kThreadParameter] = thread();
  return arguments;
}

/// The site planned last. Goes on in the current block, or in a new one when `unwind` is not null.
llvm::CallBase* MethodTranslator::safepoint_call(llvm::Function* target,
                                                 llvm::ArrayRef<llvm::Value*> arguments,
                                                 const std::vector<llvm::Value*>& deopt,
                                                 std::uint32_t sled, llvm::BasicBlock* unwind) {
  llvm::OperandBundleDef bundle("deopt", deopt);
  llvm::CallBase* call;
  if (unwind != nullptr) {
    llvm::BasicBlock* next = new_block("returned");
    call = b_.CreateInvoke(target->getFunctionType(), target, next, unwind, arguments, {bundle});
    b_.SetInsertPoint(next);
  } else {
    call = b_.CreateCall(target->getFunctionType(), target, arguments, {bundle});
  }
  call->setCallingConv(target->getCallingConv());
  call->addFnAttr(
      llvm::Attribute::get(context_, "statepoint-id", std::to_string(out_.sites.size() - 1)));
  call->addFnAttr(
      llvm::Attribute::get(context_, "statepoint-num-patch-bytes", std::to_string(sled)));
  return call;
}

/// Of Deoptimization::make_trap_request without an index.
std::uint32_t MethodTranslator::trap_request(TrapReason reason) const {
  const facts::VmConfig& vm = plan_.vm;
  std::uint32_t number = 0;
  switch (reason) {
    case TrapReason::negative_size:
    case TrapReason::debugger:
      number = vm.reason_negative;
      break;
    case TrapReason::class_check:
      number = vm.reason_class_check;
      break;
    case TrapReason::monitor_order:
      number = vm.reason_negative;  // "constraint"
      break;
    case TrapReason::unresolved:
      number = vm.reason_unresolved;
      break;
    case TrapReason::unreached:
      number = vm.reason_unreached;
      break;
    case TrapReason::receiver:
      number = vm.reason_receiver;
      break;
  }
  // The interpreter resolves what was not, and the next compilation knows it; the same for what was
  // never seen before. What is not an exception of the instruction itself teaches nothing: the
  // code would come out the same, so it stays.
  const bool keeps_code = reason < TrapReason::unresolved ||
                          (reason == TrapReason::unresolved && plan_.stays_unresolved);
  const std::uint32_t action = keeps_code ? vm.action_none : vm.action_reinterpret;
  return trap_request(number, action);
}

std::uint32_t MethodTranslator::trap_request(std::uint32_t reason, std::uint32_t action) const {
  const facts::VmConfig& vm = plan_.vm;
  return ~(reason << (vm.deopt_reason_shift & 31) | action << (vm.deopt_action_shift & 31));
}

/// The cold block where the current instruction gives up. The interpreter runs the instruction
/// again.
llvm::BasicBlock* MethodTranslator::trap_block() {
  if (trap_ == nullptr) trap_ = new_block("trap");
  return trap_;
}

void MethodTranslator::trap_if(llvm::Value* condition, TrapReason reason) {
  trap_if(condition, trap_request(reason));
}

void MethodTranslator::trap_if(llvm::Value* condition, std::uint32_t request) {
  if (const auto* constant = llvm::dyn_cast<llvm::ConstantInt>(condition)) {
    if (constant->isOne()) trap(request);
    return;
  }
  llvm::BasicBlock* next = new_block("");
  b_.CreateCondBr(condition, trap_block(), next,
                  llvm::MDBuilder(context_).createUnlikelyBranchWeights());
  trap_requests_.emplace_back(b_.GetInsertBlock(), request);
  b_.SetInsertPoint(next);
}

/// What the instruction throws by itself. `arguments` emits those of the exception, none: it has none.
/// A trap as long as that seldom happens, counted so that this ends.
void MethodTranslator::throw_if(llvm::Value* condition, code::ImplicitException exception,
                                const ThrowArguments& arguments) {
  if (!plan_.throws[static_cast<std::size_t>(exception)])
    return trap_if(condition,
                   trap_request(frontend::trap_reason(plan_.vm, exception),
                                plan_.may_throw ? plan_.vm.action_maybe_recompile
                                                : plan_.vm.action_none));
  const auto* constant = llvm::dyn_cast<llvm::ConstantInt>(condition);
  if (constant != nullptr && constant->isZero()) return;
  llvm::BasicBlock* throwing = new_block("throw");
  llvm::BasicBlock* next = new_block("");
  llvm::BranchInst* branch = b_.CreateCondBr(condition, throwing, next);
  b_.SetInsertPoint(throwing);
  if (enter_blind_handler(exception)) {
    b_.SetInsertPoint(next);
    return;
  }
  branch->setMetadata(llvm::LLVMContext::MD_prof,
                      llvm::MDBuilder(context_).createUnlikelyBranchWeights());
  const auto [first, second] = arguments ? arguments() : std::pair<llvm::Value*, llvm::Value*>{};
  call_vm_entry(code::Target::throw_implicit, "IJJ", 'V',
                {b_.getInt32(static_cast<std::uint32_t>(exception)), first, second});
  b_.CreateUnreachable();
  b_.SetInsertPoint(next);
}

/// An entry that runs the instruction or throws; deoptimised meanwhile, the interpreter runs it again.
/// Each of `types` is J, for a pointer, too, or I.
llvm::CallBase* MethodTranslator::call_vm_entry(code::Target target, std::string_view types,
                                                char result,
                                                llvm::ArrayRef<llvm::Value*> arguments) {
  llvm::Function* entry = callee(types, result, "jf.vm_entry");
  const Prototype prototype = call_prototype(context_, types, result);
  std::vector<llvm::Value*> passed = register_arguments(entry->getFunctionType());
  for (std::size_t i = 0; i < arguments.size(); ++i)
    passed[prototype.argument_parameter[i]] =
        types[i] == 'J' ? as_word(arguments[i]) : arguments[i];
  llvm::BasicBlock* pad = landing_pad();  // plans sites of its own
  const auto deopt = deopt_operands(code::SiteKind::runtime_call, {}, target, before_, at_,
                                    FrameUse::runs_again);
  return safepoint_call(entry, passed, deopt, plan_.vm.sled_runtime_call, pad);
}

/// An int, a Klass* or nothing as an argument of a VM entry.
llvm::Value* MethodTranslator::as_word(llvm::Value* value) {
  if (value == nullptr) return b_.getInt64(0);
  if (value->getType()->isPointerTy()) return b_.CreatePtrToInt(value, b_.getInt64Ty());
  return b_.CreateZExt(value, b_.getInt64Ty());
}

/// Always; nothing behind it runs.
void MethodTranslator::trap(TrapReason reason) { trap(trap_request(reason)); }

void MethodTranslator::trap(std::uint32_t request) {
  b_.CreateBr(trap_block());
  trap_requests_.emplace_back(b_.GetInsertBlock(), request);
  // What the handler of the instruction emits behind this point is not reachable.
  b_.SetInsertPoint(new_block("dead"));
  is_dead_ = true;
}

/// Ends the instruction: fills its trap block, if it has one.
void MethodTranslator::finish_trap() {
  if (is_dead_ && b_.GetInsertBlock()->getTerminator() == nullptr) b_.CreateUnreachable();
  if (trap_ == nullptr) return;
  llvm::BasicBlock* next = b_.GetInsertBlock();
  b_.SetInsertPoint(trap_);
  llvm::PHINode* request =
      b_.CreatePHI(b_.getInt32Ty(), static_cast<unsigned>(trap_requests_.size()));
  for (const auto& [from, number] : trap_requests_) request->addIncoming(b_.getInt32(number), from);
  llvm::StoreInst* store = b_.CreateAlignedStore(
      request, thread_field(plan_.vm.thread_pending_deoptimization), llvm::Align(4));
  alias_.vm_memory(*store);
  llvm::Function* target = callee("", 'V', "jf.trap");
  target->addFnAttr(llvm::Attribute::Cold);
  const auto deopt = deopt_operands(code::SiteKind::runtime_call, {}, code::Target::uncommon_trap,
                                    before_, at_, FrameUse::runs_again);
  safepoint_call(target, register_arguments(target->getFunctionType()), deopt,
                 plan_.vm.sled_runtime_call, nullptr);
  b_.CreateUnreachable();
  trap_ = nullptr;
  trap_requests_.clear();
  b_.SetInsertPoint(next);
}

/// Ends the current block: goes to `then`, through a safepoint when the VM wants one. `state` is
/// that before `instruction`.
void MethodTranslator::poll(const State& state, std::uint32_t instruction, llvm::BasicBlock* then) {
  llvm::LoadInst* word = b_.CreateAlignedLoad(
      b_.getInt8Ty(), thread_field(plan_.vm.thread_polling_word), llvm::Align(1));
  word->setVolatile(true);
  alias_.vm_memory(*word);
  llvm::BasicBlock* safepoint = new_block("safepoint");
  b_.CreateCondBr(b_.CreateTrunc(word, b_.getInt1Ty()), safepoint, then,
                  llvm::MDBuilder(context_).createUnlikelyBranchWeights());
  b_.SetInsertPoint(safepoint);
  llvm::Function* target = callee("", 'V', "jf.poll");
  target->addFnAttr(llvm::Attribute::Cold);
  const auto deopt =
      deopt_operands(code::SiteKind::poll, {}, code::Target::none, state, instruction,
                     FrameUse::runs_again);
  safepoint_call(target, register_arguments(target->getFunctionType()), deopt, plan_.vm.sled_poll,
                 nullptr);
  b_.CreateBr(then);
}

/// Leaves by the return stub. `value` is null for void.
void MethodTranslator::return_value(char type, llvm::Value* value) {
  if (caller_ != nullptr) return return_to_caller(value);
  exit_method();
  llvm::FunctionType* function_type = prototype_.type;
  std::vector<llvm::Value*> arguments = register_arguments(function_type);
  if (type == 'F' || type == 'D') {
    llvm::Type* parameter = function_type->getParamType(prototype_.float_result_parameter);
    auto* vector = llvm::FixedVectorType::get(value->getType(), type == 'F' ? 4 : 2);
    llvm::Value* lanes =
        b_.CreateInsertElement(llvm::PoisonValue::get(vector), value, std::uint64_t{0});
    arguments[prototype_.float_result_parameter] = b_.CreateBitCast(lanes, parameter);
  } else if (type == 'I') {
    arguments[kResultParameter] = b_.CreateZExt(value, b_.getInt64Ty());
  } else if (type != 'V') {
    arguments[kResultParameter] = value;
  }
  leave("ret_stub.0", arguments);
  is_dead_ = true;
}

/// A tail call to a stub of the shell, whose type is that of the method.
void MethodTranslator::leave(const char* stub, llvm::ArrayRef<llvm::Value*> arguments) {
  llvm::Function* target = module_.getFunction(stub);
  if (target == nullptr) {
    target =
        llvm::Function::Create(prototype_.type, llvm::Function::ExternalLinkage, stub, module_);
    target->setCallingConv(llvm::CallingConv::PreserveNone);
    target->addFnAttr("gc-leaf-function");
    target->setVisibility(llvm::GlobalValue::HiddenVisibility);
    target->setDSOLocal(true);
  }
  llvm::CallInst* call = b_.CreateCall(prototype_.type, target, arguments);
  call->setCallingConv(llvm::CallingConv::PreserveNone);
  call->setTailCallKind(llvm::CallInst::TCK_MustTail);
  b_.CreateRetVoid();
}

}  // namespace jitfarm::worker::compiler::translate
