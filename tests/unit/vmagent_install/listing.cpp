#include "tests/unit/vmagent_install/listing.h"

#include <fmt/format.h>
#include <llvm-c/Disassembler.h>
#include <llvm-c/Target.h>

#include <memory>

namespace jitfarm::tests {

std::string listing(ByteView code, std::uint32_t begin) {
  static const bool initialised = [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86Disassembler();
    return true;
  }();
  (void)initialised;
  std::unique_ptr<void, void (*)(void*)> context(
      LLVMCreateDisasm("x86_64-unknown-linux-gnu", nullptr, 0, nullptr, nullptr),
      [](void* c) { LLVMDisasmDispose(c); });
  LLVMSetDisasmOptions(
      context.get(),
      LLVMDisassembler_Option_AsmPrinterVariant);  // makes a new printer: before its options
  LLVMSetDisasmOptions(context.get(), LLVMDisassembler_Option_PrintImmHex);
  std::string out;
  for (std::size_t at = begin; at < code.size();) {
    char text[256];
    std::size_t n =
        LLVMDisasmInstruction(context.get(), const_cast<std::uint8_t*>(code.data()) + at,
                              code.size() - at, at, text, sizeof text);
    std::string line;
    for (char c : n ? std::string(text) : std::string("??")) {
      if (c == '\t') c = ' ';
      if (c != ' ' || (!line.empty() && line.back() != ' ')) line += c;
    }
    out += fmt::format("{:x}: {}\n", at, line);
    at += n ? n : 1;
  }
  return out;
}

}  // namespace jitfarm::tests
