#include "worker/compiler/translate/method_translator.h"

#include <llvm/IR/InlineAsm.h>

#include <algorithm>

#include "worker/compiler/bytecode/descriptor.h"
#include "worker/compiler/lowering/object_access.h"

namespace jitfarm::worker::compiler::translate {

using bytecode::BlockIndex;
using bytecode::Instruction;
using bytecode::kNone;
using bytecode::Opcode;
using bytecode::SlotType;

namespace {

// Frame states of methods that people write stay far below; hostile ones would multiply traps by
// locals.
constexpr std::size_t kOperandsMax = 1u << 20;

constexpr std::uint16_t kAccStatic = 0x0008;
constexpr std::uint16_t kAccSynchronized = 0x0020;

}  // namespace

std::string argument_types(const frontend::Plan& plan) {
  std::string types;
  if ((plan.method->access_flags & kAccStatic) == 0) types = "A";
  for (char type : plan.descriptor.parameters)
    types += static_cast<char>(bytecode::slot_type(type));
  return types;
}

FunctionInProgress::FunctionInProgress(const code::CompileTask& task, const frontend::Plans& plans,
                                       frontend::FactReader& facts, const Limits& limits,
                                       Translation& out)
    : task(task),
      plans(plans),
      facts(facts),
      limits(limits),
      out(out),
      builder(*out.context),
      alias(*out.context),
      operands_left(kOperandsMax) {}

MethodTranslator::MethodTranslator(FunctionInProgress& function)
    : shared_(function),
      caller_(nullptr),
      method_(function.task.method),
      plan_(function.plans.root),
      blocks_(plan_.graph.blocks.size()),
      loops_(plan_.graph.loops.size()),
      counted_(own_loop_) {}

MethodTranslator::MethodTranslator(MethodTranslator& caller, MethodId method,
                                   const frontend::Plan& plan)
    : shared_(caller.shared_),
      caller_(&caller),
      method_(method),
      plan_(plan),
      blocks_(plan_.graph.blocks.size()),
      loops_(plan_.graph.loops.size()),
      counted_(caller.is_counting() ? caller.counted_ : own_loop_) {}

void MethodTranslator::translate_blocks() {
  for (BlockIndex b = 0; b < blocks_.size() && error_.empty(); ++b) {
    translate_block(b);
    // The blocks of a loop are consecutive: it ends before anything that it exits to is translated.
    for (std::uint32_t l = plan_.graph.blocks[b].loop; l != kNone && error_.empty();
         l = plan_.graph.loops[l].parent)
      if (plan_.graph.loops[l].blocks.back() == b) close_loop(l);
  }
}

bytecode::Checked<void> MethodTranslator::run() {
  out_.methods = {method_};
  begin_function();
  translate_blocks();
  if (!error_.empty()) return bytecode::bail(code::BailoutReason::internal_error, error_);
  if (operands_left_ == 0)
    return bytecode::bail(code::BailoutReason::method_too_large, "frame states");
  if (function_->getInstructionCount() > shared_.limits.ir_instructions)
    return bytecode::bail(code::BailoutReason::method_too_large,
                          std::to_string(function_->getInstructionCount()) + " IR instructions");
  out_.has_receiver = !is_replacement() && !is_static();
  return {};
}

bool MethodTranslator::is_static() const {
  return (plan_.method->access_flags & kAccStatic) != 0;
}
bool MethodTranslator::is_synchronized() const {
  return (plan_.method->access_flags & kAccSynchronized) != 0;
}

void MethodTranslator::fail(std::string what) {
  if (error_.empty()) error_ = std::move(what) + " at bci " + std::to_string(current().bci);
}

void MethodTranslator::begin_function() {
  // An on-stack replacement has one argument: the buffer with what the interpreter had.
  const std::string arguments = is_replacement() ? "J" : argument_types(plan_);
  const char result = plan_.descriptor.result == 'V'
                          ? 'V'
                          : static_cast<char>(bytecode::slot_type(plan_.descriptor.result));
  prototype_ = method_prototype(context_, arguments, result);
  function_ = llvm::Function::Create(prototype_.type, llvm::Function::ExternalLinkage,
                                     kMethodFunction, module_);
  function_->setCallingConv(llvm::CallingConv::PreserveNone);
  function_->setGC("statepoint-example");
  auto* personality = llvm::Function::Create(llvm::FunctionType::get(b_.getInt32Ty(), true),
                                             llvm::Function::ExternalLinkage, "pers", module_);
  function_->setPersonalityFn(personality);
  // There is no library to call: a loop that copies stays a loop.
  function_->addFnAttr("no-builtins");

  llvm::BasicBlock* entry = new_block("entry");
  b_.SetInsertPoint(entry);
  rescue_slot_ = b_.CreateAlloca(b_.getInt64Ty(), nullptr, "rescue");
  if (plan_.vm.thread_slot_required) {
    thread_slot_ = b_.CreateAlloca(b_.getPtrTy(), nullptr, "thread_slot");
    b_.CreateStore(function_->getArg(kThreadParameter), thread_slot_);
    // The VM writes the slot during calls: it must have escaped (hotspot-abi 2.4).
    auto* type = llvm::FunctionType::get(b_.getVoidTy(), {b_.getPtrTy()}, false);
    llvm::CallInst* escape =
        b_.CreateCall(llvm::InlineAsm::get(type, "", "r,~{memory}", true), {thread_slot_});
    escape->addFnAttr(llvm::Attribute::get(context_, "gc-leaf-function"));
  }

  make_blocks();
  if (is_replacement()) {
    take_interpreter_frame();
  } else {
    take_arguments(arguments);
    check_class_init();
    enter_method();
  }
  b_.CreateBr(blocks_[0].entry);
  blocks_[0].forward.push_back({std::move(state_), b_.GetInsertBlock()});
}

/// Of the bytecode, and room for its locals.
void MethodTranslator::make_blocks() {
  for (BlockIndex b = 0; b < blocks_.size(); ++b)
    blocks_[b].entry = new_block(
        ("bci" + std::to_string(plan_.code.list[plan_.graph.blocks[b].first].bci)).c_str());
  for (std::uint32_t l = 0; l < loops_.size(); ++l) {
    loops_[l].body = new_block("loop");
    loops_[l].latch = new_block("latch");
  }
  state_.locals.resize(plan_.method->max_locals);
}

void MethodTranslator::take_arguments(std::string_view arguments) {
  std::size_t local = 0;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    llvm::Value* value = function_->getArg(prototype_.argument_parameter[i]);
    if (value->getType()->isVectorTy()) value = b_.CreateExtractElement(value, std::uint64_t{0});
    const SlotType type = bytecode::slot_type(arguments[i]);
    state_.store(local, {type, value});
    local += bytecode::slots(arguments[i]);
  }
  if (!is_static())
    function_->addParamAttr(prototype_.argument_parameter[0], llvm::Attribute::NonNull);
}

