#include "worker/compiler/lowering/object_access.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>

#include <string>
#include <vector>

namespace jitfarm::worker::compiler::lowering {

void declare_object_access(llvm::Module& module) {
  llvm::Function* decode = module.getFunction(kDecodeOop);
  if (decode == nullptr) return;
  decode->setDoesNotThrow();
  decode->setWillReturn();
  // Reads what a safepoint writes: neither moves across the other.
  decode->setMemoryEffects(llvm::MemoryEffects::inaccessibleMemOnly(llvm::ModRefInfo::Ref));
  decode->addFnAttr("gc-leaf-function");
}

void define_object_access(llvm::Module& module, const facts::VmConfig& vm) {
  llvm::Function* decode = module.getFunction(kDecodeOop);
  if (decode == nullptr || !decode->isDeclaration()) return;
  decode->setLinkage(llvm::GlobalValue::InternalLinkage);
  decode->setVisibility(llvm::GlobalValue::DefaultVisibility);
  decode->setMemoryEffects(llvm::MemoryEffects::none());
  decode->addFnAttr(llvm::Attribute::AlwaysInline);
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(module.getContext(), "", decode));
  llvm::Value* narrow = decode->getArg(0);
  llvm::Value* wide = builder.CreateZExt(narrow, builder.getInt64Ty());
  llvm::Value* address = builder.CreateShl(wide, vm.narrow_oop_shift, "", /*NUW=*/true, /*NSW=*/true);
  if (vm.narrow_oop_base != 0) {
    llvm::Value* based = builder.CreateAdd(address, builder.getInt64(vm.narrow_oop_base));
    llvm::Value* is_null = builder.CreateICmpEQ(narrow, builder.getInt32(0));
    address = builder.CreateSelect(is_null, builder.getInt64(0), based);
  }
  builder.CreateRet(builder.CreateIntToPtr(address, decode->getReturnType()));
}

void make_leaf_calls_absolute(llvm::Module& module) {
  llvm::LLVMContext& context = module.getContext();
  std::vector<llvm::Function*> leaves;
  for (llvm::Function& function : module)
    if (function.isDeclaration() && function.getName().starts_with("leaf.")) leaves.push_back(&function);
  for (llvm::Function* leaf : leaves) {
    // An absolute symbol of full range is a movabs with a 64-bit relocation. The empty asm keeps LLVM
    // from folding it into a relative call again.
    const std::string name = leaf->getName().str();
    leaf->setName("");
    auto* address = new llvm::GlobalVariable(module, llvm::Type::getInt8Ty(context), false,
                                             llvm::GlobalValue::ExternalLinkage, nullptr, name);
    address->setVisibility(llvm::GlobalValue::HiddenVisibility);
    address->setDSOLocal(true);
    auto* all = llvm::ConstantAsMetadata::get(llvm::ConstantInt::getSigned(llvm::Type::getInt64Ty(context), -1));
    address->setMetadata(llvm::LLVMContext::MD_absolute_symbol, llvm::MDNode::get(context, {all, all}));
    auto* i64 = llvm::Type::getInt64Ty(context);
    auto* identity = llvm::InlineAsm::get(llvm::FunctionType::get(i64, {i64}, false), "", "=r,0", false);
    for (llvm::User* user : llvm::make_early_inc_range(leaf->users())) {
      auto* call = llvm::dyn_cast<llvm::CallBase>(user);
      if (call == nullptr || call->getCalledOperand() != leaf) continue;
      llvm::IRBuilder<> builder(call);
      llvm::Value* bits = builder.CreateCall(identity, {builder.CreatePtrToInt(address, i64)});
      call->setCalledOperand(builder.CreateIntToPtr(bits, leaf->getType()));
    }
    if (leaf->use_empty()) leaf->eraseFromParent();
  }
}

}  // namespace jitfarm::worker::compiler::lowering
