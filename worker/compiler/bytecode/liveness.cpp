#include "worker/compiler/bytecode/liveness.h"

namespace jitfarm::worker::compiler::bytecode {
namespace {

constexpr std::size_t kWordsMax = 4u
                                  << 20;  // 32 MiB; a method at the bytecode limit with 4000 locals

}  // namespace

Checked<Liveness> Liveness::analyse(const MethodShape& method, const Instructions& code,
                                    bool returns_read_receiver, bool keeps_all) {
  Liveness result;
  result.keeps_all_ = keeps_all;
  if (keeps_all) return result;
  const std::size_t count = code.list.size();
  result.words_ = std::size_t{method.max_locals} / 64 + 1;
  if (result.words_ * count > kWordsMax)
    return bail(code::BailoutReason::method_too_large, "too many locals for its code");
  result.sets_.assign(result.words_ * count, 0);

  // handlers_of[i]: first instructions of the handlers that cover i.
  std::vector<std::vector<std::uint32_t>> handlers_of(count);
  for (const ExceptionHandler& handler : method.handlers) {
    const std::uint32_t target = code.at(handler.handler);
    for (std::uint32_t i = code.at(handler.start); i < count && code.list[i].bci < handler.end; ++i)
      if (handlers_of[i].empty() || handlers_of[i].back() != target)
        handlers_of[i].push_back(target);
  }

  std::vector<std::uint64_t> live(result.words_);
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = count; i-- > 0;) {
      const Instruction& instruction = code.list[i];
      const OpcodeInfo& row = info(instruction.op);
      live.assign(result.words_, 0);
      const auto add = [&](std::uint32_t from) {
        for (std::size_t w = 0; w < result.words_; ++w) live[w] |= result.row(from)[w];
      };
      code.for_each_target(instruction, [&](std::int32_t bci) { add(code.at(bci)); });
      if ((row.effects & ends) == 0) add(static_cast<std::uint32_t>(i + 1));
      const auto local = static_cast<std::size_t>(instruction.value);
      if ((row.effects & writes_local) != 0) live[local / 64] &= ~(std::uint64_t{1} << local % 64);
      if ((row.effects & reads_local) != 0) live[local / 64] |= std::uint64_t{1} << local % 64;
      if (returns_read_receiver && instruction.op == Opcode::return_) live[0] |= 1;
      for (std::uint32_t handler : handlers_of[i]) add(handler);
      for (std::size_t w = 0; w < result.words_; ++w) {
        if ((live[w] & ~result.row(i)[w]) == 0) continue;
        result.row(i)[w] |= live[w];
        changed = true;
      }
    }
  }
  return result;
}

}  // namespace jitfarm::worker::compiler::bytecode
