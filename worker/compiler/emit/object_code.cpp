#include "worker/compiler/emit/object_code.h"

#include <fmt/format.h>
#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/BinaryFormat/ELF.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Module.h>
#include <llvm/Object/ELF.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>

#include <algorithm>
#include <map>
#include <set>

#include "common/base/result.h"

namespace jitfarm::worker::compiler::emit {
namespace {

using code::Bailout;
using code::BailoutReason;

constexpr std::size_t kRodataAlignment = 32;  // what the code cache gives (hotspot-abi 11)

std::unexpected<Bailout> broken(std::string detail) {
  return std::unexpected(Bailout{BailoutReason::internal_error, std::move(detail)});
}

bool is_rodata(llvm::StringRef name) {
  return name.starts_with(".rodata") || name.starts_with(".data.rel.ro");
}

/// Whether the instruction whose 32-bit displacement is at `offset` moves 64 bytes that must be aligned to 64. All others
/// take what they get: VEX-encoded ones read 32 bytes at most, and EVEX-encoded arithmetic reads its operand unaligned.
/// (Intel SDM, 2.7: 62 P0 P1 P2 opcode modrm disp32; P2's bits 5 and 6 are the length.)
bool needs_64(const Bytes& text, std::size_t offset) {
  if (offset < 6 || text[offset - 6] != 0x62 || (text[offset - 3] >> 5 & 3) != 2) return false;
  const std::uint8_t map = text[offset - 5] & 7;
  const std::uint8_t opcode = text[offset - 2];
  if (map == 2) return opcode == 0x2a;  // vmovntdqa
  return map == 1 && (opcode == 0x28 || opcode == 0x29 || opcode == 0x2b || opcode == 0xe7 ||  // vmovaps, vmovnt
                      ((opcode == 0x6f || opcode == 0x7f) && (text[offset - 4] & 3) == 1));    // vmovdqa
}

using File = llvm::object::ELFFile<llvm::object::ELF64LE>;

template <class T>
std::expected<T, Bailout> take(llvm::Expected<T> value) {
  if (!value) return broken("object file: " + llvm::toString(value.takeError()));
  return std::move(*value);
}

/// Reads the object that the code generator wrote a moment ago: what is odd in it is a bug, not an attack.
class Reader {
 public:
  explicit Reader(const File& file) : file_(file) {}

  std::expected<ObjectCode, Bailout> read() {
    JF_TRY(const auto sections, take(file_.sections()));
    for (const File::Elf_Shdr& section : sections)
      JF_CHECK_OK(place(section, static_cast<std::uint32_t>(&section - sections.begin())));
    for (const File::Elf_Shdr& section : sections)
      if (section.sh_type == llvm::ELF::SHT_RELA) JF_CHECK_OK(relocate(section, sections));
    return std::move(code_);
  }

 private:
  using Done = std::expected<void, Bailout>;

  Done place(const File::Elf_Shdr& section, std::uint32_t index) {
    if ((section.sh_flags & llvm::ELF::SHF_ALLOC) == 0 || section.sh_size == 0) return {};
    JF_TRY(const llvm::StringRef name, take(file_.getSectionName(section)));
    JF_TRY(const auto bytes, take(file_.getSectionContents(section)));
    if (name == ".text") {
      text_ = index;
      code_.text.assign(bytes.begin(), bytes.end());
    } else if (is_rodata(name)) {
      const std::size_t alignment = std::max<std::size_t>(section.sh_addralign, 1);
      if (alignment > 2 * kRodataAlignment)
        return broken(fmt::format("{} wants alignment {}", name.str(), alignment));
      if (alignment > kRodataAlignment) wants_64_.insert(index);
      const std::size_t given = std::min(alignment, kRodataAlignment);
      code_.rodata.resize((code_.rodata.size() + given - 1) / given * given);
      rodata_[index] = static_cast<std::uint32_t>(code_.rodata.size());
      code_.rodata.insert(code_.rodata.end(), bytes.begin(), bytes.end());
    } else if (name == ".llvm_stackmaps") {
      code_.stack_maps.assign(bytes.begin(), bytes.end());
    } else if (name == ".gcc_except_table") {
      code_.exception_table.assign(bytes.begin(), bytes.end());
    } else if (name != ".eh_frame" && !name.contains("DW.ref")) {
      // Those two are for unwinders that never see this code.
      return broken(fmt::format("unexpected section {}", name.str()));
    }
    return {};
  }

