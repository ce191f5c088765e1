#include "vmagent/hotspot/writer/jdk25_debug_info.h"

#include <limits>

namespace jitfarm::vmagent::hotspot::writer {

namespace {

using code::ValueKind;
using code::ValuePlace;

constexpr std::uint16_t kMaxRegisterBytes = 8;  // nothing lives in a vector register at a safepoint
constexpr std::uint16_t kOopBytes = 8;

/// HotSpot's BasicType.
std::uint8_t basic_type(ValueKind kind) {
  switch (kind) {
    case ValueKind::int_:
      return 10;
    case ValueKind::long_:
      return 11;
    case ValueKind::float_:
      return 6;
    case ValueKind::double_:
      return 7;
    case ValueKind::object:
      return 12;
    case ValueKind::illegal:
    case ValueKind::kCount:
      break;
  }
  return 99;
}

class DebugInfo {
 public:
  DebugInfo(StreamBuilder& out, const StreamTags& tags, StreamNames& names)
      : out_(out), tags_(tags), names_(names) {}

  Status write(const code::Site* site) {
    out_.u1(site ? tags_.has_reference_map | tags_.has_frames : tags_.has_reference_map);
    out_.u2(kMaxRegisterBytes);
    JF_CHECK_OK(out_.count(site ? site->oops.size() : 0));
    if (site)
      for (const code::OopSlot& oop : site->oops) reference(oop);
    constexpr std::uint16_t kVirtualObjects = 0;  // an image has none
    out_.u2(kVirtualObjects);
    if (!site) return {};
    JF_CHECK_OK(out_.count(site->frames.size()));
    for (const code::Frame& outermost_first : site->frames) JF_CHECK_OK(frame(outermost_first));
    return {};
  }

 private:
  void reference(const code::OopSlot& oop) {
    const bool derived = oop.base_offset != oop.offset;
    out_.u1(derived);
    out_.u2(kOopBytes);
    location(oop.offset);
    if (derived) location(oop.base_offset);
  }

  void location(std::int32_t offset) {
    out_.u2(tags_.no_register);
    out_.u2(static_cast<std::uint16_t>(offset));
  }

  void slot(std::uint8_t tag, std::int32_t offset) {
    out_.u1(tag);
    out_.u2(static_cast<std::uint16_t>(offset));
    out_.u1(0);  // not from the frame's end
  }

  void value(const code::FrameValue& v) {
    if (v.place == ValuePlace::none) return out_.u1(tags_.illegal);
    const bool object = v.kind == ValueKind::object;
    if (v.place == ValuePlace::stack_slot)
      return slot(object ? tags_.slot_oop : tags_.slot_primitive, v.offset);
    if (object) return out_.u1(tags_.null_constant);
    const bool wide = v.kind == ValueKind::long_ || v.kind == ValueKind::double_;
    const std::int64_t bits = wide ? v.bits : static_cast<std::int32_t>(v.bits);
    if (bits == 0) return out_.u1(tags_.primitive_0);
    if (bits == static_cast<std::int32_t>(bits)) {
      out_.u1(tags_.primitive_4);
      return out_.u4(static_cast<std::uint32_t>(bits));
    }
    out_.u1(tags_.primitive_8);
    out_.u8(static_cast<std::uint64_t>(bits));
  }

  Status values(const std::vector<code::FrameValue>& list) {
    if (list.empty()) return {};
    JF_CHECK_OK(out_.count(list.size()));
    for (const code::FrameValue& v : list) {
      out_.u1(basic_type(v.place == ValuePlace::none ? ValueKind::illegal : v.kind));
      value(v);
    }
    return {};
  }

  Status frame(const code::Frame& f) {
    JF_TRY(const std::uint64_t method, names_.method(f.method));
    out_.u8(method);
    out_.u4(static_cast<std::uint32_t>(f.bci));
    out_.u1(static_cast<std::uint8_t>((f.locals.empty() ? 0 : tags_.has_locals) |
                                      (f.stack.empty() ? 0 : tags_.has_stack) |
                                      (f.locks.empty() ? 0 : tags_.has_locks) |
                                      (f.during_call ? tags_.during_call : 0) |
                                      (f.rethrows ? tags_.rethrows : 0)));
    JF_CHECK_OK(values(f.locals));
    JF_CHECK_OK(values(f.stack));
    if (f.locks.empty()) return {};
    JF_CHECK_OK(out_.count(f.locks.size()));
    for (const code::FrameLock& lock : f.locks) {
      out_.u1(0);  // not eliminated
      value(lock.owner);
      slot(tags_.slot_primitive, lock.slot);
    }
    return {};
  }

  StreamBuilder& out_;
  const StreamTags& tags_;
  StreamNames& names_;
};

}  // namespace

void StreamBuilder::text(std::string_view t) {
  u4(static_cast<std::uint32_t>(t.size()));
  bytes_.insert(bytes_.end(), t.begin(), t.end());
  u1(0);
}

Status StreamBuilder::count(std::size_t n) {
  if (n > std::numeric_limits<std::uint16_t>::max())
    return fail(Errc::invalid_code_image, "a table is longer than the VM reads");
  u2(static_cast<std::uint16_t>(n));
  return {};
}

Status encode_debug_info(StreamBuilder& out, const StreamTags& tags, const code::Site* site,
                         StreamNames& names) {
  return DebugInfo(out, tags, names).write(site);
}

}  // namespace jitfarm::vmagent::hotspot::writer
