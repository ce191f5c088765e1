#include "worker/compiler/translate/alias_info.h"

#include <llvm/IR/Instruction.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/MDBuilder.h>

namespace jitfarm::worker::compiler::translate {

AliasInfo::AliasInfo(llvm::LLVMContext& context)
    : context_(context), root_(llvm::MDBuilder(context).createTBAARoot("java")) {}

void AliasInfo::array_element(llvm::Instruction& access, char type) {
  if (type == 'Z') type = 'B';
  attach(access, std::string("array of ") + type);
}

void AliasInfo::instance_field(llvm::Instruction& access, std::int32_t offset, char type) {
  attach(access, "field " + std::to_string(offset) + " " + type);
}

void AliasInfo::static_field(llvm::Instruction& access, std::int32_t offset, char type) {
  attach(access, "static " + std::to_string(offset) + " " + type);
}

void AliasInfo::vm_memory(llvm::Instruction& access) { attach(access, "vm"); }

void AliasInfo::constant(llvm::Instruction& access) {
  attach(access, "constant");
  access.setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(context_, {}));
}

void AliasInfo::attach(llvm::Instruction& access, const std::string& kind) {
  llvm::MDNode*& tag = tags_[kind];
  if (tag == nullptr) {
    llvm::MDBuilder builder(context_);
    llvm::MDNode* type = builder.createTBAAScalarTypeNode(kind, root_);
    tag = builder.createTBAAStructTagNode(type, type, 0);
  }
  access.setMetadata(llvm::LLVMContext::MD_tbaa, tag);
}

}  // namespace jitfarm::worker::compiler::translate
