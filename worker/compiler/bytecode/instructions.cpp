#include "worker/compiler/bytecode/instructions.h"

#include <string>

namespace jitfarm::worker::compiler::bytecode {
namespace {

class Decoder {
 public:
  explicit Decoder(const MethodShape& method) : method_(method), code_(method.code) {}

  Checked<Instructions> run() {
    out_.index_of_bci.assign(code_.size(), -1);
    while (at_ < code_.size()) {
      const auto bci = static_cast<std::int32_t>(at_);
      if (!one(bci)) return malformed(error_ + " at bci " + std::to_string(bci));
    }
    if (out_.list.empty() || (info(out_.list.back().op).effects & ends) == 0)
      return malformed("the code ends without a return or jump");
    for (const Instruction& instruction : out_.list) {
      bool good = true;
      out_.for_each_target(instruction, [&](std::int32_t target) { good &= is_start(target); });
      if (!good) return malformed("bad branch target at bci " + std::to_string(instruction.bci));
    }
    for (const ExceptionHandler& handler : method_.handlers)
      if (!is_start(handler.handler) || !is_start(handler.start) ||
          (handler.end < code_.size() && !is_start(handler.end)))
        return malformed("bad exception handler range");
    return std::move(out_);
  }

 private:
  bool is_start(std::int32_t bci) const {
    return bci >= 0 && static_cast<std::size_t>(bci) < code_.size() &&
           out_.index_of_bci[static_cast<std::size_t>(bci)] >= 0;
  }
  bool fail(const char* what) {
    error_ = what;
    return false;
  }
  bool has(std::size_t bytes) {
    return code_.size() - at_ >= bytes || fail("the code ends inside an instruction");
  }

  // Callers have checked the bound with has().
  std::int32_t u1() { return code_[at_++]; }
  std::int32_t s1() { return static_cast<std::int8_t>(code_[at_++]); }
  std::int32_t u2() {
    const std::int32_t high = u1();
    return high << 8 | u1();
  }
  std::int32_t s2() { return static_cast<std::int16_t>(u2()); }
  std::int32_t s4() {
    const auto high = static_cast<std::uint32_t>(u2());
    return static_cast<std::int32_t>(high << 16 | static_cast<std::uint32_t>(u2()));
  }

  bool one(std::int32_t bci) {
    out_.index_of_bci[at_] = static_cast<std::int32_t>(out_.list.size());
    auto code = static_cast<std::uint8_t>(u1());
    bool is_wide = false;
    if (code == static_cast<std::uint8_t>(Opcode::wide)) {
      if (!has(1)) return false;
      code = static_cast<std::uint8_t>(u1());
      is_wide = true;
    }
    const OpcodeInfo* row = find_opcode(code);
    if (row == nullptr) return fail("unknown opcode");
    if (is_wide && row->operands != OperandKind::local && row->operands != OperandKind::iinc)
      return fail("wide in front of an opcode that has no wide form");
    Instruction instruction{static_cast<Opcode>(code), bci, 0, 0};
    if (!operands(instruction, *row, is_wide)) return false;
    if ((row->effects & (reads_local | writes_local)) != 0 && !local_fits(instruction, *row))
      return fail("local out of range");
    out_.list.push_back(instruction);
    return true;
  }

