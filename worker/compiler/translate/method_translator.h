// Bytecode to IR, one block at a time in reverse postorder: an abstract stack of typed SSA values.
#pragma once
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/code/compile_task.h"
#include "worker/compiler/bytecode/frame.h"
#include "worker/compiler/frontend/inlining.h"
#include "worker/compiler/frontend/speculation.h"
#include "worker/compiler/translate/abi.h"
#include "worker/compiler/translate/alias_info.h"
#include "worker/compiler/translate/counted_loop.h"
#include "worker/compiler/translation.h"

namespace jitfarm::worker::compiler::translate {

struct Slot {
  bytecode::SlotType type = bytecode::SlotType::top;
  llvm::Value* value = nullptr;  ///< null for top and high
};
using State = bytecode::Frame<Slot>;

/// Implicit exceptions, missing resolutions and failed guesses; each leaves through an uncommon trap.
enum class TrapReason : std::uint8_t {
  class_check,
  negative_size,
  monitor_order,
  debugger,  ///< wants to see the exception
  unresolved,
  unreached,  ///< guesses that failed, from here on
  receiver
};

/// What the interpreter does with a frame: runs its bytecode again, takes the result of the call
/// (or the lock of the monitorenter) that it is in, or throws the exception on its stack.
enum class FrameUse : std::uint8_t { runs_again, during_call, rethrows };

/// The LLVM function that the bodies of a method and of the callees inlined in it share.
struct FunctionInProgress {
  FunctionInProgress(const code::CompileTask& task, const frontend::Plans& plans,
                     frontend::FactReader& facts, const Limits& limits, Translation& out);

  const code::CompileTask& task;
  const frontend::Plans& plans;
  frontend::FactReader& facts;
  const Limits& limits;
  Translation& out;
  llvm::IRBuilder<> builder;
  AliasInfo alias;

  llvm::Function* function = nullptr;
  Prototype prototype;
  llvm::Value* rescue_slot = nullptr;
  llvm::Value* thread_slot = nullptr;  ///< null unless the VM asks for it

  /// Objects that are never null (made here, checked, or held by constant fields) -> an array's
  /// length, null when that is not known.
  std::map<llvm::Value*, llvm::Value*> known_objects;
  std::set<llvm::Value*> has_no_finalizer;  ///< of them
  /// Objects, never null, of exactly this class.
  std::map<llvm::Value*, ClassId> exact_classes;
  /// Objects that code names and what they keep for ever: an element of the facts below.
  struct Constant {
    const facts::ConstantObjects* tree = nullptr;
    std::uint32_t index = 0;
    const facts::ConstantObject& object() const { return tree->objects[index]; }
  };
  std::map<llvm::Value*, Constant> constants;
  std::map<facts::FactKey, facts::ConstantObjects> constant_facts;
  llvm::AllocaInst* dimensions = nullptr;   ///< of multianewarray, made on first use
  std::vector<llvm::AllocaInst*> lock_slots;  ///< by depth over all frames, made on first use

  std::size_t
      operands_left;  ///< of phis and frame states together: bounds memory on hostile input
  std::size_t inlined_bytes = 0;  ///< of bytecode
  std::string error;
};

/// Slot types of the arguments, the receiver among them.
std::string argument_types(const frontend::Plan& plan);

/// Translates one planned body into the LLVM function. Used once, by one thread.
class MethodTranslator {
 public:
  /// Of the task's method.
  explicit MethodTranslator(FunctionInProgress& function);

  /// Fills the translation, or says why not.
  bytecode::Checked<void> run();

 private:
  /// Of a callee, in place of the call that `caller` is at.
  MethodTranslator(MethodTranslator& caller, MethodId method, const frontend::Plan& plan);

  /// A way into a block: the state at its end and the LLVM block that it comes from.
  struct Edge {
    State state;
    llvm::BasicBlock* from = nullptr;
  };
  struct BlockState {
    llvm::BasicBlock* entry = nullptr;  ///< where forward edges go
    std::vector<Edge> forward;
  };
  /// entry (forward edges) -> body (phis) <- latch (back edges, with the safepoint poll)
  struct LoopState {
    llvm::BasicBlock* body = nullptr;
    llvm::BasicBlock* latch = nullptr;
    State header;  ///< at the start of `body`
    std::vector<Edge> back;
  };

