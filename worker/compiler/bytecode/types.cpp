#include "worker/compiler/bytecode/types.h"

#include <algorithm>
#include <set>

namespace jitfarm::worker::compiler::bytecode {
namespace {

constexpr std::size_t kSlotsMax = 8u << 20;  // of all blocks together
constexpr std::size_t kLocksMax = 64;        // as in an image (code::kFrameLocksMax)
constexpr std::uint16_t kStatic = 0x0008;
constexpr std::uint16_t kSynchronized = 0x0020;

char computational(char type) { return static_cast<char>(slot_type(type)); }

std::unexpected<code::Bailout> malformed_at(const char* what, const Instruction& at) {
  return malformed(std::string(what) + " at bci " + std::to_string(at.bci) + " " +
                   std::string(info(at.op).mnemonic));
}

/// The type that ldc, ldc_w or ldc2_w of this entry pushes; '?' when it may not be loaded.
char constant_type(const ClassShape& shape, std::uint32_t index) {
  const PoolEntry* entry = shape.entry(index);
  if (entry == nullptr) return '?';
  switch (entry->tag) {
    case PoolTag::integer:
      return 'I';
    case PoolTag::float_:
      return 'F';
    case PoolTag::long_:
      return 'J';
    case PoolTag::double_:
      return 'D';
    case PoolTag::string:
    case PoolTag::class_:
    case PoolTag::method_handle:
    case PoolTag::method_type:
      return 'A';
    case PoolTag::dynamic:
      if (const auto descriptor = shape.dynamic_descriptor(index))
        if (const auto type = parse_field_descriptor(*descriptor)) return computational(*type);
      return '?';
    default:
      return '?';
  }
}

Checked<StackEffect> invoke_effect(const ClassShape& shape, const Instruction& at) {
  std::string_view text;
  if (at.op == Opcode::invokedynamic) {
    const auto found = shape.dynamic_descriptor(static_cast<std::uint32_t>(at.value));
    if (!found) return malformed_at("no call site entry", at);
    text = *found;
  } else {
    const auto member = shape.member(static_cast<std::uint32_t>(at.value));
    if (!member) return malformed_at("no method entry", at);
    text = member->descriptor;
  }
  const auto descriptor = parse_method_descriptor(text);
  if (!descriptor) return malformed_at("bad method descriptor", at);
  StackEffect effect;
  if (at.op != Opcode::invokestatic && at.op != Opcode::invokedynamic) effect.pops = "A";
  for (char type : descriptor->parameters) effect.pops += computational(type);
  if (descriptor->result != 'V') effect.pushes = computational(descriptor->result);
  return effect;
}

}  // namespace

Checked<StackEffect> stack_effect(const ClassShape& shape, const Instruction& at) {
  const OpcodeInfo& row = info(at.op);
  const auto index = static_cast<std::uint32_t>(at.value);
  switch (at.op) {
    case Opcode::ldc:
    case Opcode::ldc_w:
    case Opcode::ldc2_w: {
      const char type = constant_type(shape, index);
      const bool fits = type != '?' && (slots(type) == 2) == (at.op == Opcode::ldc2_w);
      if (!fits) return malformed_at("bad constant", at);
      return StackEffect{"", std::string(1, type)};
    }
    case Opcode::getstatic:
    case Opcode::putstatic:
    case Opcode::getfield:
    case Opcode::putfield: {
      const auto member = shape.member(index);
      const auto type = member ? parse_field_descriptor(member->descriptor) : std::nullopt;
      if (!type) return malformed_at("bad field entry", at);
      const std::string value(1, computational(*type));
      const std::string object = at.op == Opcode::getfield || at.op == Opcode::putfield ? "A" : "";
      const bool is_get = at.op == Opcode::getfield || at.op == Opcode::getstatic;
      return is_get ? StackEffect{object, value} : StackEffect{object + value, ""};
    }
    case Opcode::invokevirtual:
    case Opcode::invokespecial:
    case Opcode::invokestatic:
    case Opcode::invokeinterface:
    case Opcode::invokedynamic:
      return invoke_effect(shape, at);
    case Opcode::multianewarray:
      return StackEffect{std::string(static_cast<std::size_t>(at.extra), 'I'), "A"};
    default:
      return StackEffect{std::string(row.pops), std::string(row.pushes)};
  }
}

namespace {

class Verifier {
 public:
  Verifier(const ClassShape& shape, const MethodShape& method, const MethodDescriptor& descriptor,
           const Instructions& code, const Handlers& handlers, const FlowGraph& graph,
           const TypeFrame* start)
      : shape_(shape),
        method_(method),
        descriptor_(descriptor),
        code_(code),
        handlers_(handlers),
        graph_(graph),
        start_(start) {}

