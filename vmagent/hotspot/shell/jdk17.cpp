// What does an nmethod of JDK 17 look like around the body?
//
//      0  [unverified entry]  receiver's klass == rax, else the inline-cache miss stub
//    16n  verified entry      5-byte nop that HotSpot overwrites with a jmp; stack bang
//    16n  text
//    16n  return stub | unwind stub | exception handler entry | deopt handler entry
//    32n  rodata
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "vmagent/hotspot/shell/check.h"
#include "vmagent/hotspot/shell/jdk17_stubs.h"
#include "vmagent/hotspot/shell/shell.h"
#include "vmagent/hotspot/shell/x86_buffer.h"

namespace jitfarm::vmagent::hotspot::shell {

namespace {

using code::CodeImage;
using code::RelocationKind;
using code::SiteKind;
using code::Target;

constexpr std::uint32_t kStaticCallSled =
    8;  // E8 rel32, up to 3 nops before it to align the displacement
constexpr std::uint32_t kVirtualCallSled = 18;  // movabs rax, imm64; E8 rel32, up to 3 nops before
constexpr std::uint32_t kRuntimeCallSled = 5;
constexpr std::uint32_t kPollSled = 10;  // mov r11, [r15+page]; test [r11], eax
constexpr std::uint32_t kEntryAlignment = 16;
constexpr std::uint32_t kRodataAlignment = 32;  // the nmethod's code starts 32-aligned, no more
constexpr std::uint32_t kInterpreterFrameBytesMax =
    4u << 20;  // 64 K locals and 64 K stack words, several frames

std::unexpected<Error> invalid(std::string detail) {
  return fail(Errc::invalid_code_image, std::move(detail));
}

class Assembly {
 public:
  Assembly(const ShellConfig& config, const CodeImage& image) : config_(config), image_(image) {}

  Result<AssembledCode> run(std::uint32_t interpreter_frame_bytes) {
    entry(std::max(image_.frame_size, interpreter_frame_bytes));
    JF_CHECK_OK(body());
    exits();
    rodata();
    cells();
    for (std::size_t i = 0; i < image_.relocations.size(); ++i) JF_CHECK_OK(relocate(i));
    for (std::size_t i = 0; i < image_.sites.size(); ++i) JF_CHECK_OK(sled(i));
    return finish();
  }

 private:
  void mark(std::uint32_t pc, std::int32_t id) {
    out_.sites.push_back({.kind = InstallSiteKind::mark, .pc = pc, .mark = id});
  }
  void foreign(std::uint32_t pc, std::uint32_t size, std::uint64_t address,
               std::int32_t image_site = -1) {
    out_.sites.push_back({.kind = InstallSiteKind::foreign_call,
                          .pc = pc,
                          .image_site = image_site,
                          .size = size,
                          .address = address});
  }

  void entry(std::uint32_t bang_bytes) {
    mark(0, config_.marks.unverified_entry);
    if (image_.has_receiver) inline_cache_check();
    b_.align(kEntryAlignment);
    mark(b_.pc(), config_.marks.verified_entry);
    if (image_.task.entry_bci != code::kNormalEntry) mark(b_.pc(), config_.marks.osr_entry);
    b_.op({0x0f, 0x1f, 0x44, 0x00, 0x00});  // nop, the size of the jmp that replaces it
    // One store per page, from the end of the shadow zone to as far below it as the frame reaches.
    std::uint32_t page = config_.page_bytes;
    std::uint32_t shadow = config_.stack_shadow_pages * page;
    std::uint32_t end = shadow + (bang_bytes > page ? bang_bytes : 0);
    for (std::uint32_t at = shadow; at <= end; at += page)
      b_.op({0x89, 0x84, 0x24}).i32(-std::int64_t{at});  // mov [rsp-at], eax
    b_.align(kEntryAlignment);
  }

  // rsi = receiver, rax = klass that the caller's inline cache expects.
  void inline_cache_check() {
    if (config_.compressed_class_pointers) {
      b_.op({0x44, 0x8b, 0x96}).i32(config_.klass_offset);  // mov r10d, [rsi+klass]
      if (config_.narrow_klass_shift != 0)
        b_.op({0x49, 0xc1, 0xe2,
               static_cast<std::uint8_t>(config_.narrow_klass_shift)});  // shl r10, shift
      if (config_.narrow_klass_base != 0) {
        b_.op({0x49, 0xbb}).i64(config_.narrow_klass_base);  // movabs r11, base
        b_.op({0x4d, 0x01, 0xda});                           // add r10, r11
      }
    } else {
      b_.op({0x4c, 0x8b, 0x96}).i32(config_.klass_offset);  // mov r10, [rsi+klass]
    }
    b_.op({0x49, 0x39, 0xc2});  // cmp r10, rax
    foreign(b_.pc(), 6, config_.ic_miss_stub);
    b_.op({0x0f, 0x85}).i32(0);  // jne
  }

