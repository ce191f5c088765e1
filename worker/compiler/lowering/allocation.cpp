#include "worker/compiler/lowering/allocation.h"

#include <bit>
#include <cstring>
#include <string>

#include "worker/compiler/lowering/body_builder.h"

namespace jitfarm::worker::compiler::lowering {
namespace {

constexpr unsigned kHeapSpace = 1;
constexpr std::uint64_t kWord = 8;
// Up to here the code generator clears with straight stores; behind, a loop is as fast.
constexpr std::uint64_t kStraightBytesMax = 128;
constexpr std::uint64_t kVectorBytes = 32;
// Larger arrays are made by the VM, whose clearing is as fast and whose heap may have another place
// for them. Also keeps the sum of a buffer's top and a size from overflowing.
constexpr std::uint32_t kArrayBytesMax = 1u << 18;

std::uint64_t header_bytes(const facts::VmConfig& vm) {
  return static_cast<std::uint64_t>(vm.klass_offset) + kWord;
}

/// Makes the body of one operation.
class Body : BodyBuilder {
 public:
  Body(llvm::Function& function, const facts::VmConfig& vm)
      : BodyBuilder(function, vm) {}

  void instance(std::uint64_t size) {
    llvm::Value* object = take(b_.getInt64(size));
    // Behind a narrow class word is a gap, or the first field: cleared with it.
    write_header(object, b_.getInt64(0), vm_.klass_prototype_header != 0);
    const std::uint64_t first = header_bytes(vm_);
    if (size - first <= kStraightBytesMax)
      b_.CreateMemSetInline(at(object, static_cast<std::int64_t>(first)), llvm::Align(8),
                            b_.getInt8(0), b_.getInt64(size - first));
    else
      clear(object, b_.getInt64(first), b_.getInt64(size));
    finish(object);
  }

  /// Of a size that the code reads.
  void object() {
    llvm::Value* size = function_.getArg(2);
    llvm::Value* object = take(size);
    write_header(object, b_.getInt64(0), vm_.klass_prototype_header != 0);
    clear(object, b_.getInt64(header_bytes(vm_)), size);
    finish(object);
  }

  void array() {
    llvm::Value* length = function_.getArg(2);
    llvm::Value* base = function_.getArg(3);
    llvm::Value* shift = function_.getArg(4);
    llvm::Value* wide_length = b_.CreateZExt(length, b_.getInt64Ty());
    // A negative length is a large one here.
    llvm::Value* fits =
        b_.CreateICmpULE(wide_length, b_.CreateLShr(b_.getInt64(kArrayBytesMax), shift));
    llvm::BasicBlock* small = block("small");
    b_.CreateCondBr(fits, small, full(), likely());
    b_.SetInsertPoint(small);
    const std::uint64_t alignment = vm_.object_alignment;
    llvm::Value* end = b_.CreateAdd(base, b_.CreateShl(wide_length, shift));
    llvm::Value* size = b_.CreateAnd(b_.CreateAdd(end, b_.getInt64(alignment - 1)),
                                     b_.getInt64(~(alignment - 1)));
    llvm::Value* array = take(size);
    write_header(array, wide_length, false);
    if (vm_.array_length_offset != vm_.klass_offset + 4)
      // With what lies between the length and the first element.
      b_.CreateAlignedStore(wide_length, at(array, vm_.array_length_offset), llvm::Align(8));
    clear(array, base, size);
    finish(array);
  }

 private:
  llvm::BasicBlock* full() {
    if (full_ == nullptr) full_ = block("full");
    return full_;
  }
  llvm::Value* at(llvm::Value* base, std::int64_t offset) {
    return b_.CreateConstGEP1_64(b_.getInt8Ty(), base, static_cast<std::uint64_t>(offset));
  }

