#include "vmagent/hotspot/shell/method_assembly.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "vmagent/hotspot/shell/check.h"

namespace jitfarm::vmagent::hotspot::shell {

using code::RelocationKind;
using code::SiteKind;
using code::Target;

namespace {

constexpr std::uint32_t kCallBytes = 5;         // E8 rel32
constexpr std::uint32_t kThreadStoreBytes = 8;  // mov [rsp+disp32], r15
constexpr std::uint32_t kEntryAlignment = 16;
constexpr std::uint32_t kRodataAlignment = 32;  // the nmethod's code starts 32-aligned, no more
constexpr std::uint32_t kInterpreterFrameBytesMax =
    4u << 20;  // 64 K locals and 64 K stack words, several frames

}  // namespace

std::unexpected<Error> invalid(std::string detail) {
  return fail(Errc::invalid_code_image, std::move(detail));
}

Result<AssembledCode> MethodAssembly::run(std::uint32_t interpreter_frame_bytes) {
  entry(std::max(image_.frame_size, interpreter_frame_bytes));
  JF_CHECK_OK(body());
  exits();
  rodata();
  cells();
  for (std::size_t i = 0; i < image_.relocations.size(); ++i) JF_CHECK_OK(relocate(i));
  for (std::size_t i = 0; i < image_.sites.size(); ++i) JF_CHECK_OK(sled(i));
  return finish();
}

void MethodAssembly::mark(std::uint32_t pc, std::int32_t id) {
  out_.sites.push_back({.kind = InstallSiteKind::mark, .pc = pc, .mark = id});
}
void MethodAssembly::foreign(std::uint32_t pc, std::uint32_t size, std::uint64_t address,
                             std::int32_t image_site) {
  out_.sites.push_back({.kind = InstallSiteKind::foreign_call,
                        .pc = pc,
                        .image_site = image_site,
                        .size = size,
                        .address = address});
}

void MethodAssembly::entry(std::uint32_t bang_bytes) {
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
  entry_end();
  b_.align(kEntryAlignment);
}

Status MethodAssembly::body() {
  text_ = b_.pc();
  Prologue prologue = decode_prologue(image_.text);
  // Frames are found by their size alone, so the size must be the one that the code makes.
  if (!prologue.pushes_rbp_first) return invalid("the text does not begin with push rbp");
  if (prologue.frame_bytes != image_.frame_size)
    return invalid(fmt::format("frame_size is {}, the prologue makes {}", image_.frame_size,
                               prologue.frame_bytes));
  text_begins(prologue.code_bytes);
  b_.append(image_.text);
  out_.text_begin = text_;
  out_.text_end = b_.pc();
  return {};
}

void MethodAssembly::exits() {
  b_.align(kEntryAlignment);
  return_stub_ = b_.pc();
  return_sequence();
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
  landing_thunks();
  cold_tail();
}

// An exception arrives on the carrier that the thread has now, like a return.
void MethodAssembly::landing_thunks() {
  if (!sleds_.thread_slot || image_.thread_slot_offset < 0) return;
  for (const code::Site& site : image_.sites) {
    if (site.landing_pad < 0 || thunks_.contains(site.landing_pad)) continue;
    b_.align(kEntryAlignment);
    thunks_.emplace(site.landing_pad, b_.pc());
    b_.op({0x4c, 0x89, 0xbc, 0x24}).i32(image_.thread_slot_offset);  // mov [rsp+slot], r15
    b_.op({0xe9});                                                   // jmp
    const std::int64_t pad = std::int64_t{text_} + site.landing_pad;
    b_.i32(pad - (b_.pc() + 4));
  }
}

bool MethodAssembly::uses_wrong_method() const {
  return std::ranges::any_of(image_.relocations, [](const code::Relocation& r) {
    return r.target == Target::wrong_method;
  });
}

void MethodAssembly::rodata() {
  b_.align(kRodataAlignment);
  rodata_ = b_.pc();
  b_.append(image_.rodata);
  b_.align(8);
}

void MethodAssembly::cells() {
  out_.data.assign(image_.constants.size() * 8, 0);
  for (std::uint32_t i = 0; i < image_.constants.size(); ++i)
    out_.data_patches.push_back({.offset = i * 8, .constant = i});
}

Status MethodAssembly::relocate(std::size_t index) {
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

Status MethodAssembly::sled(std::size_t index) {
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
  if (sleds_.thread_slot && site.kind != SiteKind::poll && image_.thread_slot_offset < 0)
    return wrong("no thread slot");
  switch (site.kind) {
    case SiteKind::call_static:
    case SiteKind::call_special:
      if (site.size != sleds_.static_call) return wrong("size of a direct call");
      direct_call(index);
      return {};
    case SiteKind::call_virtual:
    case SiteKind::call_interface:
      if (site.size != sleds_.virtual_call) return wrong("size of an inline-cache call");
      inline_cache_call(index);
      return {};
    case SiteKind::runtime_call:
      if (site.size != sleds_.runtime_call) return wrong("size of a runtime call");
      if (site.target != Target::uncommon_trap && !code::is_vm_entry(site.target))
        return wrong("target of a runtime call");
      if (site.target == Target::uncommon_trap && site.landing_pad >= 0)
        return wrong("a trap has no landing pad");
      return runtime_call(index);
    case SiteKind::poll:
      if (site.size != sleds_.poll) return wrong("size of a poll");
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
std::uint32_t MethodAssembly::aligned_call(std::uint32_t from) {
  std::uint32_t pc = from;
  while ((pc + 1) % 4 != 0) ++pc;
  b_.at(pc, 1)[0] = 0xe8;
  b_.set32(pc + 1, 0);
  return pc;
}

/// After a call the thread may stand on another carrier; its size.
std::uint32_t MethodAssembly::save_thread(std::uint32_t pc) {
  if (!sleds_.thread_slot) return 0;
  std::ranges::copy(Bytes{0x4c, 0x89, 0xbc, 0x24}, b_.at(pc, 4).begin());  // mov [rsp+slot], r15
  b_.set32(pc + 4, image_.thread_slot_offset);
  return kThreadStoreBytes;
}

void MethodAssembly::java_call(std::size_t index, std::uint32_t pc) {
  const code::Site& site = image_.sites[index];
  out_.sites.push_back({.kind = InstallSiteKind::java_call,
                        .pc = pc,
                        .image_site = static_cast<std::int32_t>(index),
                        .size = kCallBytes});
  const std::uint32_t return_pc = pc + kCallBytes;
  landing_pad(site, return_pc);
  std::uint32_t at = return_pc + behind_java_call(return_pc);
  at += save_thread(at);
  fill_nops(b_.at(at, text_ + site.offset + site.size - at));
}

void MethodAssembly::landing_pad(const code::Site& site, std::uint32_t return_pc) {
  if (site.landing_pad < 0) return;
  const auto thunk = thunks_.find(site.landing_pad);
  const std::uint32_t handler = thunk != thunks_.end()
                                    ? thunk->second
                                    : text_ + static_cast<std::uint32_t>(site.landing_pad);
  out_.sites.push_back(
      {.kind = InstallSiteKind::exception_handler, .pc = return_pc, .handler_pc = handler});
}

void MethodAssembly::direct_call(std::size_t index) {
  const code::Site& site = image_.sites[index];
  std::uint32_t begin = text_ + site.offset;
  std::uint32_t pc = aligned_call(begin);
  fill_nops(b_.at(begin, pc - begin));
  mark(pc, site.kind == SiteKind::call_static ? config_.marks.invoke_static
                                              : config_.marks.invoke_special);
  java_call(index, pc);
}

void MethodAssembly::inline_cache_call(std::size_t index) {
  const code::Site& site = image_.sites[index];
  std::uint32_t begin = text_ + site.offset;
  std::uint32_t pc = aligned_call(begin + 10);
  std::uint32_t cache = pc - 10;
  b_.at(cache, 1)[0] = 0x48;  // movabs rax, the klass that the callee checks
  b_.at(cache + 1, 1)[0] = 0xb8;
  b_.set64(cache + 2, config_.non_oop_bits);
  fill_nops(b_.at(begin, cache - begin));
  mark(cache, site.kind == SiteKind::call_virtual ? config_.marks.invoke_virtual
                                                  : config_.marks.invoke_interface);
  java_call(index, pc);
}

Status MethodAssembly::runtime_call(std::size_t index) {
  const code::Site& site = image_.sites[index];
  const std::uint32_t pc = text_ + site.offset;
  const std::uint64_t address = runtime_address(site.target);
  if (address == 0)
    return fail(Errc::vm_unsupported,
                fmt::format("site {}: this VM does not have the stub that it calls", index));
  foreign(pc, kCallBytes, address, static_cast<std::int32_t>(index));
  std::ranges::copy(Bytes{0xe8, 0, 0, 0, 0}, b_.at(pc, kCallBytes).begin());
  save_thread(pc + kCallBytes);
  landing_pad(site, pc + kCallBytes);
  return {};
}

std::uint64_t MethodAssembly::runtime_address(Target target) const {
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

std::uint64_t MethodAssembly::leaf_address(Target target) const {
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

void MethodAssembly::poll(std::size_t index) {
  std::uint32_t pc = text_ + image_.sites[index].offset;
  std::ranges::copy(Bytes{0x4d, 0x8b, 0x9f}, b_.at(pc, 3).begin());  // mov r11, [r15+page]
  b_.set32(pc + 3, config_.thread_polling_page);
  std::ranges::copy(Bytes{0x41, 0x85, 0x03}, b_.at(pc + 7, 3).begin());  // test [r11], eax
  mark(pc + 7, config_.marks.poll_far);
  out_.sites.push_back({.kind = InstallSiteKind::safepoint,
                        .pc = pc + 7,
                        .image_site = static_cast<std::int32_t>(index)});
}

Result<AssembledCode> MethodAssembly::finish() {
  out_.code = b_.take();
  out_.frame_bytes = image_.frame_size;
  out_.deopt_rescue_offset = image_.deopt_rescue_offset;
  out_.thread_slot_offset = sleds_.thread_slot ? image_.thread_slot_offset : -1;
  // Marks are the first kind. No two sites have the same key, so the order is the same every
  // time.
  std::ranges::sort(out_.sites, {},
                    [](const InstallSite& s) { return std::tuple{s.pc, s.kind, s.mark}; });
  JF_CHECK_OK(check(out_, config_.marks, true, image_.sites.size(), image_.constants.size()));
  return std::move(out_);
}

Status fits(const ShellConfig& config, const code::CodeImage& image,
            std::uint32_t interpreter_frame_bytes) {
  if (image.task.entry_bci != code::kNormalEntry &&
      (image.has_receiver || config.osr_migration_end == 0))
    return invalid("an on-stack replacement with a receiver, or in a VM without them");
  if (image.text.empty() || image.text.size() > code::kTextBytesMax ||
      image.rodata.size() > code::kTextBytesMax)
    return invalid("size of text or rodata");
  if (image.frame_size > code::kFrameBytesMax) return invalid("frame_size");
  if (interpreter_frame_bytes > kInterpreterFrameBytesMax)
    return invalid("interpreter frames too large");
  if (config.unwind_stub == 0 || config.exception_stub == 0)
    return fail(Errc::vm_unsupported, "the stubs are not installed");
  return {};
}

std::unexpected<Error> missing(std::string_view what) {
  return fail(Errc::vm_unsupported, fmt::format("no usable {}", what));
}

Status complete(const ShellConfig& config) {
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
    if (offset <= 0 || offset > kThreadBytesMax) return missing("offset in JavaThread");
  for (std::uint64_t address :
       {config.non_oop_bits, config.ic_miss_stub, config.deopt_unpack, config.uncommon_trap,
        config.drem, config.frem, config.exception_handler_for_return_address,
        config.exception_handler_for_pc})
    if (address == 0) return missing("address in the VM");
  return {};
}

}  // namespace jitfarm::vmagent::hotspot::shell