  // Blocks and edges (method_translator.cpp).
  void begin_function();
  void make_blocks();
  void translate_blocks();
  void take_arguments(std::string_view arguments);
  void check_class_init();
  void take_interpreter_frame();
  bool is_replacement() const {
    return caller_ == nullptr && shared_.task.entry_bci != code::kNormalEntry;
  }
  bool is_static() const;
  bool is_synchronized() const;
  void translate_block(bytecode::BlockIndex block);
  void translate_instructions(bytecode::BlockIndex block);
  void open_loop(std::uint32_t loop);
  void close_loop(std::uint32_t loop);
  void merge_back_edges(State& state, const std::vector<Edge>& edges, llvm::BasicBlock* body);
  void feed_phi(const Slot& before, const Slot& after, llvm::BasicBlock* body,
                llvm::BasicBlock* from);
  State merge(const std::vector<Edge>& edges, std::uint32_t instruction);
  void prune(State& state, std::uint32_t instruction) const;
  std::vector<bool> locals_written(const bytecode::Loop& loop) const;
  bool has_monitors(const bytecode::Loop& loop) const;
  llvm::BasicBlock* edge_block(bytecode::BlockIndex target);
  void add_edge(bytecode::BlockIndex target);
  void instruction(const bytecode::Instruction& at);

  // Constants, locals, stack.
  void push(char type, llvm::Value* value);
  llvm::Value* pop(char type);
  std::size_t constant_cell(const code::Constant& constant);
  llvm::Value* load_constant(code::ConstantKind kind, ClassId klass, std::uint32_t cp_index);
  void push_pool_constant(const bytecode::Instruction& at);
  void push_number(char type, std::uint64_t bits);
  void push_dynamic_constant(std::uint32_t index);

  // arithmetic.cpp
  bool arithmetic(const bytecode::Instruction& at);
  void binary(bytecode::Opcode op);
  void divide(bool is_long, bool is_remainder);
  void float_remainder(char type);
  void shift(bytecode::Opcode op, char type);
  void convert(bytecode::Opcode op);
  void compare(bytecode::Opcode op);

  // control.cpp
  bool control(const bytecode::Instruction& at);
  void branch_if(llvm::Value* condition, const bytecode::Instruction& at);
  std::optional<bytecode::Ways> way_that_stays() const;
  std::optional<bytecode::Ways> way_within(const bytecode::Loop& loop, std::uint32_t branch) const;
  llvm::MDNode* branch_weights(const bytecode::Instruction& at);
  llvm::MDNode* case_weights(const bytecode::Instruction& at);
  bool goes_one_way(llvm::Value* condition, const bytecode::Instruction& at);
  void branch_on_ints(llvm::CmpInst::Predicate predicate, llvm::Value* left, llvm::Value* right,
                      const bytecode::Instruction& at);
  void branch_on_zero(const bytecode::Instruction& at);
  void switch_on(const bytecode::Instruction& at);
  llvm::Value* narrow(llvm::Value* value, char type);

  // memory.cpp
  bool memory(const bytecode::Instruction& at);
  llvm::Value* array_length(llvm::Value* array);
  llvm::Value* checked_element(llvm::Value* array, llvm::Value* index, char type);
  llvm::Value* element_address(llvm::Value* array, llvm::Value* index, char type);
  void load_element(char type);
  void store_element(char type);
  void check_element(llvm::Value* array, llvm::Value* value);
  llvm::Value* keep_low_bit_of_boolean(llvm::Value* array, llvm::Value* value);
  void field(const bytecode::Instruction& at);
  llvm::Value* load_field(llvm::Value* object, std::int32_t offset, char type, bool is_static,
                          bool is_volatile = false);
  llvm::Value* field_address(llvm::Value* object, std::int32_t offset);
  void annotate_field(llvm::Instruction& access, std::int32_t offset, char type, bool is_static);
  bool is_never_null(llvm::Value* object) const;
  llvm::Value* load_value(llvm::Value* address, char type, bool is_field,
                          llvm::Instruction*& access);
  llvm::Instruction* store_value(llvm::Value* address, char type, llvm::Value* value);

