#include "worker/compiler/lowering/reference_store.h"

#include "worker/compiler/lowering/body_builder.h"

namespace jitfarm::worker::compiler::lowering {
namespace {

constexpr unsigned kHeapSpace = 1;
constexpr std::uint64_t kWord = 8;
constexpr unsigned kMarked = 1;
constexpr unsigned kAddress = 2;
constexpr unsigned kValue = 3;

/// Makes the body.
class Body : BodyBuilder {
 public:
  Body(llvm::Function& function, const facts::VmConfig& vm)
      : BodyBuilder(function, vm),
        thread_(function.getArg(0)),
        marked_(function.getArg(kMarked)),
        address_(function.getArg(kAddress)),
        value_(function.getArg(kValue)) {}

  void make() {
    const bool is_g1 = vm_.gc == facts::GcKind::g1;
    if (is_g1) remember_old_value();
    store();
    if (is_g1)
      note_for_other_regions();
    else
      // Also for null: cheaper than the question.
      b_.CreateAlignedStore(dirty(), card(), llvm::Align(1));
    b_.CreateRetVoid();
  }

 private:
  llvm::Value* thread_field(std::int32_t offset) {
    return b_.CreateConstGEP1_64(b_.getInt8Ty(), thread_, static_cast<std::uint64_t>(offset));
  }
  llvm::Value* bits(llvm::Value* reference) {
    return b_.CreatePtrToInt(reference, b_.getInt64Ty());
  }
  llvm::Value* dirty() { return b_.getInt8(static_cast<std::uint8_t>(vm_.dirty_card)); }
  llvm::Value* card() {
    llvm::Value* index = b_.CreateLShr(bits(marked_), vm_.card_shift & 63);
    return b_.CreateIntToPtr(b_.CreateAdd(index, b_.getInt64(vm_.card_table)), b_.getPtrTy());
  }

  void store() {
    llvm::Value* written = value_;
    if (vm_.use_compressed_oops) {
      llvm::Value* offset = bits(value_);
      if (vm_.narrow_oop_base != 0) {
        llvm::Value* is_null = b_.CreateIsNull(value_);
        offset = b_.CreateSub(offset, b_.getInt64(vm_.narrow_oop_base));
        offset = b_.CreateSelect(is_null, b_.getInt64(0), offset);
      }
      written = b_.CreateTrunc(b_.CreateLShr(offset, vm_.narrow_oop_shift & 63), b_.getInt32Ty());
    }
    llvm::StoreInst* store =
        b_.CreateAlignedStore(written, address_, llvm::Align(vm_.use_compressed_oops ? 4 : 8));
    store->setAtomic(llvm::AtomicOrdering::Unordered);
  }

  /// While marking runs, the collector must see what was there when it began.
  void remember_old_value() {
    llvm::BasicBlock* marking = block("marking");
    llvm::BasicBlock* remember = block("remember");
    llvm::BasicBlock* done = block("stored");
    llvm::Value* active =
        b_.CreateAlignedLoad(b_.getInt8Ty(), thread_field(vm_.g1_satb_active), llvm::Align(1));
    b_.CreateCondBr(b_.CreateIsNull(active), done, marking, likely());

    b_.SetInsertPoint(marking);
    llvm::Value* old = load();
    b_.CreateCondBr(b_.CreateIsNull(old), done, remember);

    b_.SetInsertPoint(remember);
    enqueue(vm_.g1_satb_index, vm_.g1_satb_buffer, old, "leaf.write_barrier_pre", done);
    b_.SetInsertPoint(done);
  }

  llvm::Value* load() {
    llvm::Type* reference = value_->getType();
    llvm::Type* type = vm_.use_compressed_oops ? b_.getInt32Ty() : reference;
    llvm::LoadInst* old =
        b_.CreateAlignedLoad(type, address_, llvm::Align(vm_.use_compressed_oops ? 4 : 8));
    old->setAtomic(llvm::AtomicOrdering::Unordered);
    return vm_.use_compressed_oops ? decode(b_, old, reference, vm_) : old;
  }

