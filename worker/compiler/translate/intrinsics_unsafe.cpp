// Memory by address: jdk.internal.misc.Unsafe, on which VarHandles, atomics and buffers stand.
//
// An object and an offset in it, or null and an address. To LLVM all of it may be any field or
// element, so there is no alias information. A null base is no base to the collector either: it
// leaves addresses alone that are derived from one.
#include "worker/compiler/lowering/reference_store.h"
#include "worker/compiler/translate/intrinsic_call.h"

namespace jitfarm::worker::compiler::translate {

using frontend::AccessOrder;
using frontend::IntrinsicOp;
using llvm::AtomicOrdering;

namespace {

AtomicOrdering ordering(AccessOrder order) {
  switch (order) {
    case AccessOrder::plain:
      return AtomicOrdering::Unordered;
    case AccessOrder::opaque:
      return AtomicOrdering::Monotonic;
    case AccessOrder::acquire:
      return AtomicOrdering::Acquire;
    case AccessOrder::release:
      return AtomicOrdering::Release;
    case AccessOrder::sequential:
      return AtomicOrdering::SequentiallyConsistent;
  }
  return AtomicOrdering::SequentiallyConsistent;
}

constexpr std::size_t kBase = 1;
constexpr std::size_t kOffset = 2;
constexpr std::size_t kFirst = 3;

}  // namespace

llvm::Value* IntrinsicCall::address() {
  return b_.CreateGEP(b_.getInt8Ty(), values_[kBase], values_[kOffset]);
}

llvm::Type* IntrinsicCall::memory_type() {
  switch (row_.type) {
    case 'Z':
    case 'B':
      return b_.getInt8Ty();
    case 'C':
    case 'S':
      return b_.getInt16Ty();
    default:
      return t_.type_of(row_.type);
  }
}

/// A value of the stack as it lies in memory. Of a boolean the VM writes one bit.
llvm::Value* IntrinsicCall::in_memory(llvm::Value* value) {
  if (row_.type == 'Z') value = b_.CreateAnd(value, b_.getInt32(1));
  return memory_type()->isIntegerTy() ? b_.CreateTrunc(value, memory_type()) : value;
}

/// The reverse. A boolean is true when any bit is.
llvm::Value* IntrinsicCall::on_stack(llvm::Value* value) {
  switch (row_.type) {
    case 'Z':
      return b_.CreateZExt(b_.CreateIsNotNull(value), b_.getInt32Ty());
    case 'C':
      return b_.CreateZExt(value, b_.getInt32Ty());
    case 'B':
    case 'S':
      return b_.CreateSExt(value, b_.getInt32Ty());
    default:
      return value;
  }
}

void IntrinsicCall::get(bool is_aligned) {
  const bool is_ordered =
      row_.order == AccessOrder::acquire || row_.order == AccessOrder::sequential;
  if (row_.type == 'A') {
    llvm::Value* value = nullptr;
    if (vm_.gc == facts::GcKind::g1) {
      value = lowering::call_load_referent(b_, t_.thread(), values_[kBase], values_[kOffset]);
    } else {
      llvm::Instruction* access = nullptr;
      value = t_.load_value(address(), 'A', /*is_field=*/true, access);
    }
    if (is_ordered) b_.CreateFence(AtomicOrdering::Acquire);
    return push(value);
  }
  const std::uint64_t size = memory_type()->getPrimitiveSizeInBits() / 8;
  llvm::LoadInst* load =
      b_.CreateAlignedLoad(memory_type(), address(), llvm::Align(is_aligned ? size : 1));
  if (is_aligned) load->setAtomic(ordering(row_.order));
  push(on_stack(load));
}

void IntrinsicCall::put(bool is_aligned) {
  if (row_.type == 'A') {
    llvm::Value* field = address();
    if (row_.order == AccessOrder::release || row_.order == AccessOrder::sequential)
      b_.CreateFence(AtomicOrdering::Release);
    // As for an element: the object may be an array.
    lowering::call_store_reference(b_, t_.thread(), field, field, values_[kFirst]);
    if (row_.order == AccessOrder::sequential)
      b_.CreateFence(AtomicOrdering::SequentiallyConsistent);
    return;
  }
  const std::uint64_t size = memory_type()->getPrimitiveSizeInBits() / 8;
  llvm::StoreInst* store = b_.CreateAlignedStore(in_memory(values_[kFirst]), address(),
                                                 llvm::Align(is_aligned ? size : 1));
  if (is_aligned) store->setAtomic(ordering(row_.order));
}

void IntrinsicCall::compare_and_exchange(bool returns_old) {
  llvm::Value* expected = values_[kFirst];
  llvm::Value* wanted = values_[kFirst + 1];
  if (row_.type == 'A') {
    llvm::Value* old = lowering::call_exchange_if(b_, t_.thread(), address(), expected, wanted);
    return returns_old ? push(old) : push_bool(b_.CreateICmpEQ(old, expected));
  }
  llvm::Value* both = b_.CreateAtomicCmpXchg(
      address(), in_memory(expected), in_memory(wanted), llvm::MaybeAlign(),
      AtomicOrdering::SequentiallyConsistent, AtomicOrdering::SequentiallyConsistent);
  if (returns_old)
    push(on_stack(b_.CreateExtractValue(both, 0)));
  else
    push_bool(b_.CreateExtractValue(both, 1));
}

void IntrinsicCall::exchange(llvm::AtomicRMWInst::BinOp operation) {
  if (row_.type == 'A')
    return push(lowering::call_exchange(b_, t_.thread(), address(), values_[kFirst]));
  push(on_stack(b_.CreateAtomicRMW(operation, address(), in_memory(values_[kFirst]),
                                   llvm::MaybeAlign(), AtomicOrdering::SequentiallyConsistent)));
}

bool IntrinsicCall::unsafe() {
  switch (row_.op) {
    case IntrinsicOp::unsafe_get:
      get(true);
      return true;
    case IntrinsicOp::unsafe_put:
      put(true);
      return true;
    case IntrinsicOp::unsafe_get_unaligned:
      get(false);
      return true;
    case IntrinsicOp::unsafe_put_unaligned:
      put(false);
      return true;
    case IntrinsicOp::compare_and_set:
      compare_and_exchange(false);
      return true;
    case IntrinsicOp::compare_and_exchange:
      compare_and_exchange(true);
      return true;
    case IntrinsicOp::get_and_add:
      exchange(llvm::AtomicRMWInst::Add);
      return true;
    case IntrinsicOp::get_and_set:
      exchange(llvm::AtomicRMWInst::Xchg);
      return true;
    case IntrinsicOp::load_fence:
    case IntrinsicOp::store_fence:
      // All loads and stores on both sides keep their order, but for a store before a load behind
      // it.
      b_.CreateFence(AtomicOrdering::AcquireRelease);
      return true;
    case IntrinsicOp::full_fence:
      b_.CreateFence(AtomicOrdering::SequentiallyConsistent);
      return true;
    default:
      return false;
  }
}

}  // namespace jitfarm::worker::compiler::translate
