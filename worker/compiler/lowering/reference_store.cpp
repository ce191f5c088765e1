#include "worker/compiler/lowering/reference_store.h"

#include "worker/compiler/lowering/body_builder.h"

namespace jitfarm::worker::compiler::lowering {
namespace {

constexpr unsigned kHeapSpace = 1;
constexpr std::uint64_t kWord = 8;
constexpr unsigned kMarked = 1;
constexpr unsigned kAddress = 2;
constexpr unsigned kValue = 3;

/// Makes the body of one operation.
class Body : BodyBuilder {
 public:
  Body(llvm::Function& function, const facts::VmConfig& vm)
      : BodyBuilder(function, vm), thread_(function.getArg(0)) {}

  void store() {
    marked_ = function_.getArg(kMarked);
    address_ = function_.getArg(kAddress);
    value_ = function_.getArg(kValue);
    if (is_g1()) remember_old_value();
    llvm::StoreInst* store = b_.CreateAlignedStore(encode(value_), address_, alignment());
    store->setAtomic(llvm::AtomicOrdering::Unordered);
    note();
    b_.CreateRetVoid();
  }

  void exchange() {
    address_ = marked_ = function_.getArg(1);
    value_ = function_.getArg(2);
    llvm::Value* old = from_memory(b_.CreateAtomicRMW(
        llvm::AtomicRMWInst::Xchg, address_, word(value_), alignment(), kSequential));
    if (is_g1()) remember(old);
    note();
    b_.CreateRet(old);
  }

  void exchange_if() {
    address_ = marked_ = function_.getArg(1);
    llvm::Value* expected = function_.getArg(2);
    value_ = function_.getArg(3);
    llvm::BasicBlock* stored = block("exchanged");
    llvm::BasicBlock* end = block("end");
    llvm::Value* both = b_.CreateAtomicCmpXchg(address_, word(expected), word(value_), alignment(),
                                               kSequential, kSequential);
    llvm::Value* old = from_memory(b_.CreateExtractValue(both, 0));
    b_.CreateCondBr(b_.CreateExtractValue(both, 1), stored, end);
    b_.SetInsertPoint(stored);
    if (is_g1()) remember(old);
    note();
    b_.CreateBr(end);
    b_.SetInsertPoint(end);
    b_.CreateRet(old);
  }