  /// A reference into another region: when the collector looks for those in the object's card, the
  /// card goes into the thread's queue.
  void note_for_other_regions() {
    llvm::BasicBlock* not_null = block("not_null");
    llvm::BasicBlock* crossing = block("crossing");
    llvm::BasicBlock* not_young = block("not_young");
    llvm::BasicBlock* clean = block("clean");
    llvm::BasicBlock* done = block("done");
    b_.CreateCondBr(b_.CreateIsNull(value_), done, not_null);

    b_.SetInsertPoint(not_null);
    llvm::Value* distance = b_.CreateXor(bits(address_), bits(value_));
    llvm::Value* regions = b_.CreateLShr(distance, vm_.g1_region_shift & 63);
    b_.CreateCondBr(b_.CreateIsNull(regions), done, crossing);

    b_.SetInsertPoint(crossing);
    llvm::Value* card = this->card();
    llvm::Value* young = b_.getInt8(static_cast<std::uint8_t>(vm_.g1_young_card));
    llvm::Value* before = b_.CreateAlignedLoad(b_.getInt8Ty(), card, llvm::Align(1));
    b_.CreateCondBr(b_.CreateICmpEQ(before, young), done, not_young, likely());

    b_.SetInsertPoint(not_young);
    // The store must be seen before the card is read again: refinement cleans the card first and
    // reads the object then.
    b_.CreateFence(llvm::AtomicOrdering::SequentiallyConsistent);
    llvm::LoadInst* now = b_.CreateAlignedLoad(b_.getInt8Ty(), card, llvm::Align(1));
    now->setVolatile(true);
    b_.CreateCondBr(b_.CreateICmpEQ(now, dirty()), done, clean);

    b_.SetInsertPoint(clean);
    b_.CreateAlignedStore(dirty(), card, llvm::Align(1))->setVolatile(true);
    enqueue(vm_.g1_dirty_index, vm_.g1_dirty_buffer, card, "leaf.write_barrier_post", done);
    b_.SetInsertPoint(done);
  }

  /// Puts `entry` into a queue of the thread, which fills downwards, or hands it to the VM when the
  /// queue is full. Goes to `done`.
  void enqueue(std::int32_t index_offset, std::int32_t buffer_offset, llvm::Value* entry,
               const char* when_full, llvm::BasicBlock* done) {
    llvm::BasicBlock* room = block("room");
    llvm::BasicBlock* full = block("full");
    llvm::Value* index_field = thread_field(index_offset);
    llvm::Value* index = b_.CreateAlignedLoad(b_.getInt64Ty(), index_field, llvm::Align(8));
    b_.CreateCondBr(b_.CreateIsNull(index), full, room, unlikely());

    b_.SetInsertPoint(room);
    llvm::Value* next = b_.CreateSub(index, b_.getInt64(kWord));
    b_.CreateAlignedStore(next, index_field, llvm::Align(8));
    llvm::Value* buffer =
        b_.CreateAlignedLoad(b_.getPtrTy(), thread_field(buffer_offset), llvm::Align(8));
    b_.CreateAlignedStore(entry, b_.CreateGEP(b_.getInt8Ty(), buffer, next), llvm::Align(8));
    b_.CreateBr(done);

    b_.SetInsertPoint(full);
    call_leaf(when_full, {thread_, entry});
    b_.CreateBr(done);
  }

  llvm::Value* thread_;
  llvm::Value* marked_;
  llvm::Value* address_;
  llvm::Value* value_;
};

}  // namespace

llvm::CallInst* call_store_reference(llvm::IRBuilderBase& builder, llvm::Value* thread,
                                     llvm::Value* marked, llvm::Value* address,
                                     llvm::Value* value) {
  llvm::Type* reference = builder.getPtrTy(kHeapSpace);
  const auto function = builder.GetInsertBlock()->getModule()->getOrInsertFunction(
      kStoreReference, builder.getVoidTy(), builder.getPtrTy(), reference, reference, reference);
  return builder.CreateCall(function, {thread, marked, address, value});
}

void declare_reference_store(llvm::Module& module) {
  llvm::Function* function = module.getFunction(kStoreReference);
  if (function == nullptr) return;
  function->setDoesNotThrow();
  function->setWillReturn();
  function->setMemoryEffects(llvm::MemoryEffects::argMemOnly());
  function->addParamAttr(kAddress, llvm::Attribute::NoCapture);
  for (const unsigned parameter : {0u, kMarked, kValue})
    function->addParamAttr(parameter, llvm::Attribute::ReadNone);
  function->addParamAttr(0, llvm::Attribute::NoCapture);
  function->addParamAttr(kMarked, llvm::Attribute::NoCapture);
  function->addFnAttr("gc-leaf-function");
}

void define_reference_store(llvm::Module& module, const facts::VmConfig& vm) {
  llvm::Function* function = module.getFunction(kStoreReference);
  if (function == nullptr || !function->isDeclaration()) return;
  forget_promises(*function);
  Body(*function, vm).make();
}

}  // namespace jitfarm::worker::compiler::lowering
