// Numbers: what a processor has an instruction for, and the VM's stubs.
#include <llvm/IR/Intrinsics.h>

#include "worker/compiler/translate/intrinsic_call.h"

namespace jitfarm::worker::compiler::translate {

using frontend::IntrinsicOp;
using ID = llvm::Intrinsic::ID;

namespace {

bool is_float(char type) { return type == 'F' || type == 'D'; }

/// Name of the stub, null for other operations.
const char* math_stub(IntrinsicOp op) {
  switch (op) {
    case IntrinsicOp::sin:
      return "leaf.math_sin";
    case IntrinsicOp::cos:
      return "leaf.math_cos";
    case IntrinsicOp::tan:
      return "leaf.math_tan";
    case IntrinsicOp::exp:
      return "leaf.math_exp";
    case IntrinsicOp::log:
      return "leaf.math_log";
    case IntrinsicOp::log10:
      return "leaf.math_log10";
    case IntrinsicOp::pow:
      return "leaf.math_pow";
    default:
      return nullptr;
  }
}

}  // namespace

/// A C function of the VM, which depends on its arguments alone, or a clock.
llvm::Value* IntrinsicCall::leaf_call(const char* name, llvm::Type* result,
                                      llvm::ArrayRef<llvm::Value*> arguments) {
  std::vector<llvm::Type*> types;
  for (const llvm::Value* argument : arguments) types.push_back(argument->getType());
  const auto leaf =
      t_.module_.getOrInsertFunction(name, llvm::FunctionType::get(result, types, false));
  llvm::CallInst* call = b_.CreateCall(leaf, arguments);
  call->addFnAttr(llvm::Attribute::get(t_.context_, "gc-leaf-function"));
  call->setDoesNotThrow();
  if (arguments.empty()) return call;
  call->setDoesNotAccessMemory();
  call->addFnAttr(llvm::Attribute::WillReturn);
  return call;
}

/// Bit for bit Math.min and max: the first argument when it is not a number, and -0.0 below 0.0.
llvm::Value* IntrinsicCall::extremum(bool is_max) {
  llvm::Value* a = values_[0];
  llvm::Value* b = values_[1];
  if (!is_float(row_.type))
    return b_.CreateBinaryIntrinsic(is_max ? llvm::Intrinsic::smax : llvm::Intrinsic::smin, a, b);
  llvm::Type* bits = row_.type == 'F' ? b_.getInt32Ty() : b_.getInt64Ty();
  llvm::Value* a_bits = b_.CreateBitCast(a, bits);
  llvm::Value* b_bits = b_.CreateBitCast(b, bits);
  // Equal numbers have equal bits, but for the zeros.
  llvm::Value* of_equals = b_.CreateBitCast(
      is_max ? b_.CreateAnd(a_bits, b_bits) : b_.CreateOr(a_bits, b_bits), a->getType());
  llvm::Value* is_first = is_max ? b_.CreateFCmpOGT(a, b) : b_.CreateFCmpOLT(a, b);
  llvm::Value* unequal = b_.CreateSelect(is_first, a, b);
  llvm::Value* number = b_.CreateSelect(b_.CreateFCmpOEQ(a, b), of_equals, unequal);
  return b_.CreateSelect(b_.CreateFCmpUNO(a, a), a, number);
}

/// What is not a number comes back as it is.
llvm::Value* IntrinsicCall::unless_nan(ID id) {
  llvm::Value* value = values_[0];
  llvm::Value* result = b_.CreateUnaryIntrinsic(id, value);
  return b_.CreateSelect(b_.CreateFCmpUNO(value, value), value, result);
}

/// Bit for bit Math.rint, whose bytecode works on the absolute value: no number comes back positive.
llvm::Value* IntrinsicCall::nearest() {
  llvm::Value* value = values_[0];
  llvm::Value* result = b_.CreateUnaryIntrinsic(llvm::Intrinsic::roundeven, value);
  return b_.CreateSelect(b_.CreateFCmpUNO(value, value),
                         b_.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, result), result);
}

/// The method itself throws what it throws.
void IntrinsicCall::exact(ID id, llvm::Value* left, llvm::Value* right) {
  llvm::Value* both = b_.CreateBinaryIntrinsic(id, left, right);
  llvm::Value* value = b_.CreateExtractValue(both, 0);
  call_if(b_.CreateExtractValue(both, 1));
  join(value);
}

