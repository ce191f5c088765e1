// Is this CodeImage well formed, whatever made it? The rules, in the order in which they are
// checked:
//
//   image      version is ours; task and sections within limits
//   frame      whole words, within its limit; with sites: 16-aligned and a rescue slot
//   slots      below the saved rbp and the return address; oops and the VM's own slots 8-aligned;
//   rescue and thread slot
//              apart from each other and from every oop
//   methods    root first, no duplicates, none is 0
//   constants, assumptions   ids set, indices in the range of a class file
//   sites      inside text, ascending, disjoint; callee, target and landing pad where the kind has
//   them frames     one at least for each site, bounded depth, outer ones inside a call, methods
//   listed above values     kind and place agree; a long or double owns the next entry; constants
//   fit their kind locks      owners are listed oops; slots are apart from each other and from oops
//   oops       each slot once; a base is listed as its own base; every object of a
//   frame is listed relocations   inside their section, apart from sites and from each other;
//   target, cell and addend fit the kind facts      ascending
//
// What no check can prove is that the machine code does what the tables say.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/code/code_image.h"

namespace jitfarm::code {
namespace {

std::string str(std::int64_t n) { return std::to_string(n); }

Status bad(std::string text) { return fail(Errc::invalid_code_image, std::move(text)); }

/// The error with its place before it: "sites[3]" + ".frames[0]" + ": ..".
Status in(std::string_view table, std::size_t index, Status status) {
  if (status) return status;
  std::string& detail = status.error().detail;
  const bool has_path = detail.starts_with('.');
  detail.insert(0, std::string(table) + "[" + std::to_string(index) + "]" + (has_path ? "" : ": "));
  return status;
}

#define JF_CHECK_IN(table, index, expr) JF_CHECK_OK(in(table, index, expr))

bool is_call(SiteKind kind) {
  return kind == SiteKind::call_static || kind == SiteKind::call_special ||
         kind == SiteKind::call_virtual || kind == SiteKind::call_interface;
}

struct Range {
  std::uint64_t begin, end;
};

class Verifier {
 public:
  explicit Verifier(const CodeImage& image) : image_(image) {}

  Status run() {
    JF_CHECK_OK(header());
    JF_CHECK_OK(frame_layout());
    JF_CHECK_OK(methods());
    for (std::size_t i = 0; i < image_.constants.size(); ++i)
      JF_CHECK_IN("constants", i, constant(image_.constants[i]));
    for (std::size_t i = 0; i < image_.assumptions.size(); ++i)
      JF_CHECK_IN("assumptions", i, assumption(image_.assumptions[i]));
    std::uint64_t end_of_previous = 0;
    for (std::size_t i = 0; i < image_.sites.size(); ++i) {
      JF_CHECK_IN("sites", i, site(image_.sites[i], end_of_previous));
      end_of_previous = std::uint64_t{image_.sites[i].offset} + image_.sites[i].size;
    }
    for (std::size_t i = 0; i < image_.sites.size(); ++i)
      JF_CHECK_IN("sites", i, landing_pad(image_.sites[i]));
    JF_CHECK_OK(relocations());
    for (std::size_t i = 0; i < image_.facts.size(); ++i) {
      if (!facts::is_valid(image_.facts[i].key.kind))
        return in("facts", i, bad("kind " + str(static_cast<int>(image_.facts[i].key.kind))));
      if (i > 0 && !(image_.facts[i - 1].key < image_.facts[i].key))
        return in("facts", i, bad("is not above the one before"));
    }
    return {};
  }

 private:
  Status header() {
    if (image_.version != kCodeImageVersion)
      return bad("version " + str(image_.version) + ", known is " + str(kCodeImageVersion));
    if (!image_.task.method) return bad("task: no method");
    if (image_.task.entry_bci < kNormalEntry || image_.task.entry_bci > kBciMax)
      return bad("task: entry at bci " + str(image_.task.entry_bci));
    if (image_.text.empty()) return bad("text is empty");
    if (image_.text.size() > kTextBytesMax) return over("text", image_.text.size(), kTextBytesMax);
    if (image_.rodata.size() > kRodataBytesMax)
      return over("rodata", image_.rodata.size(), kRodataBytesMax);
    if (image_.sites.size() > kTableEntriesMax)
      return over("sites", image_.sites.size(), kTableEntriesMax);
    if (image_.relocations.size() > kTableEntriesMax)
      return over("relocations", image_.relocations.size(), kTableEntriesMax);
    if (image_.constants.size() > kTableEntriesMax)
      return over("constants", image_.constants.size(), kTableEntriesMax);
    if (image_.methods.size() > kTableEntriesMax)
      return over("methods", image_.methods.size(), kTableEntriesMax);
    return {};
  }

