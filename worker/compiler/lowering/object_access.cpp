#include "worker/compiler/lowering/object_access.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>

#include <string>
#include <vector>

namespace jitfarm::worker::compiler::lowering {

llvm::MemoryEffects read_between_safepoints() {
  return llvm::MemoryEffects::inaccessibleMemOnly(llvm::ModRefInfo::Ref);
}

llvm::CallInst* call_operation(llvm::IRBuilderBase& builder, llvm::StringRef name,
                               llvm::Type* result, llvm::ArrayRef<llvm::Value*> arguments) {
  llvm::SmallVector<llvm::Type*, 6> types;
  for (const llvm::Value* argument : arguments) types.push_back(argument->getType());
  const auto function = builder.GetInsertBlock()->getModule()->getOrInsertFunction(
      name, llvm::FunctionType::get(result, types, false));
  return builder.CreateCall(function, arguments);
}

void promise(llvm::Function& function, llvm::MemoryEffects effects) {
  function.setDoesNotThrow();
  function.setWillReturn();
  function.setMemoryEffects(effects);
  function.addFnAttr("gc-leaf-function");
}

void promise_arguments_only(llvm::Function& function, llvm::ModRefInfo access) {
  promise(function, llvm::MemoryEffects::argMemOnly(access));
  for (llvm::Argument& argument : function.args())
    if (argument.getType()->isPointerTy()) argument.addAttr(llvm::Attribute::NoCapture);
}

void forget_promises(llvm::Function& function) {
  function.setAttributes({});
  function.setDoesNotThrow();
  for (llvm::User* user : function.users())
    if (auto* call = llvm::dyn_cast<llvm::CallBase>(user)) call->setAttributes({});
}

llvm::BasicBlock* begin_body(llvm::Function& function) {
  function.setLinkage(llvm::GlobalValue::InternalLinkage);
  function.setVisibility(llvm::GlobalValue::DefaultVisibility);
  function.addFnAttr(llvm::Attribute::AlwaysInline);
  return llvm::BasicBlock::Create(function.getContext(), "", &function);
}

llvm::CallInst* load_cell(llvm::IRBuilderBase& builder, llvm::Function& function,
                          const char* prefix, bool stays) {
  const std::string cell = function.getName().drop_front(llvm::StringRef(prefix).size()).str();
  llvm::CallInst* value = builder.CreateCall(
      llvm::InlineAsm::get(function.getFunctionType(), "movq cell." + cell + "(%rip), $0", "=r",
                           /*hasSideEffects=*/stays));
  value->addFnAttr(llvm::Attribute::get(function.getContext(), "gc-leaf-function"));
  return value;
}

llvm::Value* decode(llvm::IRBuilderBase& builder, llvm::Value* narrow, llvm::Type* reference,
                    const facts::VmConfig& vm) {
  llvm::Value* wide = builder.CreateZExt(narrow, builder.getInt64Ty());
  llvm::Value* address =
      builder.CreateShl(wide, vm.narrow_oop_shift, "", /*HasNUW=*/true, /*HasNSW=*/true);
  if (vm.narrow_oop_base != 0) {
    llvm::Value* based = builder.CreateAdd(address, builder.getInt64(vm.narrow_oop_base));
    llvm::Value* is_null = builder.CreateICmpEQ(narrow, builder.getInt32(0));
    address = builder.CreateSelect(is_null, builder.getInt64(0), based);
  }
  return builder.CreateIntToPtr(address, reference);
}

namespace {

void define_decode(llvm::Function& function, const facts::VmConfig& vm) {
  function.setMemoryEffects(llvm::MemoryEffects::none());
  llvm::IRBuilder<> builder(begin_body(function));
  builder.CreateRet(decode(builder, function.getArg(0), function.getReturnType(), vm));
}

void define_load_cell(llvm::Function& load) {
  llvm::IRBuilder<> builder(begin_body(load));
  // Else the code generator would hoist the load out of a loop with safepoints, where the collector does
  // not see the register.
  llvm::CallInst* value = load_cell(builder, load, kLoadCell, /*stays=*/true);
  value->setMemoryEffects(read_between_safepoints());
  builder.CreateRet(value);
}

}  // namespace

void declare_object_access(llvm::Module& module) {
  for (llvm::Function& function : module) {
    if (function.getName() != kDecodeOop && !function.getName().starts_with(kLoadCell)) continue;
    promise(function, read_between_safepoints());
  }
}

void define_object_access(llvm::Module& module, const facts::VmConfig& vm) {
  for (llvm::Function& function : module) {
    if (!function.isDeclaration()) continue;
    if (function.getName() == kDecodeOop) define_decode(function, vm);
    if (function.getName().starts_with(kLoadCell)) define_load_cell(function);
  }
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
