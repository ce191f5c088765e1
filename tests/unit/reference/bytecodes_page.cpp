// The page that says which bytecodes are compiled.
#include "tests/unit/reference/pages.h"
#include "worker/compiler/bytecode/opcodes.h"

namespace jitfarm::reference {
namespace {

namespace bytecode = worker::compiler::bytecode;

/// " I J" for "IJ"; what depends on the constant pool is spelt out.
std::string stack(std::string_view types) {
  if (types == "?") return "by operand";
  std::string text;
  for (char type : types) text += (text.empty() ? "" : " ") + std::string(1, type);
  return text;
}

std::string support(const bytecode::OpcodeInfo& row) {
  if (!row.bailout)
    return (row.effects & bytecode::resolves) != 0 ? "compiled when resolved, else an uncommon trap"
                                                   : "compiled";
  const std::string reason = "bail-out `" + std::string(code::name(*row.bailout)) + "`";
  return (row.effects & bytecode::resolves) != 0 ? reason + " when resolved, else an uncommon trap"
                                                 : reason;
}

}  // namespace

Page bytecodes_page() {
  std::string text =
      "# Bytecodes\n\n<!-- Generated from the code: run `ninja reference`. -->\n\n"
      "What the compiler does with each bytecode of JVMS 6.5 that control flow can reach, "
      "from "
      "`worker/compiler/bytecode/opcodes.def`. A bail-out leaves the whole method to the JVM, "
      "unless every way to the bytecode leads "
      "through an uncommon trap. Operand types, deepest first: I int and smaller, J long, F float, "
      "D double, A reference.\n\n"
      "Beyond the table: where the VM's numbers are not known an object is bail-out `allocation`, "
      "a store of a reference `reference_store`, a monitor or a synchronized method `monitor`. "
      "Monitors that do not nest on all ways "
      "are bail-out `monitor`, too. What calls and `athrow` throw is caught in compiled code; "
      "everything else that throws does so in "
      "the interpreter.\n\n"
      "| code | bytecode | pops | pushes | support |\n|---|---|---|---|---|\n";
  for (unsigned code = 0; code < bytecode::kOpcodeCount; ++code) {
    const bytecode::OpcodeInfo& row = *bytecode::find_opcode(static_cast<std::uint8_t>(code));
    constexpr char kDigits[] = "0123456789abcdef";
    text += std::string("| 0x") + kDigits[code / 16] + kDigits[code % 16] + " | `" +
            std::string(row.mnemonic) + "` | " + stack(row.pops) + " | " + stack(row.pushes) +
            " | " + support(row) + " |\n";
  }
  return {"bytecodes.md", text};
}

}  // namespace jitfarm::reference
