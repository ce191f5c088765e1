// What stands in place of the call of one of the VM's intrinsics? Internal to the room.
//
// Each does exactly what the interpreter does. Where that is rare or throws, the call itself stands
// in a cold block: its frame state is that of the call, and nothing has to be undone.
#pragma once
#include <string_view>
#include <vector>

#include "worker/compiler/frontend/intrinsics.h"
#include "worker/compiler/translate/method_translator.h"

namespace jitfarm::worker::compiler::translate {

/// One call; `values` are its arguments, no longer on the stack, the receiver among them and not
/// null.
class IntrinsicCall {
 public:
  IntrinsicCall(MethodTranslator& translator, const frontend::Intrinsic& row,
                const bytecode::Instruction& at, const facts::ResolvedMethod& resolved,
                const std::vector<llvm::Value*>& values, std::string_view types, char result)
      : t_(translator),
        b_(translator.b_),
        vm_(translator.plan_.vm),
        row_(row),
        at_(at),
        resolved_(resolved),
        values_(values),
        types_(types),
        result_(result) {}

  /// False: nothing was done. Leaves the result on the stack.
  bool translate();

 private:
  // Each false when it is none of them.
  bool arithmetic();  // intrinsics_math.cpp
  bool arrays();      // intrinsics_arrays.cpp
  bool objects();     // intrinsics_objects.cpp
  bool unsafe();      // intrinsics_unsafe.cpp
  bool stubs();       // intrinsics_stubs.cpp
  bool strings();     // intrinsics_strings.cpp

  // intrinsics_math.cpp
  llvm::Value* extremum(bool is_max);
  llvm::Value* unless_nan(llvm::Intrinsic::ID id);
  llvm::Value* nearest();
  void exact(llvm::Intrinsic::ID id, llvm::Value* left, llvm::Value* right);
  llvm::Value* leaf_call(const char* name, llvm::Type* result,
                         llvm::ArrayRef<llvm::Value*> arguments);

  // intrinsics_arrays.cpp
  void copy_array();
  void clone_array();
  void copy_of();
  void equal_arrays();
  void has_negatives();
  llvm::Value* layout_helper(llvm::Value* klass);
  llvm::Value* make_array(llvm::Value* klass, llvm::Value* helper, llvm::Value* length);
  void call_copy(llvm::Value* from, llvm::Value* to, llvm::Value* count);

  // intrinsics_stubs.cpp
  void multiply_to_len();
  void square_to_len();
  void multiply_add();
  void montgomery(std::size_t inputs);
  void mismatch();
  void checksum(const char* stub, bool has_end);
  void base64_encode();
  llvm::Value* elements(llvm::Value* array, llvm::Value* first = nullptr);
  void call_if_shorter(llvm::Value* array, llvm::Value* count);
  void call_if_same(llvm::Value* written, llvm::ArrayRef<llvm::Value*> read);
  llvm::Value* array_stub(const char* name, llvm::Type* result,
                          llvm::ArrayRef<llvm::Value*> arguments);

  // intrinsics_strings.cpp
  void compare_strings();
  void index_of_character();
  void index_of_string();

  // intrinsics_objects.cpp
  void test_class(llvm::Value* object, llvm::Value* mirror);
  void is_assignable();
  void new_object();
  llvm::Value* unless_primitive(llvm::Value* klass, llvm::Value* otherwise,
                                const std::function<llvm::Value*()>& value);

  // intrinsics_unsafe.cpp
  llvm::Value* address();
  void get(bool is_aligned);
  void put(bool is_aligned);
  void compare_and_exchange(bool returns_old);
  void exchange(llvm::AtomicRMWInst::BinOp operation);
  llvm::Value* in_memory(llvm::Value* value);
  llvm::Value* on_stack(llvm::Value* value);
  llvm::Type* memory_type();

  void push(llvm::Value* value) { t_.push(result_, value); }
  void push_bool(llvm::Value* value) { push(b_.CreateZExt(value, b_.getInt32Ty())); }
  /// Goes on where `is_done` holds, else calls the method and goes on behind that. The result is
  /// `value`, null for void, or what the call returned; it is on the stack.
  void finish_or_call(llvm::Value* is_done, llvm::Value* value);
  /// The call instead, where `is_rare` holds. Everything until join() is for the other case.
  void call_if(llvm::Value* is_rare);
  void join(llvm::Value* value);

  MethodTranslator& t_;
  llvm::IRBuilder<>& b_;
  const facts::VmConfig& vm_;
  const frontend::Intrinsic& row_;
  const bytecode::Instruction& at_;
  const facts::ResolvedMethod& resolved_;
  const std::vector<llvm::Value*>& values_;
  std::string_view types_;
  char result_;
  llvm::BasicBlock* rare_ = nullptr;  ///< where the call is; made on first use
};

}  // namespace jitfarm::worker::compiler::translate