  Status body() {
    text_ = b_.pc();
    Prologue prologue = decode_prologue(image_.text);
    // Frames are found by their size alone, so the size must be the one that the code makes.
    if (!prologue.pushes_rbp_first) return invalid("the text does not begin with push rbp");
    if (prologue.frame_bytes != image_.frame_size)
      return invalid(fmt::format("frame_size is {}, the prologue makes {}", image_.frame_size,
                                 prologue.frame_bytes));
    mark(text_ + prologue.code_bytes, config_.marks.frame_complete);
    b_.append(image_.text);
    out_.text_begin = text_;
    out_.text_end = b_.pc();
    return {};
  }

  void exits() {
    b_.align(kEntryAlignment);
    return_stub_ = b_.pc();
    b_.op({0x4d, 0x8b, 0x97}).i32(config_.thread_polling_page);  // mov r10, [r15+page]
    mark(b_.pc(), config_.marks.poll_return_far);
    b_.op({0x41, 0x85, 0x02});  // test [r10], eax
    b_.op({0xc3});
    b_.align(kEntryAlignment);
    unwind_stub_ = b_.pc();
    foreign(b_.pc(), 5, config_.unwind_stub);
    b_.op({0xe9}).i32(0);
    if (config_.wrong_method_stub != 0 && uses_wrong_method()) {
      b_.align(kEntryAlignment);
      wrong_method_ = b_.pc();
      foreign(b_.pc(), 5, config_.wrong_method_stub);
      b_.op({0xe9}).i32(0);
    }
    b_.align(kEntryAlignment);
    mark(b_.pc(), config_.marks.exception_handler_entry);
    foreign(b_.pc(), 5, config_.exception_stub);
    b_.op({0xe8}).i32(0);
    b_.op({0xf4});  // hlt: the stub never returns here
    b_.align(kEntryAlignment);
    // The return address that the deopt blob finds must be this entry itself.
    mark(b_.pc(), config_.marks.deopt_handler_entry);
    b_.op({0xe8}).i32(0);
    b_.op({0x48, 0x83, 0x2c, 0x24, 0x05});  // sub qword [rsp], 5
    foreign(b_.pc(), 5, config_.deopt_unpack);
    b_.op({0xe9}).i32(0);
  }

  bool uses_wrong_method() const {
    return std::ranges::any_of(image_.relocations, [](const code::Relocation& r) {
      return r.target == Target::wrong_method;
    });
  }

  void rodata() {
    b_.align(kRodataAlignment);
    rodata_ = b_.pc();
    b_.append(image_.rodata);
    b_.align(8);
  }

  void cells() {
    out_.data.assign(image_.constants.size() * 8, 0);
    for (std::uint32_t i = 0; i < image_.constants.size(); ++i)
      out_.data_patches.push_back({.offset = i * 8, .constant = i});
  }

