// Which IR computes what Java computes? Wrap-around integers, masked shifts, IEEE floats,
// saturating conversions.
#include <llvm/IR/Intrinsics.h>

#include "worker/compiler/translate/method_translator.h"

namespace jitfarm::worker::compiler::translate {

using bytecode::Opcode;

namespace {

int distance(Opcode from, Opcode to) { return static_cast<int>(to) - static_cast<int>(from); }
bool between(Opcode op, Opcode first, Opcode last) { return op >= first && op <= last; }
/// The type of an opcode in a row of four that goes int, long, float, double.
char type_in_row(Opcode first, Opcode op) { return "IJFD"[distance(first, op) % 4]; }

}  // namespace

bool MethodTranslator::arithmetic(const bytecode::Instruction& at) {
  const Opcode op = at.op;
  if (op == Opcode::aconst_null) {
    push('A', llvm::ConstantPointerNull::get(llvm::PointerType::get(context_, kHeapSpace)));
  } else if (between(op, Opcode::iconst_m1, Opcode::iconst_5)) {
    push('I', b_.getInt32(static_cast<std::uint32_t>(distance(Opcode::iconst_0, op))));
  } else if (between(op, Opcode::lconst_0, Opcode::lconst_1)) {
    push('J', b_.getInt64(static_cast<std::uint64_t>(distance(Opcode::lconst_0, op))));
  } else if (between(op, Opcode::fconst_0, Opcode::fconst_2)) {
    push('F', llvm::ConstantFP::get(b_.getFloatTy(), distance(Opcode::fconst_0, op)));
  } else if (between(op, Opcode::dconst_0, Opcode::dconst_1)) {
    push('D', llvm::ConstantFP::get(b_.getDoubleTy(), distance(Opcode::dconst_0, op)));
  } else if (op == Opcode::bipush || op == Opcode::sipush) {
    push('I', b_.getInt32(static_cast<std::uint32_t>(at.value)));
  } else if (op == Opcode::iinc) {
    Slot& local = state_.locals[static_cast<std::size_t>(at.value)];
    if (local.type != bytecode::SlotType::i) return fail("iinc of no int"), true;
    local.value = b_.CreateAdd(local.value, b_.getInt32(static_cast<std::uint32_t>(at.extra)));
  } else if (between(op, Opcode::iadd, Opcode::dmul) || between(op, Opcode::fdiv, Opcode::ddiv) ||
             between(op, Opcode::iand, Opcode::lxor)) {
    binary(op);
  } else if (op == Opcode::idiv || op == Opcode::ldiv || op == Opcode::irem || op == Opcode::lrem) {
    divide(op == Opcode::ldiv || op == Opcode::lrem, op == Opcode::irem || op == Opcode::lrem);
  } else if (op == Opcode::frem || op == Opcode::drem) {
    float_remainder(op == Opcode::frem ? 'F' : 'D');
  } else if (between(op, Opcode::ineg, Opcode::dneg)) {
    const char type = type_in_row(Opcode::ineg, op);
    llvm::Value* value = pop(type);
    push(type, type == 'I' || type == 'J' ? b_.CreateNeg(value) : b_.CreateFNeg(value));
  } else if (between(op, Opcode::ishl, Opcode::lushr)) {
    shift(op, distance(Opcode::ishl, op) % 2 == 0 ? 'I' : 'J');
  } else if (between(op, Opcode::i2l, Opcode::i2s)) {
    convert(op);
  } else if (between(op, Opcode::lcmp, Opcode::dcmpg)) {
    compare(op);
  } else {
    return false;
  }
  return true;
}

void MethodTranslator::binary(Opcode op) {
  const char type = bytecode::info(op).pushes[0];
  llvm::Value* right = pop(type);
  llvm::Value* left = pop(type);
  const bool is_float = type == 'F' || type == 'D';
  if (op <= Opcode::dadd)
    push(type, is_float ? b_.CreateFAdd(left, right) : b_.CreateAdd(left, right));
  else if (op <= Opcode::dsub)
    push(type, is_float ? b_.CreateFSub(left, right) : b_.CreateSub(left, right));
  else if (op <= Opcode::dmul)
    push(type, is_float ? b_.CreateFMul(left, right) : b_.CreateMul(left, right));
  else if (op <= Opcode::ddiv)
    push(type, b_.CreateFDiv(left, right));
  else if (op <= Opcode::land)
    push(type, b_.CreateAnd(left, right));
  else if (op <= Opcode::lor)
    push(type, b_.CreateOr(left, right));
  else
    push(type, b_.CreateXor(left, right));
}

void MethodTranslator::divide(bool is_long, bool is_remainder) {
  const char type = is_long ? 'J' : 'I';
  llvm::Value* right = pop(type);
  llvm::Value* left = pop(type);
  llvm::Value* zero = llvm::Constant::getNullValue(right->getType());
  throw_if(b_.CreateICmpEQ(right, zero), code::ImplicitException::arithmetic);
  if (is_dead_) {
    push(type, zero);
    return;
  }
  // MIN / -1 overflows in the machine; in Java it wraps. Dividing by -1 is negating.
  llvm::Value* is_minus_one =
      b_.CreateICmpEQ(right, llvm::Constant::getAllOnesValue(right->getType()));
  llvm::Value* divisor =
      b_.CreateSelect(is_minus_one, llvm::ConstantInt::get(right->getType(), 1), right);
  if (is_remainder) {
    push(type, b_.CreateSRem(left, divisor));  // x % 1 is 0, as x % -1
  } else {
    push(type, b_.CreateSelect(is_minus_one, b_.CreateNeg(left), b_.CreateSDiv(left, divisor)));
  }
}

void MethodTranslator::float_remainder(char type) {
  llvm::Value* right = pop(type);
  llvm::Value* left = pop(type);
  const char* name = type == 'F' ? "leaf.frem" : "leaf.drem";
  llvm::Function* target = module_.getFunction(name);
  if (target == nullptr) {
    auto* function_type =
        llvm::FunctionType::get(left->getType(), {left->getType(), left->getType()}, false);
    target = llvm::Function::Create(function_type, llvm::Function::ExternalLinkage, name, module_);
    target->addFnAttr("gc-leaf-function");
    target->setDoesNotThrow();
    target->setWillReturn();
    target->setDoesNotAccessMemory();
  }
  llvm::CallInst* call = b_.CreateCall(target, {left, right});
  call->addFnAttr(llvm::Attribute::get(context_, "gc-leaf-function"));
  push(type, call);
}

void MethodTranslator::shift(Opcode op, char type) {
  llvm::Value* amount = b_.CreateAnd(pop('I'), b_.getInt32(type == 'J' ? 63 : 31));
  llvm::Value* value = pop(type);
  if (type == 'J') amount = b_.CreateZExt(amount, b_.getInt64Ty());
  if (op <= Opcode::lshl)
    push(type, b_.CreateShl(value, amount));
  else if (op <= Opcode::lshr)
    push(type, b_.CreateAShr(value, amount));
  else
    push(type, b_.CreateLShr(value, amount));
}

void MethodTranslator::convert(Opcode op) {
  const bytecode::OpcodeInfo& row = bytecode::info(op);
  const char from = row.pops[0];
  const char to = row.pushes[0];
  llvm::Value* value = pop(from);
  const bool from_float = from == 'F' || from == 'D';
  const bool to_float = to == 'F' || to == 'D';
  if (op == Opcode::i2b)
    push('I', narrow(value, 'B'));
  else if (op == Opcode::i2c)
    push('I', narrow(value, 'C'));
  else if (op == Opcode::i2s)
    push('I', narrow(value, 'S'));
  else if (from_float && to_float)
    push(to,
         from == 'F' ? b_.CreateFPExt(value, type_of(to)) : b_.CreateFPTrunc(value, type_of(to)));
  else if (from_float)  // NaN is 0, out of range is MIN or MAX
    push(to,
         b_.CreateIntrinsic(llvm::Intrinsic::fptosi_sat, {type_of(to), type_of(from)}, {value}));
  else if (to_float)
    push(to, b_.CreateSIToFP(value, type_of(to)));
  else
    push(to, from == 'I' ? b_.CreateSExt(value, type_of(to)) : b_.CreateTrunc(value, type_of(to)));
}

/// -1, 0 or 1. Remembers what was compared: a branch that follows compares that itself.
void MethodTranslator::compare(Opcode op) {
  const char type = bytecode::info(op).pops[0];
  llvm::Value* right = pop(type);
  llvm::Value* left = pop(type);
  llvm::Value* above;
  llvm::Value* below;
  if (op == Opcode::lcmp) {
    above = b_.CreateICmpSGT(left, right);
    below = b_.CreateICmpSLT(left, right);
  } else {
    const bool nan_is_above = op == Opcode::fcmpg || op == Opcode::dcmpg;
    above = nan_is_above ? b_.CreateFCmpUGT(left, right) : b_.CreateFCmpOGT(left, right);
    below = nan_is_above ? b_.CreateFCmpOLT(left, right) : b_.CreateFCmpULT(left, right);
  }
  llvm::Value* result =
      b_.CreateSub(b_.CreateZExt(above, b_.getInt32Ty()), b_.CreateZExt(below, b_.getInt32Ty()));
  if (!llvm::isa<llvm::Constant>(result))
    comparisons_.insert_or_assign(result, Comparison{op, left, right});
  push('I', result);
}

}  // namespace jitfarm::worker::compiler::translate
