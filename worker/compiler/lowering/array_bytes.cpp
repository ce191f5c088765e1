#include "worker/compiler/lowering/array_bytes.h"

#include "worker/compiler/lowering/body_builder.h"
#include "worker/compiler/lowering/subtype.h"

namespace jitfarm::worker::compiler::lowering {
namespace {

constexpr std::uint64_t kWord = 8;
constexpr std::uint64_t kVectorBytes = 32;
constexpr std::uint64_t kSignBits = 0x8080'8080'8080'8080;

/// Makes the body of copy_array.
class CopyBody : BodyBuilder {
 public:
  CopyBody(llvm::Function& function, const facts::VmConfig& vm)
      : BodyBuilder(function, vm),
        thread_(function.getArg(0)),
        from_(function.getArg(1)),
        from_index_(function.getArg(2)),
        to_(function.getArg(3)),
        to_index_(function.getArg(4)),
        count_(function.getArg(5)),
        refused_(block("refused")),
        done_(block("done")) {}

  void make() {
    refuse_if(b_.CreateOr(b_.CreateIsNull(from_), b_.CreateIsNull(to_)));
    llvm::Value* from_klass = call_load_klass(b_, from_);
    llvm::Value* to_klass = call_load_klass(b_, to_);
    llvm::Value* helper = klass_word(from_klass, vm_.klass_layout_helper, b_.getInt32Ty());
    refuse_if(b_.CreateICmpSGE(helper, b_.getInt32(0)));  // no array
    check_classes(from_klass, to_klass, helper);
    llvm::Value* all = b_.CreateOr(b_.CreateOr(from_index_, to_index_), count_);
    refuse_if(b_.CreateICmpSLT(all, b_.getInt32(0)));
    // Of two that are not negative the sum is right as an unsigned number.
    refuse_if(b_.CreateICmpUGT(b_.CreateAdd(from_index_, count_), length(from_)));
    refuse_if(b_.CreateICmpUGT(b_.CreateAdd(to_index_, count_), length(to_)));
    copy(helper);
    b_.SetInsertPoint(done_);
    b_.CreateRet(b_.getTrue());
    b_.SetInsertPoint(refused_);
    b_.CreateRet(b_.getFalse());
  }

 private:
  void refuse_if(llvm::Value* condition) {
    llvm::BasicBlock* next = block("");
    b_.CreateCondBr(condition, refused_, next, unlikely());
    b_.SetInsertPoint(next);
  }
  llvm::Value* klass_word(llvm::Value* klass, std::int32_t offset, llvm::Type* type) {
    return b_.CreateAlignedLoad(
        type, b_.CreateConstGEP1_64(b_.getInt8Ty(), klass, static_cast<std::uint64_t>(offset)),
        llvm::Align(type->isPointerTy() ? 8 : 4));
  }
  llvm::Value* length(llvm::Value* array) {
    return b_.CreateAlignedLoad(
        b_.getInt32Ty(),
        b_.CreateConstGEP1_64(b_.getInt8Ty(), array,
                              static_cast<std::uint64_t>(vm_.array_length_offset)),
        llvm::Align(4));
  }
  llvm::Value* tag(llvm::Value* helper) {
    return b_.CreateAShr(helper, vm_.layout_helper_tag_shift & 31);
  }
  llvm::Value* holds_references(llvm::Value* helper) {
    return b_.CreateICmpEQ(tag(helper),
                           b_.getInt32(static_cast<std::uint32_t>(vm_.layout_helper_tag_objects)));
  }

  /// Arrays of one class, or of references where one kind of elements is a kind of the other.
  void check_classes(llvm::Value* from_klass, llvm::Value* to_klass, llvm::Value* helper) {
    llvm::BasicBlock* differ = block("differ");
    llvm::BasicBlock* fit = block("fit");
    b_.CreateCondBr(b_.CreateICmpEQ(from_klass, to_klass), fit, differ, likely());
    b_.SetInsertPoint(differ);
    llvm::Value* to_helper = klass_word(to_klass, vm_.klass_layout_helper, b_.getInt32Ty());
    refuse_if(b_.CreateNot(b_.CreateAnd(holds_references(helper), holds_references(to_helper))));
    llvm::Value* element = klass_word(from_klass, vm_.element_klass, b_.getPtrTy());
    llvm::Value* wanted = klass_word(to_klass, vm_.element_klass, b_.getPtrTy());
    refuse_if(b_.CreateNot(call_is_subclass(b_, element, wanted, 0)));
    b_.CreateBr(fit);
    b_.SetInsertPoint(fit);
  }

