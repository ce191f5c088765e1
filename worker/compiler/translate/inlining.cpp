// How does a callee's code stand in place of its call? Its body is translated where the call would
// be: arguments become locals, returns become edges, exceptions go to the handlers of the call, and
// every frame state says who called.
#include <algorithm>

#include "common/facts/inline_policy.h"
#include "worker/compiler/lowering/subtype.h"
#include "worker/compiler/translate/intrinsic_call.h"
#include "worker/compiler/translate/method_translator.h"

namespace jitfarm::worker::compiler::translate {

using bytecode::SlotType;

namespace {

// Of bytecode, in one function, together. Beyond that calls stay calls: what is hot in a large
// method is seldom its last part.
constexpr std::size_t kInlinedBytesMax = 2500;

// Of a method in itself: half as many calls, and half as many again with each more, for twice the
// code.
constexpr std::size_t kRecursionsMax = 1;

// Around a call, of method handles: filters of filters of a handle that has all its arguments bound.
constexpr std::size_t kFormsMax = 16;
constexpr std::size_t kFormTurnsMax = 4;

constexpr std::uint16_t kAccStatic = 0x0008;

/// The VM's own code for method handles.
bool is_form(const frontend::Plan& plan) {
  return plan.shape.name().starts_with("java/lang/invoke/LambdaForm$");
}

}  // namespace

/// The call that this is at.
bool MethodTranslator::runs_often() const {
  const auto counted = plan_.calls.find(static_cast<std::uint32_t>(current().bci));
  return counted != plan_.calls.end() && counted->second.count >= facts::kMatureCount &&
         counted->second.count >= plan_.invocations / 4;
}

/// Null: the call stays a call.
const frontend::Plan* MethodTranslator::plan_to_inline(MethodId callee) const {
  const auto found = shared_.plans.callees.find(callee);
  if (found == shared_.plans.callees.end()) return nullptr;
  const frontend::Plan& plan = found->second;
  std::size_t depth = 0;
  std::size_t forms = 0;
  std::size_t turns = 0;
  for (const MethodTranslator* body = this; body != nullptr; body = body->caller_) {
    ++(is_form(body->plan_) ? forms : depth);
    turns += body->method_ == callee;
  }
  // Handles of one kind in each other share their code; each call knows which one it is for.
  const std::size_t turns_max = is_form(plan) ? kFormTurnsMax : runs_often() ? kRecursionsMax : 0;
  if (turns > turns_max) return nullptr;
  if (depth > facts::kInlineDepthMax + 1 || forms > kFormsMax ||
      shared_.inlined_bytes + plan.method->code.size() > kInlinedBytesMax)
    return nullptr;
  return &plan;
}

/// False: facts that do not fit together. The VM will find the callee.
bool MethodTranslator::may_stand_for(const frontend::Plan& plan,
                                     const bytecode::Instruction& at, char result) const {
  const bool has_receiver = (plan.method->access_flags & kAccStatic) == 0;
  const char returned = plan.descriptor.result == 'V'
                            ? 'V'
                            : static_cast<char>(bytecode::slot_type(plan.descriptor.result));
  return returned == result && has_receiver == (at.op != bytecode::Opcode::invokestatic);
}

/// The same for a static call that the bytecode does not name: what it calls is as the VM says.
bool MethodTranslator::takes(const frontend::Plan& plan, std::string_view types,
                             char result) const {
  const char returned = plan.descriptor.result == 'V'
                            ? 'V'
                            : static_cast<char>(bytecode::slot_type(plan.descriptor.result));
  return returned == result && argument_types(plan) == types;
}

/// False: nothing was done. `arguments` are checked, of `types`, and no longer on the stack.
bool MethodTranslator::inlined(const bytecode::Instruction& at,
                               const facts::ResolvedMethod& resolved,
                               const std::vector<llvm::Value*>& arguments,
                               const std::string& types, char result) {
  const auto call = plan_.inlines.find(at_);
  if (call == plan_.inlines.end()) return false;
  const auto& [callees, assumption, others_trap] = call->second;
  const bool is_adapter = resolved.is_static && at.op != bytecode::Opcode::invokestatic;
  std::vector<Body> bodies;
  for (const frontend::InlineCallee& callee : callees) {
    const frontend::Plan* plan =
        callee.intrinsic != nullptr ? nullptr : plan_to_inline(callee.method);
    if (callee.intrinsic != nullptr ||
        (plan != nullptr &&
         (is_adapter ? takes(*plan, types, result) : may_stand_for(*plan, at, result))))
      bodies.push_back({callee, plan});
  }
  if (bodies.empty()) return false;
  if (!bodies.front().callee.receiver) {
    if (assumption &&
        std::ranges::find(out_.assumptions, *assumption) == out_.assumptions.end())
      out_.assumptions.push_back(*assumption);
    translate_body(bodies.front(), arguments, types, result);
    return true;
  }
  if (const ClassId exact = exact_class(arguments[0])) {
    const auto body = std::ranges::find(bodies, exact, [](const Body& b) { return b.callee.receiver; });
    if (body == bodies.end()) return false;
    stand_for_call(at, resolved, *body, arguments, types, result);
    return true;
  }
  const bool others_call = !others_trap || bodies.size() != callees.size();
  choose_by_receiver(at, resolved, bodies, arguments, types, result,
                     others_call ? [&] { call_method(at, resolved, arguments, types, result); }
                                 : std::function<void()>());
  return true;
}

/// class of receiver == A ? body of A's method : class of receiver == B ? body of B's : others.
/// No `others`: there never were any, they are a trap.
void MethodTranslator::choose_by_receiver(const bytecode::Instruction& at,
                                          const facts::ResolvedMethod& resolved,
                                          const std::vector<Body>& bodies,
                                          const std::vector<llvm::Value*>& arguments,
                                          const std::string& types, char result,
                                          const std::function<void()>& others) {
  llvm::BasicBlock* joined = new_block("joined");
  std::vector<std::pair<llvm::BasicBlock*, llvm::Value*>> results;
  const auto join = [&] {
    if (is_dead_) {
      if (b_.GetInsertBlock()->getTerminator() == nullptr) b_.CreateUnreachable();
      is_dead_ = false;
      return;
    }
    llvm::Value* value = result == 'V' ? nullptr : pop(result);
    results.emplace_back(b_.GetInsertBlock(), value);
    b_.CreateBr(joined);
  };
  llvm::Value* klass = lowering::call_load_klass(b_, arguments[0]);
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    llvm::Value* is_it = b_.CreateICmpEQ(klass, load_klass(bodies[i].callee.receiver));
    llvm::BasicBlock* next = nullptr;
    if (i + 1 == bodies.size() && !others) {
      trap_if(b_.CreateNot(is_it), TrapReason::receiver);
    } else {
      llvm::BasicBlock* body = new_block("receiver");
      next = new_block("others");
      b_.CreateCondBr(is_it, body, next);
      b_.SetInsertPoint(body);
    }
    stand_for_call(at, resolved, bodies[i], arguments, types, result);
    join();
    if (next != nullptr) b_.SetInsertPoint(next);
  }
  if (others) {
    others();
    join();
  }
  b_.SetInsertPoint(joined);
  is_dead_ = results.empty();
  if (is_dead_ || result == 'V') return;
  push(result, joined_value(result, results));
}

