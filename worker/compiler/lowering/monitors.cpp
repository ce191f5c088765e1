#include "worker/compiler/lowering/monitors.h"

#include "worker/compiler/lowering/body_builder.h"
#include "worker/compiler/lowering/subtype.h"

namespace jitfarm::worker::compiler::lowering {
namespace {

const llvm::Align kWord(8);
// A lock that lies less than half of that above or below ours lies in our own stack, too: between two
// stacks is a guard zone of some pages. HotSpot's compilers rely on the same. Below: an outer frame of
// this code may have its slot there.
constexpr std::uint64_t kSameStackBytes = 4096;
constexpr const char* kMonitorExit = "leaf.monitor_exit";

/// Makes the body of one operation.
class Body : BodyBuilder {
 public:
  Body(llvm::Function& function, const facts::VmConfig& vm)
      : BodyBuilder(function, vm),
        thread_(function.getArg(0)),
        object_(function.getArg(1)),
        slot_(function.getArg(2)),
        locked_(b_.CreatePtrToInt(slot_, b_.getInt64Ty())),
        mark_address_(
            b_.CreateConstGEP1_64(b_.getInt8Ty(), object_, static_cast<std::uint64_t>(vm.mark_offset))) {}

  void lock() {
    llvm::BasicBlock* done = block("locked");
    llvm::BasicBlock* slow = block("slow");
    if (vm_.has_stack_locks)
      lock_inline(done, slow);
    else
      b_.CreateBr(slow);

    b_.SetInsertPoint(slow);
    // Not 0, which means that a frame above holds the lock: the VM leaves the slot alone when the
    // object's monitor is ours already.
    store(b_.getInt64(vm_.mark_unused));
    b_.CreateRet(b_.getFalse());
    b_.SetInsertPoint(done);
    b_.CreateRet(b_.getTrue());
  }

  void unlock() {
    llvm::BasicBlock* done = block("unlocked");
    llvm::BasicBlock* slow = block("slow");
    llvm::BasicBlock* not_recursive = block("not_recursive");
    if (vm_.mark_biased != 0) {
      // Biased to this thread, else the slot would be in use. That unlocks nothing.
      llvm::BasicBlock* not_biased = block("not_biased");
      b_.CreateCondBr(is_biased(load_mark()), done, not_biased);
      b_.SetInsertPoint(not_biased);
    }
    llvm::Value* header = b_.CreateAlignedLoad(b_.getInt64Ty(), slot_, kWord);
    b_.CreateCondBr(b_.CreateIsNull(header), done, not_recursive, unlikely());
    b_.SetInsertPoint(not_recursive);
    b_.CreateCondBr(exchange(locked_, header), done, slow, likely());

    b_.SetInsertPoint(slow);
    call_leaf(kMonitorExit, {thread_, object_, slot_});
    b_.CreateBr(done);
    b_.SetInsertPoint(done);
    b_.CreateRetVoid();
  }

 private:
  void store(llvm::Value* header) { b_.CreateAlignedStore(header, slot_, kWord); }

  llvm::Value* load_mark() {
    llvm::LoadInst* mark = b_.CreateAlignedLoad(b_.getInt64Ty(), mark_address_, kWord);
    mark->setAtomic(llvm::AtomicOrdering::Monotonic);
    return mark;
  }
  llvm::Value* is_biased(llvm::Value* mark) {
    return b_.CreateICmpEQ(b_.CreateAnd(mark, vm_.mark_lock_mask), b_.getInt64(vm_.mark_biased));
  }
  /// Whether the mark word was `expected`; it is `desired` then.
  llvm::Value* exchange(llvm::Value* expected, llvm::Value* desired) {
    llvm::Value* result = b_.CreateAtomicCmpXchg(
        mark_address_, expected, desired, kWord, llvm::AtomicOrdering::SequentiallyConsistent,
        llvm::AtomicOrdering::SequentiallyConsistent);
    return b_.CreateExtractValue(result, 1);
  }

