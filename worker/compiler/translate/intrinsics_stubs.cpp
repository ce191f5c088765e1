// What the VM's stubs compute over the elements of arrays: big integers, checksums, Base64.
//
// The stubs are C leaves without checks of their own; the methods were checked by their callers in
// the class library, and everything is checked here again: a wrong length would overwrite the heap.
#include "worker/compiler/lowering/object_access.h"
#include "worker/compiler/lowering/subtype.h"
#include "worker/compiler/translate/intrinsic_call.h"

namespace jitfarm::worker::compiler::translate {

using frontend::IntrinsicOp;

/// Address of the first element, or of the byte `first` of a byte array.
llvm::Value* IntrinsicCall::elements(llvm::Value* array, llvm::Value* first) {
  llvm::Value* base = b_.CreateConstGEP1_64(b_.getInt8Ty(), array,
                                            static_cast<std::uint64_t>(vm_.array_base_primitive));
  if (first == nullptr) return base;
  return b_.CreateGEP(b_.getInt8Ty(), base, b_.CreateZExt(first, b_.getInt64Ty()));
}

/// The call where there is no array, or it has fewer elements, or the count is negative.
void IntrinsicCall::call_if_shorter(llvm::Value* array, llvm::Value* count) {
  call_if(b_.CreateIsNull(array));
  call_if(b_.CreateICmpUGT(count, t_.array_length(array)));
}

/// The stubs write before they have read everything.
void IntrinsicCall::call_if_same(llvm::Value* written, llvm::ArrayRef<llvm::Value*> read) {
  llvm::Value* is_same = b_.getFalse();
  for (llvm::Value* array : read) is_same = b_.CreateOr(is_same, b_.CreateICmpEQ(written, array));
  call_if(is_same);
}

/// An int argument goes as a long without sign: C leaves the upper half of its register open, code
/// of stubs relies on it.
llvm::Value* IntrinsicCall::array_stub(const char* name, llvm::Type* result,
                                       llvm::ArrayRef<llvm::Value*> arguments) {
  std::vector<llvm::Type*> types;
  std::vector<llvm::Value*> wide;
  for (llvm::Value* argument : arguments) {
    wide.push_back(argument->getType()->isIntegerTy(32)
                       ? b_.CreateZExt(argument, b_.getInt64Ty())
                       : argument);
    types.push_back(wide.back()->getType());
  }
  const auto stub =
      t_.module_.getOrInsertFunction(name, llvm::FunctionType::get(result, types, false));
  llvm::CallInst* call = b_.CreateCall(stub, wide);
  call->addFnAttr(llvm::Attribute::get(t_.context_, "gc-leaf-function"));
  call->setDoesNotThrow();
  call->addFnAttr(llvm::Attribute::WillReturn);
  return call;
}

/// BigInteger.implMultiplyToLen: makes the product's array where none is given or it is too short.
void IntrinsicCall::multiply_to_len() {
  llvm::Value* x = values_[0];
  llvm::Value* x_length = values_[1];
  llvm::Value* y = values_[2];
  llvm::Value* y_length = values_[3];
  llvm::Value* given = values_[4];
  llvm::Value* length = b_.CreateAdd(x_length, y_length);
  const auto is_small = [&](llvm::Value* n) { return b_.CreateICmpSLE(n, b_.getInt32(0)); };
  call_if(b_.CreateOr(b_.CreateOr(is_small(x_length), is_small(y_length)), is_small(length)));
  call_if_shorter(x, x_length);
  call_if_shorter(y, y_length);
  call_if_same(given, {x, y});

  llvm::BasicBlock* check = t_.new_block("given");
  llvm::BasicBlock* make = t_.new_block("make");
  llvm::BasicBlock* multiply = t_.new_block("multiply");
  b_.CreateCondBr(b_.CreateIsNull(given), make, check);
  b_.SetInsertPoint(check);
  b_.CreateCondBr(b_.CreateICmpSLT(t_.array_length(given), length), make, multiply);
  llvm::BasicBlock* checked = b_.GetInsertBlock();
  b_.SetInsertPoint(make);
  llvm::Value* klass = lowering::call_load_klass(b_, x);
  llvm::Value* made = make_array(klass, layout_helper(klass), length);
  llvm::BasicBlock* is_made = b_.GetInsertBlock();
  b_.CreateBr(multiply);
  b_.SetInsertPoint(multiply);
  llvm::PHINode* product = b_.CreatePHI(given->getType(), 2);
  product->addIncoming(given, checked);
  product->addIncoming(made, is_made);
  array_stub("leaf.multiply_to_len", b_.getVoidTy(),
             {elements(x), x_length, elements(y), y_length, elements(product), length});
  join(product);
}

void IntrinsicCall::square_to_len() {
  llvm::Value* x = values_[0];
  llvm::Value* length = values_[1];
  llvm::Value* z = values_[2];
  llvm::Value* z_length = values_[3];
  call_if(b_.CreateOr(b_.CreateICmpSLE(length, b_.getInt32(0)),
                      b_.CreateICmpNE(b_.CreateShl(length, 1), z_length)));
  call_if_shorter(x, length);
  // In a longer array the method, which counts from the end in part, leaves something else.
  call_if(b_.CreateIsNull(z));
  call_if(b_.CreateICmpNE(t_.array_length(z), z_length));
  call_if_same(z, {x});
  array_stub("leaf.square_to_len", b_.getVoidTy(), {elements(x), length, elements(z), z_length});
  join(z);
}

/// BigInteger.implMulAdd. The stub counts the offset from the front.
void IntrinsicCall::multiply_add() {
  llvm::Value* out = values_[0];
  llvm::Value* in = values_[1];
  llvm::Value* offset = values_[2];
  llvm::Value* length = values_[3];
  call_if(b_.CreateICmpSLE(length, b_.getInt32(0)));
  call_if_shorter(in, length);
  call_if_shorter(out, offset);
  llvm::Value* rest = b_.CreateSub(t_.array_length(out), offset);
  call_if(b_.CreateICmpUGT(length, rest));
  call_if_same(out, {in});
  join(array_stub("leaf.multiply_add", b_.getInt32Ty(),
                  {elements(out), elements(in), rest, length, values_[4]}));
}

/// BigInteger.implMontgomeryMultiply and, of one input, implMontgomerySquare. Like the VM's own
/// code it leaves a number that may not be reduced below the modulus yet, as its callers expect.
void IntrinsicCall::montgomery(std::size_t inputs) {
  constexpr std::uint32_t kIntsMax = 512;  // the stub ends the VM beyond them
  llvm::SmallVector<llvm::Value*, 4> read(values_.begin(),
                                          values_.begin() + static_cast<std::ptrdiff_t>(inputs + 1));
  llvm::Value* length = values_[inputs + 1];
  llvm::Value* inverse = values_[inputs + 2];
  llvm::Value* product = values_[inputs + 3];
  // From 2 to that, and even.
  call_if(b_.CreateICmpUGE(b_.CreateSub(length, b_.getInt32(1)), b_.getInt32(kIntsMax)));
  call_if(b_.CreateTrunc(length, b_.getInt1Ty()));
  for (llvm::Value* array : read) call_if_shorter(array, length);
  // A shorter array the method replaces, in a longer one it computes something else.
  call_if_shorter(product, length);
  call_if(b_.CreateICmpUGT(t_.array_length(product), b_.CreateShl(length, 1)));
  call_if_same(product, read);
  llvm::SmallVector<llvm::Value*, 6> arguments;
  for (llvm::Value* array : read) arguments.push_back(elements(array));
  arguments.append({length, inverse, elements(product)});
  array_stub(inputs == 2 ? "leaf.montgomery_multiply" : "leaf.montgomery_square", b_.getVoidTy(),
             arguments);
  join(product);
}

/// ArraysSupport.vectorizedMismatch: of what Unsafe addresses, unchecked like there. It compares
/// the last elements, too, which the method leaves to its callers.
void IntrinsicCall::mismatch() {
  llvm::Value* count = values_[4];
  call_if(b_.CreateOr(b_.CreateICmpSLE(count, b_.getInt32(0)),
                      b_.CreateICmpUGT(values_[5], b_.getInt32(3))));
  llvm::Value* first = b_.CreateGEP(b_.getInt8Ty(), values_[0], values_[1]);
  llvm::Value* second = b_.CreateGEP(b_.getInt8Ty(), values_[2], values_[3]);
  join(array_stub("leaf.mismatch", b_.getInt32Ty(), {first, second, count, values_[5]}));
}

/// Of bytes of an array, or of memory that Unsafe addresses. `has_end`: the last argument is where
/// they end, not how many they are.
void IntrinsicCall::checksum(const char* stub, bool has_end) {
  llvm::Value* first = values_[2];
  llvm::Value* count = has_end ? b_.CreateSub(values_[3], first) : values_[3];
  call_if(b_.CreateICmpSLT(b_.CreateOr(first, count), b_.getInt32(0)));
  llvm::Value* bytes = nullptr;
  if (row_.type == 'B') {
    call_if_shorter(values_[1], b_.CreateAdd(first, count));
    bytes = elements(values_[1], first);
  } else {
    llvm::Value* address = b_.CreateAdd(values_[1], b_.CreateZExt(first, b_.getInt64Ty()));
    // From null, as Unsafe does it: to the collector no object.
    bytes = b_.CreateGEP(b_.getInt8Ty(), llvm::ConstantPointerNull::get(llvm::PointerType::get(t_.context_, 1)), address);
  }
  join(array_stub(stub, b_.getInt32Ty(), {values_[0], bytes, count}));
}

/// Base64.Encoder.encodeBlock
void IntrinsicCall::base64_encode() {
  llvm::Type* i64 = b_.getInt64Ty();
  llvm::Value* source = values_[1];
  llvm::Value* from = values_[2];
  llvm::Value* to = values_[3];
  llvm::Value* target = values_[4];
  llvm::Value* at = values_[5];
  llvm::Value* count = b_.CreateSub(to, from);
  call_if(b_.CreateICmpSLT(b_.CreateOr(b_.CreateOr(from, to), b_.CreateOr(at, count)),
                           b_.getInt32(0)));
  call_if(b_.CreateIsNotNull(b_.CreateURem(count, b_.getInt32(3))));
  call_if_shorter(source, to);
  call_if(b_.CreateIsNull(target));
  llvm::Value* made = b_.CreateMul(b_.CreateZExt(b_.CreateUDiv(count, b_.getInt32(3)), i64),
                                   b_.getInt64(4));
  call_if(b_.CreateICmpUGT(b_.CreateAdd(made, b_.CreateZExt(at, i64)),
                           b_.CreateZExt(t_.array_length(target), i64)));
  call_if_same(target, {source});
  array_stub("leaf.base64_encode", b_.getVoidTy(),
             {elements(source), from, to, elements(target), at, values_[6]});
  join(nullptr);
}

bool IntrinsicCall::stubs() {
  switch (row_.op) {
    case IntrinsicOp::multiply_to_len:
      multiply_to_len();
      return true;
    case IntrinsicOp::square_to_len:
      square_to_len();
      return true;
    case IntrinsicOp::multiply_add:
      multiply_add();
      return true;
    case IntrinsicOp::montgomery_multiply:
      montgomery(2);
      return true;
    case IntrinsicOp::montgomery_square:
      montgomery(1);
      return true;
    case IntrinsicOp::mismatch:
      mismatch();
      return true;
    case IntrinsicOp::crc32:
      checksum("leaf.crc32", /*has_end=*/false);
      return true;
    case IntrinsicOp::crc32c:
      checksum("leaf.crc32c", /*has_end=*/true);
      return true;
    case IntrinsicOp::adler32:
      checksum("leaf.adler32", /*has_end=*/false);
      return true;
    case IntrinsicOp::base64_encode:
      base64_encode();
      return true;
    default:
      return false;
  }
}

}  // namespace jitfarm::worker::compiler::translate
