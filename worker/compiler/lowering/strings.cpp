#include "worker/compiler/lowering/strings.h"

#include "worker/compiler/lowering/body_builder.h"

namespace jitfarm::worker::compiler::lowering {
namespace {

constexpr std::uint64_t kWord = 8;
constexpr std::uint64_t kVectorBytes = 32;
constexpr const char* kOperations[] = {kCompareLatin1, kCompareUtf16, kIndexOfByte, kIndexOfChar,
                                       kIndexOfBytes};

/// Builds loops over the bytes of arrays: steps of a vector, then of a word, then of a character,
/// each as long as there are so many. No step reads behind the end.
class StringBody : BodyBuilder {
 public:
  /// `character`: bytes of one.
  StringBody(llvm::Function& function, const facts::VmConfig& vm, std::uint64_t character)
      : BodyBuilder(function, vm),
        character_(character),
        found_(block("found")),
        found_at_(llvm::PHINode::Create(b_.getInt64Ty(), 4, "at", found_)) {}

  void compare() {
    llvm::Value* a = elements(0);
    llvm::Value* b = elements(2);
    llvm::Value* a_bytes = function_.getArg(1);
    llvm::Value* b_bytes = function_.getArg(3);
    llvm::Value* both = b_.CreateBinaryIntrinsic(llvm::Intrinsic::umin, a_bytes, b_bytes);
    llvm::Value* at = b_.getInt64(0);
    // A vector that differs is looked at again, word by word.
    at = loop(at, both, kVectorBytes, [&](llvm::Value* here, llvm::BasicBlock* next) {
      llvm::BasicBlock* words = block("words");
      llvm::Type* type = llvm::FixedVectorType::get(b_.getInt64Ty(), kVectorBytes / kWord);
      llvm::Value* bits = b_.CreateXor(load(type, a, here), load(type, b, here));
      b_.CreateCondBr(b_.CreateIsNotNull(b_.CreateOrReduce(bits)), words, next, unlikely());
      return words;
    });
    at = loop(at, both, kWord, [&](llvm::Value* here, llvm::BasicBlock* next) {
      llvm::BasicBlock* differ = block("differ");
      llvm::Value* bits =
          b_.CreateXor(load(b_.getInt64Ty(), a, here), load(b_.getInt64Ty(), b, here));
      b_.CreateCondBr(b_.CreateIsNotNull(bits), differ, next, unlikely());
      b_.SetInsertPoint(differ);
      found(b_.CreateAdd(here, b_.CreateAnd(b_.CreateLShr(first_bit(bits), 3),
                                            b_.getInt64(~(character_ - 1)))));
      return static_cast<llvm::BasicBlock*>(nullptr);
    });
    loop(at, both, character_, [&](llvm::Value* here, llvm::BasicBlock* next) {
      llvm::Value* differ = b_.CreateICmpNE(load(type(), a, here), load(type(), b, here));
      b_.CreateCondBr(differ, found_, next, unlikely());
      found_at_->addIncoming(here, b_.GetInsertBlock());
      return static_cast<llvm::BasicBlock*>(nullptr);
    });
    b_.CreateRet(characters(b_.CreateSub(a_bytes, b_bytes)));
    b_.SetInsertPoint(found_);
    const auto number = [&](llvm::Value* array) {
      return b_.CreateZExt(load(type(), array, found_at_), b_.getInt32Ty());
    };
    b_.CreateRet(b_.CreateSub(number(a), number(b)));
  }

  void index_of_character() {
    llvm::Value* array = elements(0);
    llvm::Value* from = bytes(function_.getArg(1));
    llvm::Value* to = bytes(function_.getArg(2));
    llvm::Value* wanted = b_.CreateTrunc(function_.getArg(3), type());
    llvm::Value* at = from;
    for (const std::uint64_t size : {kVectorBytes, kWord})
      at = loop(at, to, size, [&](llvm::Value* here, llvm::BasicBlock* next) {
        llvm::Value* mask = equal(array, here, wanted, size);
        llvm::BasicBlock* has_one = block("has_one");
        b_.CreateCondBr(b_.CreateIsNotNull(mask), has_one, next, unlikely());
        b_.SetInsertPoint(has_one);
        found(b_.CreateAdd(here, bytes(first_bit(mask))));
        return static_cast<llvm::BasicBlock*>(nullptr);
      });
    loop(at, to, character_, [&](llvm::Value* here, llvm::BasicBlock* next) {
      b_.CreateCondBr(b_.CreateICmpEQ(load(type(), array, here), wanted), found_, next, unlikely());
      found_at_->addIncoming(here, b_.GetInsertBlock());
      return static_cast<llvm::BasicBlock*>(nullptr);
    });
    return_found();
  }