  void lock_inline(llvm::BasicBlock* done, llvm::BasicBlock* slow) {
    llvm::BasicBlock* unlocked = block("was_unlocked");
    llvm::BasicBlock* in_use = block("in_use");
    llvm::BasicBlock* recursive = block("recursive");
    llvm::Value* mark = load_mark();
    llvm::Value* bits = b_.CreateAnd(mark, vm_.mark_lock_mask);
    b_.CreateCondBr(b_.CreateICmpEQ(bits, b_.getInt64(vm_.mark_unlocked)), unlocked, in_use, likely());

    b_.SetInsertPoint(unlocked);
    store(mark);  // whoever sees our address in the object finds its header here
    b_.CreateCondBr(exchange(mark, locked_), done, slow, likely());

    b_.SetInsertPoint(in_use);
    if (vm_.mark_biased != 0) lock_biased(mark, done);
    llvm::Value* distance = b_.CreateSub(mark, locked_);
    llvm::Value* above = b_.CreateAdd(distance, b_.getInt64(kSameStackBytes / 2));
    llvm::Value* other = b_.CreateAnd(above, ~(kSameStackBytes - 1) | vm_.mark_lock_mask);
    b_.CreateCondBr(b_.CreateIsNull(other), recursive, slow);
    b_.SetInsertPoint(recursive);
    store(b_.getInt64(0));
    b_.CreateBr(done);
  }

  /// An object that is biased to this thread, in its class's epoch, is locked by that. What else is
  /// biased is the VM's business, which does not expect the former: it would take our slot, of which
  /// it knows from the frame state, for a lock that we hold.
  void lock_biased(llvm::Value* mark, llvm::BasicBlock* done) {
    llvm::BasicBlock* biased = block("biased");
    llvm::BasicBlock* not_ours = block("not_ours");
    b_.CreateCondBr(is_biased(mark), biased, not_ours);
    b_.SetInsertPoint(biased);
    llvm::Value* klass = call_load_klass(b_, object_);
    llvm::Value* prototype = b_.CreateAlignedLoad(
        b_.getInt64Ty(),
        b_.CreateConstGEP1_64(b_.getInt8Ty(), klass,
                              static_cast<std::uint64_t>(vm_.klass_prototype_header)),
        kWord);
    llvm::Value* ours = b_.CreateOr(prototype, b_.CreatePtrToInt(thread_, b_.getInt64Ty()));
    llvm::Value* difference = b_.CreateAnd(b_.CreateXor(mark, ours), ~vm_.mark_age_mask);
    b_.CreateCondBr(b_.CreateIsNull(difference), done, not_ours);
    b_.SetInsertPoint(not_ours);
  }

  llvm::Value* thread_;
  llvm::Value* object_;
  llvm::Value* slot_;
  llvm::Value* locked_;  ///< mark word of an object that is locked by our slot
  llvm::Value* mark_address_;
};

}  // namespace

llvm::CallInst* call_lock(llvm::IRBuilderBase& builder, llvm::Value* thread, llvm::Value* object,
                          llvm::Value* slot) {
  return call_operation(builder, kLock, builder.getInt1Ty(), {thread, object, slot});
}

llvm::CallInst* call_unlock(llvm::IRBuilderBase& builder, llvm::Value* thread, llvm::Value* object,
                            llvm::Value* slot) {
  return call_operation(builder, kUnlock, builder.getVoidTy(), {thread, object, slot});
}

void declare_monitors(llvm::Module& module) {
  for (const char* name : {kLock, kUnlock}) {
    llvm::Function* function = module.getFunction(name);
    if (function == nullptr) continue;
    function->setDoesNotThrow();
    function->addFnAttr("gc-leaf-function");
  }
}

void define_monitors(llvm::Module& module, const facts::VmConfig& vm) {
  for (const char* name : {kLock, kUnlock}) {
    llvm::Function* function = module.getFunction(name);
    if (function == nullptr || !function->isDeclaration()) continue;
    forget_promises(*function);
    Body body(*function, vm);
    name == kLock ? body.lock() : body.unlock();
  }
}

}  // namespace jitfarm::worker::compiler::lowering
