// How are objects made? From the thread's own buffer; where that has no room, by the VM.
#include <llvm/IR/MDBuilder.h>

#include <bit>

#include "worker/compiler/lowering/allocation.h"
#include "worker/compiler/lowering/subtype.h"
#include "worker/compiler/translate/method_translator.h"

namespace jitfarm::worker::compiler::translate {

using bytecode::Opcode;
using code::Target;
using facts::FactKind;

namespace {

struct Elements {
  std::int32_t base = 0;  ///< offset of the first one
  unsigned shift = 0;     ///< log2 of the size of one
};

/// newarray's codes: 4 boolean, char, float, double, byte, short, int, 11 long (JVMS 6.5).
Elements primitive_elements(const facts::VmConfig& vm, std::int32_t code) {
  constexpr std::int32_t kFirstCode = 4;
  constexpr unsigned kShifts[] = {0, 1, 2, 3, 0, 1, 2, 3};
  const unsigned shift = kShifts[(code - kFirstCode) & 7];
  return {shift == 3 ? vm.array_base_long : vm.array_base_primitive, shift};
}

Elements reference_elements(const facts::VmConfig& vm) {
  return {vm.array_base_object, vm.use_compressed_oops ? 2u : 3u};
}

}  // namespace

bool MethodTranslator::allocation(const bytecode::Instruction& at) {
  switch (at.op) {
    case Opcode::new_:
      new_object(at);
      return true;
    case Opcode::newarray:
    case Opcode::anewarray:
      new_array(at);
      return true;
    case Opcode::multianewarray:
      new_multi_array(at);
      return true;
    default:
      return false;
  }
}

void MethodTranslator::new_object(const bytecode::Instruction& at) {
  const auto answer = facts_.ask<FactKind::resolved_class>(plan_.info.holder.value,
                                                           static_cast<std::uint32_t>(at.value));
  if (answer.state != frontend::FactState::known) return fail("a class that was not planned");
  llvm::Value* klass = load_klass(answer.value.klass);
  const std::uint32_t size = answer.value.instance_size;
  llvm::Value* object = nullptr;
  if (lowering::can_allocate_inline(plan_.vm, size))
    object = lowering::call_new_instance(b_, thread(), klass, size);
  object = or_from_vm(object, Target::new_instance, "J", {klass});
  if (size != 0) shared_.has_no_finalizer.insert(object);
  known_objects_.emplace(object, nullptr);
  shared_.exact_classes.emplace(object, answer.value.klass);
  push('A', object);
}

void MethodTranslator::new_array(const bytecode::Instruction& at) {
  const bool is_primitive = at.op == Opcode::newarray;
  const auto index = static_cast<std::uint32_t>(at.value);
  ClassId element;
  if (!is_primitive) {
    const auto answer = facts_.ask<FactKind::resolved_class>(plan_.info.holder.value, index);
    if (answer.state != frontend::FactState::known) return fail("a class that was not planned");
    element = answer.value.klass;
  }
  const auto array_class =
      facts_.ask<FactKind::array_class>(element.value, is_primitive ? index : 0);
  if (array_class.state != frontend::FactState::known)
    return fail("an array class that was not planned");
  llvm::Value* length = pop('I');
  // By the interpreter: so often as a program does that, it cannot throw the code away.
  trap_if(b_.CreateICmpSLT(length, b_.getInt32(0)), TrapReason::negative_size);
  if (is_dead_ || !error_.empty()) return;
  llvm::Value* klass = load_klass(array_class.value.klass);
  const Elements elements =
      is_primitive ? primitive_elements(plan_.vm, at.value) : reference_elements(plan_.vm);
  llvm::Value* array = nullptr;
  if (lowering::can_allocate_inline(plan_.vm))
    array = lowering::call_new_array(b_, thread(), klass, length, elements.base, elements.shift);
  array = or_from_vm(array, Target::new_array, "JI", {klass, length});
  known_objects_.emplace(array, length);
  shared_.exact_classes.emplace(array, array_class.value.klass);
  push('A', array);
}

/// A word of class metadata, read where it is needed: behind a safepoint the class may be gone.
llvm::Value* MethodTranslator::klass_field(llvm::Value* klass, std::int32_t offset,
                                           llvm::Type* type) {
  llvm::LoadInst* field = b_.CreateAlignedLoad(
      type, b_.CreateConstGEP1_64(b_.getInt8Ty(), klass, static_cast<std::uint64_t>(offset)),
      llvm::Align(type->isPointerTy() ? 8 : 4));
  field->setAtomic(llvm::AtomicOrdering::Unordered);
  alias_.vm_memory(*field);
  return field;
}

/// What the interpreter does in the return of Object's constructor (rewriter.cpp, rewrite_Object_init). Deoptimised at that
/// return, it does not do it again.
void MethodTranslator::register_finalizer() {
  before_ = state_;
  llvm::Value* object = state_.locals[0].value;
  llvm::Value* flags = klass_field(lowering::call_load_klass(b_, object),
                                   plan_.vm.klass_access_flags, b_.getInt32Ty());
  llvm::BasicBlock* registers = new_block("finalizer");
  llvm::BasicBlock* done = new_block("");
  b_.CreateCondBr(b_.CreateIsNull(b_.CreateAnd(flags, b_.getInt32(plan_.vm.class_has_finalizer))),
                  done, registers, llvm::MDBuilder(context_).createLikelyBranchWeights());
  b_.SetInsertPoint(registers);
  call_vm_entry(code::Target::register_finalizer, "A", 'V', {object});
  counted_.calls = true;
  b_.CreateBr(done);
  b_.SetInsertPoint(done);
}

void MethodTranslator::new_multi_array(const bytecode::Instruction& at) {
  constexpr unsigned kDimensionsMax = 255;  // JVMS 4.4.1
  const auto answer = facts_.ask<FactKind::resolved_class>(plan_.info.holder.value,
                                                           static_cast<std::uint32_t>(at.value));
  if (answer.state != frontend::FactState::known) return fail("a class that was not planned");
  const auto count = static_cast<unsigned>(at.extra);
  if (count == 0 || count > kDimensionsMax) return fail("a number of dimensions");
  std::vector<llvm::Value*> lengths(count);
  for (std::size_t i = count; i-- > 0;) lengths[i] = pop('I');
  if (!error_.empty()) return;
  // The VM reads the lengths from the frame. One place does for all: it reads them first.
  if (dimensions_ == nullptr || count > dimensions_->getAllocatedType()->getArrayNumElements()) {
    const llvm::IRBuilderBase::InsertPointGuard guard(b_);
    b_.SetInsertPoint(&*function_->getEntryBlock().getFirstInsertionPt());
    dimensions_ =
        b_.CreateAlloca(llvm::ArrayType::get(b_.getInt32Ty(), count), nullptr, "dimensions");
  }
  for (unsigned i = 0; i < count; ++i)
    b_.CreateAlignedStore(lengths[i], b_.CreateConstGEP1_64(b_.getInt32Ty(), dimensions_, i),
                          llvm::Align(4));
  llvm::Value* array =
      or_from_vm(nullptr, Target::new_multi_array, "JIJ",
                 {load_klass(answer.value.klass), b_.getInt32(count), dimensions_});
  known_objects_.emplace(array, nullptr);
  shared_.exact_classes.emplace(array, answer.value.klass);
  push('A', array);
}

/// `object`, or what the VM makes when that is null; without an object always what the VM makes. Each
/// of `types` is J, for an argument that is a pointer here, or I.
llvm::Value* MethodTranslator::or_from_vm(llvm::Value* object, Target target,
                                          std::string_view types,
                                          llvm::ArrayRef<llvm::Value*> arguments) {
  llvm::BasicBlock* made = nullptr;
  llvm::BasicBlock* done = nullptr;
  if (object != nullptr) {
    made = b_.GetInsertBlock();
    done = new_block("made");
    llvm::BasicBlock* from_vm = new_block("from_vm");
    b_.CreateCondBr(b_.CreateIsNull(object), from_vm, done,
                    llvm::MDBuilder(context_).createUnlikelyBranchWeights());
    b_.SetInsertPoint(from_vm);
  }
  llvm::CallBase* call = call_vm_entry(target, types, 'A', arguments);
  if (object == nullptr) return call;
  llvm::BasicBlock* from_vm = b_.GetInsertBlock();
  b_.CreateBr(done);
  b_.SetInsertPoint(done);
  llvm::PHINode* either = b_.CreatePHI(object->getType(), 2);
  either->addIncoming(object, made);
  either->addIncoming(call, from_vm);
  return either;
}

}  // namespace jitfarm::worker::compiler::translate
