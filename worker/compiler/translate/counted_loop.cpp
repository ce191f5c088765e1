#include "worker/compiler/translate/counted_loop.h"

#include <llvm/IR/MDBuilder.h>

#include <algorithm>
#include <utility>

#include "common/facts/inline_policy.h"
#include "worker/compiler/translate/method_translator.h"

namespace jitfarm::worker::compiler::translate {

using bytecode::BlockIndex;
using bytecode::Instruction;
using bytecode::Opcode;
using Kind = CountedCheck::Kind;
using Mode = CountedLoop::Mode;

namespace {

constexpr std::int64_t kIntMin = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kIntMax = std::numeric_limits<std::int32_t>::max();
constexpr unsigned kExpressionDepthMax = 6;
constexpr std::uint16_t kAccSynchronized = 0x0020;

}  // namespace

/// Whether the loop is worth two bodies.
bool MethodTranslator::may_be_counted(const bytecode::Loop& loop) const {
  // Handlers may lie between the blocks of a loop.
  if (!loop.is_innermost || loop.blocks.back() - loop.blocks.front() + 1 != loop.blocks.size() ||
      ends_soon(loop))
    return false;
  std::size_t instructions = 0;
  return std::ranges::all_of(loop.blocks, [&](BlockIndex b) {
    return is_calm(plan_, b, facts::kInlineDepthMax, instructions);
  });
}

/// By the profile of its exits: after how many iterations it was left, on average.
bool MethodTranslator::ends_soon(const bytecode::Loop& loop) const {
  std::uint64_t iterations = 0;
  std::uint64_t exits = 0;
  for (BlockIndex b : loop.blocks) {
    const std::uint32_t last = plan_.graph.blocks[b].last;
    const Instruction& at = plan_.code.list[last];
    const auto branch = plan_.branches.find(static_cast<std::uint32_t>(at.bci));
    if (branch == plan_.branches.end() || plan_.ways[last] != bytecode::Ways::all) continue;
    const auto stays = way_within(loop, last);
    if (!stays) continue;
    const auto& [bci, taken, not_taken, traps] = branch->second;
    iterations = std::max(iterations, std::uint64_t{taken} + not_taken);
    exits += *stays == bytecode::Ways::target ? not_taken : taken;
  }
  return iterations >= facts::kMatureCount && exits * kIterationsSeenMin > iterations;
}

/// Nothing in the block lets another thread's stores be seen, or runs code that is not looked at
/// here; adds its `instructions` with those of the callees.
bool MethodTranslator::is_calm(const frontend::Plan& plan, BlockIndex b, unsigned depth,
                               std::size_t& instructions) const {
  const bytecode::Block& block = plan.graph.blocks[b];
  instructions += block.last - block.first + 1;
  for (std::uint32_t i = block.first; i <= block.last; ++i) {
    const Instruction& at = plan.code.list[i];
    if (!plan.handlers.at(i).empty() || plan.handlers.are_cut_short(i)) return false;
    if (plan.stops(i)) continue;
    if (at.op == Opcode::monitorenter || at.op == Opcode::monitorexit) return false;
    if (bytecode::throws_itself(at.op) && !is_calm_call(plan, i, depth, instructions))
      return false;
    if (at.op < Opcode::getstatic || at.op > Opcode::putfield) continue;
    const auto field = facts_.ask<facts::FactKind::resolved_field>(
        plan.info.holder.value, static_cast<std::uint32_t>(at.value),
        static_cast<std::uint32_t>(at.op));
    if (field.value.is_volatile) return false;
  }
  return instructions <= kFastInstructionsMax;
}

/// The instruction is a call that becomes an instruction, or callees without loops.
bool MethodTranslator::is_calm_call(const frontend::Plan& plan, std::uint32_t instruction,
                                    unsigned depth, std::size_t& instructions) const {
  if (const auto row = plan.intrinsics.find(instruction); row != plan.intrinsics.end())
    return frontend::is_arithmetic(row->second->op);
  const auto call = plan.inlines.find(instruction);
  if (call == plan.inlines.end() || depth == 0) return false;
  return std::ranges::all_of(call->second.callees, [&](const frontend::InlineCallee& callee) {
    const auto found = shared_.plans.callees.find(callee.method);
    if (found == shared_.plans.callees.end() || !found->second.graph.loops.empty() ||
        (found->second.method->access_flags & kAccSynchronized) != 0)
      return false;
    for (BlockIndex b = 0; b < found->second.graph.blocks.size(); ++b)
      if (!is_calm(found->second, b, depth - 1, instructions)) return false;
    return true;
  });
}

/// By the block and the callees inlined there. Precondition: is_calm().
void MethodTranslator::fields_written(
    const frontend::Plan& plan, BlockIndex b, unsigned depth,
    std::set<std::tuple<bool, std::int32_t, char>>& written) const {
  const bytecode::Block& block = plan.graph.blocks[b];
  for (std::uint32_t i = block.first; i <= block.last; ++i) {
    const Instruction& at = plan.code.list[i];
    if (plan.stops(i)) continue;
    if (const auto call = plan.inlines.find(i); call != plan.inlines.end() && depth > 0) {
      for (const frontend::InlineCallee& inlined : call->second.callees) {
        const frontend::Plan& callee = shared_.plans.callees.at(inlined.method);
        for (BlockIndex c = 0; c < callee.graph.blocks.size(); ++c)
          fields_written(callee, c, depth - 1, written);
      }
    }
    if (at.op != Opcode::putfield && at.op != Opcode::putstatic) continue;
    const auto answer = facts_.ask<facts::FactKind::resolved_field>(
        plan.info.holder.value, static_cast<std::uint32_t>(at.value),
        static_cast<std::uint32_t>(at.op));
    written.emplace(answer.value.is_static, answer.value.offset, answer.value.type);
  }
}

/// The careful body begins; its head has all its phis.
void MethodTranslator::begin_counting(std::uint32_t index, llvm::BasicBlock* preheader) {
  const bytecode::Loop& loop = plan_.graph.loops[index];
  const LoopState& here = loops_[index];
  if (counted_.owner != nullptr && counted_.owner != this) return;
  counted_ = {};
  if (!may_be_counted(loop)) return;
  // A local that one iinc changes, in a block that every iteration passes.
  std::map<std::size_t, std::int32_t> steps;
  std::map<std::size_t, int> writes;
  for (BlockIndex b : loop.blocks) {
    const bytecode::Block& block = plan_.graph.blocks[b];
    const bool always = std::ranges::all_of(
        loop.latches, [&](BlockIndex l) { return plan_.graph.dominates(b, l); });
    for (std::uint32_t i = block.first; i <= block.last; ++i) {
      const Instruction& at = plan_.code.list[i];
      if ((bytecode::info(at.op).effects & bytecode::writes_local) == 0) continue;
      const auto local = static_cast<std::size_t>(at.value);
      ++writes[local];
      if (at.op == Opcode::iinc && at.extra != 0 && always) steps[local] = at.extra;
    }
  }
  for (const auto& [local, step] : steps) {
    auto* phi = llvm::dyn_cast_or_null<llvm::PHINode>(here.header.locals[local].value);
    if (writes[local] == 1 && phi != nullptr && phi->getParent() == here.body)
      counted_.steps[phi] = step;
  }
  if (counted_.steps.empty()) return;
  counted_.mode = Mode::careful;
  for (BlockIndex b : loop.blocks)
    fields_written(plan_, b, facts::kInlineDepthMax, counted_.stored);
  counted_.owner = this;
  counted_.loop = index;
  counted_.inlined_bytes = shared_.inlined_bytes;
  counted_.preheader = preheader;
  counted_.inside.insert(here.body);
  for (BlockIndex b : loop.blocks) counted_.inside.insert(blocks_[b].entry);
  counted_.inside.erase(blocks_[loop.header].entry);  // that is the preheader
}

/// Computed before the loop.
bool MethodTranslator::is_invariant(llvm::Value* value) const {
  const auto* instruction = llvm::dyn_cast<llvm::Instruction>(value);
  return instruction == nullptr ||
         !counted_.inside.contains(const_cast<llvm::BasicBlock*>(instruction->getParent()));
}

/// Invariant, or computed in the loop from what is: arithmetic, lengths, fields that the loop does
/// not write.
bool MethodTranslator::is_movable(llvm::Value* value, unsigned depth) const {
  if (is_invariant(value)) return true;
  if (depth == 0) return false;
  if (const auto found = counted_.length_of.find(value); found != counted_.length_of.end())
    return is_movable(found->second, depth - 1);
  if (const auto found = counted_.field_loads.find(value); found != counted_.field_loads.end())
    return found->second.object == nullptr || is_movable(found->second.object, depth - 1);
  const auto* operation = llvm::dyn_cast<llvm::BinaryOperator>(value);
  if (operation == nullptr || operation->isIntDivRem()) return false;
  return is_movable(operation->getOperand(0), depth - 1) &&
         is_movable(operation->getOperand(1), depth - 1);
}

/// The same value, computed where the builder stands.
llvm::Value* MethodTranslator::move_out(llvm::Value* value) {
  if (is_invariant(value)) return value;
  if (const auto found = counted_.length_of.find(value); found != counted_.length_of.end())
    return safe_length(move_out(found->second));
  llvm::Value*& moved = counted_.moved[value];
  if (moved != nullptr) return moved;
  if (const auto found = counted_.field_loads.find(value); found != counted_.field_loads.end()) {
    moved = move_field_load(found->second);
  } else {
    auto* operation = llvm::cast<llvm::BinaryOperator>(value);
    llvm::Value* left = move_out(operation->getOperand(0));
    llvm::Value* right = move_out(operation->getOperand(1));
    moved = b_.CreateBinOp(operation->getOpcode(), left, right);
  }
  return moved;
}

/// `value` of something read from `object`, which may be null: then zero, and `read` is not called.
llvm::Value* MethodTranslator::read_unless_null(llvm::Value* object,
                                                const std::function<llvm::Value*()>& read) {
  if (is_never_null(object)) return read();
  llvm::BasicBlock* before = b_.GetInsertBlock();
  llvm::BasicBlock* not_null = new_block("not_null");
  llvm::BasicBlock* after = new_block("or_null");
  b_.CreateCondBr(b_.CreateIsNull(object), after, not_null,
                  llvm::MDBuilder(context_).createUnlikelyBranchWeights());
  b_.SetInsertPoint(not_null);
  llvm::Value* value = read();
  b_.CreateBr(after);
  b_.SetInsertPoint(after);
  llvm::PHINode* phi = b_.CreatePHI(value->getType(), 2);
  phi->addIncoming(llvm::Constant::getNullValue(value->getType()), before);
  phi->addIncoming(value, not_null);
  return phi;
}

/// The field as it is when a strip begins. A null object gives zero; its check lets no fast
/// iteration run.
llvm::Value* MethodTranslator::move_field_load(const FieldLoad& load) {
  const bool is_static = load.object == nullptr;
  llvm::Value* object =
      is_static ? load_constant(code::ConstantKind::mirror, load.holder, 0) : move_out(load.object);
  return read_unless_null(object,
                          [&] { return load_field(object, load.offset, load.type, is_static); });
}

/// The field read of the current instruction.
void MethodTranslator::note_field_load(llvm::Value* value, const FieldLoad& load) {
  if (counted_.mode != Mode::careful ||
      counted_.stored.contains({load.object == nullptr, load.offset, load.type}))
    return;
  if (load.object != nullptr && !is_movable(load.object, kExpressionDepthMax - 1)) return;
  counted_.field_loads[value] = load;
  counted_.load_at[place()] = value;
}

std::optional<Linear> MethodTranslator::match_linear(llvm::Value* value, unsigned depth) const {
  if (const auto step = counted_.steps.find(value); step != counted_.steps.end())
    return Linear{value, step->second, {}};
  const auto* operation = llvm::dyn_cast<llvm::BinaryOperator>(value);
  if (operation == nullptr || depth == 0 || is_invariant(value)) return std::nullopt;
  const bool is_add = operation->getOpcode() == llvm::Instruction::Add;
  if (!is_add && operation->getOpcode() != llvm::Instruction::Sub) return std::nullopt;
  for (const unsigned side : {0u, 1u}) {
    if (side == 1 && !is_add) break;  // a - i counts the other way; rare
    llvm::Value* other = operation->getOperand(1 - side);
    if (!is_movable(other, kExpressionDepthMax)) continue;
    std::optional<Linear> linear = match_linear(operation->getOperand(side), depth - 1);
    if (!linear) continue;
    linear->terms.emplace_back(other, !is_add);
    return linear;
  }
  return std::nullopt;
}

/// The current instruction, from the body of the loop inwards.
Place MethodTranslator::place() const {
  Place result;
  for (const MethodTranslator* body = this;; body = body->caller_) {
    result.insert(result.begin(), {body->method_.value, body->at_});
    if (body == counted_.owner) return result;
  }
}

/// True: the check of the current instruction needs no code, since it was made before the fast
/// body.
bool MethodTranslator::is_counted_away() const {
  return counted_.mode == Mode::fast && counted_.checks.contains(place());
}

void MethodTranslator::note_null_check(llvm::Value* object) {
  if (counted_.mode == Mode::careful && is_movable(object, kExpressionDepthMax))
    counted_.checks.try_emplace(place(), CountedCheck{Kind::not_null, {}, object, nullptr});
}

void MethodTranslator::note_index(llvm::Value* array, llvm::Value* index) {
  if (counted_.mode != Mode::careful || !is_movable(array, kExpressionDepthMax)) return;
  auto linear = match_linear(index, kExpressionDepthMax);
  const Kind kind = linear ? Kind::index_of : Kind::array;
  counted_.checks.insert_or_assign(
      place(), CountedCheck{kind, std::move(linear).value_or(Linear{}), array, nullptr});
}

/// A branch that compares ints and may leave the loop. `goes_on` is the predicate for staying.
void MethodTranslator::note_exit(llvm::CmpInst::Predicate goes_on, llvm::Value* left,
                                 llvm::Value* right) {
  if (counted_.mode != Mode::careful) return;
  auto linear = match_linear(left, kExpressionDepthMax);
  llvm::Value* bound = right;
  if (!linear) {
    linear = match_linear(right, kExpressionDepthMax);
    bound = left;
    goes_on = llvm::CmpInst::getSwappedPredicate(goes_on);
  }
  if (!linear || !is_movable(bound, kExpressionDepthMax)) return;
  Kind kind;
  switch (goes_on) {
    case llvm::CmpInst::ICMP_SLT:
      kind = Kind::below;
      break;
    case llvm::CmpInst::ICMP_SLE:
      kind = Kind::at_most;
      break;
    case llvm::CmpInst::ICMP_SGT:
      kind = Kind::above;
      break;
    case llvm::CmpInst::ICMP_SGE:
      kind = Kind::at_least;
      break;
    case llvm::CmpInst::ICMP_NE:  // as long as it has not come there
      kind = linear->step > 0 ? Kind::below : Kind::above;
      break;
    default:
      return;
  }
  counted_.checks.try_emplace(place(), CountedCheck{kind, std::move(*linear), bound, nullptr});
}

/// Length of an array that is known before the fast body; 0 for null. Read before the loop when
/// that is possible.
llvm::Value* MethodTranslator::safe_length(llvm::Value* array) {
  llvm::Value*& length = counted_.safe_length[array];
  if (length != nullptr) return length;
  const auto read = [&] { return array_length(array); };
  if (!is_invariant(array)) return length = read_unless_null(array, read);
  const llvm::IRBuilderBase::InsertPointGuard guard(b_);
  llvm::BasicBlock* before = counted_.preheader;
  llvm::BasicBlock* head = loops_[counted_.loop].body;
  before->getTerminator()->eraseFromParent();
  b_.SetInsertPoint(before);
  length = read_unless_null(array, read);
  counted_.preheader = b_.GetInsertBlock();
  b_.CreateBr(head);
  head->replacePhiUsesWith(before, counted_.preheader);
  return length;
}

/// Iterations from the head on for which the check passes; i64. Emits into the head.
llvm::Value* MethodTranslator::iterations_passing(CountedCheck& check) {
  llvm::Type* i64 = b_.getInt64Ty();
  const auto limit = [&](std::int64_t v) { return llvm::ConstantInt::getSigned(i64, v); };
  if (check.kind == Kind::array) safe_length(move_out(check.bound));
  if (check.kind == Kind::not_null || check.kind == Kind::array)
    return b_.CreateSelect(b_.CreateIsNull(move_out(check.bound)), limit(0),
                           limit(kStripIterations));

  llvm::Value* first = b_.CreateSExt(check.value.phi, i64);
  if (!check.value.terms.empty()) {
    // Summed as Java does, wrapping: then the sum with the phi is the index wherever that does not
    // wrap.
    llvm::Value* sum = b_.getInt32(0);
    for (const auto& [term, negated] : check.value.terms)
      sum = negated ? b_.CreateSub(sum, move_out(term)) : b_.CreateAdd(sum, move_out(term));
    first = b_.CreateAdd(first, b_.CreateSExt(sum, i64));
  }
  check.first = first;
  llvm::Value* low = limit(kIntMin);
  llvm::Value* high = limit(kIntMax);
  const auto bound = [&] { return b_.CreateSExt(move_out(check.bound), i64); };
  switch (check.kind) {
    case Kind::below:
      high = b_.CreateSub(bound(), limit(1));
      break;
    case Kind::at_most:
      high = bound();
      break;
    case Kind::above:
      low = b_.CreateAdd(bound(), limit(1));
      break;
    case Kind::at_least:
      low = bound();
      break;
    default:
      low = limit(0);
      high = b_.CreateSub(b_.CreateSExt(safe_length(move_out(check.bound)), i64), limit(1));
  }
  // low <= first + step * t <= high for every t below the result.
  const std::int64_t step = check.value.step;
  llvm::Value* starts_right =
      step > 0 ? b_.CreateICmpSGE(first, low) : b_.CreateICmpSLE(first, high);
  llvm::Value* room = step > 0 ? b_.CreateSub(high, first) : b_.CreateSub(first, low);
  starts_right = b_.CreateAnd(starts_right, b_.CreateICmpSGE(room, limit(0)));
  llvm::Value* count = b_.CreateAdd(b_.CreateUDiv(room, limit(step > 0 ? step : -step)), limit(1));
  return b_.CreateSelect(starts_right, count, limit(0));
}

/// After the careful body: the fast one, when there is something to gain. Its end is one more back
/// edge.
void MethodTranslator::make_fast_body(std::uint32_t index) {
  if (counted_.mode != Mode::careful || counted_.owner != this || counted_.loop != index) return;
  LoopState& here = loops_[index];
  const bytecode::Loop& loop = plan_.graph.loops[index];
  const bool counts = std::ranges::any_of(
      counted_.checks, [](const auto& check) { return check.second.value.phi != nullptr; });
  if (!counts || counted_.calls || here.back.empty()) {
    counted_ = {};
    return;
  }
  // The head: so far it only goes on to the careful body.
  llvm::BasicBlock* careful = here.body->getSingleSuccessor();
  here.body->getTerminator()->eraseFromParent();
  b_.SetInsertPoint(here.body);
  llvm::Value* count = b_.getInt64(kStripIterations);
  at_ = plan_.graph.blocks[loop.header].first;
  for (auto& [where, check] : counted_.checks) {
    llvm::Value* passing = iterations_passing(check);
    count = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, count, passing);
  }
  for (const auto& [where, value] : counted_.load_at) move_out(value);
  llvm::BasicBlock* entry = new_block("fast_entry");
  llvm::MDBuilder weights(context_);
  b_.CreateCondBr(b_.CreateICmpSGE(count, b_.getInt64(kFastIterationsMin)), entry, careful,
                  weights.createLikelyBranchWeights());

