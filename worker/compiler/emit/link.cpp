#include "worker/compiler/emit/link.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string_view>

#include "worker/compiler/emit/exception_table.h"
#include "worker/compiler/emit/machine_code.h"
#include "worker/compiler/emit/stack_map.h"
#include "worker/compiler/verify/ir_rules.h"

namespace jitfarm::worker::compiler::emit {
namespace {

using code::Bailout;
using code::BailoutReason;
using code::CodeImage;
using code::Relocation;
using code::RelocationKind;
using code::Target;
using code::ValueKind;
using code::ValuePlace;

std::unexpected<Bailout> broken(std::string detail) {
  return std::unexpected(Bailout{BailoutReason::internal_error, std::move(detail)});
}

// LLVM's stack map writes an undefined value as this constant.
constexpr std::int64_t kUndefined = static_cast<std::int32_t>(0xFEFEFEFE);

/// The index after the dot of "cell.17".
std::optional<std::uint32_t> suffix(std::string_view symbol, std::string_view prefix) {
  if (!symbol.starts_with(prefix)) return std::nullopt;
  symbol.remove_prefix(prefix.size());
  std::uint32_t index = 0;
  const auto [end, error] = std::from_chars(symbol.data(), symbol.data() + symbol.size(), index);
  if (error != std::errc{} || end != symbol.data() + symbol.size()) return std::nullopt;
  return index;
}

Target leaf(std::string_view symbol) {
  constexpr std::pair<std::string_view, Target> kStubs[] = {
      {"leaf.copy_bytes", Target::copy_bytes},   {"leaf.copy_shorts", Target::copy_shorts},
      {"leaf.copy_ints", Target::copy_ints},     {"leaf.copy_longs", Target::copy_longs},
      {"leaf.copy_references", Target::copy_references},
      {"leaf.math_sin", Target::math_sin},       {"leaf.math_cos", Target::math_cos},
      {"leaf.math_tan", Target::math_tan},       {"leaf.math_exp", Target::math_exp},
      {"leaf.math_log", Target::math_log},       {"leaf.math_log10", Target::math_log10},
      {"leaf.math_pow", Target::math_pow},
      {"leaf.time_millis", Target::time_millis}, {"leaf.time_nanos", Target::time_nanos},
      {"leaf.multiply_to_len", Target::multiply_to_len},
      {"leaf.square_to_len", Target::square_to_len},
      {"leaf.multiply_add", Target::multiply_add},
      {"leaf.montgomery_multiply", Target::montgomery_multiply},
      {"leaf.montgomery_square", Target::montgomery_square},
      {"leaf.mismatch", Target::mismatch},
      {"leaf.crc32", Target::crc32},
      {"leaf.crc32c", Target::crc32c},
      {"leaf.adler32", Target::adler32},
      {"leaf.base64_encode", Target::base64_encode}};
  for (const auto& [name, target] : kStubs)
    if (symbol == name) return target;
  if (symbol == "leaf.drem") return Target::drem;
  if (symbol == "leaf.frem") return Target::frem;
  if (symbol == "leaf.write_barrier_pre") return Target::write_barrier_pre;
  if (symbol == "leaf.write_barrier_post") return Target::write_barrier_post;
  if (symbol == "leaf.osr_migration_end") return Target::osr_migration_end;
  if (symbol == "leaf.monitor_exit") return Target::monitor_exit;
  return Target::none;
}

/// Where a tail call leaves by; "ret_stub.N".
Target shell_exit(std::string_view symbol) {
  if (symbol.starts_with("ret_stub.")) return Target::return_stub;
  if (symbol.starts_with("unwind_stub.")) return Target::unwind_stub;
  if (symbol.starts_with("wrong_method_stub.")) return Target::wrong_method;
  return Target::none;
}

class Linker {
 public:
  Linker(const Translation& translation, const facts::VmConfig& vm, ObjectCode object)
      : translation_(translation), vm_(vm), object_(std::move(object)) {}

  std::expected<CodeImage, Bailout> run(const code::CompileTask& task, const llvm::TargetMachine& machine) {
    if (object_.text.size() > code::kTextBytesMax)
      return std::unexpected(Bailout{BailoutReason::method_too_large, fmt::format("{} bytes of code", object_.text.size())});
    auto instructions = sweep(object_.text, machine);
    if (!instructions) return std::unexpected(instructions.error());
    instructions_ = std::move(*instructions);
    image_.task = task;
    image_.has_receiver = translation_.has_receiver;
    image_.constants = translation_.constants;
    image_.methods = translation_.methods;
    image_.assumptions = translation_.assumptions;
    image_.facts = translation_.facts;
    for (const ObjectRelocation& relocation : object_.relocations)
      if (auto done = relocate(relocation); !done) return std::unexpected(done.error());
    if (auto done = frame_and_sites(); !done) return std::unexpected(done.error());
    image_.text = std::move(object_.text);
    image_.rodata = std::move(object_.rodata);
    return std::move(image_);
  }