  /// Where the first and the last wanted byte are where they should be, the others are compared.
  void index_of_bytes() {
    llvm::Value* array = elements(0);
    llvm::Value* wanted = elements(2);
    llvm::Value* size = function_.getArg(3);
    llvm::Value* last = b_.CreateSub(size, b_.getInt64(1));
    llvm::Value* starts = b_.CreateSub(function_.getArg(1), last);  // so many, or none
    llvm::Value* first_byte = load(type(), wanted, b_.getInt64(0));
    llvm::Value* last_byte = load(type(), wanted, last);
    llvm::Value* at_last = b_.CreateGEP(b_.getInt8Ty(), array, last);
    llvm::Value* at = function_.getArg(4);
    for (const std::uint64_t step : {kVectorBytes, kWord, character_})
      at = loop(at, starts, step, [&](llvm::Value* here, llvm::BasicBlock* next) {
        llvm::Value* mask = b_.CreateAnd(equal(array, here, first_byte, step),
                                         equal(at_last, here, last_byte, step));
        llvm::BasicBlock* before = b_.GetInsertBlock();
        llvm::BasicBlock* candidates = block("candidates");
        llvm::BasicBlock* candidate = block("candidate");
        b_.CreateBr(candidates);
        b_.SetInsertPoint(candidates);
        llvm::PHINode* left = b_.CreatePHI(mask->getType(), 2);
        left->addIncoming(mask, before);
        b_.CreateCondBr(b_.CreateIsNotNull(left), candidate, next, unlikely());
        b_.SetInsertPoint(candidate);
        llvm::Value* start = b_.CreateAdd(here, first_bit(left));
        llvm::BasicBlock* differs = block("differs");
        llvm::Value* text = b_.CreateGEP(b_.getInt8Ty(), array, start);
        loop(b_.getInt64(1), last, 1, [&](llvm::Value* k, llvm::BasicBlock* next_byte) {
          b_.CreateCondBr(b_.CreateICmpEQ(load(type(), text, k), load(type(), wanted, k)),
                          next_byte, differs);
          return static_cast<llvm::BasicBlock*>(nullptr);
        });
        found(start);
        b_.SetInsertPoint(differs);
        llvm::Value* one = llvm::ConstantInt::get(left->getType(), 1);
        left->addIncoming(b_.CreateAnd(left, b_.CreateSub(left, one)), differs);
        b_.CreateBr(candidates);
        return static_cast<llvm::BasicBlock*>(nullptr);
      });
    return_found();
  }

 private:
  llvm::Type* type() {
    return b_.getIntNTy(static_cast<unsigned>(8 * character_));
  }
  llvm::Value* elements(unsigned argument) {
    return b_.CreateConstGEP1_64(b_.getInt8Ty(), function_.getArg(argument),
                                 static_cast<std::uint64_t>(vm_.array_base_primitive));
  }
  llvm::Value* load(llvm::Type* type, llvm::Value* base, llvm::Value* at) {
    return b_.CreateAlignedLoad(type, b_.CreateGEP(b_.getInt8Ty(), base, at), llvm::Align(1));
  }
  /// A bit for each character among the next `size` bytes that is the wanted one.
  llvm::Value* equal(llvm::Value* base, llvm::Value* at, llvm::Value* wanted, std::uint64_t size) {
    const auto count = static_cast<unsigned>(size / character_);
    if (count == 1) return b_.CreateICmpEQ(load(type(), base, at), wanted);
    llvm::Value* all = load(llvm::FixedVectorType::get(type(), count), base, at);
    return b_.CreateBitCast(b_.CreateICmpEQ(all, b_.CreateVectorSplat(count, wanted)),
                            b_.getIntNTy(count));
  }
  llvm::Value* first_bit(llvm::Value* mask) {
    llvm::Value* bit = b_.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, mask, b_.getTrue());
    return b_.CreateZExt(bit, b_.getInt64Ty());
  }
  llvm::Value* bytes(llvm::Value* count) { return b_.CreateMul(count, b_.getInt64(character_)); }
  llvm::Value* characters(llvm::Value* bytes) {
    return b_.CreateTrunc(b_.CreateSDiv(bytes, b_.getInt64(character_)), b_.getInt32Ty());
  }
  void found(llvm::Value* at) {
    found_at_->addIncoming(at, b_.GetInsertBlock());
    b_.CreateBr(found_);
  }
  void return_found() {
    b_.CreateRet(b_.getInt32(~0U));
    b_.SetInsertPoint(found_);
    b_.CreateRet(characters(found_at_));
  }

  std::uint64_t character_;
  llvm::BasicBlock* found_;
  llvm::PHINode* found_at_;  ///< in bytes
};

}  // namespace

llvm::CallInst* call_string_operation(llvm::IRBuilderBase& builder, const char* name,
                                      std::initializer_list<llvm::Value*> arguments) {
  return call_operation(builder, name, builder.getInt32Ty(),
                        llvm::ArrayRef(arguments.begin(), arguments.size()));
}

void declare_strings(llvm::Module& module) {
  for (const char* name : kOperations)
    if (llvm::Function* function = module.getFunction(name))
      promise_arguments_only(*function, llvm::ModRefInfo::Ref);
}

void define_strings(llvm::Module& module, const facts::VmConfig& vm) {
  for (const char* name : kOperations) {
    llvm::Function* function = module.getFunction(name);
    if (function == nullptr || !function->isDeclaration()) continue;
    forget_promises(*function);
    const bool is_wide = name == kCompareUtf16 || name == kIndexOfChar;
    StringBody body(*function, vm, is_wide ? 2 : 1);
    if (name == kCompareLatin1 || name == kCompareUtf16)
      body.compare();
    else if (name == kIndexOfBytes)
      body.index_of_bytes();
    else
      body.index_of_character();
  }
}

}  // namespace jitfarm::worker::compiler::lowering