  llvm::Value* address(llvm::Value* array, llvm::Value* header, llvm::Value* index,
                       llvm::Value* shift) {
    llvm::Value* offset = b_.CreateShl(b_.CreateZExt(index, b_.getInt64Ty()), shift);
    return b_.CreateAdd(b_.CreatePtrToInt(array, b_.getInt64Ty()), b_.CreateAdd(header, offset));
  }

  void copy(llvm::Value* helper) {
    llvm::Type* i64 = b_.getInt64Ty();
    llvm::Value* header =
        b_.CreateZExt(b_.CreateAnd(b_.CreateLShr(helper, vm_.layout_helper_header_shift & 31),
                                   b_.getInt32(vm_.layout_helper_header_mask)),
                      i64);
    llvm::Value* shift = b_.CreateAnd(helper, b_.getInt32(vm_.layout_helper_size_mask));
    llvm::Value* wide_shift = b_.CreateZExt(shift, i64);
    llvm::Value* source = address(from_, header, from_index_, wide_shift);
    llvm::Value* target = address(to_, header, to_index_, wide_shift);
    llvm::Value* count = b_.CreateZExt(count_, i64);
    refuse_if(b_.CreateICmpUGT(shift, b_.getInt32(3)));  // never: elements have up to 8 bytes
    constexpr const char* kStubs[] = {"leaf.copy_bytes", "leaf.copy_shorts", "leaf.copy_ints",
                                      "leaf.copy_longs"};
    llvm::BasicBlock* references = block("references");
    llvm::BasicBlock* primitives = block("primitives");
    b_.CreateCondBr(holds_references(helper), references, primitives);
    b_.SetInsertPoint(references);
    call_stub("leaf.copy_references", source, target, count);
    b_.SetInsertPoint(primitives);
    llvm::BasicBlock* blocks[] = {block("bytes"), block("shorts"), block("ints"), block("longs")};
    llvm::SwitchInst* by_size = b_.CreateSwitch(shift, blocks[3], 3);
    for (unsigned i = 0; i < 4; ++i) {
      if (i < 3) by_size->addCase(b_.getInt32(i), blocks[i]);
      b_.SetInsertPoint(blocks[i]);
      call_stub(kStubs[i], source, target, count);
    }
  }

  /// The stubs expect the thread in its register, which preserve_nonecc gives to its fourth
  /// argument; the next three are those of C.
  void call_stub(const char* name, llvm::Value* source, llvm::Value* target, llvm::Value* count) {
    constexpr unsigned kThread = 3;
    llvm::Type* i64 = b_.getInt64Ty();
    llvm::SmallVector<llvm::Type*, 7> types(7, i64);
    types[kThread] = b_.getPtrTy();
    llvm::FunctionCallee leaf = function_.getParent()->getOrInsertFunction(
        name, llvm::FunctionType::get(b_.getVoidTy(), types, false));
    llvm::SmallVector<llvm::Value*, 7> arguments(7, llvm::PoisonValue::get(i64));
    arguments[kThread] = thread_;
    arguments[4] = source;
    arguments[5] = target;
    arguments[6] = count;
    llvm::CallInst* call = b_.CreateCall(leaf, arguments);
    call->setCallingConv(llvm::CallingConv::PreserveNone);
    llvm::cast<llvm::Function>(leaf.getCallee())->setCallingConv(llvm::CallingConv::PreserveNone);
    call->addFnAttr(llvm::Attribute::get(function_.getContext(), "gc-leaf-function"));
    call->setDoesNotThrow();
    b_.CreateBr(done_);
  }

  llvm::Value* thread_;
  llvm::Value* from_;
  llvm::Value* from_index_;
  llvm::Value* to_;
  llvm::Value* to_index_;
  llvm::Value* count_;
  llvm::BasicBlock* refused_;
  llvm::BasicBlock* done_;
};

/// Makes the bodies that look at all bytes of a range, in vectors, then words, then bytes, until
/// one `differs`.
class ScanBody : BodyBuilder {
 public:
  ScanBody(llvm::Function& function, const facts::VmConfig& vm) : BodyBuilder(function, vm) {}

  void equal_bytes() {
    first_ = b_.CreateConstGEP1_64(b_.getInt8Ty(), function_.getArg(0), base());
    second_ = b_.CreateConstGEP1_64(b_.getInt8Ty(), function_.getArg(1), base());
    scan(function_.getArg(2));
    finish(/*when_found=*/false);
  }

