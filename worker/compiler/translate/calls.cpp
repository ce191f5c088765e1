// How are Java methods called? Real calls; the VM takes the callee from the bytecode at the frame's
// bci.
//
// An invokedynamic and a method handle's call are static calls of the adapter that the VM linked,
// with its appendix as last argument. The target of a call site that may change is no constant here:
// the adapter reads it at each call.
#include "worker/compiler/bytecode/types.h"
#include "worker/compiler/frontend/decide.h"
#include "worker/compiler/translate/method_translator.h"

namespace jitfarm::worker::compiler::translate {

using bytecode::Opcode;
using code::SiteKind;

namespace {

constexpr std::uint16_t kAccInterface = 0x0200;

/// An invokespecial in an interface takes only objects of that interface, but for constructors (JVMS 6.5).
bool checks_receiver(const bytecode::ClassShape& caller, const bytecode::Instruction& at) {
  if (at.op != Opcode::invokespecial || (caller.access_flags() & kAccInterface) == 0) return false;
  const auto callee = caller.member(static_cast<std::uint32_t>(at.value));
  return !callee || callee->name != "<init>";
}

}  // namespace

/// An external function that stands for every callee of this type; the call's bytes are the agent's
/// to write.
llvm::Function* MethodTranslator::callee(std::string_view arguments, char result,
                                         const char* prefix) {
  const std::string name = std::string(prefix) + "." + std::string(arguments) + "." + result;
  if (llvm::Function* found = module_.getFunction(name)) return found;
  const Prototype prototype = call_prototype(context_, arguments, result);
  llvm::Function* function =
      llvm::Function::Create(prototype.type, llvm::Function::ExternalLinkage, name, module_);
  function->setCallingConv(llvm::CallingConv::PreserveNone);
  return function;
}

bool MethodTranslator::call(const bytecode::Instruction& at) {
  if (at.op < Opcode::invokevirtual || at.op > Opcode::invokedynamic) return false;
  const auto answer = frontend::called_by(facts_, method_, plan_.info.holder, at);
  const auto effect = bytecode::stack_effect(plan_.shape, at);
  if (answer.state != frontend::FactState::known || !effect)
    return fail("a call that was not planned"), true;
  const facts::ResolvedMethod& resolved = answer.value;
  std::string arguments = effect->pops;
  const char result = effect->pushes.empty() ? 'V' : effect->pushes[0];

  std::vector<llvm::Value*> values(arguments.size());
  for (std::size_t i = arguments.size(); i-- > 0;) values[i] = pop(arguments[i]);
  if (at.op != Opcode::invokestatic && at.op != Opcode::invokedynamic) throw_if_null(values[0]);
  if (is_dead_ || !error_.empty()) return true;
  // A private interface method needs no dispatch, but an object of the interface.
  if (at.op == Opcode::invokeinterface && resolved.can_be_statically_bound)
    trap_if(b_.CreateNot(is_instance(values[0], {.klass = resolved.holder})),
            TrapReason::class_check);
  if (checks_receiver(plan_.shape, at))
    trap_if(b_.CreateNot(is_instance(values[0], {.klass = plan_.info.holder})),
            TrapReason::class_check);
  if (resolved.has_appendix) {
    arguments += 'A';
    values.push_back(
        load_constant(code::ConstantKind::reference, plan_.info.holder, resolved.appendix));
    note_constant(values.back(), plan_.info.holder, resolved.appendix, facts::kInReferences);
  }

  // Object's constructor registers objects that have a finalizer, and does nothing else.
  if (plan_.object_constructors.contains(at_) && shared_.has_no_finalizer.contains(values[0]))
    return true;
  if (!call_through_handle(at, resolved, values, arguments, result) &&
      !intrinsic(at, resolved, values, arguments, result) &&
      !inlined(at, resolved, values, arguments, result))
    call_method(at, resolved, values, arguments, result);
  return true;
}

/// `values` are checked, of types `arguments`, and no longer on the stack.
void MethodTranslator::call_method(const bytecode::Instruction& at,
                                   const facts::ResolvedMethod& resolved,
                                   const std::vector<llvm::Value*>& values,
                                   const std::string& arguments, char result) {
  llvm::Value* returned = real_call(at, resolved, values, arguments, result);
  if (result != 'V') push(result, returned);
}

/// The same; the result is returned and not on the stack yet.
llvm::Value* MethodTranslator::real_call(const bytecode::Instruction& at,
                                         const facts::ResolvedMethod& resolved,
                                         const std::vector<llvm::Value*>& values,
                                         std::string_view arguments, char result) {
  SiteKind kind = SiteKind::call_virtual;
  if (resolved.is_static)
    kind = SiteKind::call_static;
  else if (at.op == Opcode::invokespecial || resolved.can_be_statically_bound)
    kind = SiteKind::call_special;
  else if (at.op == Opcode::invokeinterface)
    kind = SiteKind::call_interface;
  counted_.calls = true;
  const bool through_cache = kind == SiteKind::call_virtual || kind == SiteKind::call_interface;
  const std::uint32_t sled = through_cache ? plan_.vm.sled_virtual_call : plan_.vm.sled_static_call;

  llvm::Function* target = callee(arguments, result, "jf.call");
  llvm::FunctionType* type = target->getFunctionType();
  const Prototype prototype = call_prototype(context_, arguments, result);
  std::vector<llvm::Value*> passed = register_arguments(type);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const unsigned parameter = prototype.argument_parameter[i];
    llvm::Type* parameter_type = type->getParamType(parameter);
    passed[parameter] = parameter_type->isVectorTy()
                            ? b_.CreateInsertElement(llvm::PoisonValue::get(parameter_type),
                                                     values[i], std::uint64_t{0})
                            : values[i];
  }
  llvm::BasicBlock* pad = landing_pad();  // plans sites of its own
  // The callee's frame has taken the arguments; its result is not there yet.
  const auto deopt = deopt_operands(kind, resolved.method, code::Target::none, state_, at_, FrameUse::during_call);
  return safepoint_call(target, passed, deopt, sled, pad);
}

}  // namespace jitfarm::worker::compiler::translate