  void load_referent() {
    llvm::Value* offset = function_.getArg(2);
    address_ = b_.CreateGEP(b_.getInt8Ty(), function_.getArg(1), offset);
    llvm::Value* read = load(function_.getReturnType());
    if (is_g1()) {
      llvm::BasicBlock* weak = block("weak");
      llvm::BasicBlock* end = block("end");
      const auto referent = static_cast<std::uint64_t>(vm_.referent_offset);
      b_.CreateCondBr(b_.CreateICmpEQ(offset, b_.getInt64(referent)), weak, end);
      b_.SetInsertPoint(weak);
      remember(read);
      b_.CreateBr(end);
      b_.SetInsertPoint(end);
    }
    b_.CreateRet(read);
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

  static constexpr auto kSequential = llvm::AtomicOrdering::SequentiallyConsistent;
  bool is_g1() const { return vm_.gc == facts::GcKind::g1; }
  llvm::Align alignment() const { return llvm::Align(vm_.use_compressed_oops ? 4 : 8); }

  /// As it lies in memory.
  llvm::Value* encode(llvm::Value* reference) {
    if (!vm_.use_compressed_oops) return reference;
    llvm::Value* offset = bits(reference);
    if (vm_.narrow_oop_base != 0) {
      llvm::Value* is_null = b_.CreateIsNull(reference);
      offset = b_.CreateSub(offset, b_.getInt64(vm_.narrow_oop_base));
      offset = b_.CreateSelect(is_null, b_.getInt64(0), offset);
    }
    return b_.CreateTrunc(b_.CreateLShr(offset, vm_.narrow_oop_shift & 63), b_.getInt32Ty());
  }
  /// The same as an integer.
  llvm::Value* word(llvm::Value* reference) {
    return vm_.use_compressed_oops ? encode(reference) : bits(reference);
  }
  llvm::Value* from_memory(llvm::Value* word) {
    llvm::Type* reference = value_->getType();
    return vm_.use_compressed_oops ? decode(b_, word, reference, vm_)
                                   : b_.CreateIntToPtr(word, reference);
  }

  /// What the collector wants to know of `value_`, which is stored now.
  void note() {
    if (is_g1())
      note_for_other_regions();
    else
      // Also for null: cheaper than the question.
      b_.CreateAlignedStore(dirty(), card(), llvm::Align(1));
  }

  /// While marking runs, the collector must see what was there when it began: `old`, or, without it, what is
  /// at the address now.
  void remember(llvm::Value* old) {
    llvm::BasicBlock* marking = block("marking");
    llvm::BasicBlock* remember = block("remember");
    llvm::BasicBlock* done = block("stored");
    llvm::Value* active =
        b_.CreateAlignedLoad(b_.getInt8Ty(), thread_field(vm_.g1_satb_active), llvm::Align(1));
    b_.CreateCondBr(b_.CreateIsNull(active), done, marking, likely());

    b_.SetInsertPoint(marking);
    if (old == nullptr) old = load(value_->getType());
    b_.CreateCondBr(b_.CreateIsNull(old), done, remember);

    b_.SetInsertPoint(remember);
    enqueue(vm_.g1_satb_index, vm_.g1_satb_buffer, old, "leaf.write_barrier_pre", done);
    b_.SetInsertPoint(done);
  }
  void remember_old_value() { remember(nullptr); }

  llvm::Value* load(llvm::Type* reference) {
    llvm::Type* type = vm_.use_compressed_oops ? b_.getInt32Ty() : reference;
    llvm::LoadInst* read = b_.CreateAlignedLoad(type, address_, alignment());
    read->setAtomic(llvm::AtomicOrdering::Unordered);
    return vm_.use_compressed_oops ? decode(b_, read, reference, vm_) : read;
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
  llvm::Value* marked_ = nullptr;
  llvm::Value* address_ = nullptr;
  llvm::Value* value_ = nullptr;
};

llvm::Type* reference(llvm::IRBuilderBase& b) { return b.getPtrTy(kHeapSpace); }

}  // namespace

llvm::CallInst* call_store_reference(llvm::IRBuilderBase& builder, llvm::Value* thread,
                                     llvm::Value* marked, llvm::Value* address,
                                     llvm::Value* value) {
  return call_operation(builder, kStoreReference, builder.getVoidTy(),
                        {thread, marked, address, value});
}

llvm::CallInst* call_exchange(llvm::IRBuilderBase& builder, llvm::Value* thread,
                              llvm::Value* address, llvm::Value* value) {
  return call_operation(builder, kExchange, reference(builder), {thread, address, value});
}

llvm::CallInst* call_exchange_if(llvm::IRBuilderBase& builder, llvm::Value* thread,
                                 llvm::Value* address, llvm::Value* expected, llvm::Value* value) {
  return call_operation(builder, kExchangeIf, reference(builder),
                        {thread, address, expected, value});
}

llvm::CallInst* call_load_referent(llvm::IRBuilderBase& builder, llvm::Value* thread,
                                   llvm::Value* base, llvm::Value* offset) {
  return call_operation(builder, kLoadReferent, reference(builder), {thread, base, offset});
}

void declare_reference_store(llvm::Module& module) {
  for (const char* name : {kStoreReference, kExchange, kExchangeIf, kLoadReferent}) {
    llvm::Function* function = module.getFunction(name);
    if (function == nullptr) continue;
    function->setDoesNotThrow();
    function->setWillReturn();
    function->addFnAttr("gc-leaf-function");
  }
  if (llvm::Function* function = module.getFunction(kLoadReferent))
    function->setMemoryEffects(llvm::MemoryEffects::argMemOnly(llvm::ModRefInfo::Ref) |
                               read_between_safepoints());
  llvm::Function* function = module.getFunction(kStoreReference);
  if (function == nullptr) return;
  function->setMemoryEffects(llvm::MemoryEffects::argMemOnly());
  function->addParamAttr(kAddress, llvm::Attribute::NoCapture);
  for (const unsigned parameter : {0u, kMarked, kValue})
    function->addParamAttr(parameter, llvm::Attribute::ReadNone);
  function->addParamAttr(0, llvm::Attribute::NoCapture);
  function->addParamAttr(kMarked, llvm::Attribute::NoCapture);
}

void define_reference_store(llvm::Module& module, const facts::VmConfig& vm) {
  const std::pair<const char*, void (Body::*)()> operations[] = {
      {kStoreReference, &Body::store},
      {kExchange, &Body::exchange},
      {kExchangeIf, &Body::exchange_if},
      {kLoadReferent, &Body::load_referent}};
  for (const auto& [name, make] : operations) {
    llvm::Function* function = module.getFunction(name);
    if (function == nullptr || !function->isDeclaration()) continue;
    forget_promises(*function);
    Body body(*function, vm);
    (body.*make)();
  }
}

}  // namespace jitfarm::worker::compiler::lowering
