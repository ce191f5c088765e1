#include "worker/compiler/emit/exception_table.h"

#include <llvm/BinaryFormat/Dwarf.h>
#include <llvm/Support/LEB128.h>

#include "common/code/code_image.h"

namespace jitfarm::worker::compiler::emit {
namespace {

/// Reads the table front to back; after an error every value is 0.
class Cursor {
 public:
  explicit Cursor(ByteView bytes) : bytes_(bytes) {}
  std::uint8_t byte() {
    if (at_ >= bytes_.size()) return fail();
    return bytes_[at_++];
  }
  std::uint64_t uleb() {
    unsigned length = 0;
    const char* error = nullptr;
    const std::uint64_t value =
        llvm::decodeULEB128(bytes_.data() + at_, &length, bytes_.data() + bytes_.size(), &error);
    if (error != nullptr) return fail();
    at_ += length;
    return value;
  }
  std::size_t at() const { return at_; }
  bool failed() const { return failed_; }

 private:
  std::uint8_t fail() {
    failed_ = true;
    at_ = bytes_.size();
    return 0;
  }
  ByteView bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace

std::expected<std::vector<CallSiteRange>, code::Bailout> read_exception_table(ByteView section) {
  std::vector<CallSiteRange> ranges;
  if (section.empty()) return ranges;
  const code::Bailout malformed{code::BailoutReason::internal_error, "the exception table does not parse"};
  Cursor cursor(section);
  if (cursor.byte() != llvm::dwarf::DW_EH_PE_omit) return std::unexpected(malformed);
  if (cursor.byte() != llvm::dwarf::DW_EH_PE_omit) cursor.uleb();  // distance of the type table
  if (cursor.byte() != llvm::dwarf::DW_EH_PE_uleb128) return std::unexpected(malformed);
  const std::uint64_t length = cursor.uleb();
  const std::size_t end = cursor.at() + length;
  if (end > section.size()) return std::unexpected(malformed);
  while (!cursor.failed() && cursor.at() < end) {
    const std::uint64_t start = cursor.uleb();
    const std::uint64_t size = cursor.uleb();
    const std::uint64_t pad = cursor.uleb();
    cursor.uleb();  // action: all landing pads are cleanups
    if (start + size > code::kTextBytesMax || pad > code::kTextBytesMax) return std::unexpected(malformed);
    if (pad != 0)
      ranges.push_back({static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(start + size),
                        static_cast<std::uint32_t>(pad)});
  }
  if (cursor.failed()) return std::unexpected(malformed);
  return ranges;
}

std::int32_t landing_pad(const std::vector<CallSiteRange>& ranges, std::uint32_t return_offset) {
  for (const CallSiteRange& range : ranges)
    if (range.start < return_offset && return_offset <= range.end)
      return static_cast<std::int32_t>(range.landing_pad);
  return -1;
}

}  // namespace jitfarm::worker::compiler::emit