  bool operands(Instruction& out, const OpcodeInfo& row, bool is_wide) {
    switch (row.operands) {
      case OperandKind::none:
        return true;
      case OperandKind::byte:
        return has(1) && (out.value = s1(), true);
      case OperandKind::short_:
        return has(2) && (out.value = s2(), true);
      case OperandKind::cp8:
        return has(1) && (out.value = u1(), true);
      case OperandKind::cp16:
        return has(2) && (out.value = u2(), true);
      case OperandKind::cp16_interface:
      case OperandKind::cp16_dynamic:
        return has(4) && (out.value = u2(), out.extra = u2(), true);
      case OperandKind::cp16_dimensions:
        return has(3) && (out.value = u2(), out.extra = u1(), true) &&
               (out.extra > 0 || fail("multianewarray without dimensions"));
      case OperandKind::local:
        return has(is_wide ? 2 : 1) && (out.value = is_wide ? u2() : u1(), true);
      case OperandKind::local_0:
      case OperandKind::local_1:
      case OperandKind::local_2:
      case OperandKind::local_3:
        out.value = static_cast<std::int32_t>(row.operands) -
                    static_cast<std::int32_t>(OperandKind::local_0);
        return true;
      case OperandKind::iinc:
        if (!has(is_wide ? 4 : 2)) return false;
        out.value = is_wide ? u2() : u1();
        out.extra = is_wide ? s2() : s1();
        return true;
      case OperandKind::array_type:
        return has(1) && (out.value = u1(), true) &&
               ((out.value >= 4 && out.value <= 11) || fail("newarray of an unknown type"));
      case OperandKind::branch16:
        return has(2) && (out.value = out.bci + s2(), true);
      case OperandKind::branch32:
        return has(4) && target(out.bci, s4(), out.value);
      case OperandKind::table_switch:
      case OperandKind::lookup_switch:
        return switch_cases(out, row.operands == OperandKind::table_switch);
      case OperandKind::wide_prefix:
        return fail("wide in front of wide");
    }
    return fail("unknown operands");
  }

  /// A 32-bit offset that cannot overflow the target.
  bool target(std::int32_t bci, std::int32_t offset, std::int32_t& out) {
    const std::int64_t sum = std::int64_t{bci} + offset;
    if (sum < 0 || sum >= static_cast<std::int64_t>(code_.size()))
      return fail("branch out of the code");
    out = static_cast<std::int32_t>(sum);
    return true;
  }

  bool switch_cases(Instruction& out, bool is_table) {
    const std::size_t padding = (4 - at_ % 4) % 4;
    if (!has(padding + 8)) return false;
    at_ += padding;
    Switch result;
    if (!target(out.bci, s4(), result.default_target)) return false;
    if (is_table) {
      if (!has(8)) return false;
      const std::int32_t low = s4();
      const std::int32_t high = s4();
      const std::int64_t count = std::int64_t{high} - low + 1;
      if (count <= 0 || count > static_cast<std::int64_t>((code_.size() - at_) / 4))
        return fail("bad tableswitch bounds");
      for (std::int64_t key = low; key <= high; ++key) {
        auto& entry = result.cases.emplace_back(static_cast<std::int32_t>(key), 0);
        if (!target(out.bci, s4(), entry.second)) return false;
      }
    } else {
      const std::int32_t count = s4();
      if (count < 0 || static_cast<std::size_t>(count) > (code_.size() - at_) / 8)
        return fail("bad lookupswitch count");
      for (std::int32_t i = 0; i < count; ++i) {
        const std::int32_t key = s4();
        if (!result.cases.empty() && key <= result.cases.back().first)
          return fail("lookupswitch keys out of order");
        auto& entry = result.cases.emplace_back(key, 0);
        if (!target(out.bci, s4(), entry.second)) return false;
      }
    }
    out.extra = static_cast<std::int32_t>(out_.switches.size());
    out_.switches.push_back(std::move(result));
    return true;
  }

  bool local_fits(const Instruction& instruction, const OpcodeInfo& row) const {
    const std::string_view types = (row.effects & writes_local) != 0 ? row.pops : row.pushes;
    const unsigned width = types.size() == 1 ? slots(types[0]) : 1;  // iinc, ret: 1
    return static_cast<std::size_t>(instruction.value) + width <= method_.max_locals;
  }

  const MethodShape& method_;
  ByteView code_;
  std::size_t at_ = 0;
  std::string error_;
  Instructions out_;
};

}  // namespace

Checked<Instructions> decode(const MethodShape& method) { return Decoder(method).run(); }

}  // namespace jitfarm::worker::compiler::bytecode
