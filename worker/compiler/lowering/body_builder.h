// What does the body of every operation need? Blocks, the weights of its branches, calls of C.
// Internal to the room.
#pragma once
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>

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

  llvm::Function& function_;
  const facts::VmConfig& vm_;
  llvm::IRBuilder<> b_;
};

}  // namespace jitfarm::worker::compiler::lowering