  Done relocate(const File::Elf_Shdr& section, File::Elf_Shdr_Range sections) {
    const auto rodata = rodata_.find(section.sh_info);
    const bool in_rodata = rodata != rodata_.end();
    if (!in_rodata && section.sh_info != text_) return {};
    const std::uint32_t base = in_rodata ? rodata->second : 0;
    if (section.sh_link >= sections.size()) return broken("a relocation section without symbols");
    JF_TRY(const auto relocations, take(file_.relas(section)));
    for (const File::Elf_Rela& relocation : relocations) {
      JF_TRY(ObjectRelocation converted,
             convert(relocation, sections[section.sh_link], !in_rodata));
      converted.in_rodata = in_rodata;
      converted.offset = base + static_cast<std::uint32_t>(relocation.r_offset);
      code_.relocations.push_back(std::move(converted));
    }
    return {};
  }

  std::expected<ObjectRelocation, Bailout> convert(const File::Elf_Rela& relocation, const File::Elf_Shdr& symbols, bool in_text) {
    ObjectRelocation result{.addend = relocation.r_addend};
    switch (relocation.getType(false)) {
      case llvm::ELF::R_X86_64_PC32:
      case llvm::ELF::R_X86_64_PLT32:
        result.type = RelocationType::pc32;
        break;
      case llvm::ELF::R_X86_64_64:
        result.type = RelocationType::abs64;
        break;
      default:
        return broken(fmt::format("relocation type {}", relocation.getType(false)));
    }
    JF_TRY(const File::Elf_Sym* symbol, take(file_.getSymbol(&symbols, relocation.getSymbol(false))));
    JF_TRY(const llvm::StringRef names, take(file_.getStringTableForSymtab(symbols)));
    JF_TRY(const llvm::StringRef name, take(symbol->getName(names)));
    if (symbol->st_shndx == llvm::ELF::SHN_UNDEF) {
      result.target = ObjectRelocation::Place::undefined;
      result.symbol = name.str();
      return result;
    }
    result.addend += static_cast<std::int64_t>(symbol->st_value);
    if (symbol->st_shndx == text_) {
      result.target = ObjectRelocation::Place::text;
    } else if (const auto found = rodata_.find(symbol->st_shndx); found != rodata_.end()) {
      if (in_text && wants_64_.contains(symbol->st_shndx) && needs_64(code_.text, relocation.r_offset))
        return broken("a constant must be aligned to 64 bytes");
      result.target = ObjectRelocation::Place::rodata;
      result.addend += found->second;
    } else {
      return broken(fmt::format("a relocation to {} in section {}", name.str(), symbol->st_shndx));
    }
    return result;
  }

  const File& file_;
  std::uint32_t text_ = 0;
  std::set<std::uint32_t> wants_64_;                // sections: LLVM folds 64 bytes of zeros into arithmetic as if they were aligned
  std::map<std::uint32_t, std::uint32_t> rodata_;  // section index -> offset in ObjectCode::rodata
  ObjectCode code_;
};

}  // namespace

std::expected<ObjectCode, Bailout> generate(llvm::Module& module, llvm::TargetMachine& machine) {
  llvm::SmallVector<char, 0> bytes;
  {
    llvm::raw_svector_ostream stream(bytes);
    llvm::legacy::PassManager passes;
    llvm::TargetLibraryInfoImpl library(machine.getTargetTriple());
    library.disableAllFunctions();
    passes.add(new llvm::TargetLibraryInfoWrapperPass(library));
    if (machine.addPassesToEmitFile(passes, stream, nullptr, llvm::CodeGenFileType::ObjectFile,
                                    /*DisableVerify=*/true))
      return broken("the target does not write object files");
    passes.run(module);
  }
  JF_TRY(const File file, take(File::create(llvm::StringRef(bytes.data(), bytes.size()))));
  return Reader(file).read();
}

}  // namespace jitfarm::worker::compiler::emit
