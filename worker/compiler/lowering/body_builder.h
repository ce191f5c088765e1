// What does the body of every operation need? Blocks, the weights of its branches, calls of C.
// Internal to the room.
#pragma once
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>

#include <functional>

#include "common/facts/vm_config.h"
#include "worker/compiler/lowering/object_access.h"

namespace jitfarm::worker::compiler::lowering {

/// Builds the body of one function, from its entry on.
class BodyBuilder {
 protected:
  BodyBuilder(llvm::Function& function, const facts::VmConfig& vm)
      : function_(function), vm_(vm), b_(begin_body(function)) {}

  llvm::BasicBlock* block(const char* name) {
    return llvm::BasicBlock::Create(function_.getContext(), name, &function_);
  }
  llvm::MDNode* likely() {
    return llvm::MDBuilder(function_.getContext()).createLikelyBranchWeights();
  }
  llvm::MDNode* unlikely() {
    return llvm::MDBuilder(function_.getContext()).createUnlikelyBranchWeights();
  }
  /// Calls the C function `name` ("leaf.."), which neither throws nor meets a safepoint.
  void call_leaf(const char* name, llvm::ArrayRef<llvm::Value*> arguments) {
    llvm::SmallVector<llvm::Type*, 4> types;
    for (const llvm::Value* argument : arguments) types.push_back(argument->getType());
    const auto leaf = function_.getParent()->getOrInsertFunction(
        name, llvm::FunctionType::get(b_.getVoidTy(), types, false));
    llvm::CallInst* call = b_.CreateCall(leaf, arguments);
    call->addFnAttr(llvm::Attribute::get(function_.getContext(), "gc-leaf-function"));
    call->setDoesNotThrow();
  }

  /// Emits one step of a loop at the position that it is given, and ends its block with a branch to
  /// the block that it is given when the loop goes on. Returns a block that leaves the loop with the
  /// position as it is, or null.
  using Step = std::function<llvm::BasicBlock*(llvm::Value*, llvm::BasicBlock*)>;

  /// Steps of `size` from `from` on, both i64, as long as one ends at `to` or before. Leaves the builder
  /// behind the loop; returns how far it came.
  llvm::Value* loop(llvm::Value* from, llvm::Value* to, std::uint64_t size, const Step& step) {
    llvm::BasicBlock* before = b_.GetInsertBlock();
    llvm::BasicBlock* head = block("head");
    llvm::BasicBlock* body = block("step");
    llvm::BasicBlock* next = block("next");
    llvm::BasicBlock* after = block("after");
    b_.CreateBr(head);
    b_.SetInsertPoint(head);
    llvm::PHINode* at = b_.CreatePHI(b_.getInt64Ty(), 2);
    at->addIncoming(from, before);
    llvm::Value* end = b_.CreateAdd(at, b_.getInt64(size));
    b_.CreateCondBr(b_.CreateICmpSLE(end, to), body, after);
    b_.SetInsertPoint(body);
    if (llvm::BasicBlock* leave = step(at, next)) {
      b_.SetInsertPoint(leave);
      b_.CreateBr(after);
    }
    b_.SetInsertPoint(next);
    at->addIncoming(end, next);
    b_.CreateBr(head);
    b_.SetInsertPoint(after);
    return at;
  }

  llvm::Function& function_;
  const facts::VmConfig& vm_;
  llvm::IRBuilder<> b_;
};

}  // namespace jitfarm::worker::compiler::lowering