/// A static method of a class whose initialiser runs is entered by the initialising thread only; another one's call
/// goes back to the VM, where it waits. Of an on-stack replacement the interpreter has seen to that.
void MethodTranslator::check_class_init() {
  if (!is_static() || !plan_.vm.knows_class_init ||
      facts_.ask<facts::FactKind::class_state>(plan_.info.holder.value).state !=
          frontend::FactState::unknown)
    return;
  llvm::Value* klass = load_klass(plan_.info.holder);
  const auto field = [&](std::int32_t offset) {
    return b_.CreateConstGEP1_64(b_.getInt8Ty(), klass, static_cast<std::uint64_t>(offset));
  };
  llvm::BasicBlock* not_done = new_block("initializing");
  llvm::BasicBlock* refused = new_block("refused");
  llvm::BasicBlock* allowed = new_block("allowed");
  llvm::LoadInst* state =
      b_.CreateAlignedLoad(b_.getInt8Ty(), field(plan_.vm.klass_init_state), llvm::Align(1));
  state->setAtomic(llvm::AtomicOrdering::Acquire);
  const auto done = static_cast<std::uint8_t>(plan_.vm.init_state_done);
  b_.CreateCondBr(b_.CreateICmpEQ(state, b_.getInt8(done)), allowed, not_done);
  b_.SetInsertPoint(not_done);
  llvm::LoadInst* by =
      b_.CreateAlignedLoad(b_.getPtrTy(), field(plan_.vm.klass_init_thread), llvm::Align(8));
  by->setAtomic(llvm::AtomicOrdering::Monotonic);
  b_.CreateCondBr(b_.CreateICmpEQ(by, thread()), allowed, refused);
  b_.SetInsertPoint(refused);
  std::vector<llvm::Value*> arguments;
  for (llvm::Argument& argument : function_->args()) arguments.push_back(&argument);
  leave("wrong_method_stub.0", arguments);
  b_.SetInsertPoint(allowed);
}