  /// Takes `size` bytes of the thread's buffer, or goes to `full`.
  llvm::Value* take(llvm::Value* size) {
    llvm::Value* thread = function_.getArg(0);
    llvm::Type* reference = b_.getPtrTy(kHeapSpace);
    llvm::Value* top_field = at(thread, vm_.thread_tlab_top);
    llvm::Value* top = b_.CreateAlignedLoad(reference, top_field, llvm::Align(8));
    llvm::Value* end =
        b_.CreateAlignedLoad(reference, at(thread, vm_.thread_tlab_end), llvm::Align(8));
    llvm::Value* new_top = b_.CreateGEP(b_.getInt8Ty(), top, size);
    llvm::BasicBlock* room = block("room");
    b_.CreateCondBr(b_.CreateICmpULE(new_top, end), room, full(), likely());
    b_.SetInsertPoint(room);
    b_.CreateAlignedStore(new_top, top_field, llvm::Align(8));
    return top;
  }

  /// `upper`: what goes behind a narrow class word.
  void write_header(llvm::Value* object, llvm::Value* upper, bool mark_of_class) {
    llvm::Value* klass = function_.getArg(1);
    llvm::Value* mark = b_.getInt64(vm_.initial_mark);
    if (mark_of_class)
      mark = b_.CreateAlignedLoad(b_.getInt64Ty(), at(klass, vm_.klass_prototype_header),
                                  llvm::Align(8));
    b_.CreateAlignedStore(mark, object, llvm::Align(8));
    llvm::Value* word = b_.CreatePtrToInt(klass, b_.getInt64Ty());
    if (vm_.use_compressed_class_pointers) {
      word = b_.CreateSub(word, b_.getInt64(vm_.narrow_klass_base));
      word = b_.CreateLShr(word, vm_.narrow_klass_shift & 63);
      word = b_.CreateOr(word, b_.CreateShl(upper, 32));
    }
    b_.CreateAlignedStore(word, at(object, vm_.klass_offset), llvm::Align(8));
  }

  /// Returns the object, or null out of `full`.
  void finish(llvm::Value* object) {
    // Everything of the object is written before anything that makes it known, and before anything
    // of it is read: its length and class count as memory that never changes.
    b_.CreateFence(llvm::AtomicOrdering::AcquireRelease, llvm::SyncScope::SingleThread);
    llvm::BasicBlock* made = b_.GetInsertBlock();
    llvm::BasicBlock* done = block("done");
    b_.CreateBr(done);
    b_.SetInsertPoint(full_);
    b_.CreateBr(done);
    b_.SetInsertPoint(done);
    llvm::PHINode* result = b_.CreatePHI(object->getType(), 2);
    result->addIncoming(object, made);
    result->addIncoming(llvm::Constant::getNullValue(object->getType()), full_);
    b_.CreateRet(result);
  }

  /// Clears from `first` to `size`, both multiples of a word.
  void clear(llvm::Value* object, llvm::Value* first, llvm::Value* size) {
    llvm::Type* i64 = b_.getInt64Ty();
    llvm::Type* vector = llvm::FixedVectorType::get(i64, kVectorBytes / kWord);
    llvm::BasicBlock* vectors = block("vectors");
    llvm::BasicBlock* by_vector = block("by_vector");
    llvm::BasicBlock* words = block("words");
    llvm::BasicBlock* by_word = block("by_word");
    llvm::BasicBlock* cleared = block("cleared");
    llvm::BasicBlock* before = b_.GetInsertBlock();
    b_.CreateBr(vectors);

    b_.SetInsertPoint(vectors);
    llvm::PHINode* offset = b_.CreatePHI(i64, 2);
    offset->addIncoming(first, before);
    llvm::Value* behind = b_.CreateAdd(offset, b_.getInt64(kVectorBytes));
    b_.CreateCondBr(b_.CreateICmpULE(behind, size), by_vector, words);
    b_.SetInsertPoint(by_vector);
    b_.CreateAlignedStore(llvm::Constant::getNullValue(vector),
                          b_.CreateGEP(b_.getInt8Ty(), object, offset), llvm::Align(8));
    offset->addIncoming(behind, by_vector);
    b_.CreateBr(vectors);

    b_.SetInsertPoint(words);
    llvm::PHINode* word = b_.CreatePHI(i64, 2);
    word->addIncoming(offset, vectors);
    b_.CreateCondBr(b_.CreateICmpULT(word, size), by_word, cleared);
    b_.SetInsertPoint(by_word);
    b_.CreateAlignedStore(b_.getInt64(0), b_.CreateGEP(b_.getInt8Ty(), object, word),
                          llvm::Align(8));
    word->addIncoming(b_.CreateAdd(word, b_.getInt64(kWord)), by_word);
    b_.CreateBr(words);
    b_.SetInsertPoint(cleared);
  }

