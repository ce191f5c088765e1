#include "vmagent/hotspot/shell/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <map>
#include <set>

#include "vmagent/hotspot/shell/x86_buffer.h"

namespace jitfarm::vmagent::hotspot::shell {

namespace {

constexpr std::uint32_t kCallBytes = 5;     // E8 rel32
constexpr std::uint32_t kMovabsBytes = 10;  // 48 B8 imm64
constexpr std::uint32_t kAlignedDisplacement =
    4;  // HotSpot rewrites the callee of a running call with one store

constexpr std::uint32_t kGuardBytes = 8;  // cmp dword [r15+disp8], imm32
constexpr std::uint32_t kPostCallNopBytes = 8;
constexpr std::uint32_t kThreadStoreBytes = 8;  // mov [rsp+disp32], r15

class Checker {
 public:
  Checker(const AssembledCode& code, const Marks& marks, bool method, std::size_t image_sites,
          std::size_t constants)
      : code_(code),
        marks_(marks),
        method_(method),
        image_sites_(image_sites),
        constants_(constants) {}

  Status run() {
    JF_CHECK_OK(frame());
    JF_CHECK_OK(data());
    for (std::size_t i = 0; i < code_.sites.size(); ++i) {
      const InstallSite& site = code_.sites[i];
      if (site.pc >= code_.code.size()) return broken("1: outside the code", site.pc);
      if (i > 0) {
        const InstallSite& before = code_.sites[i - 1];
        bool mark_late = site.kind == InstallSiteKind::mark && before.kind != InstallSiteKind::mark;
        if (before.pc > site.pc || (before.pc == site.pc && mark_late))
          return broken("1: out of order", site.pc);
      }
      JF_CHECK_OK(one(site));
    }
    return whole();
  }

 private:
  std::unexpected<Error> broken(std::string_view rule, std::uint64_t pc) const {
    return fail(Errc::invalid_code_image,
                fmt::format("assembled code breaks rule {} (pc {})", rule, pc));
  }
  /// The byte at `pc`, or 0 outside.
  std::uint8_t byte(std::uint64_t pc) const { return pc < code_.code.size() ? code_.code[pc] : 0; }

  Status frame() const {
    if (code_.frame_bytes < 8 || code_.frame_bytes % 8 != 0)
      return broken("10: frame size", code_.frame_bytes);
    std::int64_t rescue = code_.deopt_rescue_offset;
    if (rescue >= 0 && (rescue % 8 != 0 || rescue + 24 > code_.frame_bytes))
      return broken("10: rescue slot", rescue);
    return {};
  }

  Status data() const {
    std::uint64_t end = 0;
    for (const DataPatch& patch : code_.data_patches) {
      if (patch.offset % 8 != 0 || patch.offset < end || patch.offset + 8ull > code_.data.size())
        return broken("9: data patch", patch.offset);
      if (patch.constant >= constants_) return broken("9: constant", patch.constant);
      end = patch.offset + 8ull;
    }
    return {};
  }

  bool call_mark(std::int32_t mark) const {
    return mark == marks_.invoke_static || mark == marks_.invoke_special || inline_cache_mark(mark);
  }
  bool inline_cache_mark(std::int32_t mark) const {
    return mark == marks_.invoke_virtual || mark == marks_.invoke_interface;
  }

  Status one(const InstallSite& site) {
    switch (site.kind) {
      case InstallSiteKind::mark:
        return mark(site);
      case InstallSiteKind::java_call:
        return java_call(site);
      case InstallSiteKind::foreign_call:
        return foreign_call(site);
      case InstallSiteKind::safepoint:
        return safepoint(site);
      case InstallSiteKind::data_patch:
        return data_patch(site);
      case InstallSiteKind::exception_handler:
        handlers_.push_back(site);
        return {};
    }
    return broken("1: unknown kind of site", site.pc);
  }

  Status mark(const InstallSite& site) {
    if (call_mark(site.mark)) {
      if (pending_call_ >= 0) return broken("3: two marks for one call", site.pc);
      pending_call_ = site.mark;
      pending_call_pc_ = site.pc;
      return {};
    }
    if (site.mark == marks_.poll_far) {
      if (poll_mark_ >= 0) return broken("2: two marks for one poll", site.pc);
      poll_mark_ = site.pc;
      return {};
    }
    if (site.mark == marks_.poll_return_far) return {};  // may stand at every exit
    if (site.mark == marks_.entry_barrier_patch) JF_CHECK_OK(entry_barrier(site.pc));
    if (!entries_.emplace(site.mark, site.pc).second) return broken("2: an entry twice", site.pc);
    return {};
  }

