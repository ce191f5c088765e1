#include <llvm/IR/MDBuilder.h>

#include "worker/compiler/translate/intrinsic_call.h"

namespace jitfarm::worker::compiler::translate {

/// False: the call stays a call.
bool MethodTranslator::intrinsic(const bytecode::Instruction& at,
                                 const facts::ResolvedMethod& resolved,
                                 const std::vector<llvm::Value*>& values,
                                 std::string_view arguments, char result) {
  const auto row = plan_.intrinsics.find(at_);
  if (row == plan_.intrinsics.end()) return false;
  return IntrinsicCall(*this, *row->second, at, resolved, values, arguments, result).translate();
}

bool IntrinsicCall::translate() { return arithmetic() || unsafe() || objects() || arrays() || stubs() || strings(); }

void IntrinsicCall::call_if(llvm::Value* is_rare) {
  if (rare_ == nullptr) rare_ = t_.new_block("call");
  llvm::BasicBlock* usual = t_.new_block("intrinsic");
  b_.CreateCondBr(is_rare, rare_, usual,
                  llvm::MDBuilder(t_.context_).createUnlikelyBranchWeights());
  b_.SetInsertPoint(usual);
}

void IntrinsicCall::join(llvm::Value* value) {
  if (rare_ == nullptr) {
    if (result_ != 'V') push(value);
    return;
  }
  llvm::BasicBlock* done = t_.new_block("done");
  llvm::BasicBlock* usual = b_.GetInsertBlock();
  b_.CreateBr(done);
  b_.SetInsertPoint(rare_);
  llvm::Value* returned = t_.real_call(at_, resolved_, values_, types_, result_);
  llvm::BasicBlock* called = b_.GetInsertBlock();
  b_.CreateBr(done);
  b_.SetInsertPoint(done);
  if (result_ == 'V') return;
  llvm::PHINode* either = b_.CreatePHI(value->getType(), 2);
  either->addIncoming(value, usual);
  either->addIncoming(returned, called);
  push(either);
}

void IntrinsicCall::finish_or_call(llvm::Value* is_done, llvm::Value* value) {
  call_if(b_.CreateNot(is_done));
  join(value);
}

}  // namespace jitfarm::worker::compiler::translate
