// Which memory accesses can never meet? Type-based alias metadata: array elements apart by type,
// fields by offset and type.
#pragma once
#include <cstdint>
#include <map>
#include <string>

namespace llvm {
class Instruction;
class LLVMContext;
class MDNode;
}  // namespace llvm

namespace jitfarm::worker::compiler::translate {

/// Makes and attaches the metadata of one module.
class AliasInfo {
 public:
  explicit AliasInfo(llvm::LLVMContext& context);

  /// `type`: first character of the element's descriptor. boolean[] and byte[] are one kind:
  /// bastore writes both.
  void array_element(llvm::Instruction& access, char type);
  /// Instance fields at one offset are one kind, whatever their class.
  void instance_field(llvm::Instruction& access, std::int32_t offset, char type);
  void static_field(llvm::Instruction& access, std::int32_t offset, char type);
  /// Memory of the VM itself: thread, class metadata, constants beside the code.
  void vm_memory(llvm::Instruction& access);
  /// As vm_memory or the head of an object, and never written after the object was made.
  void constant(llvm::Instruction& access);

 private:
  void attach(llvm::Instruction& access, const std::string& kind);

  llvm::LLVMContext& context_;
  llvm::MDNode* root_;
  std::map<std::string, llvm::MDNode*> tags_;
};

}  // namespace jitfarm::worker::compiler::translate
