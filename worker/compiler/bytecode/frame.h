// What is in the locals and on the operand stack? One model for the verifier (types) and the
// translator (typed values).
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "worker/compiler/bytecode/instructions.h"

namespace jitfarm::worker::compiler::bytecode {

/// Type of a slot. A J or D is followed by `high`, its second half.
enum class SlotType : char { top = '-', i = 'I', j = 'J', f = 'F', d = 'D', a = 'A', high = '+' };

/// The slot type of a value of this field type.
constexpr SlotType slot_type(char type) {
  switch (type) {
    case 'J':
    case 'F':
    case 'D':
    case 'A':
      return static_cast<SlotType>(type);
    case 'L':
    case '[':
      return SlotType::a;
    default:
      return SlotType::i;
  }
}
constexpr bool is_wide(SlotType type) { return type == SlotType::j || type == SlotType::d; }

/// Slot has a member `SlotType type` and is default-constructed as `top`. Operations return false,
/// and leave the frame in an unspecified valid state, when the stack does not hold what they need.
template <class Slot>
struct Frame {
  std::vector<Slot> locals;
  std::vector<Slot> stack;
  std::vector<Slot> locks;  ///< owners of the monitors that the method holds, outermost first

  bool push(const Slot& slot, std::size_t max_stack) {
    stack.push_back(slot);
    if (is_wide(slot.type)) stack.push_back(high());
    return stack.size() <= max_stack;
  }
  std::optional<Slot> pop(SlotType type) {
    if (is_wide(type)) {
      if (stack.size() < 2 || stack.back().type != SlotType::high) return std::nullopt;
      stack.pop_back();
    }
    if (stack.empty() || stack.back().type != type) return std::nullopt;
    const Slot slot = stack.back();
    stack.pop_back();
    return slot;
  }
  /// Precondition: the local and the second half of a wide value are in range (decode() checks).
  void store(std::size_t local, const Slot& slot) {
    if (local > 0 && is_wide(locals[local - 1].type)) locals[local - 1] = Slot{};
    const bool cuts_wide = is_wide(locals[local].type);
    locals[local] = slot;
    if (cuts_wide) locals[local + 1] = Slot{};
    if (!is_wide(slot.type)) return;
    if (is_wide(locals[local + 1].type)) locals[local + 2] = Slot{};
    locals[local + 1] = high();
  }

  /// pop, pop2, dup*, swap.
  bool shuffle(Opcode op, std::size_t max_stack) {
    switch (op) {
      case Opcode::pop:
        return drop(1);
      case Opcode::pop2:
        return drop(2);
      case Opcode::dup:
        return duplicate(1, 0, max_stack);
      case Opcode::dup_x1:
        return duplicate(1, 1, max_stack);
      case Opcode::dup_x2:
        return duplicate(1, 2, max_stack);
      case Opcode::dup2:
        return duplicate(2, 0, max_stack);
      case Opcode::dup2_x1:
        return duplicate(2, 1, max_stack);
      case Opcode::dup2_x2:
        return duplicate(2, 2, max_stack);
      case Opcode::swap:
        if (!may_cut(1) || !may_cut(2)) return false;
        std::swap(stack[stack.size() - 1], stack[stack.size() - 2]);
        return true;
      default:
        return false;
    }
  }

 private:
  static Slot high() {
    Slot slot{};
    slot.type = SlotType::high;
    return slot;
  }
  /// May the stack be cut `depth` slots below the top? Not through a wide value, not below the
  /// bottom.
  bool may_cut(std::size_t depth) const {
    return depth <= stack.size() &&
           (depth == 0 || stack[stack.size() - depth].type != SlotType::high);
  }
  bool drop(std::size_t count) {
    if (!may_cut(count)) return false;
    stack.resize(stack.size() - count);
    return true;
  }
  /// Copies the top `count` slots below the `below` slots under them.
  bool duplicate(std::size_t count, std::size_t below, std::size_t max_stack) {
    if (!may_cut(count) || !may_cut(count + below)) return false;
    const std::vector<Slot> top(stack.end() - static_cast<std::ptrdiff_t>(count), stack.end());
    stack.insert(stack.end() - static_cast<std::ptrdiff_t>(count + below), top.begin(), top.end());
    return stack.size() <= max_stack;
  }
};

}  // namespace jitfarm::worker::compiler::bytecode
