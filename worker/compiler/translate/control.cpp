// How do branches, switches and returns become control flow?
#include <llvm/IR/MDBuilder.h>

#include <algorithm>

#include "common/facts/inline_policy.h"
#include "worker/compiler/translate/method_translator.h"

namespace jitfarm::worker::compiler::translate {

using bytecode::BlockIndex;
using bytecode::Opcode;
using Predicate = llvm::CmpInst::Predicate;

namespace {

enum class Relation : std::uint8_t { eq, ne, lt, ge, gt, le };  // in the order of the opcodes

Relation relation(Opcode first, Opcode op) {
  return static_cast<Relation>(static_cast<int>(op) - static_cast<int>(first));
}

Predicate integer_predicate(Relation r) {
  constexpr Predicate kTable[] = {Predicate::ICMP_EQ,  Predicate::ICMP_NE,  Predicate::ICMP_SLT,
                                  Predicate::ICMP_SGE, Predicate::ICMP_SGT, Predicate::ICMP_SLE};
  return kTable[static_cast<int>(r)];
}

/// Of "compare, then test the result against 0". A NaN makes the result -1 (cmpl) or 1 (cmpg).
Predicate float_predicate(Relation r, bool nan_is_above) {
  constexpr Predicate kBelow[] = {Predicate::FCMP_OEQ, Predicate::FCMP_UNE, Predicate::FCMP_ULT,
                                  Predicate::FCMP_OGE, Predicate::FCMP_OGT, Predicate::FCMP_ULE};
  constexpr Predicate kAbove[] = {Predicate::FCMP_OEQ, Predicate::FCMP_UNE, Predicate::FCMP_OLT,
                                  Predicate::FCMP_UGE, Predicate::FCMP_UGT, Predicate::FCMP_OLE};
  return (nan_is_above ? kAbove : kBelow)[static_cast<int>(r)];
}

}  // namespace

bool MethodTranslator::control(const bytecode::Instruction& at) {
  const Opcode op = at.op;
  if (op == Opcode::goto_ || op == Opcode::goto_w) {
    const BlockIndex target = plan_.graph.block_at[plan_.code.at(at.value)];
    add_edge(target);
    b_.CreateBr(edge_block(target));
    is_dead_ = true;
  } else if (op >= Opcode::ifeq && op <= Opcode::ifle) {
    branch_on_zero(at);
  } else if (op >= Opcode::if_icmpeq && op <= Opcode::if_icmple) {
    llvm::Value* right = pop('I');
    llvm::Value* left = pop('I');
    branch_on_ints(integer_predicate(relation(Opcode::if_icmpeq, op)), left, right, at);
  } else if (op == Opcode::if_acmpeq || op == Opcode::if_acmpne) {
    llvm::Value* right = pop('A');
    llvm::Value* left = pop('A');
    branch_if(op == Opcode::if_acmpeq ? b_.CreateICmpEQ(left, right) : b_.CreateICmpNE(left, right),
              at);
  } else if (op == Opcode::ifnull || op == Opcode::ifnonnull) {
    llvm::Value* value = pop('A');
    branch_if(op == Opcode::ifnull ? b_.CreateIsNull(value) : b_.CreateIsNotNull(value), at);
  } else if (op == Opcode::tableswitch || op == Opcode::lookupswitch) {
    switch_on(at);
  } else if (op >= Opcode::ireturn && op <= Opcode::areturn) {
    const char type = bytecode::info(op).pops[0];
    llvm::Value* value = pop(type);
    if (type == 'I') value = narrow(value, plan_.descriptor.result);
    return_value(type, value);
  } else if (op == Opcode::return_) {
    if (plan_.registers_finalizers) register_finalizer();
    return_value('V', nullptr);
  } else {
    return false;
  }
  return true;
}

void MethodTranslator::branch_on_zero(const bytecode::Instruction& at) {
  const Relation r = relation(Opcode::ifeq, at.op);
  llvm::Value* value = pop('I');
  const auto found = comparisons_.find(value);
  if (found == comparisons_.end())
    return branch_on_ints(integer_predicate(r), value, b_.getInt32(0), at);
  const auto& [op, left, right] = found->second;
  if (op == Opcode::lcmp) return branch_if(b_.CreateICmp(integer_predicate(r), left, right), at);
  const bool nan_is_above = op == Opcode::fcmpg || op == Opcode::dcmpg;
  branch_if(b_.CreateFCmp(float_predicate(r, nan_is_above), left, right), at);
}

/// Of a branch in a counted loop: the only way that goes on in the loop, if there is only one.
std::optional<bytecode::Ways> MethodTranslator::way_that_stays() const {
  using bytecode::Ways;
  if (plan_.ways[at_] != Ways::all) return plan_.ways[at_];
  if (counted_.owner != this) return std::nullopt;
  return way_within(plan_.graph.loops[counted_.loop], at_);
}

/// Which way of a branch goes on in the loop, if only one does.
std::optional<bytecode::Ways> MethodTranslator::way_within(const bytecode::Loop& loop,
                                                           std::uint32_t branch) const {
  const auto stays = [&](std::uint32_t instruction) {
    return std::ranges::binary_search(loop.blocks, plan_.graph.block_at[instruction]);
  };
  const bool target_stays = stays(plan_.code.at(plan_.code.list[branch].value));
  if (target_stays == stays(branch + 1)) return std::nullopt;
  return target_stays ? bytecode::Ways::target : bytecode::Ways::next;
}

/// May be the exit test of a counted loop, or a test there that never failed.
void MethodTranslator::branch_on_ints(Predicate predicate, llvm::Value* left, llvm::Value* right,
                                      const bytecode::Instruction& at) {
  if (is_counting()) {
    if (const auto stays = way_that_stays()) {
      if (is_counted_away()) {
        const BlockIndex block =
            plan_.graph.block_at[*stays == bytecode::Ways::target ? plan_.code.at(at.value) : at_ + 1];
        add_edge(block);
        b_.CreateBr(edge_block(block));
        is_dead_ = true;
        return;
      }
      note_exit(*stays == bytecode::Ways::target ? predicate
                                                 : llvm::CmpInst::getInversePredicate(predicate),
                left, right);
    }
  }
  branch_if(b_.CreateICmp(predicate, left, right), at);
}

/// The other way was never seen: it is a trap.
bool MethodTranslator::goes_one_way(llvm::Value* condition, const bytecode::Instruction& at) {
  const bytecode::Ways ways = plan_.ways[at_];
  if (ways == bytecode::Ways::all) return false;
  const bool jumps = ways == bytecode::Ways::target;
  trap_if(jumps ? b_.CreateNot(condition) : condition, TrapReason::unreached);
  if (is_dead_) return true;
  const BlockIndex block = plan_.graph.block_at[jumps ? plan_.code.at(at.value) : at_ + 1];
  add_edge(block);
  b_.CreateBr(edge_block(block));
  is_dead_ = true;
  return true;
}

/// How often it went where; null: not known.
llvm::MDNode* MethodTranslator::branch_weights(const bytecode::Instruction& at) {
  const auto branch = plan_.branches.find(static_cast<std::uint32_t>(at.bci));
  if (branch == plan_.branches.end()) return nullptr;
  const auto& [bci, taken, not_taken, traps] = branch->second;
  if (std::uint64_t{taken} + not_taken < facts::kMatureCount) return nullptr;
  return llvm::MDBuilder(context_).createBranchWeights(std::max(taken, 1u),
                                                       std::max(not_taken, 1u));
}

void MethodTranslator::branch_if(llvm::Value* condition, const bytecode::Instruction& at) {
  if (goes_one_way(condition, at)) return;
  const BlockIndex taken = plan_.graph.block_at[plan_.code.at(at.value)];
  const BlockIndex next = plan_.graph.block_at[at_ + 1];
  is_dead_ = true;
  if (taken == next) {
    add_edge(next);
    b_.CreateBr(edge_block(next));
    return;
  }
  llvm::BasicBlock* from = b_.GetInsertBlock();
  llvm::BasicBlock* taken_block = edge_block(taken);
  llvm::BasicBlock* next_block = edge_block(next);
  add_edge(taken);
  add_edge(next);
  b_.SetInsertPoint(from);
  b_.CreateCondBr(condition, taken_block, next_block, branch_weights(at));
}

/// How often each case of a switch ran, the default first; null: not known.
llvm::MDNode* MethodTranslator::case_weights(const bytecode::Instruction& at) {
  const auto found = plan_.switches.find(static_cast<std::uint32_t>(at.bci));
  if (found == plan_.switches.end() || !facts::tells_cases(found->second)) return nullptr;
  std::vector<std::uint32_t> weights = found->second.counts;
  for (std::uint32_t& weight : weights) weight = std::max(weight, 1u);
  return llvm::MDBuilder(context_).createBranchWeights(weights);
}

/// Cases that share a target share one edge; those that were never seen share a trap.
void MethodTranslator::switch_on(const bytecode::Instruction& at) {
  const bytecode::Switch& cases = plan_.code.switches[static_cast<std::size_t>(at.extra)];
  llvm::Value* value = pop('I');
  llvm::BasicBlock* from = b_.GetInsertBlock();
  std::map<BlockIndex, llvm::BasicBlock*> edges;
  const auto counted = plan_.counted_cases.find(at_);
  llvm::BasicBlock* never = nullptr;
  const auto edge = [&](std::size_t number, std::int32_t bci) {
    if (counted != plan_.counted_cases.end() && !counted->second[number]) {
      if (never == nullptr) {
        never = new_block("never");
        b_.SetInsertPoint(never);
        b_.CreateBr(trap_block());
        trap_requests_.emplace_back(never, trap_request(TrapReason::unreached));
      }
      return never;
    }
    const BlockIndex target = plan_.graph.block_at[plan_.code.at(bci)];
    llvm::BasicBlock*& block = edges[target];
    if (block == nullptr) {
      block = new_block("case");
      b_.SetInsertPoint(block);
      add_edge(target);
      b_.CreateBr(edge_block(target));
    }
    return block;
  };
  llvm::BasicBlock* otherwise = edge(cases.cases.size(), cases.default_target);
  std::vector<llvm::BasicBlock*> targets;
  for (std::size_t c = 0; c < cases.cases.size(); ++c)
    targets.push_back(edge(c, cases.cases[c].second));
  b_.SetInsertPoint(from);
  llvm::SwitchInst* branch =
      b_.CreateSwitch(value, otherwise, static_cast<unsigned>(targets.size()), case_weights(at));
  for (std::size_t i = 0; i < targets.size(); ++i)
    branch->addCase(b_.getInt32(static_cast<std::uint32_t>(cases.cases[i].first)), targets[i]);
  is_dead_ = true;
}

/// What is left of an int in a value of this type (JVMS 6.5 ireturn, putfield, i2b).
llvm::Value* MethodTranslator::narrow(llvm::Value* value, char type) {
  switch (type) {
    case 'Z':
      return b_.CreateAnd(value, b_.getInt32(1));
    case 'B':
      return b_.CreateSExt(b_.CreateTrunc(value, b_.getInt8Ty()), b_.getInt32Ty());
    case 'C':
      return b_.CreateAnd(value, b_.getInt32(0xffff));
    case 'S':
      return b_.CreateSExt(b_.CreateTrunc(value, b_.getInt16Ty()), b_.getInt32Ty());
    default:
      return value;
  }
}

}  // namespace jitfarm::worker::compiler::translate