  static Status over(std::string_view what, std::size_t size, std::size_t limit) {
    return bad(std::string(what) + ": " + std::to_string(size) + ", the limit is " +
               std::to_string(limit));
  }

  Status frame_layout() {
    if (image_.frame_size > kFrameBytesMax)
      return over("frame_size", image_.frame_size, kFrameBytesMax);
    if (image_.frame_size < 8 || image_.frame_size % 8 != 0)
      return bad("frame_size: " + str(image_.frame_size) + " is not made of whole words");
    if (!image_.sites.empty()) {
      if (image_.frame_size % 16 != 0)
        return bad("frame_size: " + str(image_.frame_size) +
                   " is not 16-aligned, and there are sites");
      if (image_.deopt_rescue_offset == -1)
        return bad("deopt_rescue_offset is not set, and there are sites");
    }
    if (image_.deopt_rescue_offset != -1)
      JF_CHECK_OK(own_slot("deopt_rescue_offset", image_.deopt_rescue_offset));
    if (image_.thread_slot_offset != -1) {
      JF_CHECK_OK(own_slot("thread_slot_offset", image_.thread_slot_offset));
      if (image_.thread_slot_offset == image_.deopt_rescue_offset)
        return bad("thread_slot_offset is also deopt_rescue_offset");
    }
    oop_slots_.assign(image_.frame_size / 8, SlotUse::none);
    return {};
  }

  Status own_slot(std::string_view what, std::int32_t offset) {
    Status status = slot(offset, 8);
    if (!status) status.error().detail.insert(0, std::string(what) + ": ");
    return status;
  }

  /// Frame layout at the top is [return address][saved rbp]: those are not values.
  Status slot(std::int64_t offset, std::uint32_t size) {
    if (offset < 0 || offset + size + 16 > image_.frame_size)
      return bad("slot of " + str(size) + " bytes at " + str(offset) + " in a frame of " +
                 str(image_.frame_size));
    if (offset % size != 0)
      return bad("slot at " + str(offset) + " is not " + str(size) + "-aligned");
    return {};
  }

  Status methods() {
    if (image_.methods.empty() || image_.methods[0] != image_.task.method)
      return bad("methods: the first is not the task's");
    methods_ = image_.methods;
    std::ranges::sort(methods_);
    if (!methods_.front()) return bad("methods: one is 0");
    if (std::ranges::adjacent_find(methods_) != methods_.end())
      return bad("methods: one is listed twice");
    return {};
  }

  Status constant(const Constant& c) {
    if (c.kind >= ConstantKind::kCount) return bad("kind " + str(static_cast<int>(c.kind)));
    if (!c.klass) return bad("no class");
    if (c.kind == ConstantKind::reference)
      return c.cp_index <= kReferenceIndexMax ? Status{}
                                              : bad("reference index " + str(c.cp_index));
    const bool has_index = c.kind == ConstantKind::pool_object;
    if (has_index ? c.cp_index == 0 || c.cp_index > kPoolIndexMax : c.cp_index != 0)
      return bad("constant-pool index " + str(c.cp_index));
    return {};
  }

  Status assumption(const Assumption& a) {
    if (a.kind >= AssumptionKind::kCount) return bad("kind " + str(static_cast<int>(a.kind)));
    if (!a.klass || !a.context_method || !a.method) return bad("class or method is 0");
    return {};
  }

