// Arrays: copies of them, and comparisons.
#include "worker/compiler/lowering/allocation.h"
#include "worker/compiler/lowering/array_bytes.h"
#include "worker/compiler/lowering/headers.h"
#include "worker/compiler/lowering/subtype.h"
#include "worker/compiler/translate/intrinsic_call.h"

namespace jitfarm::worker::compiler::translate {

using frontend::IntrinsicOp;

llvm::Value* IntrinsicCall::layout_helper(llvm::Value* klass) {
  return t_.klass_field(klass, vm_.klass_layout_helper, b_.getInt32Ty());
}

/// A new array of the class, whose layout helper this is. The class is used before the first
/// safepoint only.
llvm::Value* IntrinsicCall::make_array(llvm::Value* klass, llvm::Value* helper,
                                       llvm::Value* length) {
  llvm::Value* array = nullptr;
  if (lowering::can_allocate_inline(vm_)) {
    llvm::Value* base = b_.CreateAnd(b_.CreateLShr(helper, vm_.layout_helper_header_shift & 31),
                                     b_.getInt32(vm_.layout_helper_header_mask));
    llvm::Value* shift = b_.CreateAnd(helper, b_.getInt32(vm_.layout_helper_size_mask));
    array = lowering::call_new_array(b_, t_.thread(), klass, length,
                                     b_.CreateZExt(base, b_.getInt64Ty()),
                                     b_.CreateZExt(shift, b_.getInt64Ty()));
  }
  return t_.or_from_vm(array, code::Target::new_array, "JI", {klass, length});
}

/// From the start of one array to that of another; both have the elements, of classes that fit.
void IntrinsicCall::call_copy(llvm::Value* from, llvm::Value* to, llvm::Value* count) {
  lowering::call_copy_array(b_, t_.thread(), from, b_.getInt32(0), to, b_.getInt32(0), count);
}

/// System.arraycopy. Where a check fails nothing was copied, and the call does it all.
void IntrinsicCall::copy_array() {
  llvm::Value* is_done = lowering::call_copy_array(b_, t_.thread(), values_[0], values_[1],
                                                   values_[2], values_[3], values_[4]);
  finish_or_call(is_done, nullptr);
}

/// Object.clone of an array; other objects are cloned by the call.
void IntrinsicCall::clone_array() {
  llvm::Value* array = values_[0];
  llvm::Value* klass = lowering::call_load_klass(b_, array);
  llvm::Value* helper = layout_helper(klass);
  call_if(b_.CreateICmpSGE(helper, b_.getInt32(0)));
  llvm::Value* length = t_.array_length(array);
  llvm::Value* clone = make_array(klass, helper, length);
  call_copy(array, clone, length);
  join(clone);
}

/// Arrays.copyOf of an array of references, to one of its class or a class of arrays that may hold
/// the same.
void IntrinsicCall::copy_of() {
  llvm::Value* original = values_[0];
  llvm::Value* new_length = values_[1];
  llvm::Value* new_type = values_[2];
  call_if(b_.CreateOr(b_.CreateOr(b_.CreateIsNull(original), b_.CreateIsNull(new_type)),
                      b_.CreateICmpSLT(new_length, b_.getInt32(0))));
  llvm::Value* klass = lowering::call_mirror_klass(b_, new_type);
  call_if(b_.CreateIsNull(klass));
  llvm::Value* helper = layout_helper(klass);
  llvm::Value* tag = b_.CreateAShr(helper, vm_.layout_helper_tag_shift & 31);
  call_if(
      b_.CreateICmpNE(tag, b_.getInt32(static_cast<std::uint32_t>(vm_.layout_helper_tag_objects))));
  llvm::Value* own_klass = lowering::call_load_klass(b_, original);
  call_if(b_.CreateNot(lowering::call_is_subclass(b_, own_klass, klass, 0)));
  llvm::Value* length = t_.array_length(original);
  llvm::Value* copy = make_array(klass, helper, new_length);
  call_copy(original, copy, b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, length, new_length));
  join(copy);
}

/// Arrays.equals, which takes null, and what String compares with, which does not.
void IntrinsicCall::equal_arrays() {
  llvm::Value* a = values_[0];
  llvm::Value* b = values_[1];
  const bool takes_null = row_.type != 'Z';
  llvm::Value* one_is_null = b_.CreateOr(b_.CreateIsNull(a), b_.CreateIsNull(b));
  llvm::BasicBlock* compare = t_.new_block("compare");
  llvm::BasicBlock* elements = t_.new_block("elements");
  llvm::BasicBlock* compared = t_.new_block("compared");
  llvm::BasicBlock* nulls = nullptr;
  llvm::Value* same = nullptr;
  if (takes_null) {
    same = b_.CreateICmpEQ(a, b);
    nulls = b_.GetInsertBlock();
    b_.CreateCondBr(b_.CreateOr(same, one_is_null), compared, compare);
  } else {
    call_if(one_is_null);
    b_.CreateBr(compare);
  }
  b_.SetInsertPoint(compare);
  llvm::Value* length = t_.array_length(a);
  b_.CreateCondBr(b_.CreateICmpEQ(length, t_.array_length(b)), elements, compared);
  b_.SetInsertPoint(elements);
  llvm::Value* bytes = b_.CreateZExt(length, b_.getInt64Ty());
  if (row_.type == 'C') bytes = b_.CreateShl(bytes, 1);
  llvm::Value* are_equal = lowering::call_equal_bytes(b_, a, b, bytes);
  b_.CreateBr(compared);
  b_.SetInsertPoint(compared);
  llvm::PHINode* result = b_.CreatePHI(b_.getInt1Ty(), 3);
  if (takes_null) result->addIncoming(same, nulls);
  result->addIncoming(b_.getFalse(), compare);
  result->addIncoming(are_equal, elements);
  join(b_.CreateZExt(result, b_.getInt32Ty()));
}

/// StringCoding.hasNegatives
void IntrinsicCall::has_negatives() {
  llvm::Value* array = values_[0];
  llvm::Value* first = values_[1];
  llvm::Value* count = values_[2];
  call_if(b_.CreateOr(b_.CreateIsNull(array),
                      b_.CreateICmpSLT(b_.CreateOr(first, count), b_.getInt32(0))));
  // Of two that are not negative the sum is right as an unsigned number.
  call_if(b_.CreateICmpUGT(b_.CreateAdd(first, count), t_.array_length(array)));
  llvm::Value* found = lowering::call_has_negatives(
      b_, array, b_.CreateZExt(first, b_.getInt64Ty()), b_.CreateZExt(count, b_.getInt64Ty()));
  join(b_.CreateZExt(found, b_.getInt32Ty()));
}

bool IntrinsicCall::arrays() {
  switch (row_.op) {
    case IntrinsicOp::copy_array:
      copy_array();
      return true;
    case IntrinsicOp::clone_array:
      clone_array();
      return true;
    case IntrinsicOp::copy_of:
      copy_of();
      return true;
    case IntrinsicOp::equal_arrays:
      equal_arrays();
      return true;
    case IntrinsicOp::has_negatives:
      has_negatives();
      return true;
    case IntrinsicOp::array_length: {
      call_if(b_.CreateIsNull(values_[0]));
      llvm::Value* helper = layout_helper(lowering::call_load_klass(b_, values_[0]));
      call_if(b_.CreateICmpSGE(helper, b_.getInt32(0)));
      join(t_.array_length(values_[0]));
      return true;
    }
    default:
      return false;
  }
}

}  // namespace jitfarm::worker::compiler::translate