  llvm::BasicBlock* full_ = nullptr;
};

bool is_allocation(llvm::StringRef name) {
  return name.starts_with(kNewInstance) || name == kNewObject || name == kNewArray;
}

llvm::Type* reference(llvm::IRBuilderBase& b) { return b.getPtrTy(kHeapSpace); }

}  // namespace

bool can_allocate_inline(const facts::VmConfig& vm) {
  const auto is_word = [](std::int64_t offset) { return offset % 8 == 0; };
  const auto header = static_cast<std::int64_t>(header_bytes(vm));
  const bool length_fits =
      vm.use_compressed_class_pointers
          ? vm.array_length_offset == vm.klass_offset + 4
          : vm.array_length_offset >= header && is_word(vm.array_length_offset);
  const std::int64_t behind_length =
      vm.use_compressed_class_pointers ? header : vm.array_length_offset + 8;
  bool bases_fit = true;
  for (const std::int32_t base :
       {vm.array_base_primitive, vm.array_base_long, vm.array_base_object})
    bases_fit &= is_word(base) && base >= behind_length;
  return vm.thread_tlab_top > 0 && vm.thread_tlab_end > 0 && std::has_single_bit(vm.object_alignment) &&
         vm.object_alignment >= kWord && is_word(vm.klass_offset) && vm.klass_offset > 0 &&
         length_fits && bases_fit;
}

bool can_allocate_inline(const facts::VmConfig& vm, std::uint32_t size) {
  return can_allocate_inline(vm) && size >= header_bytes(vm) && size <= kInstanceBytesMax &&
         size % vm.object_alignment == 0;
}

llvm::Value* call_new_instance(llvm::IRBuilderBase& builder, llvm::Value* thread,
                               llvm::Value* klass, std::uint32_t size) {
  return call_operation(builder, kNewInstance + std::to_string(size), reference(builder),
                        {thread, klass});
}

llvm::Value* call_new_object(llvm::IRBuilderBase& builder, llvm::Value* thread, llvm::Value* klass,
                             llvm::Value* size) {
  return call_operation(builder, kNewObject, reference(builder), {thread, klass, size});
}

llvm::Value* call_new_array(llvm::IRBuilderBase& builder, llvm::Value* thread, llvm::Value* klass,
                            llvm::Value* length, std::int32_t base, unsigned shift) {
  return call_new_array(builder, thread, klass, length,
                        builder.getInt64(static_cast<std::uint64_t>(base)),
                        builder.getInt64(shift));
}

llvm::CallInst* call_new_array(llvm::IRBuilderBase& builder, llvm::Value* thread,
                               llvm::Value* klass, llvm::Value* length, llvm::Value* base,
                               llvm::Value* shift) {
  return call_operation(builder, kNewArray, reference(builder),
                        {thread, klass, length, base, shift});
}

void declare_allocation(llvm::Module& module) {
  for (llvm::Function& function : module) {
    if (!is_allocation(function.getName())) continue;
    // Its memory is new: no other access meets it. That it takes from the buffer is nobody's matter
    // but of other allocations.
    promise(function, llvm::MemoryEffects::inaccessibleMemOnly());
    function.addRetAttr(llvm::Attribute::NoAlias);
  }
}

void define_allocation(llvm::Module& module, const facts::VmConfig& vm) {
  for (llvm::Function& function : module) {
    if (!function.isDeclaration() || !is_allocation(function.getName())) continue;
    forget_promises(function);
    Body body(function, vm);
    std::uint64_t size = 0;
    if (function.getName() == kNewArray)
      body.array();
    else if (function.getName() == kNewObject)
      body.object();
    else if (!function.getName().drop_front(std::strlen(kNewInstance)).getAsInteger(10, size))
      body.instance(size);
  }
}

}  // namespace jitfarm::worker::compiler::lowering