/// Local i is in word max_locals - 1 - i of the buffer; of two words, the value is in the lower one
/// (hotspot-abi 10a).
void MethodTranslator::take_interpreter_frame() {
  llvm::Value* buffer =
      b_.CreateIntToPtr(function_->getArg(prototype_.argument_parameter[0]), b_.getPtrTy());
  const bytecode::TypeFrame& frame = plan_.entry_types[0];
  for (std::size_t i = 0; i < frame.locals.size(); ++i) {
    const SlotType type = frame.locals[i].type;
    if (type == SlotType::top || type == SlotType::high) continue;
    const std::size_t word = frame.locals.size() - 1 - i - (bytecode::is_wide(type) ? 1 : 0);
    llvm::LoadInst* value = b_.CreateAlignedLoad(
        type_of(static_cast<char>(type)), b_.CreateConstGEP1_64(b_.getInt8Ty(), buffer, 8 * word),
        llvm::Align(type == SlotType::i || type == SlotType::f ? 4 : 8));
    alias_.vm_memory(*value);
    state_.store(i, {type, value});
  }
  take_interpreter_monitors(buffer, frame.locks.size());
  if (is_synchronized()) method_monitor_ = state_.locks.front().value;
  llvm::FunctionCallee end =
      module_.getOrInsertFunction("leaf.osr_migration_end", b_.getVoidTy(), b_.getPtrTy());
  b_.CreateCall(end, {buffer})
      ->addFnAttr(llvm::Attribute::get(context_, "gc-leaf-function"));
}

void MethodTranslator::translate_block(BlockIndex block) {
  BlockState& here = blocks_[block];
  const bytecode::Block& shape = plan_.graph.blocks[block];
  if (here.forward.empty()) {  // behind something that always traps
    b_.SetInsertPoint(here.entry);
    b_.CreateUnreachable();
    for (std::uint32_t l = 0; l < loops_.size(); ++l) {
      if (plan_.graph.loops[l].header != block) continue;
      b_.SetInsertPoint(loops_[l].body);
      b_.CreateUnreachable();
    }
    return;
  }
  at_ = shape.first;
  b_.SetInsertPoint(here.entry);
  state_ = merge(here.forward, shape.first);
  here.forward.clear();
  if (shape.loop != kNone && plan_.graph.loops[shape.loop].header == block) open_loop(shape.loop);
  translate_instructions(block);
}

/// From the current state and place on.
void MethodTranslator::translate_instructions(BlockIndex block) {
  const bytecode::Block& shape = plan_.graph.blocks[block];
  block_ = block;
  is_dead_ = false;
  for (at_ = shape.first; at_ <= shape.last && !is_dead_ && error_.empty(); ++at_)
    instruction(current());
  if (is_dead_ || !error_.empty()) return;
  // The next block is entered by falling through.
  add_edge(plan_.graph.block_at[shape.last + 1]);
  b_.CreateBr(edge_block(plan_.graph.block_at[shape.last + 1]));
}