  Checked<std::vector<TypeFrame>> run() {
    if (graph_.blocks.size() * (std::size_t{method_.max_locals} + method_.max_stack) > kSlotsMax)
      return bail(code::BailoutReason::method_too_large, "too many locals for its blocks");
    entry_.resize(graph_.blocks.size());
    reached_.assign(graph_.blocks.size(), false);
    if (!enter()) return malformed("the arguments do not fit in the locals");
    std::set<BlockIndex> work{0};
    const auto reach = [&](const TypeFrame& frame, BlockIndex next) -> Checked<void> {
      const Instruction& first = code_.list[graph_.blocks[next].first];
      if (reached_[next] && entry_[next].locks != frame.locks)
        return bail_locks("as many monitors are not held on all ways", first);
      const auto changed = merge(frame, next);
      if (!changed) return malformed_at("stacks that differ meet", first);
      if (*changed) work.insert(next);
      return {};
    };
    reached_[0] = true;
    while (!work.empty()) {
      const BlockIndex b = *work.begin();
      work.erase(work.begin());
      TypeFrame frame = entry_[b];
      const Block& block = graph_.blocks[b];
      for (std::uint32_t i = block.first; i <= block.last; ++i) {
        // An exception leaves the locals as they were, and is alone on the stack.
        if (!handlers_.at(i).empty() && !(block.stops && i == block.last)) {
          if (method_.max_stack == 0) return malformed_at("no stack for an exception", code_.list[i]);
          const TypeFrame thrown{frame.locals, {{SlotType::a}}, frame.locks};
          for (const std::uint16_t h : handlers_.at(i)) {
            const std::uint32_t first = code_.at(method_.handlers[h].handler);
            if (auto status = reach(thrown, graph_.block_at[first]); !status)
              return std::unexpected(std::move(status).error());
          }
        }
        if (frame.locks.size() > method_locks() && !(block.stops && i == block.last) && may_leave(i))
          return bail_locks("an exception leaves with a monitor", code_.list[i]);
        if (auto status = step(frame, code_.list[i]); !status)
          return std::unexpected(std::move(status).error());
      }
      for (BlockIndex next : block.goes_on_at)
        if (auto status = reach(frame, next); !status)
          return std::unexpected(std::move(status).error());
    }
    return std::move(entry_);
  }

 private:
  static std::unexpected<code::Bailout> bail_locks(const char* what, const Instruction& at) {
    return bail(code::BailoutReason::monitor, std::string(what) + " at bci " + std::to_string(at.bci));
  }

  /// Monitors that are held from the first bytecode to the last.
  std::size_t method_locks() const { return (method_.access_flags & kSynchronized) != 0 ? 1 : 0; }

  /// Whether compiled code leaves the method with an exception of the instruction.
  bool may_leave(std::uint32_t i) const {
    if (!handlers_.may_leave(code_.list[i].op) || handlers_.are_cut_short(i)) return false;
    const auto handlers = handlers_.at(i);
    return handlers.empty() || method_.handlers[handlers.back()].catch_type != 0;
  }