  // What was inlined in the careful body is inlined in the fast one: its checks stand for both.
  const std::size_t inlined_bytes = std::exchange(shared_.inlined_bytes, counted_.inlined_bytes);
  counted_.mode = Mode::fast;
  llvm::BasicBlock* body = new_block("fast");
  llvm::BasicBlock* latch = new_block("fast_latch");
  b_.SetInsertPoint(entry);
  b_.CreateBr(body);
  b_.SetInsertPoint(body);
  State head = here.header;
  std::vector<std::pair<llvm::PHINode*, llvm::PHINode*>> phis;  // of the head, of the fast body
  for (auto* slots : {&head.locals, &head.stack}) {
    for (Slot& slot : *slots) {
      auto* phi = llvm::dyn_cast_or_null<llvm::PHINode>(slot.value);
      if (phi == nullptr || phi->getParent() != here.body) continue;
      llvm::PHINode* copy = b_.CreatePHI(phi->getType(), 2);
      copy->addIncoming(phi, entry);
      slot.value = copy;
    }
  }
  llvm::PHINode* iteration = b_.CreatePHI(b_.getInt64Ty(), 2);
  iteration->addIncoming(b_.getInt64(0), entry);
  counted_.iteration = iteration;

  fast_latch_ = latch;
  for (BlockIndex b : loop.blocks) {
    fast_blocks_[b] = {};
    fast_blocks_[b].entry = b == loop.header ? body : new_block("");
  }
  for (BlockIndex b : loop.blocks) {
    if (!error_.empty()) return;
    BlockState& block = fast_blocks_[b];
    if (b != loop.header && block.forward.empty()) {
      b_.SetInsertPoint(block.entry);
      b_.CreateUnreachable();
      continue;
    }
    b_.SetInsertPoint(block.entry);
    at_ = plan_.graph.blocks[b].first;
    state_ = b == loop.header ? head : merge(block.forward, at_);
    translate_instructions(b);
  }
  if (error_.empty() && shared_.inlined_bytes != inlined_bytes) fail("two bodies of a loop differ");
  if (!error_.empty()) return;
  if (fast_back_.empty()) {
    latch->eraseFromParent();
  } else {
    b_.SetInsertPoint(latch);
    State state = head;
    merge_back_edges(state, fast_back_, body);
    llvm::Value* next = b_.CreateAdd(iteration, b_.getInt64(1), "", true, true);
    for (std::size_t i = 0; i < state.locals.size(); ++i)
      feed_phi(head.locals[i], state.locals[i], body, latch);
    for (std::size_t i = 0; i < state.stack.size(); ++i)
      feed_phi(head.stack[i], state.stack[i], body, latch);
    iteration->addIncoming(next, latch);
    llvm::BasicBlock* done = new_block("fast_done");
    b_.CreateCondBr(b_.CreateICmpULT(next, count), body, done);
    b_.SetInsertPoint(done);
    // Slots that the head does not change keep the head's value.
    here.back.push_back({std::move(state), done});
    b_.CreateBr(here.latch);
  }
  fast_back_.clear();
  fast_blocks_.clear();
  fast_latch_ = nullptr;
  counted_ = {};
}

}  // namespace jitfarm::worker::compiler::translate