/// The block to branch to for this successor of the current block.
llvm::BasicBlock* MethodTranslator::edge_block(BlockIndex target) {
  if (counted_.mode == CountedLoop::Mode::fast && fast_blocks_.contains(target))
    return target > block_ ? fast_blocks_[target].entry : fast_latch_;
  if (target > block_) return blocks_[target].entry;
  return loops_[plan_.graph.blocks[target].loop].latch;
}

void MethodTranslator::add_edge(BlockIndex target) {
  Edge edge{state_, b_.GetInsertBlock()};
  if (counted_.mode == CountedLoop::Mode::fast && fast_blocks_.contains(target)) {
    (target > block_ ? fast_blocks_[target].forward : fast_back_).push_back(std::move(edge));
    return;
  }
  if (target > block_) {
    blocks_[target].forward.push_back(std::move(edge));
    return;
  }
  // A header is in no loop that is deeper than its own.
  loops_[plan_.graph.blocks[target].loop].back.push_back(std::move(edge));
}

/// Forgets what the interpreter could not read either: dead locals.
void MethodTranslator::prune(State& state, std::uint32_t instruction) const {
  for (std::size_t i = 0; i < state.locals.size(); ++i) {
    const SlotType type = state.locals[i].type;
    if (type == SlotType::top || type == SlotType::high || plan_.liveness.is_live(instruction, i))
      continue;
    state.locals[i] = {};
    if (bytecode::is_wide(type)) state.locals[i + 1] = {};
  }
}

/// The state at the start of a block, with phis where its edges differ. Emits into the current
/// block.
State MethodTranslator::merge(const std::vector<Edge>& edges, std::uint32_t instruction) {
  State result = edges.front().state;
  prune(result, instruction);
  const auto merge_slot = [&](Slot& slot, auto slot_of) {
    if (slot.type == SlotType::top || slot.type == SlotType::high) return;
    bool differs = false;
    for (const Edge& edge : edges) {
      const Slot& other = slot_of(edge.state);
      if (other.type != slot.type) {
        slot = {};  // two types: the verifier saw nobody read it
        return;
      }
      differs |= other.value != slot.value;
    }
    if (!differs) return;
    operands_left_ -= std::min(operands_left_, edges.size());
    llvm::PHINode* phi = b_.CreatePHI(slot.value->getType(), static_cast<unsigned>(edges.size()));
    for (const Edge& edge : edges) phi->addIncoming(slot_of(edge.state).value, edge.from);
    slot.value = phi;
  };
  for (std::size_t i = 0; i < result.locals.size(); ++i) {
    const bool was_wide = bytecode::is_wide(result.locals[i].type);
    merge_slot(result.locals[i], [i](const State& s) -> const Slot& { return s.locals[i]; });
    if (was_wide && !bytecode::is_wide(result.locals[i].type)) result.locals[i + 1] = {};
  }
  for (std::size_t i = 0; i < result.stack.size(); ++i)
    merge_slot(result.stack[i], [i](const State& s) -> const Slot& { return s.stack[i]; });
  for (std::size_t i = 0; i < result.locks.size(); ++i)
    merge_slot(result.locks[i], [i](const State& s) -> const Slot& { return s.locks[i]; });
  return result;
}

bool MethodTranslator::has_monitors(const bytecode::Loop& loop) const {
  for (BlockIndex b : loop.blocks) {
    const bytecode::Block& block = plan_.graph.blocks[b];
    for (std::uint32_t i = block.first; i <= block.last; ++i)
      if (plan_.code.list[i].op == Opcode::monitorenter || plan_.code.list[i].op == Opcode::monitorexit)
        return true;
  }
  return false;
}