 private:
  std::expected<void, Bailout> relocate(const ObjectRelocation& raw) {
    Relocation result{.offset = raw.offset, .addend = raw.addend};
    if (raw.type == RelocationType::abs64) {
      result.target = leaf(raw.symbol);
      if (raw.in_rodata || result.target == Target::none || raw.addend != 0)
        return broken(fmt::format("an absolute address of '{}'", raw.symbol));
      result.kind = RelocationKind::abs64_target;
    } else if (raw.in_rodata) {
      if (raw.target == ObjectRelocation::Place::rodata) {
        patch(object_.rodata, raw.offset, raw.addend - raw.offset);
        return {};
      }
      if (raw.target != ObjectRelocation::Place::text)
        return broken(fmt::format("read-only data refers to '{}'", raw.symbol));
      result.kind = RelocationKind::rel32_text_in_rodata;
    } else if (raw.target == ObjectRelocation::Place::text) {
      patch(object_.text, raw.offset, raw.addend - raw.offset);
      return {};
    } else if (raw.target == ObjectRelocation::Place::rodata) {
      result.kind = RelocationKind::rel32_rodata;
    } else if (const Target exit = shell_exit(raw.symbol); exit != Target::none) {
      result.kind = RelocationKind::rel32_target;
      result.target = exit;
    } else if (auto cell = suffix(raw.symbol, "cell.")) {
      const Instruction* instruction = covering(instructions_, raw.offset);
      if (*cell >= translation_.constants.size() || instruction == nullptr)
        return broken(fmt::format("no constant for '{}'", raw.symbol));
      result.kind = RelocationKind::rel32_cell;
      result.cell = *cell;
      result.instruction_offset = instruction->offset;
    } else {
      return broken(fmt::format("undefined symbol '{}'", raw.symbol));
    }
    image_.relocations.push_back(result);
    return {};
  }