  bool enter() {
    TypeFrame& frame = entry_[0];
    if (start_ != nullptr) return frame = *start_, true;
    frame.locks.assign(method_locks(), {SlotType::a});
    frame.locals.resize(method_.max_locals);
    std::size_t local = 0;
    const auto add = [&](SlotType type) {
      if (local + (is_wide(type) ? 2 : 1) > frame.locals.size()) return false;
      frame.store(local, {type});
      local += is_wide(type) ? 2 : 1;
      return true;
    };
    if ((method_.access_flags & kStatic) == 0 && !add(SlotType::a)) return false;
    return std::ranges::all_of(descriptor_.parameters,
                               [&](char type) { return add(slot_type(type)); });
  }

  Checked<void> step(TypeFrame& frame, const Instruction& at) {
    const OpcodeInfo& row = info(at.op);
    if (at.op >= Opcode::pop && at.op <= Opcode::swap) {
      if (!frame.shuffle(at.op, method_.max_stack)) return malformed_at("bad stack", at);
      return {};
    }
    const auto local = static_cast<std::size_t>(at.value);
    if ((row.effects & reads_local) != 0) {
      const SlotType wanted =
          at.op == Opcode::iinc ? SlotType::i : slot_type(row.pushes.empty() ? 'A' : row.pushes[0]);
      if (frame.locals[local].type != wanted) return malformed_at("local of another type", at);
    }
    if ((row.effects & returns) != 0) {
      if (!returns_right(at.op)) return malformed_at("return of another type", at);
      if (frame.locks.size() != method_locks()) return bail_locks("a return with a monitor", at);
    }
    if (at.op == Opcode::monitorexit) {
      if (frame.locks.size() == method_locks()) return bail_locks("no monitor to leave", at);
      frame.locks.pop_back();
    } else if (at.op == Opcode::monitorenter) {
      if (frame.locks.size() == kLocksMax) return bail_locks("too many monitors", at);
      frame.locks.push_back({SlotType::a});
    }
    auto effect = stack_effect(shape_, at);
    if (!effect) return std::unexpected(std::move(effect).error());
    for (auto type = effect->pops.rbegin(); type != effect->pops.rend(); ++type)
      if (!frame.pop(slot_type(*type))) return malformed_at("operand of another type", at);
    for (char type : effect->pushes)
      if (!frame.push({slot_type(type)}, method_.max_stack))
        return malformed_at("stack overflow", at);
    if ((row.effects & writes_local) != 0 && at.op != Opcode::iinc)
      frame.store(local, {slot_type(effect->pops[0])});
    return {};
  }

  bool returns_right(Opcode op) const {
    if (op == Opcode::return_) return descriptor_.result == 'V';
    return descriptor_.result != 'V' && info(op).pops[0] == computational(descriptor_.result);
  }

  /// True when the frame at `next` changed; nothing when the stacks do not agree.
  std::optional<bool> merge(const TypeFrame& from, BlockIndex next) {
    TypeFrame& to = entry_[next];
    if (!reached_[next]) {
      reached_[next] = true;
      to = from;
      return true;
    }
    if (to.stack != from.stack) return std::nullopt;
    bool changed = false;
    for (std::size_t i = 0; i < to.locals.size(); ++i) {
      if (to.locals[i] == from.locals[i] || to.locals[i].type == SlotType::top) continue;
      // A wide value dies as a whole.
      if (to.locals[i].type == SlotType::high && i > 0) to.locals[i - 1] = {};
      if (is_wide(to.locals[i].type)) to.locals[i + 1] = {};
      to.locals[i] = {};
      changed = true;
    }
    return changed;
  }

  const ClassShape& shape_;
  const MethodShape& method_;
  const MethodDescriptor& descriptor_;
  const Instructions& code_;
  const Handlers& handlers_;
  const FlowGraph& graph_;
  const TypeFrame* start_;
  std::vector<TypeFrame> entry_;
  std::vector<bool> reached_;
};

}  // namespace

Checked<std::vector<TypeFrame>> verify_types(const ClassShape& shape, const MethodShape& method,
                                             const MethodDescriptor& descriptor,
                                             const Instructions& code, const Handlers& handlers,
                                             const FlowGraph& graph, const TypeFrame* entry) {
  return Verifier(shape, method, descriptor, code, handlers, graph, entry).run();
}

}  // namespace jitfarm::worker::compiler::bytecode