std::vector<bool> MethodTranslator::locals_written(const bytecode::Loop& loop) const {
  std::vector<bool> written(plan_.method->max_locals, false);
  for (BlockIndex b : loop.blocks) {
    const bytecode::Block& block = plan_.graph.blocks[b];
    for (std::uint32_t i = block.first; i <= block.last; ++i) {
      const Instruction& at = plan_.code.list[i];
      if ((bytecode::info(at.op).effects & bytecode::writes_local) != 0)
        written[static_cast<std::size_t>(at.value)] = true;
    }
  }
  return written;
}

/// Leaves the preheader and starts the body: a phi for everything that the loop may change.
void MethodTranslator::open_loop(std::uint32_t index) {
  const bytecode::Loop& loop = plan_.graph.loops[index];
  LoopState& here = loops_[index];
  llvm::BasicBlock* preheader = b_.GetInsertBlock();
  b_.CreateBr(here.body);
  b_.SetInsertPoint(here.body);
  const bytecode::TypeFrame& types = plan_.entry_types[loop.header];
  const std::vector<bool> written = locals_written(loop);
  const auto open_slot = [&](Slot& slot, SlotType type, bool may_change) {
    if (slot.type == SlotType::top || slot.type == SlotType::high) return;
    if (slot.type != type) {
      slot = {};
      return;
    }
    if (!may_change) return;
    operands_left_ -= std::min<std::size_t>(operands_left_, 2);
    llvm::PHINode* phi = b_.CreatePHI(slot.value->getType(), 2);
    phi->addIncoming(slot.value, preheader);
    slot.value = phi;
  };
  for (std::size_t i = 0; i < state_.locals.size(); ++i) {
    const bool was_wide = bytecode::is_wide(state_.locals[i].type);
    open_slot(state_.locals[i], types.locals[i].type, written[i]);
    if (was_wide && !bytecode::is_wide(state_.locals[i].type)) state_.locals[i + 1] = {};
  }
  for (std::size_t i = 0; i < state_.stack.size(); ++i)
    open_slot(state_.stack[i], types.stack[i].type, true);
  const bool monitors_change = has_monitors(loop);
  for (std::size_t i = is_synchronized() ? 1 : 0; i < state_.locks.size(); ++i)
    open_slot(state_.locks[i], SlotType::a, monitors_change);
  here.header = state_;
  begin_counting(index, preheader);
  if (counted_.mode == CountedLoop::Mode::careful) {
    llvm::BasicBlock* careful = new_block("careful");
    b_.CreateBr(careful);
    b_.SetInsertPoint(careful);
  }
}

/// Where the slot is a phi of `body`: its value over the back edges. Emits into the current block.
void MethodTranslator::merge_back_edges(State& state, const std::vector<Edge>& edges,
                                        llvm::BasicBlock* body) {
  const auto merge_slot = [&](Slot& slot, auto slot_of) {
    auto* phi = llvm::dyn_cast_or_null<llvm::PHINode>(slot.value);
    if (phi == nullptr || phi->getParent() != body) return;
    operands_left_ -= std::min(operands_left_, edges.size());
    llvm::PHINode* value = b_.CreatePHI(phi->getType(), static_cast<unsigned>(edges.size()));
    for (const Edge& edge : edges) {
      if (slot_of(edge.state).type != slot.type) return fail("a loop changes the type of a value");
      value->addIncoming(slot_of(edge.state).value, edge.from);
    }
    slot.value = value;
  };
  for (std::size_t i = 0; i < state.locals.size(); ++i)
    merge_slot(state.locals[i], [i](const State& s) -> const Slot& { return s.locals[i]; });
  for (std::size_t i = 0; i < state.stack.size(); ++i)
    merge_slot(state.stack[i], [i](const State& s) -> const Slot& { return s.stack[i]; });
  for (std::size_t i = 0; i < state.locks.size(); ++i)
    merge_slot(state.locks[i], [i](const State& s) -> const Slot& { return s.locks[i]; });
}