/// At the start of the block that the edges lead to. What is known of all of them is known of it.
llvm::Value* MethodTranslator::joined_value(
    char type, const std::vector<std::pair<llvm::BasicBlock*, llvm::Value*>>& edges) {
  if (edges.size() == 1) return edges.front().second;
  llvm::PHINode* phi = b_.CreatePHI(type_of(type), static_cast<unsigned>(edges.size()));
  for (const auto& [block, value] : edges) phi->addIncoming(value, block);
  const auto is_known = [&](const auto& edge) { return is_never_null(edge.second); };
  if (type == 'A' && std::ranges::all_of(edges, is_known)) known_objects_.emplace(phi, nullptr);
  const ClassId exact = exact_class(edges.front().second);
  if (exact && std::ranges::all_of(
                   edges, [&](const auto& edge) { return exact_class(edge.second) == exact; }))
    shared_.exact_classes.emplace(phi, exact);
  return phi;
}

/// For receivers of the body's class.
void MethodTranslator::stand_for_call(const bytecode::Instruction& at,
                                      const facts::ResolvedMethod& resolved, const Body& body,
                                      const std::vector<llvm::Value*>& arguments,
                                      const std::string& types, char result) {
  if (body.plan != nullptr) return translate_body(body, arguments, types, result);
  if (!IntrinsicCall(*this, *body.callee.intrinsic, at, resolved, arguments, types, result)
           .translate())
    call_method(at, resolved, arguments, types, result);
}

void MethodTranslator::translate_body(const Body& body,
                                      const std::vector<llvm::Value*>& arguments,
                                      std::string_view types, char result) {
  const MethodId callee = body.callee.method;
  shared_.inlined_bytes += body.plan->method->code.size();
  if (std::ranges::find(out_.methods, callee) == out_.methods.end())
    out_.methods.push_back(callee);
  // Checked before the call; elsewhere in the method the same value may be null.
  const bool has_receiver = (body.plan->method->access_flags & kAccStatic) == 0;
  const bool is_known = !has_receiver || !known_objects_.try_emplace(arguments[0], nullptr).second;
  const bool is_exact =
      body.callee.receiver &&
      shared_.exact_classes.try_emplace(arguments[0], body.callee.receiver).second;
  MethodTranslator translator(*this, callee, *body.plan);
  llvm::Value* value = translator.translate_inlined(arguments, types, result);
  if (!is_known) known_objects_.erase(arguments[0]);
  if (is_exact) shared_.exact_classes.erase(arguments[0]);
  if (translator.returns_.empty())
    is_dead_ = true;
  else if (result != 'V')
    push(result, value);
}

/// Leaves the builder where the caller goes on. The result, null when there is none.
llvm::Value* MethodTranslator::translate_inlined(const std::vector<llvm::Value*>& arguments,
                                                 std::string_view types, char result) {
  returned_ = new_block("inlined");
  make_blocks();
  std::size_t local = 0;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (local + bytecode::slots(types[i]) > state_.locals.size())
      return fail("a callee with fewer locals than arguments"), nullptr;
    state_.store(local, {bytecode::slot_type(types[i]), arguments[i]});
    local += bytecode::slots(types[i]);
  }
  enter_method();
  if (!error_.empty()) return nullptr;
  llvm::BasicBlock* from = b_.GetInsertBlock();
  b_.CreateBr(blocks_[0].entry);
  blocks_[0].forward.push_back({std::move(state_), from});
  translate_blocks();
  b_.SetInsertPoint(returned_);
  if (returns_.empty() || result == 'V') return nullptr;
  return joined_value(result, returns_);
}

void MethodTranslator::return_to_caller(llvm::Value* value) {
  exit_method();
  // What a constructor wrote is there before anybody sees the object (JLS 17.5): the processor
  // keeps stores in order, the optimiser must, too.
  if (plan_.info.name == "<init>")
    b_.CreateFence(llvm::AtomicOrdering::Release, llvm::SyncScope::SingleThread);
  returns_.emplace_back(b_.GetInsertBlock(), value);
  b_.CreateBr(returned_);
  is_dead_ = true;
}

}  // namespace jitfarm::worker::compiler::translate