  bool has(std::uint64_t pc, std::initializer_list<std::uint8_t> bytes) const {
    return pc + bytes.size() <= code_.code.size() &&
           std::equal(bytes.begin(), bytes.end(), code_.code.begin() + static_cast<std::ptrdiff_t>(pc));
  }
  std::int64_t displacement(std::uint64_t pc) const {
    std::int32_t value = 0;
    if (pc + sizeof value <= code_.code.size()) std::memcpy(&value, &code_.code[pc], sizeof value);
    return value;
  }

  Status entry_barrier(std::uint32_t pc) const {
    const std::int64_t branch = std::int64_t{pc} + kGuardBytes;
    const std::int64_t end = branch + 6;
    if (pc % kGuardBytes != 0 || !has(pc, {0x41, 0x81, 0x7f}) ||
        !has(pc + kGuardBytes, {0x0f, 0x85}) || end > code_.text_begin)
      return broken("11: entry barrier", pc);
    const std::int64_t cold = end + displacement(pc + kGuardBytes + 2);
    if (cold < code_.text_end || cold >= static_cast<std::int64_t>(code_.code.size()))
      return broken("11: cold tail of the entry barrier", pc);
    return {};
  }

  /// `pc` is behind a call whose frame may come back on another carrier.
  Status thread_is_stored(std::uint32_t pc) const {
    if (code_.thread_slot_offset < 0) return {};
    if (!has(pc, {0x4c, 0x89, 0xbc, 0x24}) || displacement(pc + 4) != code_.thread_slot_offset)
      return broken("12: the thread is not stored", pc);
    return {};
  }

  Status java_call(const InstallSite& site) {
    if (pending_call_ < 0) return broken("3: a call without a mark", site.pc);
    bool inline_cache = inline_cache_mark(pending_call_);
    if (inline_cache) {
      if (pending_call_pc_ + kMovabsBytes != site.pc || byte(pending_call_pc_) != 0x48 ||
          byte(pending_call_pc_ + 1) != 0xb8)
        return broken("4: inline cache", site.pc);
    } else if (pending_call_pc_ != site.pc) {
      return broken("3: the mark of a call is elsewhere", site.pc);
    }
    pending_call_ = -1;
    if (byte(site.pc) != 0xe8 || site.size != kCallBytes ||
        (site.pc + 1) % kAlignedDisplacement != 0)
      return broken("3: call instruction", site.pc);
    std::uint32_t behind = site.pc + kCallBytes;
    if (marks_.entry_barrier_patch >= 0) {
      if (!has(behind, {0x0f, 0x1f, 0x84, 0x00})) return broken("12: no nop behind a call", behind);
      behind += kPostCallNopBytes;
    }
    JF_CHECK_OK(thread_is_stored(behind));
    JF_CHECK_OK(frame_state(site, site.pc + kCallBytes));
    returns_.insert(site.pc + kCallBytes);
    return {};
  }

  Status foreign_call(const InstallSite& site) {
    std::uint8_t op = byte(site.pc);
    bool call = op == 0xe8 && site.size == 5;
    bool jump = op == 0xe9 && site.size == 5;
    bool branch = op == 0x0f && (byte(site.pc + 1) & 0xf0) == 0x80 && site.size == 6;
    bool far_call = op == 0x49 && byte(site.pc + 1) == 0xba && byte(site.pc + 10) == 0x41 &&
                    byte(site.pc + 11) == 0xff && byte(site.pc + 12) == 0xd2 && site.size == 13;
    if (!call && !jump && !branch && !far_call) return broken("5: foreign call", site.pc);
    if (site.pc + site.size > code_.code.size()) return broken("1: outside the code", site.pc);
    if (site.address == 0) return broken("5: foreign call to nowhere", site.pc);
    called_ |= call || far_call;
    if (site.image_site < 0) return {};
    JF_CHECK_OK(frame_state(site, site.pc + site.size));
    if (call) {
      JF_CHECK_OK(thread_is_stored(site.pc + site.size));
      returns_.insert(site.pc + site.size);
    }
    return {};
  }

