// Objects and classes: headers, mirrors, the current thread.
#include <llvm/IR/IntrinsicsX86.h>

#include "worker/compiler/lowering/allocation.h"
#include "worker/compiler/lowering/headers.h"
#include "worker/compiler/lowering/subtype.h"
#include "worker/compiler/translate/intrinsic_call.h"

namespace jitfarm::worker::compiler::translate {

using frontend::IntrinsicOp;

namespace {

constexpr std::uint32_t kAccInterface = 0x0200;

}  // namespace

/// `value` for a class, `otherwise` when `klass` is null: that of a primitive type.
llvm::Value* IntrinsicCall::unless_primitive(llvm::Value* klass, llvm::Value* otherwise,
                                             const std::function<llvm::Value*()>& value) {
  llvm::BasicBlock* before = b_.GetInsertBlock();
  llvm::BasicBlock* is_class = t_.new_block("class");
  llvm::BasicBlock* after = t_.new_block("or_primitive");
  b_.CreateCondBr(b_.CreateIsNull(klass), after, is_class);
  b_.SetInsertPoint(is_class);
  llvm::Value* of_class = value();
  llvm::BasicBlock* from = b_.GetInsertBlock();
  b_.CreateBr(after);
  b_.SetInsertPoint(after);
  llvm::PHINode* either = b_.CreatePHI(otherwise->getType(), 2);
  either->addIncoming(otherwise, before);
  either->addIncoming(of_class, from);
  return either;
}

/// Class.isInstance: no object is of a primitive type, and null is of none.
void IntrinsicCall::test_class(llvm::Value* object, llvm::Value* mirror) {
  llvm::BasicBlock* is_null = b_.GetInsertBlock();
  llvm::BasicBlock* test = t_.new_block("test");
  llvm::BasicBlock* tested = t_.new_block("tested");
  b_.CreateCondBr(b_.CreateIsNull(object), tested, test);
  b_.SetInsertPoint(test);
  llvm::Value* klass = lowering::call_mirror_klass(b_, mirror);
  llvm::Value* is_one = unless_primitive(klass, b_.getFalse(), [&] {
    return lowering::call_is_subclass(b_, lowering::call_load_klass(b_, object), klass, 0);
  });
  llvm::BasicBlock* from = b_.GetInsertBlock();
  b_.CreateBr(tested);
  b_.SetInsertPoint(tested);
  llvm::PHINode* result = b_.CreatePHI(b_.getInt1Ty(), 2);
  result->addIncoming(b_.getFalse(), is_null);
  result->addIncoming(is_one, from);
  push_bool(result);
}

/// Class.isAssignableFrom
void IntrinsicCall::is_assignable() {
  call_if(b_.CreateIsNull(values_[1]));
  llvm::Value* super = lowering::call_mirror_klass(b_, values_[0]);
  llvm::Value* sub = lowering::call_mirror_klass(b_, values_[1]);
  call_if(b_.CreateOr(b_.CreateIsNull(super), b_.CreateIsNull(sub)));
  join(b_.CreateZExt(lowering::call_is_subclass(b_, sub, super, 0), b_.getInt32Ty()));
}

/// Unsafe.allocateInstance, which every lambda that captures is made by. The layout helper of an
/// array is negative; of abstract classes, and of those whose objects the VM registers, its low bits
/// are not those of a size.
void IntrinsicCall::new_object() {
  call_if(b_.CreateIsNull(values_[1]));
  llvm::Value* klass = lowering::call_mirror_klass(b_, values_[1]);
  call_if(b_.CreateIsNull(klass));
  llvm::Value* helper = layout_helper(klass);
  call_if(b_.CreateOr(
      b_.CreateIsNotNull(b_.CreateAnd(helper, b_.getInt32(vm_.object_alignment - 1))),
      b_.CreateICmpUGE(b_.CreateSub(helper, b_.getInt32(vm_.object_alignment)),
                       b_.getInt32(lowering::kInstanceBytesMax))));
  llvm::LoadInst* state = b_.CreateAlignedLoad(
      b_.getInt8Ty(),
      b_.CreateConstGEP1_64(b_.getInt8Ty(), klass,
                            static_cast<std::uint64_t>(vm_.klass_init_state)),
      llvm::Align(1));
  state->setAtomic(llvm::AtomicOrdering::Acquire);
  t_.alias_.vm_memory(*state);
  call_if(b_.CreateICmpNE(state, b_.getInt8(static_cast<std::uint8_t>(vm_.init_state_done))));
  llvm::Value* object =
      lowering::call_new_object(b_, t_.thread(), klass, b_.CreateZExt(helper, b_.getInt64Ty()));
  join(t_.or_from_vm(object, code::Target::new_instance, "J", {klass}));
}

bool IntrinsicCall::objects() {
  const auto own_klass = [&] { return lowering::call_mirror_klass(b_, values_[0]); };
  switch (row_.op) {
    case IntrinsicOp::get_class:
      if (const ClassId exact = t_.exact_class(values_[0]))
        push(t_.load_constant(code::ConstantKind::mirror, exact, 0));
      else
        push(lowering::call_load_mirror(b_, lowering::call_load_klass(b_, values_[0])));
      return true;
    case IntrinsicOp::object_hash:
    case IntrinsicOp::identity_hash: {
      // Of null it is 0, which is also what an object without a hash says: the call knows.
      if (row_.op == IntrinsicOp::identity_hash) call_if(b_.CreateIsNull(values_[0]));
      llvm::Value* hash = lowering::call_identity_hash(b_, values_[0]);
      call_if(b_.CreateIsNull(hash));
      join(hash);
      return true;
    }
    case IntrinsicOp::current_thread:
      push(lowering::call_thread_object(b_, t_.thread()));
      return true;
    case IntrinsicOp::spin_wait:
      b_.CreateIntrinsic(llvm::Intrinsic::x86_sse2_pause, {}, {});
      return true;
    case IntrinsicOp::is_instance:
      test_class(values_[1], values_[0]);
      return true;
    case IntrinsicOp::new_object:
      if (!lowering::can_allocate_inline(vm_)) return false;
      new_object();
      return true;
    case IntrinsicOp::is_assignable:
      is_assignable();
      return true;
    case IntrinsicOp::class_modifiers: {
      llvm::Value* klass = own_klass();
      call_if(b_.CreateIsNull(klass));
      join(t_.klass_field(klass, vm_.klass_modifier_flags, b_.getInt32Ty()));
      return true;
    }
    case IntrinsicOp::is_interface: {
      llvm::Value* klass = own_klass();
      push_bool(unless_primitive(klass, b_.getFalse(), [&] {
        llvm::Value* flags = t_.klass_field(klass, vm_.klass_access_flags, b_.getInt32Ty());
        return b_.CreateIsNotNull(b_.CreateAnd(flags, b_.getInt32(kAccInterface)));
      }));
      return true;
    }
    case IntrinsicOp::is_array_class: {
      llvm::Value* klass = own_klass();
      push_bool(unless_primitive(klass, b_.getFalse(), [&] {
        return b_.CreateICmpSLT(layout_helper(klass), b_.getInt32(0));
      }));
      return true;
    }
    case IntrinsicOp::is_primitive:
      push_bool(b_.CreateIsNull(own_klass()));
      return true;
    case IntrinsicOp::refers_to: {
      // Compared only: whether the collector keeps it does not matter.
      llvm::Value* referent = t_.load_field(values_[0], vm_.referent_offset, 'A',
                                            /*is_static=*/false, /*is_volatile=*/false);
      push_bool(b_.CreateICmpEQ(referent, values_[1]));
      return true;
    }
    default:
      return false;
  }
}

}  // namespace jitfarm::worker::compiler::translate