  Status site(const Site& s, std::uint64_t end_of_previous) {
    if (s.kind >= SiteKind::kCount) return bad("kind " + str(static_cast<int>(s.kind)));
    if (s.target >= Target::kCount) return bad("target " + str(static_cast<int>(s.target)));
    const std::uint64_t end = std::uint64_t{s.offset} + s.size;
    if (s.size == 0 || s.size > kSiteBytesMax)
      return bad("size " + str(s.size) + ", the limit is " + str(kSiteBytesMax));
    if (end > image_.text.size())
      return bad("ends at " + str(static_cast<std::int64_t>(end)) + " in a text of " +
                 std::to_string(image_.text.size()));
    if (s.offset < end_of_previous)
      return bad("begins at " + str(s.offset) + ", before the end of the one before it");
    if (is_call(s.kind) != static_cast<bool>(s.method))
      return bad(is_call(s.kind) ? "a call without callee" : "a callee, but it is no call");
    const bool fits = s.kind == SiteKind::runtime_call
                          ? s.target == Target::uncommon_trap || is_vm_entry(s.target)
                          : s.target == Target::none;
    if (!fits)
      return bad("target " + str(static_cast<int>(s.target)) + " does not go with kind " +
                 str(static_cast<int>(s.kind)));
    JF_CHECK_OK(oops(s));
    const Status status = frames(s);
    for (const OopSlot& o : s.oops)
      oop_slots_[static_cast<std::size_t>(o.offset) / 8] = SlotUse::none;
    for (const std::int32_t offset : lock_slots_)
      oop_slots_[static_cast<std::size_t>(offset) / 8] = SlotUse::none;
    lock_slots_.clear();
    return status;
  }

  /// Marks the slots of `s.oops`; site() unmarks them.
  Status oops(const Site& s) {
    for (std::size_t i = 0; i < s.oops.size(); ++i) {
      const OopSlot& o = s.oops[i];
      JF_CHECK_IN(".oops", i, slot(o.offset, 8));
      JF_CHECK_IN(".oops", i, slot(o.base_offset, 8));
      if (o.offset == image_.deopt_rescue_offset || o.offset == image_.thread_slot_offset)
        return in(".oops", i,
                  bad("the slot at " + str(o.offset) + " is the rescue or thread slot"));
      SlotUse& use = oop_slots_[static_cast<std::size_t>(o.offset) / 8];
      if (use != SlotUse::none)
        return in(".oops", i, bad("the slot at " + str(o.offset) + " is listed twice"));
      use = o.offset == o.base_offset ? SlotUse::base : SlotUse::derived;
    }
    for (std::size_t i = 0; i < s.oops.size(); ++i)
      if (oop_slots_[static_cast<std::size_t>(s.oops[i].base_offset) / 8] != SlotUse::base)
        return in(".oops", i,
                  bad("its base at " + str(s.oops[i].base_offset) + " is not listed as an oop"));
    return {};
  }

  Status frames(const Site& s) {
    if (s.frames.empty()) return bad("no frame");
    if (s.frames.size() > kFrameDepthMax) return over("frames", s.frames.size(), kFrameDepthMax);
    if (s.frames[0].method != image_.task.method)
      return bad("the outermost frame is not of the task's method");
    for (std::size_t i = 0; i < s.frames.size(); ++i) {
      const bool innermost = i + 1 == s.frames.size();
      // Of monitor_enter: at a monitorenter the lock is taken under way, at the entry of a method
      // before its first bytecode.
      const bool either = innermost && s.target == Target::monitor_enter;
      const bool during_call = either ? s.frames[i].during_call : !innermost || is_call(s.kind);
      JF_CHECK_IN(".frames", i, frame(s.frames[i], during_call));
      if (s.frames[i].rethrows)
        JF_CHECK_IN(".frames", i,
                    rethrow(s.frames[i], innermost && s.target == Target::uncommon_trap));
    }
    return {};
  }

  Status rethrow(const Frame& f, bool may_rethrow) {
    if (!may_rethrow) return bad("rethrows, but it is not the innermost frame of a trap");
    if (f.stack.size() != 1 || f.stack[0].kind != ValueKind::object ||
        f.stack[0].place != ValuePlace::stack_slot)
      return bad("rethrows, but its stack is not one reference");
    return {};
  }

  Status frame(const Frame& f, bool during_call) {
    if (!std::ranges::binary_search(methods_, f.method))
      return bad("its method is not among the image's methods");
    if (f.bci < 0 || f.bci > kBciMax) return bad("bci " + str(f.bci));
    if (f.during_call != during_call)
      return bad(during_call ? "is inside a call, but says reexecute"
                             : "is not inside a call, but says so");
    if (f.locals.size() > kFrameValuesMax) return over(".locals", f.locals.size(), kFrameValuesMax);
    if (f.stack.size() > kFrameValuesMax) return over(".stack", f.stack.size(), kFrameValuesMax);
    JF_CHECK_OK(values(".locals", f.locals));
    JF_CHECK_OK(values(".stack", f.stack));
    if (f.locks.size() > kFrameLocksMax) return over(".locks", f.locks.size(), kFrameLocksMax);
    for (std::size_t i = 0; i < f.locks.size(); ++i) JF_CHECK_IN(".locks", i, lock(f.locks[i]));
    return {};
  }