  Status relocate(std::size_t index) {
    const code::Relocation& r = image_.relocations[index];
    auto wrong = [&](std::string_view what) {
      return invalid(fmt::format("relocation {}: {}", index, what));
    };
    auto inside = [](std::uint64_t offset, std::uint64_t size, const Bytes& bytes) {
      return offset <= bytes.size() && size <= bytes.size() - offset;
    };
    bool in_text = r.kind != RelocationKind::rel32_text_in_rodata;
    std::uint32_t size = r.kind == RelocationKind::abs64_target ? 8 : 4;
    if (!inside(r.offset, size, in_text ? image_.text : image_.rodata))
      return wrong("outside its section");
    std::uint32_t place = (in_text ? text_ : rodata_) + r.offset;
    // A displacement counts from the end of its instruction: addends are -4, with an immediate
    // behind it -5 or -8.
    auto near = [&](std::int64_t target, std::uint64_t section) {
      return r.addend >= -16 && r.addend <= static_cast<std::int64_t>(section) + 16 && target >= 0;
    };
    switch (r.kind) {
      case RelocationKind::rel32_target: {
        if (r.addend != -4) return wrong("addend of a jump");
        std::uint32_t to = 0;
        if (r.target == Target::return_stub)
          to = return_stub_;
        else if (r.target == Target::unwind_stub)
          to = unwind_stub_;
        else if (r.target == Target::wrong_method && wrong_method_ != 0)
          to = wrong_method_;
        else
          return wrong("not a target inside the shell");
        b_.set32(place, std::int64_t{to} + r.addend - place);
        return {};
      }
      case RelocationKind::rel32_rodata: {
        std::int64_t to = std::int64_t{rodata_} + r.addend;
        if (!near(to, image_.rodata.size())) return wrong("outside rodata");
        b_.set32(place, to - place);
        return {};
      }
      case RelocationKind::rel32_text_in_rodata: {
        // Relative to the table, not to the entry: the addend includes the entry's distance from
        // the table's start.
        std::int64_t to = std::int64_t{text_} + r.addend;
        if (!near(to, image_.text.size() + image_.rodata.size())) return wrong("outside the text");
        b_.set32(place, to - place);
        return {};
      }
      case RelocationKind::abs64_target: {
        std::uint64_t to = leaf_address(r.target);
        if (to == 0 || r.addend != 0) return wrong("not a C leaf of this VM");
        b_.set64(place, to);
        return {};
      }
      case RelocationKind::rel32_cell: {
        constexpr std::uint32_t kOpcodeBytes = 3;  // REX.W, opcode, modrm
        if (r.cell >= image_.constants.size()) return wrong("no such cell");
        if (r.addend != -4 || std::uint64_t{r.instruction_offset} + kOpcodeBytes != r.offset)
          return wrong("not a plain load of a cell");
        out_.sites.push_back({.kind = InstallSiteKind::data_patch,
                              .pc = text_ + r.instruction_offset,
                              .data_offset = r.cell * 8});
        return {};
      }
      case RelocationKind::kCount:
        break;
    }
    return wrong("unknown kind");
  }

  Status sled(std::size_t index) {
    const code::Site& site = image_.sites[index];
    auto wrong = [&](std::string_view what) {
      return invalid(fmt::format("site {}: {}", index, what));
    };
    if (site.offset > image_.text.size() || site.size > image_.text.size() - site.offset)
      return wrong("outside the text");
    if (site.landing_pad >= 0 && static_cast<std::size_t>(site.landing_pad) >= image_.text.size())
      return wrong("landing pad");
    if (site.frames.empty()) return wrong("no frame state");
    if (image_.deopt_rescue_offset < 0) return wrong("no rescue slot");
    switch (site.kind) {
      case SiteKind::call_static:
      case SiteKind::call_special:
        if (site.size != kStaticCallSled) return wrong("size of a direct call");
        direct_call(index);
        return {};
      case SiteKind::call_virtual:
      case SiteKind::call_interface:
        if (site.size != kVirtualCallSled) return wrong("size of an inline-cache call");
        inline_cache_call(index);
        return {};
      case SiteKind::runtime_call:
        if (site.size != kRuntimeCallSled) return wrong("size of a runtime call");
        if (site.target != Target::uncommon_trap && !code::is_vm_entry(site.target))
          return wrong("target of a runtime call");
        if (site.target == Target::uncommon_trap && site.landing_pad >= 0)
          return wrong("a trap has no landing pad");
        return runtime_call(index);
      case SiteKind::poll:
        if (site.size != kPollSled) return wrong("size of a poll");
        if (site.landing_pad >= 0) return wrong("a poll has no landing pad");
        poll(index);
        return {};
      case SiteKind::kCount:
        break;
    }
    return wrong("unknown kind");
  }

  /// Writes `E8 0` with an aligned displacement at the first place at or after `from`; returns its
  /// pc.
  std::uint32_t aligned_call(std::uint32_t from) {
    std::uint32_t pc = from;
    while ((pc + 1) % 4 != 0) ++pc;
    b_.at(pc, 1)[0] = 0xe8;
    b_.set32(pc + 1, 0);
    return pc;
  }

  void java_call(std::size_t index, std::uint32_t pc) {
    const code::Site& site = image_.sites[index];
    out_.sites.push_back({.kind = InstallSiteKind::java_call,
                          .pc = pc,
                          .image_site = static_cast<std::int32_t>(index),
                          .size = 5});
    landing_pad(site, pc + 5);
  }

