#include "tests/compiler/support/sample_vm.h"

namespace jitfarm::tests::compiler {

facts::VmConfig sample_vm() {
  facts::VmConfig vm;
  vm.jdk_feature = 17;
  vm.vm_version = "17.0.15+6";
  vm.gc = facts::GcKind::g1;
  vm.use_compressed_oops = true;
  vm.narrow_oop_shift = 3;
  vm.use_compressed_class_pointers = true;
  vm.narrow_klass_base = 0x7fa5cb000000;
  vm.klass_offset = 8;
  vm.array_length_offset = 12;
  vm.array_base_primitive = 16;
  vm.array_base_long = 16;
  vm.array_base_object = 16;
  vm.thread_pending_deoptimization = 880;
  vm.thread_polling_word = 832;
  vm.thread_exception_oop = 976;
  vm.thread_exception_pc = 984;
  vm.deopt_reason_shift = 3;
  vm.deopt_action_shift = 0;
  vm.reason_null_check = 1;
  vm.reason_range_check = 3;
  vm.reason_class_check = 4;
  vm.reason_negative = 14;
  vm.reason_div0_check = 15;
  vm.reason_unresolved = 29;
  vm.action_none = 0;
  vm.action_reinterpret = 2;
  vm.action_make_not_entrant = 3;
  vm.sled_static_call = 8;
  vm.sled_virtual_call = 18;
  vm.sled_runtime_call = 5;
  vm.sled_poll = 10;
  vm.max_oop_map_stack_offset = 63196;
  vm.cpu_features = "+sse3,+ssse3,+sse4.1,+sse4.2,+popcnt,+avx,+avx2,+bmi,+bmi2,+lzcnt,+fma";
  vm.max_vector_bytes = 32;
  vm.klass_layout_helper = 8;
  vm.layout_helper_boolean_bit = 1u << 18;
  vm.klass_super_check_offset = 20;
  vm.klass_secondary_super_cache = 32;
  vm.klass_secondary_supers = 40;
  vm.klass_array_length = 0;
  vm.klass_array_data = 8;
  vm.has_vm_entries = true;
  vm.class_has_finalizer = 0x4000'0000;
  vm.thread_tlab_top = 264;
  vm.thread_tlab_end = 280;
  vm.object_alignment = 8;
  vm.initial_mark = 1;
  vm.knows_barriers = true;
  vm.card_table = 0x7f12c883a000;
  vm.card_shift = 9;
  vm.g1_young_card = 4;
  vm.g1_region_shift = 20;
  vm.g1_satb_active = 56;
  vm.g1_satb_index = 32;
  vm.g1_satb_buffer = 48;
  vm.g1_dirty_index = 64;
  vm.g1_dirty_buffer = 80;
  vm.element_klass = 224;
  vm.reason_array_check = 5;
  vm.knows_monitors = true;
  vm.has_stack_locks = true;
  vm.mark_lock_mask = 7;
  vm.mark_unlocked = 1;
  vm.mark_age_mask = 0x78;
  vm.mark_unused = 3;
  vm.throws_implicit = true;
  vm.action_maybe_recompile = 1;
  vm.reason_unreached = 2;
  vm.reason_receiver = 6;
  return vm;
}

}  // namespace jitfarm::tests::compiler