  void has_negatives() {
    llvm::Value* elements = b_.CreateConstGEP1_64(b_.getInt8Ty(), function_.getArg(0), base());
    first_ = b_.CreateGEP(b_.getInt8Ty(), elements, function_.getArg(1));
    scan(function_.getArg(2));
    finish(/*when_found=*/true);
  }

 private:
  std::uint64_t base() const { return static_cast<std::uint64_t>(vm_.array_base_primitive); }

  void scan(llvm::Value* bytes) {
    found_ = block("found");
    llvm::Value* at = b_.getInt64(0);
    llvm::Type* vector = llvm::FixedVectorType::get(b_.getInt64Ty(), kVectorBytes / kWord);
    const auto steps = [&](std::uint64_t size, llvm::Type* type) {
      at = loop(at, bytes, size, [&](llvm::Value* here, llvm::BasicBlock* next) {
        b_.CreateCondBr(differs(here, type), found_, next, unlikely());
        return static_cast<llvm::BasicBlock*>(nullptr);
      });
    };
    steps(kVectorBytes, vector);
    steps(kWord, b_.getInt64Ty());
    steps(1, b_.getInt8Ty());
  }

  llvm::Value* differs(llvm::Value* at, llvm::Type* type) {
    llvm::Value* bits = load(first_, at, type);
    if (second_ != nullptr)
      bits = b_.CreateXor(bits, load(second_, at, type));
    else
      bits =
          b_.CreateAnd(bits, llvm::ConstantInt::get(type, type->isIntegerTy(8) ? 0x80 : kSignBits));
    if (type->isVectorTy()) bits = b_.CreateOrReduce(bits);
    return b_.CreateIsNotNull(bits);
  }
  llvm::Value* load(llvm::Value* base, llvm::Value* at, llvm::Type* type) {
    return b_.CreateAlignedLoad(type, b_.CreateGEP(b_.getInt8Ty(), base, at), llvm::Align(1));
  }

  void finish(bool when_found) {
    b_.CreateRet(b_.getInt1(!when_found));
    b_.SetInsertPoint(found_);
    b_.CreateRet(b_.getInt1(when_found));
  }

  llvm::Value* first_ = nullptr;
  llvm::Value* second_ = nullptr;
  llvm::BasicBlock* found_ = nullptr;
};

}  // namespace

llvm::CallInst* call_copy_array(llvm::IRBuilderBase& builder, llvm::Value* thread,
                                llvm::Value* from, llvm::Value* from_index, llvm::Value* to,
                                llvm::Value* to_index, llvm::Value* count) {
  return call_operation(builder, kCopyArray, builder.getInt1Ty(), {thread, from, from_index, to, to_index, count});
}

llvm::CallInst* call_equal_bytes(llvm::IRBuilderBase& builder, llvm::Value* a, llvm::Value* b,
                                 llvm::Value* bytes) {
  return call_operation(builder, kEqualBytes, builder.getInt1Ty(), {a, b, bytes});
}

llvm::CallInst* call_has_negatives(llvm::IRBuilderBase& builder, llvm::Value* array,
                                   llvm::Value* first, llvm::Value* count) {
  return call_operation(builder, kHasNegatives, builder.getInt1Ty(), {array, first, count});
}

void declare_array_bytes(llvm::Module& module) {
  for (const char* name : {kCopyArray, kEqualBytes, kHasNegatives}) {
    llvm::Function* function = module.getFunction(name);
    if (function == nullptr) continue;
    const bool copies = function->getName() == kCopyArray;
    promise_arguments_only(*function, copies ? llvm::ModRefInfo::ModRef : llvm::ModRefInfo::Ref);
  }
}

void define_array_bytes(llvm::Module& module, const facts::VmConfig& vm) {
  for (const char* name : {kCopyArray, kEqualBytes, kHasNegatives}) {
    llvm::Function* function = module.getFunction(name);
    if (function == nullptr || !function->isDeclaration()) continue;
    const bool copies = function->getName() == kCopyArray;
    const bool compares = function->getName() == kEqualBytes;
    forget_promises(*function);
    if (copies)
      CopyBody(*function, vm).make();
    else if (compares)
      ScanBody(*function, vm).equal_bytes();
    else
      ScanBody(*function, vm).has_negatives();
  }
}

}  // namespace jitfarm::worker::compiler::lowering
