#include "worker/compiler/lowering/subtype.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>

#include <string>

#include "worker/compiler/lowering/object_access.h"

namespace jitfarm::worker::compiler::lowering {
namespace {

llvm::Value* field_address(llvm::IRBuilder<>& b, llvm::Value* base, std::int32_t offset) {
  return b.CreateConstGEP1_64(b.getInt8Ty(), base, static_cast<std::uint64_t>(offset));
}

/// Other threads write some of these; what is read is a whole word, as HotSpot's own compilers
/// read it.
llvm::LoadInst* load(llvm::IRBuilder<>& b, llvm::Type* type, llvm::Value* address) {
  llvm::LoadInst* loaded = b.CreateAlignedLoad(type, address, llvm::Align(type->isPointerTy() ? 8 : 4));
  loaded->setAtomic(llvm::AtomicOrdering::Unordered);
  return loaded;
}

void define_load_klass(llvm::Function& function, const facts::VmConfig& vm) {
  llvm::IRBuilder<> b(begin_body(function));
  llvm::Value* header = field_address(b, function.getArg(0), vm.klass_offset);
  if (!vm.use_compressed_class_pointers) {
    b.CreateRet(load(b, b.getPtrTy(), header));
    return;
  }
  llvm::Value* narrow = load(b, b.getInt32Ty(), header);
  llvm::Value* offset = b.CreateShl(b.CreateZExt(narrow, b.getInt64Ty()), vm.narrow_klass_shift & 63);
  b.CreateRet(b.CreateIntToPtr(b.CreateAdd(offset, b.getInt64(vm.narrow_klass_base)), b.getPtrTy()));
}

/// As Klass::is_subtype_of: the super class at the depth of the wanted one (or, for what has no
/// depth, the one found last), then the class itself, then all its secondary supers.
void define_is_subclass(llvm::Function& function, const facts::VmConfig& vm) {
  llvm::LLVMContext& context = function.getContext();
  llvm::Value* sub = function.getArg(0);
  llvm::Value* super = function.getArg(1);
  llvm::Value* known_offset = function.getArg(2);
  llvm::BasicBlock* entry = begin_body(function);
  const auto block = [&](const char* name) { return llvm::BasicBlock::Create(context, name, &function); };
  llvm::BasicBlock* read_offset = block("read_offset");
  llvm::BasicBlock* display = block("display");
  llvm::BasicBlock* missed = block("missed");
  llvm::BasicBlock* secondary = block("secondary");
  llvm::BasicBlock* begin_scan = block("begin_scan");
  llvm::BasicBlock* scan = block("scan");
  llvm::BasicBlock* next = block("next");
  llvm::BasicBlock* found = block("found");
  llvm::BasicBlock* yes = block("yes");
  llvm::BasicBlock* no = block("no");

  llvm::IRBuilder<> b(entry);
  b.CreateCondBr(b.CreateIsNull(known_offset), read_offset, display);

  b.SetInsertPoint(read_offset);
  llvm::Value* own_offset = load(b, b.getInt32Ty(), field_address(b, super, vm.klass_super_check_offset));
  b.CreateBr(display);

  b.SetInsertPoint(display);
  llvm::PHINode* offset = b.CreatePHI(b.getInt32Ty(), 2);
  offset->addIncoming(known_offset, entry);
  offset->addIncoming(own_offset, read_offset);
  llvm::Value* at_offset = load(b, b.getPtrTy(), b.CreateGEP(b.getInt8Ty(), sub, b.CreateZExt(offset, b.getInt64Ty())));
  b.CreateCondBr(b.CreateICmpEQ(at_offset, super), yes, missed);

  b.SetInsertPoint(missed);
  const auto cache_offset = static_cast<std::uint32_t>(vm.klass_secondary_super_cache);
  b.CreateCondBr(b.CreateICmpEQ(offset, b.getInt32(cache_offset)), secondary, no);

  b.SetInsertPoint(secondary);
  b.CreateCondBr(b.CreateICmpEQ(sub, super), yes, begin_scan);

  b.SetInsertPoint(begin_scan);
  llvm::Value* supers = load(b, b.getPtrTy(), field_address(b, sub, vm.klass_secondary_supers));
  llvm::Value* length =
      b.CreateZExt(load(b, b.getInt32Ty(), field_address(b, supers, vm.klass_array_length)), b.getInt64Ty());
  llvm::Value* first = field_address(b, supers, vm.klass_array_data);
  b.CreateCondBr(b.CreateIsNull(length), no, scan);

  b.SetInsertPoint(scan);
  llvm::PHINode* index = b.CreatePHI(b.getInt64Ty(), 2);
  index->addIncoming(b.getInt64(0), begin_scan);
  llvm::Value* candidate = load(b, b.getPtrTy(), b.CreateGEP(b.getInt64Ty(), first, index));
  b.CreateCondBr(b.CreateICmpEQ(candidate, super), found, next);

  b.SetInsertPoint(next);
  llvm::Value* following = b.CreateAdd(index, b.getInt64(1), "", true, true);
  index->addIncoming(following, next);
  b.CreateCondBr(b.CreateICmpEQ(following, length), no, scan);

  b.SetInsertPoint(found);
  b.CreateAlignedStore(super, field_address(b, sub, vm.klass_secondary_super_cache), llvm::Align(8))
      ->setAtomic(llvm::AtomicOrdering::Unordered);
  b.CreateBr(yes);

  b.SetInsertPoint(yes);
  b.CreateRet(b.getTrue());
  b.SetInsertPoint(no);
  b.CreateRet(b.getFalse());
}

void define_load_klass_cell(llvm::Function& function) {
  llvm::IRBuilder<> b(begin_body(function));
  // The value never changes, so the code generator may do with it what it likes.
  llvm::CallInst* value = load_cell(b, function, kLoadKlassCell, /*stays=*/false);
  value->setDoesNotAccessMemory();
  value->setDoesNotThrow();
  b.CreateRet(value);
}

}  // namespace

llvm::Value* call_load_klass(llvm::IRBuilderBase& builder, llvm::Value* object) {
  return call_operation(builder, kLoadKlass, builder.getPtrTy(), object);
}

llvm::Value* call_is_subclass(llvm::IRBuilderBase& builder, llvm::Value* sub_klass, llvm::Value* super_klass,
                              std::int32_t super_check_offset) {
  llvm::Value* offset = builder.getInt32(static_cast<std::uint32_t>(super_check_offset));
  return call_operation(builder, kIsSubclass, builder.getInt1Ty(), {sub_klass, super_klass, offset});
}

llvm::Value* call_load_klass_cell(llvm::IRBuilderBase& builder, std::size_t cell) {
  return call_operation(builder, kLoadKlassCell + std::to_string(cell), builder.getPtrTy(), {});
}

void declare_subtype(llvm::Module& module) {
  for (llvm::Function& function : module) {
    const bool is_cell = function.getName().starts_with(kLoadKlassCell);
    if (!is_cell && function.getName() != kLoadKlass && function.getName() != kIsSubclass) continue;
    promise(function, is_cell ? llvm::MemoryEffects::none() : read_between_safepoints());
  }
}

void define_subtype(llvm::Module& module, const facts::VmConfig& vm) {
  for (llvm::Function& function : module) {
    if (!function.isDeclaration()) continue;
    if (function.getName() == kLoadKlass || function.getName() == kIsSubclass) {
      // The body does access memory; what was said before was how it may move.
      function.removeFnAttr(llvm::Attribute::Memory);
      if (function.getName() == kLoadKlass)
        define_load_klass(function, vm);
      else
        define_is_subclass(function, vm);
    }
    if (function.getName().starts_with(kLoadKlassCell)) define_load_klass_cell(function);
  }
}

}  // namespace jitfarm::worker::compiler::lowering