  Status lock(const FrameLock& l) {
    JF_CHECK_OK(value(l.owner));
    if (l.owner.kind != ValueKind::object || l.owner.place != ValuePlace::stack_slot)
      return bad("its owner is no object in a stack slot");
    JF_CHECK_OK(slot(l.slot, 8));
    if (l.slot == image_.deopt_rescue_offset || l.slot == image_.thread_slot_offset)
      return bad("its slot is the rescue or thread slot");
    SlotUse& use = oop_slots_[static_cast<std::size_t>(l.slot) / 8];
    if (use != SlotUse::none) return bad("the slot at " + str(l.slot) + " has another use");
    use = SlotUse::lock;
    lock_slots_.push_back(l.slot);
    return {};
  }

  Status values(std::string_view table, const std::vector<FrameValue>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      JF_CHECK_IN(table, i, value(values[i]));
      const bool two_slots =
          values[i].kind == ValueKind::long_ || values[i].kind == ValueKind::double_;
      if (two_slots && (i + 1 == values.size() || values[i + 1].kind != ValueKind::illegal))
        return in(table, i, bad("is not followed by its illegal second half"));
    }
    return {};
  }

  Status value(const FrameValue& v) {
    if (v.kind >= ValueKind::kCount) return bad("kind " + str(static_cast<int>(v.kind)));
    if (v.place >= ValuePlace::kCount) return bad("place " + str(static_cast<int>(v.place)));
    if ((v.kind == ValueKind::illegal) != (v.place == ValuePlace::none))
      return bad("kind and place contradict each other");
    if (v.place == ValuePlace::stack_slot) {
      const bool word = v.kind == ValueKind::int_ || v.kind == ValueKind::float_;
      JF_CHECK_OK(slot(v.offset, word ? 4 : 8));
      if (v.kind == ValueKind::object &&
          !is_oop(oop_slots_[static_cast<std::size_t>(v.offset) / 8]))
        return bad("the object in the slot at " + str(v.offset) + " is not among the site's oops");
    } else if (v.place == ValuePlace::constant) {
      constexpr std::int64_t kMin = std::numeric_limits<std::int32_t>::min();
      constexpr std::int64_t kMax =
          std::numeric_limits<std::uint32_t>::max();  // a float's bits, either way extended
      if (v.kind == ValueKind::object && v.bits != 0)
        return bad("an object constant that is not null");
      if (v.kind == ValueKind::int_ && v.bits != static_cast<std::int32_t>(v.bits))
        return bad("int constant " + str(v.bits));
      if (v.kind == ValueKind::float_ && (v.bits < kMin || v.bits > kMax))
        return bad("float constant " + str(v.bits));
    }
    return {};
  }

  Status landing_pad(const Site& s) {
    if (s.landing_pad == -1) return {};
    if (!is_call(s.kind) && !is_vm_entry(s.target)) return bad("landing pad, but it is no call");
    if (s.landing_pad < 0 || static_cast<std::size_t>(s.landing_pad) >= image_.text.size())
      return bad("landing pad at " + str(s.landing_pad) + " in a text of " +
                 std::to_string(image_.text.size()));
    const auto pad = static_cast<std::uint32_t>(s.landing_pad);
    const auto after = std::ranges::upper_bound(image_.sites, pad, {}, &Site::offset);
    if (after != image_.sites.begin() && pad < std::prev(after)->offset + std::prev(after)->size &&
        pad != std::prev(after)->offset)
      return bad("landing pad at " + str(s.landing_pad) + " lies inside a site");
    return {};
  }

  Status relocations() {
    std::vector<std::pair<Range, std::size_t>> text, rodata;
    for (std::size_t i = 0; i < image_.relocations.size(); ++i) {
      const Relocation& r = image_.relocations[i];
      JF_CHECK_IN("relocations", i, relocation(r));
      const std::uint64_t size = r.kind == RelocationKind::abs64_target ? 8 : 4;
      (r.kind == RelocationKind::rel32_text_in_rodata ? rodata : text)
          .push_back({{r.offset, r.offset + size}, i});
    }
    JF_CHECK_OK(disjoint(rodata));
    JF_CHECK_OK(disjoint(text));
    auto next = image_.sites.begin();
    for (const auto& [range, i] : text) {
      while (next != image_.sites.end() && std::uint64_t{next->offset} + next->size <= range.begin)
        ++next;
      if (next != image_.sites.end() && next->offset < range.end)
        return in("relocations", i, bad("lies inside a site"));
    }
    return {};
  }

