#include "worker/compiler/bytecode/handlers.h"

namespace jitfarm::worker::compiler::bytecode {
namespace {

constexpr std::size_t kEntriesMax = 200'000;  // of all instructions together; people's methods have some hundreds

}  // namespace

Checked<Handlers> Handlers::find(const MethodShape& method, const Instructions& code,
                                 const std::vector<bool>& is_known, Thrown thrown) {
  Handlers result;
  result.thrown_ = thrown;
  result.cut_short_.assign(code.list.size(), false);
  result.begin_.reserve(code.list.size() + 1);
  for (std::size_t i = 0; i < code.list.size(); ++i) {
    const Instruction& at = code.list[i];
    result.begin_.push_back(static_cast<std::uint32_t>(result.entries_.size()));
    if (thrown != Thrown::by_anything && !result.may_leave(at.op)) continue;
    for (std::size_t h = 0; h < method.handlers.size(); ++h) {
      const ExceptionHandler& handler = method.handlers[h];
      if (at.bci < handler.start || at.bci >= handler.end) continue;
      if (!is_known[h]) {
        result.cut_short_[i] = true;
        break;
      }
      result.entries_.push_back(static_cast<std::uint16_t>(h));
      if (handler.catch_type == 0) break;
    }
    if (result.entries_.size() > kEntriesMax)
      return bail(code::BailoutReason::method_too_large, "exception handlers");
  }
  result.begin_.push_back(static_cast<std::uint32_t>(result.entries_.size()));
  return result;
}

}  // namespace jitfarm::worker::compiler::bytecode
