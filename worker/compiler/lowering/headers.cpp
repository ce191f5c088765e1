#include "worker/compiler/lowering/headers.h"

#include <string_view>

#include "worker/compiler/lowering/body_builder.h"

namespace jitfarm::worker::compiler::lowering {
namespace {

constexpr unsigned kHeapSpace = 1;
constexpr std::string_view kNames[] = {kLoadMirror, kMirrorKlass, kThreadObject, kIdentityHash};

/// Makes the body of one operation.
class Body : BodyBuilder {
 public:
  Body(llvm::Function& function, const facts::VmConfig& vm) : BodyBuilder(function, vm) {}

  void make() {
    const llvm::StringRef name = function_.getName();
    if (name == kLoadMirror)
      b_.CreateRet(through_slot(vm_.klass_java_mirror));
    else if (name == kThreadObject)
      b_.CreateRet(through_slot(vm_.thread_object));
    else if (name == kMirrorKlass)
      b_.CreateRet(load(b_.getPtrTy(), at(vm_.mirror_klass)));
    else
      identity_hash();
  }

 private:
  llvm::Value* at(std::int32_t offset) {
    return b_.CreateConstGEP1_64(b_.getInt8Ty(), function_.getArg(0),
                                 static_cast<std::uint64_t>(offset));
  }
  /// Once, as a whole word.
  llvm::LoadInst* load(llvm::Type* type, llvm::Value* address) {
    llvm::LoadInst* loaded = b_.CreateAlignedLoad(type, address, llvm::Align(8));
    loaded->setAtomic(llvm::AtomicOrdering::Unordered);
    return loaded;
  }
  /// An OopHandle: the address of a slot outside the heap, which the collector updates.
  llvm::Value* through_slot(std::int32_t offset) {
    return load(b_.getPtrTy(kHeapSpace), load(b_.getPtrTy(), at(offset)));
  }

  /// Of an object that is neither locked nor biased the mark word has the hash.
  void identity_hash() {
    llvm::Value* mark = load(b_.getInt64Ty(), at(vm_.mark_offset));
    llvm::Value* is_free =
        b_.CreateICmpEQ(b_.CreateAnd(mark, vm_.mark_lock_mask), b_.getInt64(vm_.mark_unlocked));
    llvm::Value* hash =
        b_.CreateAnd(b_.CreateLShr(mark, vm_.mark_hash_shift & 63), vm_.mark_hash_mask);
    b_.CreateRet(b_.CreateSelect(is_free, b_.CreateTrunc(hash, b_.getInt32Ty()), b_.getInt32(0)));
  }
};

}  // namespace

llvm::CallInst* call_load_mirror(llvm::IRBuilderBase& builder, llvm::Value* klass) {
  llvm::CallInst* mirror = call_operation(builder, kLoadMirror, builder.getPtrTy(kHeapSpace), klass);
  mirror->addRetAttr(llvm::Attribute::NonNull);
  return mirror;
}

llvm::CallInst* call_mirror_klass(llvm::IRBuilderBase& builder, llvm::Value* mirror) {
  return call_operation(builder, kMirrorKlass, builder.getPtrTy(), mirror);
}

llvm::CallInst* call_thread_object(llvm::IRBuilderBase& builder, llvm::Value* thread) {
  llvm::CallInst* object = call_operation(builder, kThreadObject, builder.getPtrTy(kHeapSpace), thread);
  object->addRetAttr(llvm::Attribute::NonNull);
  return object;
}

llvm::CallInst* call_identity_hash(llvm::IRBuilderBase& builder, llvm::Value* object) {
  return call_operation(builder, kIdentityHash, builder.getInt32Ty(), object);
}

void declare_headers(llvm::Module& module) {
  for (const std::string_view name : kNames)
    if (llvm::Function* function = module.getFunction(name))
      promise(*function, read_between_safepoints());
}

void define_headers(llvm::Module& module, const facts::VmConfig& vm) {
  for (const std::string_view name : kNames) {
    llvm::Function* function = module.getFunction(name);
    if (function == nullptr || !function->isDeclaration()) continue;
    forget_promises(*function);
    Body(*function, vm).make();
  }
}

}  // namespace jitfarm::worker::compiler::lowering
