// What does HotSpot 25 read in this stream, and is it what we meant?
//
// Reads in the order of HotSpot's own reader. Every value has one right answer, given by the image
// and the assembled code; the first that differs is the error. Uses nothing of the encoder.
#include <fmt/format.h>

#include <optional>

#include "vmagent/hotspot/writer/jdk25_stream.h"

namespace jitfarm::vmagent::hotspot::writer {

namespace {

using code::FrameValue;
using code::ValueKind;
using code::ValuePlace;
using shell::InstallSite;
using shell::InstallSiteKind;

constexpr std::size_t kChunkHeader = 12;
enum BasicType : std::uint8_t {
  kFloat = 6,
  kDouble = 7,
  kInt = 10,
  kLong = 11,
  kObject = 12,
  kIllegal = 99
};

class StreamChecker {
 public:
  StreamChecker(const StreamTags& tags, const StreamContent& content, StreamNames& names,
                ByteView stream)
      : tags_(tags), content_(content), code_(content.code), names_(names), bytes_(stream) {}

  Status run() {
    JF_CHECK_OK(chunk());
    JF_CHECK_OK(head());
    JF_CHECK_OK(sizes());
    JF_CHECK_OK(cells());
    for (index_ = 0; index_ < code_.sites.size(); ++index_)
      JF_CHECK_OK(site(code_.sites[index_]));
    if (at_ != bytes_.size()) return wrong("bytes left over");
    return {};
  }

 private:
  std::unexpected<Error> wrong(std::string_view what) const {
    return fail(Errc::invalid_code_image,
                fmt::format("stream, byte {}, site {}: {}", at_, index_, what));
  }

  /// The next `size` bytes as a number; nothing behind the end.
  std::optional<std::uint64_t> next(std::size_t size) {
    if (size > bytes_.size() - at_) return std::nullopt;
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) value = value << 8 | bytes_[at_ + i];
    at_ += size;
    return value;
  }
  template <class T>
  Status expect(T value, std::string_view what) {
    const auto wanted = static_cast<std::uint64_t>(static_cast<std::make_unsigned_t<T>>(value));
    const std::optional<std::uint64_t> found = next(sizeof value);
    if (!found) return wrong(fmt::format("{}: the stream ends", what));
    if (*found != wanted) return wrong(fmt::format("{} is {:#x}, not {:#x}", what, *found, wanted));
    return {};
  }
  Status expect_count(std::size_t n, std::string_view what) {
    if (n > 0xffff) return wrong(what);
    return expect(static_cast<std::uint16_t>(n), what);
  }
  Status expect_address(const Result<std::uint64_t>& address, std::string_view what) {
    if (!address) return std::unexpected(address.error());
    if (*address == 0) return wrong(what);
    return expect(*address, what);
  }
  Status byte(std::uint8_t value, std::string_view what) { return expect(value, what); }

  Status chunk() {
    JF_CHECK_OK(expect(std::uint64_t{0}, "next chunk"));
    if (bytes_.size() < kChunkHeader) return wrong("no chunk");
    return expect(static_cast<std::uint32_t>(bytes_.size() - kChunkHeader), "size of the chunk");
  }