void MethodTranslator::feed_phi(const Slot& before, const Slot& after, llvm::BasicBlock* body,
                                llvm::BasicBlock* from) {
  auto* phi = llvm::dyn_cast_or_null<llvm::PHINode>(before.value);
  if (phi == nullptr || phi->getParent() != body) return;
  // Two locals may hold one phi.
  if (phi->getBasicBlockIndex(from) < 0) phi->addIncoming(after.value, from);
}

/// The back edge: merges the latches, polls, and feeds the phis of the body.
void MethodTranslator::close_loop(std::uint32_t index) {
  LoopState& here = loops_[index];
  make_fast_body(index);
  if (!error_.empty()) return;
  if (here.back.empty()) {
    here.latch->eraseFromParent();
    return;
  }
  const std::uint32_t first = plan_.graph.blocks[plan_.graph.loops[index].header].first;
  at_ = first;
  b_.SetInsertPoint(here.latch);
  State state = here.header;
  merge_back_edges(state, here.back, here.body);
  here.back.clear();
  if (!error_.empty()) return;
  poll(state, first, here.body);
  for (llvm::BasicBlock* from : llvm::predecessors(here.body)) {
    if (here.body->phis().empty() || here.body->phis().begin()->getBasicBlockIndex(from) == 0)
      continue;
    for (std::size_t i = 0; i < state.locals.size(); ++i)
      feed_phi(here.header.locals[i], state.locals[i], here.body, from);
    for (std::size_t i = 0; i < state.stack.size(); ++i)
      feed_phi(here.header.stack[i], state.stack[i], here.body, from);
    for (std::size_t i = 0; i < state.locks.size(); ++i)
      feed_phi(here.header.locks[i], state.locks[i], here.body, from);
  }
}

void MethodTranslator::push(char type, llvm::Value* value) {
  if (!state_.push({bytecode::slot_type(type), value}, plan_.method->max_stack))
    fail("stack overflow");
}

/// Never null: after a failure some value of the type, since fail() ends the translation at the
/// next instruction.
llvm::Value* MethodTranslator::pop(char type) {
  const auto slot = state_.pop(bytecode::slot_type(type));
  if (slot) return slot->value;
  fail("operand of another type");
  return llvm::PoisonValue::get(type_of(type));
}

void MethodTranslator::instruction(const Instruction& at) {
  if (operands_left_ == 0) {
    is_dead_ = true;
    return;
  }
  const bytecode::OpcodeInfo& row = bytecode::info(at.op);
  if ((row.effects & (bytecode::may_trap | bytecode::resolves)) != 0 ||
      plan_.ways[at_] != bytecode::Ways::all || plan_.counted_cases.contains(at_))
    before_ = state_;
  if (plan_.stops(at_)) {
    trap(TrapReason::unresolved);
  } else if (at.op >= Opcode::pop && at.op <= Opcode::swap) {
    if (!state_.shuffle(at.op, plan_.method->max_stack)) fail("bad stack");
  } else if (at.op == Opcode::nop) {
    // nothing
  } else if ((row.effects & bytecode::reads_local) != 0 && at.op != Opcode::iinc) {
    const Slot& local = state_.locals[static_cast<std::size_t>(at.value)];
    if (local.type != bytecode::slot_type(row.pushes[0])) return fail("local of another type");
    push(row.pushes[0], local.value);
  } else if ((row.effects & bytecode::writes_local) != 0 && at.op != Opcode::iinc) {
    llvm::Value* value = pop(row.pops[0]);
    state_.store(static_cast<std::size_t>(at.value), {bytecode::slot_type(row.pops[0]), value});
  } else if (!arithmetic(at) && !control(at) && !memory(at) && !call(at) && !allocation(at) &&
             !type_test(at) && !monitor(at) && !throw_exception(at)) {
    push_pool_constant(at);
  }
  if (error_.empty()) finish_trap();
}