  Status safepoint(const InstallSite& site) {
    if (poll_mark_ != static_cast<std::int64_t>(site.pc))
      return broken("2: a poll without a mark", site.pc);
    poll_mark_ = -1;
    if (byte(site.pc) != 0x41 || byte(site.pc + 1) != 0x85 || byte(site.pc + 2) != 0x03)
      return broken("2: poll", site.pc);
    return frame_state(site, site.pc);
  }

  Status data_patch(const InstallSite& site) {
    constexpr std::uint32_t kLoadBytes = 7;
    if (site.pc + kLoadBytes > code_.code.size() ||
        !is_rip_load64(ByteView(code_.code).subspan(site.pc, kLoadBytes)))
      return broken("8: not an instruction that HotSpot patches", site.pc);
    auto same = [&](const DataPatch& patch) { return patch.offset == site.data_offset; };
    if (std::ranges::none_of(code_.data_patches, same)) return broken("8: no such cell", site.pc);
    return {};
  }

  Status frame_state(const InstallSite& site, std::uint32_t return_pc) {
    if (site.image_site < 0 || static_cast<std::size_t>(site.image_site) >= image_sites_)
      return broken("6: no frame state", site.pc);
    if (code_.deopt_rescue_offset < 0)
      return broken("10: frame state without a rescue slot", site.pc);
    if (return_pc <= last_return_) return broken("6: return addresses do not ascend", site.pc);
    if (site.pc < code_.text_begin || return_pc > code_.text_end)
      return broken("6: frame state outside the text", site.pc);
    last_return_ = return_pc;
    called_ |= site.kind != InstallSiteKind::safepoint;
    return {};
  }

  Status whole() const {
    if (pending_call_ >= 0 || poll_mark_ >= 0)
      return broken("3: a mark without its call or poll", code_.code.size());
    for (const InstallSite& handler : handlers_) {
      if (!returns_.contains(handler.pc))
        return broken("7: handler without a call", handler.pc);
      std::int64_t pad = handler.handler_pc;
      if (code_.thread_slot_offset >= 0) {
        JF_CHECK_OK(thread_is_stored(handler.handler_pc));
        const std::uint32_t jump = handler.handler_pc + kThreadStoreBytes;
        if (!has(jump, {0xe9})) return broken("7: thunk of a handler", handler.pc);
        pad = std::int64_t{jump} + 5 + displacement(jump + 1);
      }
      if (pad < code_.text_begin || pad >= code_.text_end)
        return broken("7: handler outside the text", handler.pc);
    }
    if (!method_) return {};
    for (std::int32_t entry :
         {marks_.verified_entry, marks_.unverified_entry, marks_.exception_handler_entry,
          marks_.deopt_handler_entry, marks_.frame_complete})
      if (!entries_.contains(entry))
        return broken("2: an entry is missing", static_cast<std::uint64_t>(entry));
    if (marks_.entry_barrier_patch >= 0) {
      const auto barrier = entries_.find(marks_.entry_barrier_patch);
      if (barrier == entries_.end() || barrier->second != entries_.at(marks_.frame_complete))
        return broken("11: the entry barrier is missing, or the frame complete elsewhere", 0);
    }
    if (called_ && last_return_ != 0 && code_.frame_bytes % 16 != 0)
      return broken("10: frame alignment", code_.frame_bytes);
    return {};
  }

  const AssembledCode& code_;
  const Marks& marks_;
  bool method_;
  std::size_t image_sites_;
  std::size_t constants_;
  std::map<std::int32_t, std::uint32_t> entries_;  ///< mark -> pc
  std::set<std::uint32_t> returns_;
  std::vector<InstallSite> handlers_;
  std::int32_t pending_call_ = -1;
  std::uint32_t pending_call_pc_ = 0;
  std::int64_t poll_mark_ = -1;
  std::uint32_t last_return_ = 0;
  bool called_ = false;
};

}  // namespace

Status check(const AssembledCode& code, const Marks& marks, bool method, std::size_t image_sites,
             std::size_t constants) {
  return Checker(code, marks, method, image_sites, constants).run();
}

}  // namespace jitfarm::vmagent::hotspot::shell