  Status head() {
    const code::CodeImage* const image = content_.image;
    std::uint8_t flags = 0;
    if (code_.deopt_rescue_offset >= 0) flags |= tags_.has_rescue_slot;
    if (image && !image->assumptions.empty()) flags |= tags_.has_assumptions;
    if (image) flags |= tags_.has_methods | tags_.is_nmethod;
    JF_CHECK_OK(byte(flags, "flags"));
    JF_CHECK_OK(expect(static_cast<std::uint32_t>(content_.name.size()), "size of the name"));
    for (char c : content_.name) JF_CHECK_OK(byte(static_cast<std::uint8_t>(c), "name"));
    JF_CHECK_OK(byte(0, "end of the name"));
    if (!image) return {};
    JF_CHECK_OK(expect_address(names_.method(image->task.method), "method"));
    JF_CHECK_OK(expect(image->task.entry_bci, "entry bci"));
    JF_CHECK_OK(expect(content_.compile_state, "compile state"));
    JF_CHECK_OK(byte(1, "unsafe access"));
    JF_CHECK_OK(byte(1, "scoped access"));
    if (content_.compile_id <= 0) return wrong("no compile id");
    JF_CHECK_OK(expect(content_.compile_id, "compile id"));
    if (!image->assumptions.empty())
      JF_CHECK_OK(expect_count(image->assumptions.size(), "assumptions"));
    for (const code::Assumption& a : image->assumptions) {
      if (a.kind != code::AssumptionKind::concrete_method) return wrong("kind of an assumption");
      JF_CHECK_OK(byte(tags_.concrete_method, "tag of an assumption"));
      JF_CHECK_OK(expect_address(names_.klass(a.klass), "context of an assumption"));
      JF_CHECK_OK(expect_address(names_.method(a.method), "method of an assumption"));
    }
    JF_CHECK_OK(expect_count(image->methods.size(), "methods"));
    for (MethodId id : image->methods)
      JF_CHECK_OK(expect_address(names_.method(id), "inlined method"));
    return {};
  }

  Status sizes() {
    JF_CHECK_OK(expect(static_cast<std::uint32_t>(code_.sites.size()), "sites"));
    JF_CHECK_OK(expect(static_cast<std::uint32_t>(code_.code.size()), "size of the code"));
    JF_CHECK_OK(expect(code_.frame_bytes, "size of the frame"));
    if (code_.deopt_rescue_offset >= 0) {
      JF_CHECK_OK(expect(code_.deopt_rescue_offset, "rescue slot"));
      JF_CHECK_OK(byte(0, "base of the rescue slot"));
    }
    JF_CHECK_OK(expect(static_cast<std::uint32_t>(code_.data.size()), "size of the data"));
    if (code_.data_alignment == 0 || code_.data_alignment > 128) return wrong("alignment");
    JF_CHECK_OK(byte(static_cast<std::uint8_t>(code_.data_alignment), "alignment of the data"));
    // Each direct call needs a stub; a call of any kind may need a trampoline.
    const shell::Marks& m = content_.marks;
    std::size_t to_interpreter = 0;
    std::size_t trampolines = 0;
    for (std::size_t i = 1; i < code_.sites.size(); ++i) {
      if (code_.sites[i].kind != InstallSiteKind::java_call) continue;
      // The mark of an inline-cache call lies before the call, with other sites never between.
      const std::int32_t mark = code_.sites[i - 1].mark;
      to_interpreter += mark == m.invoke_static || mark == m.invoke_special;
      ++trampolines;
    }
    JF_CHECK_OK(expect_count(to_interpreter, "stubs of direct calls"));
    return expect_count(trampolines, "stubs of calls");
  }

  Status cells() {
    JF_CHECK_OK(expect_count(code_.data_patches.size(), "cells"));
    for (const shell::DataPatch& patch : code_.data_patches) {
      if (patch.offset + 8ull > code_.data.size()) return wrong("a cell outside the data");
      if (!content_.image || patch.constant >= content_.image->constants.size())
        return wrong("a cell without a constant");
      JF_CHECK_OK(expect(patch.offset, "offset of a cell"));
      const code::Constant& constant = content_.image->constants[patch.constant];
      if (constant.kind == code::ConstantKind::klass) {
        JF_CHECK_OK(byte(tags_.patch_klass, "tag of a class cell"));
        JF_CHECK_OK(expect_address(names_.klass(constant.klass), "class of a cell"));
      } else {
        JF_CHECK_OK(byte(tags_.patch_object, "tag of an object cell"));
        JF_CHECK_OK(expect_address(names_.object(constant), "object of a cell"));
      }
    }
    return {};
  }