  void landing_pad(const code::Site& site, std::uint32_t return_pc) {
    if (site.landing_pad >= 0)
      out_.sites.push_back({.kind = InstallSiteKind::exception_handler,
                            .pc = return_pc,
                            .handler_pc = text_ + static_cast<std::uint32_t>(site.landing_pad)});
  }

  void direct_call(std::size_t index) {
    const code::Site& site = image_.sites[index];
    std::uint32_t begin = text_ + site.offset;
    std::uint32_t end = begin + site.size;
    std::uint32_t pc = aligned_call(begin);
    fill_nops(b_.at(begin, pc - begin));
    fill_nops(b_.at(pc + 5, end - (pc + 5)));
    mark(pc, site.kind == SiteKind::call_static ? config_.marks.invoke_static
                                                : config_.marks.invoke_special);
    java_call(index, pc);
  }

  void inline_cache_call(std::size_t index) {
    const code::Site& site = image_.sites[index];
    std::uint32_t begin = text_ + site.offset;
    std::uint32_t end = begin + site.size;
    std::uint32_t pc = aligned_call(begin + 10);
    std::uint32_t cache = pc - 10;
    b_.at(cache, 1)[0] = 0x48;  // movabs rax, the klass that the callee checks
    b_.at(cache + 1, 1)[0] = 0xb8;
    b_.set64(cache + 2, config_.non_oop_bits);
    fill_nops(b_.at(begin, cache - begin));
    fill_nops(b_.at(pc + 5, end - (pc + 5)));
    mark(cache, site.kind == SiteKind::call_virtual ? config_.marks.invoke_virtual
                                                    : config_.marks.invoke_interface);
    java_call(index, pc);
  }

  Status runtime_call(std::size_t index) {
    const code::Site& site = image_.sites[index];
    const std::uint32_t pc = text_ + site.offset;
    const std::uint64_t address = runtime_address(site.target);
    if (address == 0)
      return fail(Errc::vm_unsupported,
                  fmt::format("site {}: this VM does not have the stub that it calls", index));
    foreign(pc, kRuntimeCallSled, address, static_cast<std::int32_t>(index));
    std::ranges::copy(Bytes{0xe8, 0, 0, 0, 0}, b_.at(pc, kRuntimeCallSled).begin());
    landing_pad(site, pc + kRuntimeCallSled);
    return {};
  }

  std::uint64_t runtime_address(Target target) const {
    switch (target) {
      case Target::uncommon_trap:
        return config_.uncommon_trap;
      case Target::new_instance:
        return config_.new_instance.stub;
      case Target::new_array:
        return config_.new_array.stub;
      case Target::new_multi_array:
        return config_.new_multi_array.stub;
      case Target::monitor_enter:
        return config_.monitor_enter.stub;
      case Target::throw_implicit:
        return config_.throw_implicit.stub;
      case Target::register_finalizer:
        return config_.register_finalizer.stub;
      default:
        return 0;
    }
  }

  std::uint64_t leaf_address(Target target) const {
    switch (target) {
      case Target::drem:
        return config_.drem;
      case Target::frem:
        return config_.frem;
      case Target::osr_migration_end:
        return config_.osr_migration_end;
      case Target::write_barrier_pre:
        return config_.write_barrier_pre;
      case Target::write_barrier_post:
        return config_.write_barrier_post;
      case Target::monitor_exit:
        return config_.monitor_exit;
      default:
        if (code::is_array_stub(target))
          return config_.array_stubs[static_cast<std::size_t>(target) -
                                     static_cast<std::size_t>(Target::multiply_to_len)];
        if (target < Target::copy_bytes || target > Target::time_nanos) return 0;
        return config_.leaf_stubs[static_cast<std::size_t>(target) -
                                  static_cast<std::size_t>(Target::copy_bytes)];
    }
  }

  void poll(std::size_t index) {
    std::uint32_t pc = text_ + image_.sites[index].offset;
    std::ranges::copy(Bytes{0x4d, 0x8b, 0x9f}, b_.at(pc, 3).begin());  // mov r11, [r15+page]
    b_.set32(pc + 3, config_.thread_polling_page);
    std::ranges::copy(Bytes{0x41, 0x85, 0x03}, b_.at(pc + 7, 3).begin());  // test [r11], eax
    mark(pc + 7, config_.marks.poll_far);
    out_.sites.push_back({.kind = InstallSiteKind::safepoint,
                          .pc = pc + 7,
                          .image_site = static_cast<std::int32_t>(index)});
  }