bool IntrinsicCall::arithmetic() {
  if (const char* stub = math_stub(row_.op)) {
    push(leaf_call(stub, b_.getDoubleTy(), values_));
    return true;
  }
  llvm::Type* type = t_.type_of(is_float(row_.type) || row_.type == 'J' ? row_.type : 'I');
  const auto number = [&](std::uint64_t value) { return llvm::ConstantInt::get(type, value); };
  switch (row_.op) {
    case IntrinsicOp::abs:
      // Of a double the interpreter clears the sign, whatever it is; a float that is no number it
      // leaves alone.
      if (row_.type == 'F')
        push(unless_nan(llvm::Intrinsic::fabs));
      else if (row_.type == 'D')
        push(b_.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, values_[0]));
      else
        push(b_.CreateBinaryIntrinsic(llvm::Intrinsic::abs, values_[0], b_.getFalse()));
      return true;
    case IntrinsicOp::min:
    case IntrinsicOp::max:
      push(extremum(row_.op == IntrinsicOp::max));
      return true;
    case IntrinsicOp::sqrt:
      push(b_.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, values_[0]));
      return true;
    case IntrinsicOp::fma:
      push(b_.CreateIntrinsic(type, llvm::Intrinsic::fma, values_));
      return true;
    case IntrinsicOp::floor:
      push(unless_nan(llvm::Intrinsic::floor));
      return true;
    case IntrinsicOp::ceil:
      push(unless_nan(llvm::Intrinsic::ceil));
      return true;
    case IntrinsicOp::rint:
      push(nearest());
      return true;
    case IntrinsicOp::multiply_high: {
      llvm::Type* wide = b_.getInt128Ty();
      llvm::Value* product =
          b_.CreateMul(b_.CreateSExt(values_[0], wide), b_.CreateSExt(values_[1], wide));
      push(b_.CreateTrunc(b_.CreateLShr(product, 64), type));
      return true;
    }
    case IntrinsicOp::add_exact:
      exact(llvm::Intrinsic::sadd_with_overflow, values_[0], values_[1]);
      return true;
    case IntrinsicOp::subtract_exact:
      exact(llvm::Intrinsic::ssub_with_overflow, values_[0], values_[1]);
      return true;
    case IntrinsicOp::multiply_exact:
      exact(llvm::Intrinsic::smul_with_overflow, values_[0], values_[1]);
      return true;
    case IntrinsicOp::increment_exact:
      exact(llvm::Intrinsic::sadd_with_overflow, values_[0], number(1));
      return true;
    case IntrinsicOp::decrement_exact:
      exact(llvm::Intrinsic::ssub_with_overflow, values_[0], number(1));
      return true;
    case IntrinsicOp::negate_exact:
      exact(llvm::Intrinsic::ssub_with_overflow, number(0), values_[0]);
      return true;
    case IntrinsicOp::bit_count:
      push(b_.CreateZExtOrTrunc(b_.CreateUnaryIntrinsic(llvm::Intrinsic::ctpop, values_[0]),
                                b_.getInt32Ty()));
      return true;
    case IntrinsicOp::leading_zeros:
    case IntrinsicOp::trailing_zeros:
      push(b_.CreateZExtOrTrunc(
          b_.CreateBinaryIntrinsic(
              row_.op == IntrinsicOp::leading_zeros ? llvm::Intrinsic::ctlz : llvm::Intrinsic::cttz,
              values_[0], b_.getFalse()),
          b_.getInt32Ty()));
      return true;
    case IntrinsicOp::reverse_bytes: {
      if (row_.type == 'I' || row_.type == 'J') {
        push(b_.CreateUnaryIntrinsic(llvm::Intrinsic::bswap, values_[0]));
        return true;
      }
      llvm::Value* reversed = b_.CreateUnaryIntrinsic(llvm::Intrinsic::bswap,
                                                      b_.CreateTrunc(values_[0], b_.getInt16Ty()));
      push(row_.type == 'C' ? b_.CreateZExt(reversed, b_.getInt32Ty())
                            : b_.CreateSExt(reversed, b_.getInt32Ty()));
      return true;
    }
    case IntrinsicOp::raw_bits:
      push(b_.CreateBitCast(values_[0], t_.type_of(result_)));
      return true;
    case IntrinsicOp::canonical_bits: {
      constexpr std::uint64_t kFloatNaN = 0x7fc0'0000, kDoubleNaN = 0x7ff8'0000'0000'0000;
      llvm::Type* bits = t_.type_of(result_);
      llvm::Value* nan = llvm::ConstantInt::get(bits, row_.type == 'F' ? kFloatNaN : kDoubleNaN);
      push(b_.CreateSelect(b_.CreateFCmpUNO(values_[0], values_[0]), nan,
                           b_.CreateBitCast(values_[0], bits)));
      return true;
    }
    case IntrinsicOp::check_index: {
      // A negative index or length is none, too.
      llvm::Value* is_wrong = b_.CreateOr(b_.CreateICmpUGE(values_[0], values_[1]),
                                          b_.CreateICmpSLT(values_[1], number(0)));
      call_if(is_wrong);
      join(values_[0]);
      return true;
    }
    case IntrinsicOp::time_millis:
      push(leaf_call("leaf.time_millis", b_.getInt64Ty(), {}));
      return true;
    case IntrinsicOp::time_nanos:
      push(leaf_call("leaf.time_nanos", b_.getInt64Ty(), {}));
      return true;
    default:
      return false;
  }
}

}  // namespace jitfarm::worker::compiler::translate