  llvm::Instruction* store_field(llvm::Value* object, std::int32_t offset, char type,
                                 llvm::Value* value, bool is_volatile);

  // allocation.cpp
  bool allocation(const bytecode::Instruction& at);
  llvm::Value* klass_field(llvm::Value* klass, std::int32_t offset, llvm::Type* type);
  void register_finalizer();
  void new_object(const bytecode::Instruction& at);
  void new_array(const bytecode::Instruction& at);
  void new_multi_array(const bytecode::Instruction& at);
  llvm::Value* or_from_vm(llvm::Value* object, code::Target target, std::string_view types,
                          llvm::ArrayRef<llvm::Value*> arguments);

  // counted_loop.cpp
  bool may_be_counted(const bytecode::Loop& loop) const;
  bool ends_soon(const bytecode::Loop& loop) const;
  bool is_calm(const frontend::Plan& plan, bytecode::BlockIndex block, unsigned depth,
               std::size_t& instructions) const;
  bool is_calm_call(const frontend::Plan& plan, std::uint32_t instruction, unsigned depth,
                    std::size_t& instructions) const;
  void begin_counting(std::uint32_t index, llvm::BasicBlock* preheader);
  bool is_invariant(llvm::Value* value) const;
  bool is_movable(llvm::Value* value, unsigned depth) const;
  llvm::Value* move_out(llvm::Value* value);
  std::optional<Linear> match_linear(llvm::Value* value, unsigned depth) const;
  Place place() const;
  bool is_counting() const { return counted_.mode != CountedLoop::Mode::off; }
  bool is_counted_away() const;
  void note_null_check(llvm::Value* object);
  void note_index(llvm::Value* array, llvm::Value* index);
  void note_exit(llvm::CmpInst::Predicate goes_on, llvm::Value* left, llvm::Value* right);
  llvm::Value* safe_length(llvm::Value* array);
  void fields_written(const frontend::Plan& plan, bytecode::BlockIndex block, unsigned depth,
                      std::set<std::tuple<bool, std::int32_t, char>>& written) const;
  llvm::Value* read_unless_null(llvm::Value* object, const std::function<llvm::Value*()>& read);
  llvm::Value* move_field_load(const FieldLoad& load);
  void note_field_load(llvm::Value* value, const FieldLoad& load);
  llvm::Value* iterations_passing(CountedCheck& check);
  void make_fast_body(std::uint32_t index);

  // calls.cpp
  bool call(const bytecode::Instruction& at);
  llvm::Value* real_call(const bytecode::Instruction& at, const facts::ResolvedMethod& resolved,
                         const std::vector<llvm::Value*>& values, std::string_view arguments,
                         char result);
  llvm::Function* callee(std::string_view arguments, char result, const char* prefix);
  void call_method(const bytecode::Instruction& at, const facts::ResolvedMethod& resolved,
                   const std::vector<llvm::Value*>& values, const std::string& arguments,
                   char result);

  // intrinsics.cpp
  friend class IntrinsicCall;
  bool intrinsic(const bytecode::Instruction& at, const facts::ResolvedMethod& resolved,
                 const std::vector<llvm::Value*>& values, std::string_view arguments, char result);

