// What String asks of its bytes: comparisons and searches, in both encodings.
#include "worker/compiler/lowering/strings.h"
#include "worker/compiler/translate/intrinsic_call.h"

namespace jitfarm::worker::compiler::translate {

using frontend::IntrinsicOp;

/// StringLatin1.compareTo, StringUTF16.compareTo
void IntrinsicCall::compare_strings() {
  call_if(b_.CreateOr(b_.CreateIsNull(values_[0]), b_.CreateIsNull(values_[1])));
  const bool is_wide = row_.type == 'C';
  const auto bytes = [&](llvm::Value* array) {
    llvm::Value* length = t_.array_length(array);
    if (is_wide) length = b_.CreateAnd(length, b_.getInt32(~1U));
    return b_.CreateZExt(length, b_.getInt64Ty());
  };
  llvm::Value* first = bytes(values_[0]);
  join(lowering::call_string_operation(
      b_, is_wide ? lowering::kCompareUtf16 : lowering::kCompareLatin1,
      {values_[0], first, values_[1], bytes(values_[1])}));
}

/// indexOfChar of both: (value, character, from, to).
void IntrinsicCall::index_of_character() {
  llvm::Value* array = values_[0];
  llvm::Value* wanted = values_[1];
  llvm::Value* from = values_[2];
  llvm::Value* to = values_[3];
  const bool is_wide = row_.type == 'C';
  call_if(b_.CreateIsNull(array));
  call_if(b_.CreateICmpSLT(b_.CreateOr(from, to), b_.getInt32(0)));
  llvm::Value* length = t_.array_length(array);
  if (is_wide) {
    length = b_.CreateLShr(length, 1);
    // The bytecode compares ints, and a wrong range throws even when it is empty.
    call_if(b_.CreateICmpUGT(wanted, b_.getInt32(0xffff)));
    call_if(b_.CreateICmpSGT(from, to));
  }
  call_if(b_.CreateICmpUGT(to, length));
  llvm::Type* i64 = b_.getInt64Ty();
  join(lowering::call_string_operation(
      b_, is_wide ? lowering::kIndexOfChar : lowering::kIndexOfByte,
      {array, b_.CreateZExt(from, i64), b_.CreateZExt(to, i64), wanted}));
}

/// StringLatin1.indexOf: (value, wanted), or (value, length, wanted, length, from).
void IntrinsicCall::index_of_string() {
  llvm::Type* i64 = b_.getInt64Ty();
  llvm::Value* array = values_[0];
  llvm::Value* zero = b_.getInt32(0);
  if (values_.size() == 2) {
    llvm::Value* wanted = values_[1];
    call_if(b_.CreateOr(b_.CreateIsNull(array), b_.CreateIsNull(wanted)));
    llvm::Value* length = t_.array_length(array);
    llvm::Value* wanted_length = t_.array_length(wanted);
    call_if(b_.CreateICmpEQ(wanted_length, zero));
    return join(lowering::call_string_operation(
        b_, lowering::kIndexOfBytes,
        {array, b_.CreateZExt(length, i64), wanted, b_.CreateZExt(wanted_length, i64),
         b_.getInt64(0)}));
  }
  llvm::Value* length = values_[1];
  llvm::Value* wanted = values_[2];
  llvm::Value* wanted_length = values_[3];
  llvm::Value* from = values_[4];
  call_if(b_.CreateOr(b_.CreateIsNull(array), b_.CreateIsNull(wanted)));
  call_if(b_.CreateICmpSLT(b_.CreateOr(length, from), zero));
  call_if(b_.CreateICmpSLE(wanted_length, zero));
  call_if(b_.CreateICmpUGT(length, t_.array_length(array)));
  call_if(b_.CreateICmpUGT(wanted_length, t_.array_length(wanted)));
  join(lowering::call_string_operation(
      b_, lowering::kIndexOfBytes,
      {array, b_.CreateZExt(length, i64), wanted, b_.CreateZExt(wanted_length, i64),
       b_.CreateZExt(from, i64)}));
}

bool IntrinsicCall::strings() {
  switch (row_.op) {
    case IntrinsicOp::compare_strings:
      compare_strings();
      return true;
    case IntrinsicOp::index_of_character:
      index_of_character();
      return true;
    case IntrinsicOp::index_of_string:
      index_of_string();
      return true;
    default:
      return false;
  }
}

}  // namespace jitfarm::worker::compiler::translate
