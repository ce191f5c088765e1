#include "worker/compiler/emit/print.h"

#include <fmt/format.h>
#include <llvm/MC/MCAsmInfo.h>
#include <llvm/MC/MCInst.h>
#include <llvm/MC/MCInstPrinter.h>
#include <llvm/MC/MCInstrInfo.h>
#include <llvm/MC/MCRegisterInfo.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>

#include <array>
#include <string_view>

#include "worker/compiler/emit/disassembler.h"

namespace jitfarm::worker::compiler::emit {
namespace {

template <std::size_t N, class Enum>
std::string_view word(const std::array<std::string_view, N>& words, Enum value) {
  static_assert(N == static_cast<std::size_t>(Enum::kCount));
  const auto index = static_cast<std::size_t>(value);
  return index < N ? words[index] : "?";
}

constexpr std::array<std::string_view, 6> kSiteKinds = {"call_static",    "call_special", "call_virtual",
                                                        "call_interface", "runtime_call", "poll"};
constexpr std::array<std::string_view, 41> kTargets = {
    "none",         "return_stub", "unwind_stub",     "uncommon_trap",     "drem",              "frem",
    "new_instance", "new_array",   "new_multi_array", "write_barrier_pre", "write_barrier_post",
    "osr_migration_end", "monitor_enter", "monitor_exit", "throw_implicit", "copy_bytes", "copy_shorts", "copy_ints", "copy_longs",
    "copy_references", "math_sin", "math_cos", "math_tan", "math_exp", "math_log", "math_log10", "math_pow",
    "time_millis", "time_nanos", "wrong_method", "register_finalizer", "multiply_to_len", "square_to_len", "multiply_add", "montgomery_multiply",
    "montgomery_square", "mismatch", "crc32", "crc32c", "adler32", "base64_encode"};
constexpr std::array<std::string_view, 6> kValueKinds = {"-", "int", "long", "float", "double", "object"};
constexpr std::array<std::string_view, 5> kRelocationKinds = {"rel32_target", "rel32_rodata", "rel32_text_in_rodata",
                                                              "abs64_target", "rel32_cell"};
constexpr std::array<std::string_view, 4> kConstantKinds = {"mirror", "pool_object", "klass", "reference"};

std::string print(const code::FrameValue& value) {
  const std::string_view kind = word(kValueKinds, value.kind);
  switch (value.place) {
    case code::ValuePlace::stack_slot:
      return fmt::format("{}[rsp+{:#x}]", kind, value.offset);
    case code::ValuePlace::constant:
      return fmt::format("{} {}", kind, value.bits);
    default:
      return std::string(kind);
  }
}

std::string print(const std::vector<code::FrameValue>& values) {
  std::string out;
  for (const code::FrameValue& value : values) out += (out.empty() ? "" : ", ") + print(value);
  return out;
}

std::string print(const std::vector<code::FrameLock>& locks) {
  std::string out;
  for (const code::FrameLock& lock : locks)
    out += fmt::format("\n    lock [rsp+{:#x}] of {}", lock.slot, print(lock.owner));
  return out;
}

std::string print(const code::Relocation& relocation) {
  std::string out(word(kRelocationKinds, relocation.kind));
  if (relocation.target != code::Target::none) out += fmt::format(" {}", word(kTargets, relocation.target));
  if (relocation.kind == code::RelocationKind::rel32_cell) out += fmt::format(" cell {}", relocation.cell);
  return out + fmt::format(" {:+}", relocation.addend);
}

std::string heading(const code::Site& site) {
  std::string out(word(kSiteKinds, site.kind));
  if (site.method) out += fmt::format(" method {}", site.method.value);
  if (site.target != code::Target::none) out += fmt::format(" {}", word(kTargets, site.target));
  if (!site.frames.empty()) out += fmt::format(" bci {}", site.frames.back().bci);
  if (site.landing_pad >= 0) out += fmt::format(" landing pad {:#x}", site.landing_pad);
  return out;
}

}  // namespace

std::string print_assembly(const code::CodeImage& image, const llvm::TargetMachine& machine) {
  const Disassembler disassembler(machine);
  const std::unique_ptr<llvm::MCInstPrinter> printer(machine.getTarget().createMCInstPrinter(
      machine.getTargetTriple(), /*SyntaxVariant=*/1, *machine.getMCAsmInfo(), disassembler.instructions(),
      disassembler.registers()));
  printer->setPrintImmHex(true);
  printer->setPrintBranchImmAsAddress(true);
  std::string out;
  auto site = image.sites.begin();
  for (std::uint32_t offset = 0; offset < image.text.size();) {
    if (site != image.sites.end() && site->offset == offset) {
      out += fmt::format("{:6x}: <site {}: {}>\n", offset, site - image.sites.begin(), heading(*site));
      offset += site->size;
      ++site;
      continue;
    }
    llvm::MCInst decoded;
    const std::uint32_t size = disassembler.decode(image.text, offset, decoded);
    if (size == 0) {
      out += fmt::format("{:6x}: .byte {:#x}\n", offset, image.text[offset]);
      ++offset;
      continue;
    }
    std::string line;
    llvm::raw_string_ostream stream(line);
    printer->printInst(&decoded, offset + size, "", *machine.getMCSubtargetInfo(), stream);
    out += fmt::format("{:6x}:{}", offset, line);
    for (const code::Relocation& relocation : image.relocations)
      if (relocation.kind != code::RelocationKind::rel32_text_in_rodata && relocation.offset >= offset &&
          relocation.offset < offset + size)
        out += fmt::format("    <{}>", print(relocation));
    out += '\n';
    offset += size;
  }
  return out;
}

std::string print_tables(const code::CodeImage& image) {
  std::string out = fmt::format("text {} bytes, rodata {} bytes, frame {} bytes, rescue slot {:#x}", image.text.size(),
                                image.rodata.size(), image.frame_size, image.deopt_rescue_offset);
  if (image.thread_slot_offset >= 0) out += fmt::format(", thread slot {:#x}", image.thread_slot_offset);
  out += '\n';
  for (const code::Site& site : image.sites) {
    out += fmt::format("site {:#x}+{}: {}\n", site.offset, site.size, heading(site));
    for (const code::Frame& frame : site.frames)
      out += fmt::format("  frame method {} bci {}{}\n    locals {}\n    stack {}{}\n", frame.method.value, frame.bci,
                         frame.during_call ? " during call" : frame.rethrows ? " rethrows" : "", print(frame.locals), print(frame.stack), print(frame.locks));
    for (const code::OopSlot& oop : site.oops)
      out += oop.offset == oop.base_offset
                 ? fmt::format("  oop [rsp+{:#x}]\n", oop.offset)
                 : fmt::format("  oop [rsp+{:#x}] derived from [rsp+{:#x}]\n", oop.offset, oop.base_offset);
  }
  for (const code::Relocation& relocation : image.relocations)
    out += fmt::format("relocation {:#x}: {}\n", relocation.offset, print(relocation));
  for (const code::Constant& constant : image.constants)
    out += fmt::format("constant {} class {} index {}\n", word(kConstantKinds, constant.kind), constant.klass.value,
                       constant.cp_index);
  return out;
}

}  // namespace jitfarm::worker::compiler::emit