  // inlining.cpp
  bool runs_often() const;
  const frontend::Plan* plan_to_inline(MethodId callee) const;
  struct Body {
    frontend::InlineCallee callee;
    const frontend::Plan* plan;  ///< null: it is an intrinsic
  };
  bool inlined(const bytecode::Instruction& at, const facts::ResolvedMethod& resolved,
               const std::vector<llvm::Value*>& arguments, const std::string& types,
               char result);
  bool may_stand_for(const frontend::Plan& plan, const bytecode::Instruction& at,
                     char result) const;
  bool takes(const frontend::Plan& plan, std::string_view types, char result) const;
  void choose_by_receiver(const bytecode::Instruction& at, const facts::ResolvedMethod& resolved,
                          const std::vector<Body>& bodies,
                          const std::vector<llvm::Value*>& arguments, const std::string& types,
                          char result, const std::function<void()>& others);
  void stand_for_call(const bytecode::Instruction& at, const facts::ResolvedMethod& resolved,
                      const Body& body, const std::vector<llvm::Value*>& arguments,
                      const std::string& types, char result);
  void translate_body(const Body& body, const std::vector<llvm::Value*>& arguments,
                      std::string_view types, char result);
  llvm::Value* translate_inlined(const std::vector<llvm::Value*>& arguments,
                                 std::string_view types, char result);
  llvm::Value* joined_value(char type,
                            const std::vector<std::pair<llvm::BasicBlock*, llvm::Value*>>& edges);
  void return_to_caller(llvm::Value* value);

  // handles.cpp
  void note_constant(llvm::Value* value, ClassId klass, std::uint32_t index, std::uint32_t where);
  void note_constant(llvm::Value* value, const facts::ConstantObjects& tree, std::uint32_t index);
  const facts::ConstantObject* constant_of(llvm::Value* value) const;
  bool is_of_class(llvm::Value* value, ClassId klass) const;
  const facts::ConstantField* constant_field(llvm::Value* object, std::int32_t offset,
                                             char type) const;
  bool call_through_handle(const bytecode::Instruction& at, const facts::ResolvedMethod& resolved,
                           const std::vector<llvm::Value*>& arguments, const std::string& types,
                           char result);

  // type_tests.cpp
  bool type_test(const bytecode::Instruction& at);
  void test_object(llvm::Value* object, const facts::ResolvedClass& klass,
                   const frontend::TestGuess& guess, bool is_cast);
  llvm::Value* is_instance(llvm::Value* object, const facts::ResolvedClass& klass);
  llvm::Value* load_klass(ClassId klass);
  llvm::Value* klass_of(llvm::Value* object);
  ClassId exact_class(llvm::Value* object) const;

  // monitors.cpp
  bool monitor(const bytecode::Instruction& at);
  llvm::AllocaInst* lock_slot(std::size_t depth);
  void enter_monitor(llvm::Value* object, FrameUse use);
  void exit_monitor();
  void enter_method();
  void exit_method();
  void take_interpreter_monitors(llvm::Value* buffer, std::size_t count);

  // exceptions.cpp
  bool throw_exception(const bytecode::Instruction& at);
  llvm::BasicBlock* landing_pad();
  llvm::Value* take_exception(llvm::Type* type);
  void dispatch(llvm::Value* exception);
  llvm::BasicBlock* edge_to_handler(bytecode::BlockIndex handler, llvm::Value* exception);
  bool enter_blind_handler(code::ImplicitException exception);
  void show_to_debugger();
  const bytecode::ExceptionHandler* handler_of(code::ImplicitException exception) const;
  void rethrow_in_interpreter(llvm::Value* exception);
  llvm::BasicBlock* unwind_block();