  static void patch(Bytes& bytes, std::uint32_t offset, std::int64_t value) {
    for (int i = 0; i < 4; ++i) bytes[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }

  std::expected<void, Bailout> frame_and_sites() {
    auto frame = frame_size(instructions_);
    if (!frame) return std::unexpected(frame.error());
    image_.frame_size = *frame;
    auto stack_map = read_stack_map(object_.stack_maps);
    if (!stack_map) return std::unexpected(stack_map.error());
    if (stack_map->stack_size && *stack_map->stack_size + 8 != image_.frame_size)
      return broken(fmt::format("stack map says {} bytes of frame, the prologue {}", *stack_map->stack_size + 8,
                                image_.frame_size));
    auto ranges = read_exception_table(object_.exception_table);
    if (!ranges) return std::unexpected(ranges.error());
    for (const StatepointRecord& record : stack_map->records) {
      auto site = make_site(record);
      if (!site) return std::unexpected(site.error());
      site->landing_pad = landing_pad(*ranges, record.return_offset);
      if (site->landing_pad >= 0 && !starts_instruction(site->landing_pad))
        return broken("a landing pad is inside an instruction");
      image_.sites.push_back(std::move(*site));
    }
    return {};
  }

  bool starts_instruction(std::uint32_t offset) const {
    const Instruction* instruction = covering(instructions_, offset);
    return instruction != nullptr && instruction->offset == offset;
  }

  std::expected<code::Site, Bailout> make_site(const StatepointRecord& record) {
    if (record.id >= translation_.sites.size()) return broken(fmt::format("statepoint id {}", record.id));
    const PlannedSite& plan = translation_.sites[record.id];
    code::Site site{.kind = plan.kind, .size = verify::sled_size(plan.kind, vm_), .method = plan.method, .target = plan.target};
    if (site.size == 0 || record.return_offset < site.size) return broken("a site without a sled");
    site.offset = record.return_offset - site.size;
    if (!is_sled(site.offset, site.size))
      return broken(fmt::format("no sled of {} bytes at text+{:#x}", site.size, site.offset));

    auto operand = record.deopt.begin();
    const auto take_slot = [&](std::int32_t& offset) {
      if (operand == record.deopt.end() || operand->kind != Location::Kind::address) return false;
      if (offset != -1 && offset != operand->offset) return false;
      offset = (operand++)->offset;
      return true;
    };
    if (operand == record.deopt.end() || operand->kind != Location::Kind::constant || operand->bits != 1)
      return broken("a deopt bundle does not start with 1");
    ++operand;
    if (!take_slot(image_.deopt_rescue_offset)) return broken("no rescue slot in a deopt bundle");
    if (vm_.thread_slot_required && !take_slot(image_.thread_slot_offset))
      return broken("no thread slot in a deopt bundle");
    for (const PlannedFrame& planned : plan.frames) {
      code::Frame frame{.method = planned.method, .bci = planned.bci, .during_call = planned.during_call, .rethrows = planned.rethrows};
      for (auto [kinds, values] : {std::pair(&planned.locals, &frame.locals), std::pair(&planned.stack, &frame.stack)}) {
        for (ValueKind kind : *kinds) {
          auto value = frame_value(kind, operand, record.deopt.end());
          if (!value) return std::unexpected(value.error());
          values->push_back(*value);
        }
      }
      for (std::size_t i = 0; i < planned.locks; ++i) {
        auto owner = frame_value(ValueKind::object, operand, record.deopt.end());
        if (!owner) return std::unexpected(owner.error());
        code::FrameLock& lock = frame.locks.emplace_back(code::FrameLock{.owner = *owner, .slot = -1});
        if (!take_slot(lock.slot)) return broken("no slot of a lock in a deopt bundle");
      }
      site.frames.push_back(std::move(frame));
    }
    if (operand != record.deopt.end()) return broken("a deopt bundle has more values than its frames");
    if (auto done = add_references(record, site); !done) return std::unexpected(done.error());
    return site;
  }

  bool is_sled(std::uint32_t offset, std::uint32_t size) const {
    const Instruction* instruction = covering(instructions_, offset);
    if (instruction == nullptr || instruction->offset != offset) return false;
    const Instruction* end = instructions_.data() + instructions_.size();
    while (instruction != end && instruction->offset < offset + size && instruction->kind == InstructionKind::nop)
      ++instruction;
    return instruction == end ? instructions_.back().offset + instructions_.back().size == offset + size
                              : instruction->offset == offset + size;
  }

  static std::expected<code::FrameValue, Bailout> frame_value(ValueKind kind, std::vector<Location>::const_iterator& operand,
                                                              std::vector<Location>::const_iterator end) {
    code::FrameValue value{.kind = kind};
    if (kind == ValueKind::illegal) return value;
    if (operand == end) return broken("a deopt bundle has fewer values than its frames");
    const Location& location = *operand++;
    switch (location.kind) {
      case Location::Kind::slot:
        value.place = ValuePlace::stack_slot;
        value.offset = location.offset;
        return value;
      case Location::Kind::address:
        return broken("a frame value is an address in the frame");
      case Location::Kind::constant:
        break;
    }
    value.place = ValuePlace::constant;
    value.bits = location.bits;
    if (kind == ValueKind::int_ || kind == ValueKind::float_) value.bits = static_cast<std::int32_t>(value.bits);
    if (kind == ValueKind::object && value.bits == kUndefined) value.bits = 0;  // any value will do: null
    if (kind == ValueKind::object && value.bits != 0) return broken("a reference in a frame is a number");
    return value;
  }

  std::expected<void, Bailout> add_references(const StatepointRecord& record, code::Site& site) const {
    std::map<std::int32_t, std::int32_t> base_of;  // slot -> slot of its base
    const auto add = [&](std::int32_t offset, std::int32_t base) {
      auto [entry, added] = base_of.emplace(offset, base);
      return added || entry->second == base;
    };
    for (const auto& [base, derived] : record.references) {
      // A null, or something derived from null: nothing that the collector could update, and no
      // path on which the program uses it.
      if (derived.kind == Location::Kind::constant || base.kind == Location::Kind::constant) continue;
      if (derived.kind != Location::Kind::slot || base.kind != Location::Kind::slot)
        return broken("a live reference is not in a slot");
      if (!add(derived.offset, base.offset) || !add(base.offset, base.offset))
        return broken("a slot holds a reference with two bases");
    }
    // LLVM does not count a value as live after a call that never returns. The VM reads the frame's
    // objects after such a trap has run safepoints.
    for (const code::Frame& frame : site.frames) {
      for (const auto* values : {&frame.locals, &frame.stack})
        for (const code::FrameValue& value : *values)
          if (value.kind == ValueKind::object && value.place == ValuePlace::stack_slot)
            base_of.emplace(value.offset, value.offset);
      for (const code::FrameLock& lock : frame.locks) base_of.emplace(lock.owner.offset, lock.owner.offset);
    }
    for (const auto [offset, base] : base_of) {
      if (offset > vm_.max_oop_map_stack_offset && vm_.max_oop_map_stack_offset > 0)
        return std::unexpected(Bailout{BailoutReason::frame_too_large, "a reference is beyond the reach of an oop map"});
      site.oops.push_back({.offset = offset, .base_offset = base});
    }
    return {};
  }

  const Translation& translation_;
  const facts::VmConfig& vm_;
  ObjectCode object_;
  std::vector<Instruction> instructions_;
  CodeImage image_;
};

}  // namespace

std::expected<CodeImage, Bailout> link(const code::CompileTask& task, const Translation& translation, ObjectCode object,
                                       const facts::VmConfig& vm, const llvm::TargetMachine& machine) {
  return Linker(translation, vm, std::move(object)).run(task, machine);
}

}  // namespace jitfarm::worker::compiler::emit
