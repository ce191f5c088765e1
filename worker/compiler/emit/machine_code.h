// What instructions are in this code? A linear sweep: the text of a method holds nothing else.
#pragma once
#include <cstdint>
#include <expected>
#include <vector>

#include "common/base/bytes.h"
#include "common/code/bailout.h"

namespace llvm {
class TargetMachine;
}

namespace jitfarm::worker::compiler::emit {

/// What an instruction means for the frame and the sites; all others are `other`.
enum class InstructionKind : std::uint8_t { other, nop, push, sub_rsp, branch, call };

struct Instruction {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  InstructionKind kind = InstructionKind::other;
  std::uint8_t pushed = 0xff;   ///< push: hardware number of the register
  std::int64_t amount = 0;      ///< sub_rsp: bytes
};

/// Every instruction of `text`, in order. Bytes that are no instruction are an internal error.
std::expected<std::vector<Instruction>, code::Bailout> sweep(ByteView text, const llvm::TargetMachine& machine);

/// The instruction that covers `offset`, or null.
const Instruction* covering(const std::vector<Instruction>& instructions, std::uint32_t offset);

/// Size of the frame that the prologue builds, return address included. Refuses a prologue that does not start with
/// `push rbp`, and a push anywhere else: rsp must be the same in the whole body (hotspot-abi 2.1).
std::expected<std::uint32_t, code::Bailout> frame_size(const std::vector<Instruction>& instructions);

}  // namespace jitfarm::worker::compiler::emit