  Result<AssembledCode> finish() {
    out_.code = b_.take();
    out_.frame_bytes = image_.frame_size;
    out_.deopt_rescue_offset = image_.deopt_rescue_offset;
    // Marks are the first kind. No two sites have the same key, so the order is the same every
    // time.
    std::ranges::sort(out_.sites, {},
                      [](const InstallSite& s) { return std::tuple{s.pc, s.kind, s.mark}; });
    JF_CHECK_OK(check(out_, config_.marks, true, image_.sites.size(), image_.constants.size()));
    return std::move(out_);
  }

  const ShellConfig& config_;
  const CodeImage& image_;
  X86Buffer b_;
  AssembledCode out_;
  std::uint32_t text_ = 0;
  std::uint32_t rodata_ = 0;
  std::uint32_t return_stub_ = 0;
  std::uint32_t unwind_stub_ = 0;
  std::uint32_t wrong_method_ = 0;
};

class Jdk17Shell final : public ShellAssembler {
 public:
  explicit Jdk17Shell(const ShellConfig& config) : config_(config) {}
  Sleds sleds() const override { return jdk17_sleds(); }
  Result<AssembledCode> assemble(const CodeImage& image,
                                 std::uint32_t interpreter_frame_bytes) const override {
    if (image.task.entry_bci != code::kNormalEntry &&
        (image.has_receiver || config_.osr_migration_end == 0))
      return invalid("an on-stack replacement with a receiver, or in a VM without them");
    if (image.thread_slot_offset >= 0)
      return invalid("a thread slot, which this JDK has no use for");
    if (image.text.empty() || image.text.size() > code::kTextBytesMax ||
        image.rodata.size() > code::kTextBytesMax)
      return invalid("size of text or rodata");
    if (image.frame_size > code::kFrameBytesMax) return invalid("frame_size");
    if (interpreter_frame_bytes > kInterpreterFrameBytesMax)
      return invalid("interpreter frames too large");
    if (config_.unwind_stub == 0 || config_.exception_stub == 0)
      return fail(Errc::vm_unsupported, "the stubs are not installed");
    return Assembly(config_, image).run(interpreter_frame_bytes);
  }
  AssembledCode stub(Stub which) const override { return jdk17_stub(which, config_); }

 private:
  const ShellConfig config_;
};

}  // namespace

Sleds jdk17_sleds() {
  return {.static_call = kStaticCallSled,
          .virtual_call = kVirtualCallSled,
          .runtime_call = kRuntimeCallSled,
          .poll = kPollSled};
}

Result<std::unique_ptr<ShellAssembler>> make_jdk17_shell(const ShellConfig& config) {
  auto missing = [](std::string_view what) {
    return fail(Errc::vm_unsupported, fmt::format("no usable {}", what));
  };
  const Marks& m = config.marks;
  for (std::int32_t mark :
       {m.verified_entry, m.unverified_entry, m.exception_handler_entry, m.deopt_handler_entry,
        m.frame_complete, m.invoke_interface, m.invoke_virtual, m.invoke_static, m.invoke_special,
        m.poll_far, m.poll_return_far, m.osr_entry})
    if (mark <= 0 || mark > 255) return missing("mark number");
  if (config.klass_offset <= 0 || config.klass_offset > 64) return missing("klass offset");
  if (config.narrow_klass_shift > 31) return missing("narrow klass shift");
  if (config.page_bytes < 4096 || config.page_bytes > (64u << 10) ||
      config.stack_shadow_pages == 0 || config.stack_shadow_pages > 1000)
    return missing("stack shadow zone");
  for (std::int32_t offset :
       {config.thread_polling_page, config.thread_exception_oop, config.thread_exception_pc,
        config.thread_last_java_sp, config.thread_last_java_fp, config.thread_last_java_pc})
    if (offset <= 0 || offset > (64 << 10)) return missing("offset in JavaThread");
  for (std::uint64_t address :
       {config.non_oop_bits, config.ic_miss_stub, config.deopt_unpack, config.uncommon_trap,
        config.drem, config.frem, config.exception_handler_for_return_address,
        config.exception_handler_for_pc})
    if (address == 0) return missing("address in the VM");
  return std::make_unique<Jdk17Shell>(config);
}

}  // namespace jitfarm::vmagent::hotspot::shell
