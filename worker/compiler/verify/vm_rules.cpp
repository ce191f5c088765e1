#include "worker/compiler/verify/vm_rules.h"

#include <fmt/format.h>

#include <string_view>

#include "common/code/code_image.h"

namespace jitfarm::worker::compiler::verify {
namespace {

constexpr std::int64_t kThreadFieldMax = 1 << 16;  // a JavaThread has about 1.5 KiB, its VM-specific tail less than this
constexpr std::int64_t kHeaderMax = 64;            // mark, 8-byte class word, length, padding
constexpr std::int64_t kSledMax = code::kSiteBytesMax;
constexpr std::int64_t kDirectCallMin = 5;         // call rel32
constexpr std::int64_t kVirtualCallMin = 15;       // movabs, call rel32
constexpr std::int64_t kShiftMax = 8;              // alignments up to 256 bytes

constexpr std::int64_t kAlignmentMax = 256;       // of objects
constexpr std::int64_t kCardShiftMax = 12;         // cards of up to 4 KiB
constexpr std::int64_t kCardMax = 255;             // a byte
constexpr std::int64_t kRegionShiftMax = 35;       // regions of up to 32 GiB

constexpr std::int64_t kWordShiftMax = 31;
constexpr std::int64_t kMarkShiftMax = 63;

struct Rule {
  std::string_view name;
  std::int64_t value;
  std::int64_t min;
  std::int64_t max;
};

}  // namespace

std::expected<void, code::Bailout> check_vm(const facts::VmConfig& vm) {
  const Rule rules[] = {
      {"gc", static_cast<std::int64_t>(vm.gc), 0, static_cast<std::int64_t>(facts::GcKind::unsupported) - 1},
      {"narrow_oop_shift", vm.narrow_oop_shift, 0, kShiftMax},
      {"narrow_klass_shift", vm.narrow_klass_shift, 0, kShiftMax},
      {"klass_offset", vm.klass_offset, 0, kHeaderMax},
      {"array_length_offset", vm.array_length_offset, 4, kHeaderMax},
      {"array_base_primitive", vm.array_base_primitive, 8, kHeaderMax},
      {"array_base_long", vm.array_base_long, 8, kHeaderMax},
      {"array_base_object", vm.array_base_object, 8, kHeaderMax},
      {"thread_pending_deoptimization", vm.thread_pending_deoptimization, 0, kThreadFieldMax},
      {"thread_polling_word", vm.thread_polling_word, 0, kThreadFieldMax},
      {"thread_exception_oop", vm.thread_exception_oop, 0, kThreadFieldMax},
      {"thread_exception_pc", vm.thread_exception_pc, 0, kThreadFieldMax},
      {"klass_layout_helper", vm.klass_layout_helper, 0, kThreadFieldMax},
      {"klass_super_check_offset", vm.klass_super_check_offset, 1, kThreadFieldMax},
      {"klass_secondary_super_cache", vm.klass_secondary_super_cache, 1, kThreadFieldMax},
      {"klass_secondary_supers", vm.klass_secondary_supers, 1, kThreadFieldMax},
      {"klass_array_length", vm.klass_array_length, 0, kHeaderMax},
      {"klass_array_data", vm.klass_array_data, 4, kHeaderMax},
      {"thread_tlab_top", vm.thread_tlab_top, 0, kThreadFieldMax},
      {"thread_tlab_end", vm.thread_tlab_end, 0, kThreadFieldMax},
      {"object_alignment", vm.object_alignment, 0, kAlignmentMax},
      {"klass_prototype_header", vm.klass_prototype_header, 0, kThreadFieldMax},
      {"card_shift", vm.card_shift, 0, kCardShiftMax},
      {"dirty_card", vm.dirty_card, 0, kCardMax},
      {"g1_young_card", vm.g1_young_card, 0, kCardMax},
      {"g1_region_shift", vm.g1_region_shift, 0, kRegionShiftMax},
      {"g1_satb_active", vm.g1_satb_active, 0, kThreadFieldMax},
      {"g1_satb_index", vm.g1_satb_index, 0, kThreadFieldMax},
      {"g1_satb_buffer", vm.g1_satb_buffer, 0, kThreadFieldMax},
      {"g1_dirty_index", vm.g1_dirty_index, 0, kThreadFieldMax},
      {"g1_dirty_buffer", vm.g1_dirty_buffer, 0, kThreadFieldMax},
      {"element_klass", vm.element_klass, 0, kThreadFieldMax},
      {"mark_offset", vm.mark_offset, 0, kHeaderMax},
      {"klass_java_mirror", vm.klass_java_mirror, 0, kThreadFieldMax},
      {"mirror_klass", vm.mirror_klass, 0, kThreadFieldMax},
      {"klass_access_flags", vm.klass_access_flags, 0, kThreadFieldMax},
      {"klass_modifier_flags", vm.klass_modifier_flags, 0, kThreadFieldMax},
      {"layout_helper_tag_shift", vm.layout_helper_tag_shift, 0, kWordShiftMax},
      {"layout_helper_header_shift", vm.layout_helper_header_shift, 0, kWordShiftMax},
      {"thread_object", vm.thread_object, 0, kThreadFieldMax},
      {"mark_hash_shift", vm.mark_hash_shift, 0, kMarkShiftMax},
      {"referent_offset", vm.referent_offset, 0, kThreadFieldMax},
      {"klass_init_state", vm.klass_init_state, 0, kThreadFieldMax},
      {"klass_init_thread", vm.klass_init_thread, 0, kThreadFieldMax},
      {"thread_posts_exceptions", vm.thread_posts_exceptions, 0, kThreadFieldMax},
      {"init_state_done", vm.init_state_done, 0, kCardMax},
      {"sled_static_call", vm.sled_static_call, kDirectCallMin, kSledMax},
      {"sled_virtual_call", vm.sled_virtual_call, kVirtualCallMin, kSledMax},
      {"sled_runtime_call", vm.sled_runtime_call, kDirectCallMin, kSledMax},
      {"sled_poll", vm.sled_poll, kDirectCallMin, kSledMax},
  };
  for (const Rule& rule : rules)
    if (rule.value < rule.min || rule.value > rule.max)
      return std::unexpected(code::Bailout{
          code::BailoutReason::malformed_bytecode,
          fmt::format("vm_config.{} is {}, outside {}..{}", rule.name, rule.value, rule.min, rule.max)});
  return {};
}

}  // namespace jitfarm::worker::compiler::verify