void MethodTranslator::push_pool_constant(const Instruction& at) {
  const auto index = static_cast<std::uint32_t>(at.value);
  const bytecode::PoolEntry* entry = plan_.shape.entry(index);
  if ((at.op != Opcode::ldc && at.op != Opcode::ldc_w && at.op != Opcode::ldc2_w) ||
      entry == nullptr)
    return fail("no translation of " + std::string(bytecode::info(at.op).mnemonic));
  switch (entry->tag) {
    case bytecode::PoolTag::integer:
      return push('I', b_.getInt32(static_cast<std::uint32_t>(entry->bits)));
    case bytecode::PoolTag::long_:
      return push('J', b_.getInt64(entry->bits));
    case bytecode::PoolTag::float_:
      return push('F',
                  llvm::ConstantFP::get(context_, llvm::APFloat(llvm::APFloat::IEEEsingle(),
                                                                llvm::APInt(32, entry->bits))));
    case bytecode::PoolTag::double_:
      return push('D',
                  llvm::ConstantFP::get(context_, llvm::APFloat(llvm::APFloat::IEEEdouble(),
                                                                llvm::APInt(64, entry->bits))));
    case bytecode::PoolTag::string:
    case bytecode::PoolTag::class_:
    case bytecode::PoolTag::method_handle:
    case bytecode::PoolTag::method_type:
      return push('A', load_constant(code::ConstantKind::pool_object, plan_.info.holder, index));
    case bytecode::PoolTag::dynamic:
      return push_dynamic_constant(index);
    default:
      return fail("a constant that was not planned");
  }
}

/// Its bootstrap method has run: null, a number, or an object that the VM keeps.
void MethodTranslator::push_dynamic_constant(std::uint32_t index) {
  const auto constant =
      facts_.ask<facts::FactKind::resolved_object>(plan_.info.holder.value, index);
  const auto descriptor = plan_.shape.dynamic_descriptor(index);
  const auto type = descriptor ? bytecode::parse_field_descriptor(*descriptor) : std::nullopt;
  if (constant.state != frontend::FactState::known || !type)
    return fail("a constant that was not planned");
  const char slot = static_cast<char>(bytecode::slot_type(*type));
  if (slot != 'A') return push_number(slot, constant.value.bits);
  push('A', constant.value.is_null
                ? llvm::Constant::getNullValue(type_of('A'))
                : load_constant(code::ConstantKind::pool_object, plan_.info.holder, index));
}

/// `bits` as facts have them: float and less in the lower half.
void MethodTranslator::push_number(char type, std::uint64_t bits) {
  switch (type) {
    case 'I':
      return push('I', b_.getInt32(static_cast<std::uint32_t>(bits)));
    case 'J':
      return push('J', b_.getInt64(bits));
    case 'F':
      return push('F', llvm::ConstantFP::get(
                           context_, llvm::APFloat(llvm::APFloat::IEEEsingle(),
                                                   llvm::APInt(32, bits & 0xffff'ffff))));
    case 'D':
      return push('D', llvm::ConstantFP::get(context_, llvm::APFloat(llvm::APFloat::IEEEdouble(),
                                                                     llvm::APInt(64, bits))));
    default:
      return fail("a constant of no type");
  }
}

/// Equal constants share a cell.
std::size_t MethodTranslator::constant_cell(const code::Constant& constant) {
  std::size_t cell = 0;
  while (cell < out_.constants.size() && out_.constants[cell] != constant) ++cell;
  if (cell == out_.constants.size()) out_.constants.push_back(constant);
  return cell;
}

/// Loads the oop in a cell beside the code.
llvm::Value* MethodTranslator::load_constant(code::ConstantKind kind, ClassId klass,
                                             std::uint32_t cp_index) {
  const std::size_t cell = constant_cell({kind, klass, cp_index});
  auto load_cell =
      module_.getOrInsertFunction(lowering::kLoadCell + std::to_string(cell), type_of('A'));
  llvm::CallInst* load = b_.CreateCall(load_cell);
  load->addRetAttr(llvm::Attribute::NonNull);
  return load;
}

}  // namespace jitfarm::worker::compiler::translate