  // exits.cpp
  llvm::Value* thread();
  llvm::Value* thread_field(std::int32_t offset);
  void trap_if(llvm::Value* condition, TrapReason reason);
  void trap_if(llvm::Value* condition, std::uint32_t request);
  using ThrowArguments = std::function<std::pair<llvm::Value*, llvm::Value*>()>;
  void throw_if(llvm::Value* condition, code::ImplicitException exception,
                const ThrowArguments& arguments = {});
  void throw_if_null(llvm::Value* object);
  void trap(TrapReason reason);
  void trap(std::uint32_t request);
  llvm::CallBase* call_vm_entry(code::Target target, std::string_view types, char result,
                                llvm::ArrayRef<llvm::Value*> arguments);
  llvm::Value* as_word(llvm::Value* value);
  llvm::BasicBlock* trap_block();
  void finish_trap();
  std::uint32_t trap_request(TrapReason reason) const;
  std::uint32_t trap_request(std::uint32_t reason, std::uint32_t action) const;
  void poll(const State& state, std::uint32_t instruction, llvm::BasicBlock* then);
  void return_value(char type, llvm::Value* value);
  void leave(const char* stub, llvm::ArrayRef<llvm::Value*> arguments);
  std::vector<llvm::Value*> deopt_operands(code::SiteKind kind, MethodId callee,
                                           code::Target target, const State& state,
                                           std::uint32_t instruction, FrameUse use);
  llvm::CallBase* safepoint_call(llvm::Function* target, llvm::ArrayRef<llvm::Value*> arguments,
                                 const std::vector<llvm::Value*>& deopt, std::uint32_t sled,
                                 llvm::BasicBlock* unwind);
  void add_frames(PlannedSite& site, std::vector<llvm::Value*>& operands, const State& state,
                  std::uint32_t instruction, FrameUse use);
  std::vector<llvm::Value*> register_arguments(llvm::FunctionType* type);
  void fail(std::string what);

  llvm::Type* type_of(char type) { return value_type(context_, type); }
  llvm::BasicBlock* new_block(const char* name) {
    llvm::BasicBlock* block = llvm::BasicBlock::Create(context_, name, function_);
    if (counted_.mode == CountedLoop::Mode::careful) counted_.inside.insert(block);
    return block;
  }
  const bytecode::Instruction& current() const { return plan_.code.list[at_]; }

  FunctionInProgress& shared_;
  MethodTranslator* const caller_;  ///< null: the task's method
  const MethodId method_;
  const frontend::Plan& plan_;
  frontend::FactReader& facts_ = shared_.facts;
  Translation& out_ = shared_.out;
  llvm::LLVMContext& context_ = *shared_.out.context;
  llvm::Module& module_ = *shared_.out.module;
  llvm::IRBuilder<>& b_ = shared_.builder;
  AliasInfo& alias_ = shared_.alias;
  llvm::Function*& function_ = shared_.function;
  Prototype& prototype_ = shared_.prototype;
  llvm::Value*& rescue_slot_ = shared_.rescue_slot;
  llvm::Value*& thread_slot_ = shared_.thread_slot;
  std::map<llvm::Value*, llvm::Value*>& known_objects_ = shared_.known_objects;
  llvm::AllocaInst*& dimensions_ = shared_.dimensions;
  std::size_t& operands_left_ = shared_.operands_left;
  std::string& error_ = shared_.error;

  llvm::BasicBlock* unwind_ = nullptr;  ///< made on first use
  llvm::BasicBlock* returned_ = nullptr;  ///< of an inlined body: where the caller goes on
  std::vector<std::pair<llvm::BasicBlock*, llvm::Value*>> returns_;  ///< its edges into `returned_`

  std::vector<BlockState> blocks_;
  std::vector<LoopState> loops_;
  CountedLoop own_loop_;
  CountedLoop& counted_;  ///< own_loop_, or that of the caller that this body is inlined in a loop of
  // While the fast body of a loop is translated.
  std::map<bytecode::BlockIndex, BlockState> fast_blocks_;
  std::vector<Edge> fast_back_;
  llvm::BasicBlock* fast_latch_ = nullptr;
  State state_;  ///< while a block is translated
  bytecode::BlockIndex block_ = 0;
  std::uint32_t at_ = 0;  ///< instruction
  State before_;          ///< state before the instruction, for its trap
  bool is_dead_ = false;  ///< the rest of the block cannot run

  // The trap of the current instruction: all its reasons share one frame state.
  llvm::BasicBlock* trap_ = nullptr;
  std::vector<std::pair<llvm::BasicBlock*, std::uint32_t>> trap_requests_;

  llvm::Value* method_monitor_ = nullptr;  ///< what a synchronized method has locked

  /// What a comparison bytecode compared, for the branch behind it.
  struct Comparison {
    bytecode::Opcode op;
    llvm::Value* left;
    llvm::Value* right;
  };
  std::map<llvm::Value*, Comparison> comparisons_;
};

}  // namespace jitfarm::worker::compiler::translate