  static Status disjoint(std::vector<std::pair<Range, std::size_t>>& ranges) {
    std::ranges::sort(ranges, {}, [](const auto& r) { return r.first.begin; });
    for (std::size_t k = 1; k < ranges.size(); ++k)
      if (ranges[k].first.begin < ranges[k - 1].first.end)
        return in("relocations", ranges[k].second,
                  bad("overlaps relocations[" + std::to_string(ranges[k - 1].second) + "]"));
    return {};
  }

  Status relocation(const Relocation& r) {
    if (r.kind >= RelocationKind::kCount) return bad("kind " + str(static_cast<int>(r.kind)));
    if (r.target >= Target::kCount) return bad("target " + str(static_cast<int>(r.target)));
    const bool in_rodata = r.kind == RelocationKind::rel32_text_in_rodata;
    const std::size_t size = r.kind == RelocationKind::abs64_target ? 8 : 4;
    const std::size_t section = in_rodata ? image_.rodata.size() : image_.text.size();
    if (r.offset + size > section)
      return bad(std::to_string(size) + " bytes at " + str(r.offset) + " in " +
                 (in_rodata ? "rodata" : "text") + " of " + std::to_string(section));
    // rel32 is relative to its own place, the processor counts from the end of the instruction: -4,
    // or down to -8 with an immediate behind it.
    constexpr std::int64_t kAddendMin = -8;
    const auto text = static_cast<std::int64_t>(image_.text.size());
    const auto data = static_cast<std::int64_t>(image_.rodata.size());
    switch (r.kind) {
      case RelocationKind::rel32_target:
        if (r.target != Target::return_stub && r.target != Target::unwind_stub &&
            r.target != Target::wrong_method)
          return target(r);
        return addend(r, kAddendMin, 0);
      case RelocationKind::rel32_rodata:
        if (r.target != Target::none) return target(r);
        return addend(r, kAddendMin, data);
      case RelocationKind::rel32_text_in_rodata:  // an entry is relative to the table's start,
                                                  // which lies up to rodata before the entry
        if (r.target != Target::none) return target(r);
        return addend(r, 0, text + data);
      case RelocationKind::abs64_target:
        if (!is_c_leaf(r.target)) return target(r);
        return addend(r, 0, 0);
      case RelocationKind::rel32_cell:
        if (r.target != Target::none) return target(r);
        if (r.cell >= image_.constants.size())
          return bad("cell " + str(r.cell) + " of " + std::to_string(image_.constants.size()));
        if (r.instruction_offset >= r.offset || r.offset - r.instruction_offset > kOpcodeBytesMax)
          return bad("its instruction begins at " + str(r.instruction_offset) + ", its bytes at " +
                     str(r.offset));
        return addend(r, kAddendMin, 0);
      case RelocationKind::kCount:
        break;
    }
    return bad("kind " + str(static_cast<int>(r.kind)));
  }

  static Status target(const Relocation& r) {
    return bad("target " + str(static_cast<int>(r.target)) + " does not go with kind " +
               str(static_cast<int>(r.kind)));
  }
  static Status addend(const Relocation& r, std::int64_t min, std::int64_t max) {
    if (r.addend >= min && r.addend <= max) return {};
    return bad("addend " + str(r.addend) + " is outside " + str(min) + ".." + str(max));
  }

  enum class SlotUse : std::uint8_t { none, base, derived, lock };
  static bool is_oop(SlotUse use) { return use == SlotUse::base || use == SlotUse::derived; }

  const CodeImage& image_;
  std::vector<MethodId> methods_;         ///< sorted
  std::vector<SlotUse> oop_slots_;        ///< of the site at hand, by offset / 8
  std::vector<std::int32_t> lock_slots_;  ///< of the site at hand
};

#undef JF_CHECK_IN

}  // namespace

Status verify(const CodeImage& image) { return Verifier(image).run(); }

}  // namespace jitfarm::code