  Status site(const InstallSite& s) {
    if (s.pc >= code_.code.size() || s.pc < last_pc_) return wrong("pc of a site");
    last_pc_ = s.pc;
    const code::Site* state = nullptr;
    if (s.image_site >= 0) {
      if (!content_.image ||
          static_cast<std::size_t>(s.image_site) >= content_.image->sites.size())
        return wrong("a site without frame state");
      state = &content_.image->sites[static_cast<std::size_t>(s.image_site)];
    }
    JF_CHECK_OK(expect(s.pc, "pc"));
    switch (s.kind) {
      case InstallSiteKind::mark:
        JF_CHECK_OK(byte(tags_.mark, "tag of a mark"));
        if (s.mark <= 0 || s.mark > 255) return wrong("mark");
        return byte(static_cast<std::uint8_t>(s.mark), "mark");
      case InstallSiteKind::java_call:
        if (!state) return wrong("a call without frame state");
        JF_CHECK_OK(byte(tags_.call, "tag of a call"));
        JF_CHECK_OK(expect_address(names_.method(state->method), "callee"));
        JF_CHECK_OK(byte(0, "direct"));
        return debug_info(state);
      case InstallSiteKind::foreign_call: {
        const bool known = state || s.empty_reference_map;
        JF_CHECK_OK(byte(known ? tags_.foreign_call : tags_.foreign_call_plain, "tag of a stub call"));
        JF_CHECK_OK(expect_address(s.address, "address of a stub"));
        return known ? debug_info(state) : Status();
      }
      case InstallSiteKind::safepoint:
        if (!state) return wrong("a poll without frame state");
        JF_CHECK_OK(byte(tags_.safepoint, "tag of a poll"));
        return debug_info(state);
      case InstallSiteKind::data_patch:
        JF_CHECK_OK(byte(tags_.data_patch, "tag of a load"));
        JF_CHECK_OK(byte(tags_.patch_cell, "what a load reads"));
        if (s.data_offset >= code_.data.size()) return wrong("a load outside the data");
        return expect(s.data_offset, "cell of a load");
      case InstallSiteKind::exception_handler:
        JF_CHECK_OK(byte(tags_.exception_handler, "tag of a handler"));
        if (s.handler_pc >= code_.code.size()) return wrong("a handler outside the code");
        return expect(s.handler_pc, "handler");
    }
    return wrong("kind of a site");
  }

  /// A whole word of the frame, not its return address.
  Status stack_offset(std::int32_t offset) {
    if (offset < 0 || offset % 4 != 0 || offset > 0x7fff ||
        static_cast<std::uint32_t>(offset) + 8 >= code_.frame_bytes)
      return wrong("a slot outside the frame");
    return expect(static_cast<std::uint16_t>(offset), "slot");
  }

  Status debug_info(const code::Site* state) {
    const std::uint8_t frames = state ? tags_.has_frames : 0;
    JF_CHECK_OK(byte(tags_.has_reference_map | frames, "flags of a frame state"));
    JF_CHECK_OK(expect(std::uint16_t{8}, "widest register"));
    JF_CHECK_OK(expect_count(state ? state->oops.size() : 0, "references"));
    if (state)
      for (const code::OopSlot& oop : state->oops) {
        const bool derived = oop.offset != oop.base_offset;
        JF_CHECK_OK(byte(derived ? 1 : 0, "derived"));
        JF_CHECK_OK(expect(std::uint16_t{8}, "size of a reference"));
        JF_CHECK_OK(expect(tags_.no_register, "register of a reference"));
        JF_CHECK_OK(stack_offset(oop.offset));
        if (!derived) continue;
        JF_CHECK_OK(expect(tags_.no_register, "register of a base"));
        JF_CHECK_OK(stack_offset(oop.base_offset));
      }
    JF_CHECK_OK(expect(std::uint16_t{0}, "virtual objects"));
    if (!state) return {};
    if (state->frames.empty()) return wrong("no frames");
    JF_CHECK_OK(expect_count(state->frames.size(), "depth"));
    for (const code::Frame& f : state->frames) JF_CHECK_OK(frame(f));
    return {};
  }

