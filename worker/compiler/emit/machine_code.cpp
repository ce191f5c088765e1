#include "worker/compiler/emit/machine_code.h"

#include <fmt/format.h>
#include <llvm/MC/MCInst.h>
#include <llvm/MC/MCInstrInfo.h>
#include <llvm/MC/MCRegisterInfo.h>

#include <algorithm>
#include <iterator>

#include "common/code/code_image.h"
#include "worker/compiler/emit/disassembler.h"

namespace jitfarm::worker::compiler::emit {
namespace {

using code::Bailout;
using code::BailoutReason;

Bailout broken(std::string detail) { return {BailoutReason::internal_error, std::move(detail)}; }

bool is_rsp(const Disassembler& disassembler, const llvm::MCOperand& operand) {
  return operand.isReg() && operand.getReg() != 0 &&
         llvm::StringRef(disassembler.registers().getName(operand.getReg())) == "RSP";
}

void classify(const Disassembler& disassembler, const llvm::MCInst& decoded, Instruction& result) {
  const llvm::StringRef name = disassembler.instructions().getName(decoded.getOpcode());
  const llvm::MCInstrDesc& description = disassembler.instructions().get(decoded.getOpcode());
  if (name.starts_with("NOOP")) {
    result.kind = InstructionKind::nop;
  } else if (name.starts_with("PUSH")) {
    result.kind = InstructionKind::push;
    if (decoded.getNumOperands() == 1 && decoded.getOperand(0).isReg())
      result.pushed = static_cast<std::uint8_t>(
          disassembler.registers().getEncodingValue(decoded.getOperand(0).getReg()));
  } else if ((name.starts_with("SUB64ri") || name.starts_with("ADD64ri")) &&
             decoded.getNumOperands() == 3 && is_rsp(disassembler, decoded.getOperand(0)) &&
             decoded.getOperand(2).isImm()) {
    const std::int64_t amount = decoded.getOperand(2).getImm();
    result.amount = name.starts_with("SUB") ? amount : -amount;
    if (result.amount > 0) result.kind = InstructionKind::sub_rsp;  // else it is an epilogue
  } else if (description.isCall()) {
    result.kind = InstructionKind::call;
  } else if (description.isBranch() || description.isReturn()) {
    result.kind = InstructionKind::branch;
  }
}

}  // namespace

std::expected<std::vector<Instruction>, Bailout> sweep(ByteView text, const llvm::TargetMachine& machine) {
  const Disassembler disassembler(machine);
  std::vector<Instruction> instructions;
  instructions.reserve(text.size() / 4);
  for (std::uint32_t offset = 0; offset < text.size();) {
    llvm::MCInst decoded;
    const std::uint32_t size = disassembler.decode(text, offset, decoded);
    if (size == 0) return std::unexpected(broken(fmt::format("no instruction at text+{:#x}", offset)));
    Instruction instruction{.offset = offset, .size = size};
    classify(disassembler, decoded, instruction);
    instructions.push_back(instruction);
    offset += size;
  }
  return instructions;
}

const Instruction* covering(const std::vector<Instruction>& instructions, std::uint32_t offset) {
  auto after = std::upper_bound(instructions.begin(), instructions.end(), offset,
                                [](std::uint32_t o, const Instruction& i) { return o < i.offset; });
  if (after == instructions.begin()) return nullptr;
  const Instruction& found = *std::prev(after);
  return offset < found.offset + found.size ? &found : nullptr;
}

std::expected<std::uint32_t, Bailout> frame_size(const std::vector<Instruction>& instructions) {
  constexpr std::uint8_t kRbp = 5;
  if (instructions.empty() || instructions.front().kind != InstructionKind::push ||
      instructions.front().pushed != kRbp)
    return std::unexpected(broken("the code does not start with push rbp"));
  std::int64_t size = 8;  // the return address
  bool in_prologue = true;
  for (const Instruction& instruction : instructions) {
    switch (instruction.kind) {
      case InstructionKind::push:
      case InstructionKind::sub_rsp:
        if (!in_prologue)
          return std::unexpected(broken(fmt::format("rsp moves at text+{:#x}", instruction.offset)));
        size += instruction.kind == InstructionKind::push ? 8 : instruction.amount;
        if (instruction.kind == InstructionKind::sub_rsp) in_prologue = false;
        break;
      case InstructionKind::branch:
      case InstructionKind::call:
      case InstructionKind::nop:
        in_prologue = false;
        break;
      case InstructionKind::other:
        break;
    }
  }
  if (size > static_cast<std::int64_t>(code::kFrameBytesMax))
    return std::unexpected(Bailout{BailoutReason::frame_too_large, fmt::format("{} bytes", size)});
  return static_cast<std::uint32_t>(size);
}

}  // namespace jitfarm::worker::compiler::emit