  Status frame(const code::Frame& f) {
    JF_CHECK_OK(expect_address(names_.method(f.method), "method of a frame"));
    if (f.bci < 0) return wrong("bci");
    JF_CHECK_OK(expect(f.bci, "bci"));
    std::uint8_t flags = 0;
    if (f.rethrows) flags |= tags_.rethrows;
    if (f.during_call) flags |= tags_.during_call;
    if (!f.locks.empty()) flags |= tags_.has_locks;
    if (!f.stack.empty()) flags |= tags_.has_stack;
    if (!f.locals.empty()) flags |= tags_.has_locals;
    JF_CHECK_OK(byte(flags, "flags of a frame"));
    JF_CHECK_OK(values(f.locals, "locals"));
    JF_CHECK_OK(values(f.stack, "stack"));
    if (f.locks.empty()) return {};
    JF_CHECK_OK(expect_count(f.locks.size(), "locks"));
    for (const code::FrameLock& lock : f.locks) {
      JF_CHECK_OK(byte(0, "eliminated"));
      if (lock.owner.kind != ValueKind::object) return wrong("owner of a lock");
      JF_CHECK_OK(value(lock.owner));
      JF_CHECK_OK(byte(tags_.slot_primitive, "tag of a lock"));
      JF_CHECK_OK(stack_offset(lock.slot));
      JF_CHECK_OK(byte(0, "base of a lock"));
    }
    return {};
  }

  Status values(const std::vector<FrameValue>& list, std::string_view what) {
    if (list.empty()) return {};
    JF_CHECK_OK(expect_count(list.size(), what));
    bool second_half = false;  // HotSpot takes a long or double with the entry behind it
    for (const FrameValue& v : list) {
      const bool nothing = v.place == ValuePlace::none || v.kind == ValueKind::illegal;
      if (second_half && !nothing) return wrong("a long or double without its second half");
      second_half = !nothing && (v.kind == ValueKind::long_ || v.kind == ValueKind::double_);
      BasicType type = kIllegal;
      if (!nothing && v.kind == ValueKind::int_) type = kInt;
      if (!nothing && v.kind == ValueKind::long_) type = kLong;
      if (!nothing && v.kind == ValueKind::float_) type = kFloat;
      if (!nothing && v.kind == ValueKind::double_) type = kDouble;
      if (!nothing && v.kind == ValueKind::object) type = kObject;
      JF_CHECK_OK(byte(type, "type of a value"));
      JF_CHECK_OK(value(v));
    }
    return second_half ? Status(wrong("a long or double at the end")) : Status();
  }

  Status value(const FrameValue& v) {
    if (v.place == ValuePlace::none || v.kind == ValueKind::illegal)
      return byte(tags_.illegal, "a dead value");
    const bool object = v.kind == ValueKind::object;
    if (v.place == ValuePlace::stack_slot) {
      JF_CHECK_OK(byte(object ? tags_.slot_oop : tags_.slot_primitive, "tag of a slot"));
      JF_CHECK_OK(stack_offset(v.offset));
      return byte(0, "base of a slot");
    }
    if (object) return byte(tags_.null_constant, "null");
    // What HotSpot makes of the constant, whatever form it has.
    const std::optional<std::uint64_t> tag = next(1);
    std::optional<std::uint64_t> raw = 0;
    if (tag == tags_.primitive_4)
      raw = next(4);
    else if (tag == tags_.primitive_8)
      raw = next(8);
    else if (tag != tags_.primitive_0)
      return wrong("tag of a constant");
    if (!raw) return wrong("the stream ends in a constant");
    auto found = static_cast<std::int64_t>(*raw);
    if (tag == tags_.primitive_4) found = static_cast<std::int32_t>(found);
    const bool wide = v.kind == ValueKind::long_ || v.kind == ValueKind::double_;
    const bool same = wide ? found == v.bits
                           : static_cast<std::int32_t>(found) == static_cast<std::int32_t>(v.bits);
    return same ? Status() : Status(wrong("a constant"));
  }

  const StreamTags& tags_;
  const StreamContent& content_;
  const shell::AssembledCode& code_;
  StreamNames& names_;
  ByteView bytes_;
  std::size_t at_ = 0;
  std::size_t index_ = 0;
  std::uint32_t last_pc_ = 0;
};

}  // namespace

Status check_stream(const StreamTags& tags, const StreamContent& content, StreamNames& names,
                    ByteView stream) {
  return StreamChecker(tags, content, names, stream).run();
}

}  // namespace jitfarm::vmagent::hotspot::writer
