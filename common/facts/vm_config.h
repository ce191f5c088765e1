// Which VM is it? Everything about a client's VM that is constant for its process.
#pragma once
#include <cstdint>
#include <string>

#include "common/wire/describe.h"

namespace jitfarm::facts {

enum class GcKind : std::uint8_t { serial, parallel, g1, unsupported };
constexpr bool is_valid(GcKind gc) { return gc <= GcKind::unsupported; }

/// Numbers of the VM that the compiler needs. Offsets in bytes. Filled by the agent's adapter of that
/// JDK from `CompilerToVM.readConfiguration` and libjvm's gHotSpotVMStructs; never guessed.
/// The compiler knows a VM by nothing else: no JDK version is ever compared outside vmagent/hotspot.
struct VmConfig {
  std::uint32_t jdk_feature = 0;      // for logs only
  std::string vm_version;             // for logs only
  GcKind gc = GcKind::unsupported;
  bool use_compressed_oops = false;
  std::uint64_t narrow_oop_base = 0;
  std::uint32_t narrow_oop_shift = 0;
  bool use_compressed_class_pointers = false;
  std::uint64_t narrow_klass_base = 0;
  std::uint32_t narrow_klass_shift = 0;
  std::int32_t klass_offset = 0;            // oopDesc::_metadata
  std::int32_t array_length_offset = 0;     // arrayOopDesc::length_offset_in_bytes
  std::int32_t array_base_primitive = 0;    // arrayOopDesc::base_offset_in_bytes(T_BYTE..T_DOUBLE but T_LONG, T_DOUBLE)
  std::int32_t array_base_long = 0;         // same for T_LONG, T_DOUBLE
  std::int32_t array_base_object = 0;       // same for T_OBJECT
  std::int32_t thread_pending_deoptimization = 0;
  std::int32_t thread_polling_word = 0;
  std::int32_t thread_exception_oop = 0;
  std::int32_t thread_exception_pc = 0;
  std::uint32_t deopt_reason_shift = 0;     // Deoptimization::_reason_shift
  std::uint32_t deopt_action_shift = 0;     // Deoptimization::_action_shift
  std::uint32_t reason_null_check = 0;      // Deoptimization::Reason_*
  std::uint32_t reason_range_check = 0;
  std::uint32_t reason_div0_check = 0;
  std::uint32_t reason_negative = 0;        // Reason_none's neighbour used for other implicit checks
  std::uint32_t reason_unresolved = 0;
  std::uint32_t reason_class_check = 0;
  std::uint32_t action_none = 0;            // Deoptimization::Action_*
  std::uint32_t action_reinterpret = 0;
  std::uint32_t action_make_not_entrant = 0;
  std::uint32_t sled_static_call = 0;       // bytes to reserve at a call of each kind (statepoint patch bytes)
  std::uint32_t sled_virtual_call = 0;
  std::uint32_t sled_runtime_call = 0;
  std::uint32_t sled_poll = 0;
  bool thread_slot_required = false;        // reload the thread register after Java calls (JDK 21+)
  std::int32_t max_oop_map_stack_offset = 0;  // CompilerToVM::Data::_max_oop_map_stack_offset
  std::string cpu_features;                 // LLVM feature string of the client's CPU, e.g. "+avx2,+bmi2"
  std::uint32_t max_vector_bytes = 0;       // MaxVectorSize: wider registers are not used
  std::int32_t klass_layout_helper = 0;     // Klass::_layout_helper
  std::uint32_t layout_helper_boolean_bit = 0;  // set in the layout helper of boolean[], clear in byte[]'s
  std::int32_t klass_super_check_offset = 0;    // Klass::_super_check_offset
  std::int32_t klass_secondary_super_cache = 0; // Klass::_secondary_super_cache
  std::int32_t klass_secondary_supers = 0;      // Klass::_secondary_supers, an Array<Klass*>*
  std::int32_t klass_array_length = 0;          // Array<Klass*>::_length
  std::int32_t klass_array_data = 0;            // Array<Klass*>::_data
  // Making objects. Without VM entries nothing is allocated.
  bool has_vm_entries = false;              // the agent has stubs for code::Target's VM entries
  std::int32_t thread_tlab_top = 0;         // Thread::_tlab + ThreadLocalAllocBuffer::_top; 0: objects come from the VM only
  std::int32_t thread_tlab_end = 0;
  std::uint32_t object_alignment = 0;       // flag ObjectAlignmentInBytes
  std::uint64_t initial_mark = 0;           // markWord::prototype()
  std::int32_t klass_prototype_header = 0;  // Klass::_prototype_header with UseBiasedLocking; 0: instances get initial_mark, as arrays do
  // Storing references. Without knows_barriers none is stored.
  bool knows_barriers = false;
  std::uint64_t card_table = 0;             // CardTable::_byte_map_base: card of an address = card_table + (address >> card_shift)
  std::uint32_t card_shift = 0;
  std::uint32_t dirty_card = 0;
  std::uint32_t g1_young_card = 0;          // G1CardTable::g1_young_gen
  std::uint32_t g1_region_shift = 0;        // HeapRegion::LogOfHRGrainBytes
  std::int32_t g1_satb_active = 0;          // in JavaThread, these five
  std::int32_t g1_satb_index = 0;
  std::int32_t g1_satb_buffer = 0;
  std::int32_t g1_dirty_index = 0;
  std::int32_t g1_dirty_buffer = 0;
  std::int32_t element_klass = 0;           // ObjArrayKlass::_element_klass
  std::uint32_t reason_array_check = 0;     // Deoptimization::Reason_array_check
  // Locking objects. Without knows_monitors nothing is locked.
  bool knows_monitors = false;
  bool has_stack_locks = false;             // an object is locked by the address of a BasicLock in its mark word; else by the VM only
  std::int32_t mark_offset = 0;             // oopDesc::_mark
  std::uint64_t mark_lock_mask = 0;         // markWord::lock_mask_in_place and the bit of biased objects
  std::uint64_t mark_unlocked = 0;          // under that mask: markWord::unlocked_value
  std::uint64_t mark_biased = 0;            // under that mask: markWord::biased_lock_pattern; 0: no object is biased
  std::uint64_t mark_age_mask = 0;          // markWord::age_mask_in_place
  std::uint64_t mark_unused = 0;            // of a BasicLock whose object is not locked by it: markWord::unused_mark()
  // Speculating: by-bytecode reasons of the VM that mean nothing else. 0: nothing is speculated.
  std::uint32_t reason_unreached = 0;       // Deoptimization::Reason_unreached0
  std::uint32_t reason_receiver = 0;        // Deoptimization::Reason_type_checked_inlining
  bool throws_implicit = false;             // code::Target::throw_implicit is there
  std::uint32_t action_maybe_recompile = 0; // Deoptimization::Action_maybe_recompile
  // Intrinsics. What is not known here stays a call.
  bool knows_mirrors = false;               // the four below, and the layout helper's
  std::int32_t klass_java_mirror = 0;       // Klass::_java_mirror, the address of a slot with the class' mirror
  std::int32_t mirror_klass = 0;            // java_lang_Class::_klass_offset; null there: the mirror of a primitive type
  std::int32_t klass_access_flags = 0;      // Klass::_access_flags
  std::int32_t klass_modifier_flags = 0;    // Klass::_modifier_flags, what Class.getModifiers says
  std::uint32_t layout_helper_tag_shift = 0;    // an array's layout helper >> this (signed) tells what elements it has
  std::int32_t layout_helper_tag_objects = 0;   // Klass::_lh_array_tag_obj_value
  std::int32_t layout_helper_tag_primitives = 0;  // Klass::_lh_array_tag_type_value
  std::uint32_t layout_helper_header_shift = 0; // (layout helper >> this) & mask: offset of an array's first element
  std::uint32_t layout_helper_header_mask = 0;
  std::uint32_t layout_helper_size_mask = 0;    // layout helper & mask: log2 of the size of an element
  std::int32_t thread_object = 0;           // JavaThread::_threadObj, the address of a slot with the thread's object; 0: not known
  std::uint32_t mark_hash_shift = 0;        // markWord::hash_shift
  std::uint64_t mark_hash_mask = 0;         // markWord::hash_mask; 0: not known
  std::int32_t referent_offset = 0;         // of java.lang.ref.Reference.referent, which the collector may be about to clear; 0: not known
  bool has_array_copies = false;            // the agent has code::Target's array copies
  bool has_math_stubs = false;              // the same for sin to pow: what the interpreter calls
  bool has_clocks = false;                  // the same for System.currentTimeMillis and nanoTime
  // Classes whose initialiser runs. Without knows_class_init only the interpreter uses them.
  bool knows_class_init = false;
  std::int32_t klass_init_state = 0;        // InstanceKlass::_init_state, a byte
  std::int32_t klass_init_thread = 0;       // InstanceKlass::_init_thread, the JavaThread that runs the initialiser
  std::uint32_t init_state_done = 0;        // InstanceKlass::fully_initialized
  std::uint32_t class_has_finalizer = 0;    // in klass_access_flags; the agent has the entry that registers. 0: not known
  // Debuggers, as they announced themselves when the VM started.
  bool may_post_exceptions = false;         // JvmtiExport::can_post_on_exceptions: somebody may want to see every exception
  std::int32_t thread_posts_exceptions = 0; // JavaThread::_should_post_on_exceptions_flag, an int: somebody does; 0: not known, take it for set
  bool keeps_locals = false;                // JvmtiExport::can_access_local_variables: somebody may read locals that the code reads no more
  std::uint64_t array_stubs = 0;            // which stubs over arrays the agent has: code::array_stub_bit
  bool calls_intrinsics = false;            // the user switched intrinsics off, some or all: code calls them

  static constexpr auto kRecord = wire::record(
      "vm_config", "What is constant for one client VM process.",
      wire::field("jdk_feature", &VmConfig::jdk_feature, "feature release, for logs only"),
      wire::field("vm_version", &VmConfig::vm_version, "java.vm.version, for logs only"),
      wire::field("gc", &VmConfig::gc, "collector"),
      wire::field("use_compressed_oops", &VmConfig::use_compressed_oops, "UseCompressedOops"),
      wire::field("narrow_oop_base", &VmConfig::narrow_oop_base, "CompressedOops::base"),
      wire::field("narrow_oop_shift", &VmConfig::narrow_oop_shift, "CompressedOops::shift"),
      wire::field("use_compressed_class_pointers", &VmConfig::use_compressed_class_pointers, "UseCompressedClassPointers"),
      wire::field("narrow_klass_base", &VmConfig::narrow_klass_base, "CompressedKlassPointers::base"),
      wire::field("narrow_klass_shift", &VmConfig::narrow_klass_shift, "CompressedKlassPointers::shift"),
      wire::field("klass_offset", &VmConfig::klass_offset, "of the klass word in an object"),
      wire::field("array_length_offset", &VmConfig::array_length_offset, "of the length in an array"),
      wire::field("array_base_primitive", &VmConfig::array_base_primitive, "of element 0, 1 to 4 byte elements"),
      wire::field("array_base_long", &VmConfig::array_base_long, "of element 0, 8 byte primitive elements"),
      wire::field("array_base_object", &VmConfig::array_base_object, "of element 0, reference elements"),
      wire::field("thread_pending_deoptimization", &VmConfig::thread_pending_deoptimization, "in JavaThread"),
      wire::field("thread_polling_word", &VmConfig::thread_polling_word, "in JavaThread"),
      wire::field("thread_exception_oop", &VmConfig::thread_exception_oop, "in JavaThread"),
      wire::field("thread_exception_pc", &VmConfig::thread_exception_pc, "in JavaThread"),
      wire::field("deopt_reason_shift", &VmConfig::deopt_reason_shift, "bits"),
      wire::field("deopt_action_shift", &VmConfig::deopt_action_shift, "bits"),
      wire::field("reason_null_check", &VmConfig::reason_null_check, "Deoptimization::DeoptReason"),
      wire::field("reason_range_check", &VmConfig::reason_range_check, "Deoptimization::DeoptReason"),
      wire::field("reason_div0_check", &VmConfig::reason_div0_check, "Deoptimization::DeoptReason"),
      wire::field("reason_negative", &VmConfig::reason_negative, "Deoptimization::DeoptReason for other implicit checks"),
      wire::field("reason_unresolved", &VmConfig::reason_unresolved, "Deoptimization::DeoptReason"),
      wire::field("reason_class_check", &VmConfig::reason_class_check, "Deoptimization::DeoptReason"),
      wire::field("action_none", &VmConfig::action_none, "Deoptimization::DeoptAction"),
      wire::field("action_reinterpret", &VmConfig::action_reinterpret, "Deoptimization::DeoptAction"),
      wire::field("action_make_not_entrant", &VmConfig::action_make_not_entrant, "Deoptimization::DeoptAction"),
      wire::field("sled_static_call", &VmConfig::sled_static_call, "patchable bytes of a direct call"),
      wire::field("sled_virtual_call", &VmConfig::sled_virtual_call, "patchable bytes of an inline-cache call"),
      wire::field("sled_runtime_call", &VmConfig::sled_runtime_call, "patchable bytes of a call into the VM"),
      wire::field("sled_poll", &VmConfig::sled_poll, "patchable bytes of a loop safepoint poll"),
      wire::field("thread_slot_required", &VmConfig::thread_slot_required, "thread register is re-read after Java calls"),
      wire::field("max_oop_map_stack_offset", &VmConfig::max_oop_map_stack_offset, "largest stack offset in an oop map"),
      wire::field("cpu_features", &VmConfig::cpu_features, "LLVM target features"),
      wire::field("max_vector_bytes", &VmConfig::max_vector_bytes, "widest vector register in use"),
      wire::field("klass_layout_helper", &VmConfig::klass_layout_helper, "of the layout helper in a Klass"),
      wire::field("layout_helper_boolean_bit", &VmConfig::layout_helper_boolean_bit,
                  "layout helper bit that tells boolean[] from byte[]: 4 << Klass::_lh_element_type_shift"),
      wire::field("klass_super_check_offset", &VmConfig::klass_super_check_offset, "Klass::_super_check_offset"),
      wire::field("klass_secondary_super_cache", &VmConfig::klass_secondary_super_cache, "Klass::_secondary_super_cache"),
      wire::field("klass_secondary_supers", &VmConfig::klass_secondary_supers, "Klass::_secondary_supers"),
      wire::field("klass_array_length", &VmConfig::klass_array_length, "Array<Klass*>::_length"),
      wire::field("klass_array_data", &VmConfig::klass_array_data, "Array<Klass*>::_data"),
      wire::field("has_vm_entries", &VmConfig::has_vm_entries, "the agent has stubs for the VM entries"),
      wire::field("thread_tlab_top", &VmConfig::thread_tlab_top, "in JavaThread; 0: objects come from the VM only"),
      wire::field("thread_tlab_end", &VmConfig::thread_tlab_end, "in JavaThread"),
      wire::field("object_alignment", &VmConfig::object_alignment, "ObjectAlignmentInBytes"),
      wire::field("initial_mark", &VmConfig::initial_mark, "mark word of a new object"),
      wire::field("klass_prototype_header", &VmConfig::klass_prototype_header,
                  "of the mark word of new instances in a Klass, with UseBiasedLocking; 0: initial_mark"),
      wire::field("knows_barriers", &VmConfig::knows_barriers, "references may be stored"),
      wire::field("card_table", &VmConfig::card_table, "card of address 0"),
      wire::field("card_shift", &VmConfig::card_shift, "of an address, for its card"),
      wire::field("dirty_card", &VmConfig::dirty_card, "value of a card"),
      wire::field("g1_young_card", &VmConfig::g1_young_card, "value of a card"),
      wire::field("g1_region_shift", &VmConfig::g1_region_shift, "of an address, for its region"),
      wire::field("g1_satb_active", &VmConfig::g1_satb_active, "in JavaThread"),
      wire::field("g1_satb_index", &VmConfig::g1_satb_index, "in JavaThread"),
      wire::field("g1_satb_buffer", &VmConfig::g1_satb_buffer, "in JavaThread"),
      wire::field("g1_dirty_index", &VmConfig::g1_dirty_index, "in JavaThread"),
      wire::field("g1_dirty_buffer", &VmConfig::g1_dirty_buffer, "in JavaThread"),
      wire::field("element_klass", &VmConfig::element_klass, "ObjArrayKlass::_element_klass"),
      wire::field("reason_array_check", &VmConfig::reason_array_check, "Deoptimization::DeoptReason"),
      wire::field("knows_monitors", &VmConfig::knows_monitors, "objects may be locked"),
      wire::field("has_stack_locks", &VmConfig::has_stack_locks, "objects may be locked without the VM"),
      wire::field("mark_offset", &VmConfig::mark_offset, "of the mark word in an object"),
      wire::field("mark_lock_mask", &VmConfig::mark_lock_mask, "bits of a mark word that say how its object is locked"),
      wire::field("mark_unlocked", &VmConfig::mark_unlocked, "these bits of an object that is not locked"),
      wire::field("mark_biased", &VmConfig::mark_biased, "these bits of a biased object; 0: there are none"),
      wire::field("mark_age_mask", &VmConfig::mark_age_mask, "bits of the age in a mark word"),
      wire::field("mark_unused", &VmConfig::mark_unused, "in a BasicLock that does not hold its object's header"),
      wire::field("reason_unreached", &VmConfig::reason_unreached, "Deoptimization::DeoptReason of code that never ran; 0: none"),
      wire::field("reason_receiver", &VmConfig::reason_receiver, "Deoptimization::DeoptReason of a receiver of another class; 0: none"),
      wire::field("throws_implicit", &VmConfig::throws_implicit, "compiled code may let the VM throw implicit exceptions"),
      wire::field("action_maybe_recompile", &VmConfig::action_maybe_recompile, "Deoptimization::DeoptAction"),
      wire::field("knows_mirrors", &VmConfig::knows_mirrors, "the next ten are known"),
      wire::field("klass_java_mirror", &VmConfig::klass_java_mirror, "in a Klass: address of a slot with its mirror"),
      wire::field("mirror_klass", &VmConfig::mirror_klass, "in a java.lang.Class: its Klass, null for primitive types"),
      wire::field("klass_access_flags", &VmConfig::klass_access_flags, "in a Klass"),
      wire::field("klass_modifier_flags", &VmConfig::klass_modifier_flags, "in a Klass: Class.getModifiers"),
      wire::field("layout_helper_tag_shift", &VmConfig::layout_helper_tag_shift, "of an array class' layout helper, signed"),
      wire::field("layout_helper_tag_objects", &VmConfig::layout_helper_tag_objects, "the tag of arrays of references"),
      wire::field("layout_helper_tag_primitives", &VmConfig::layout_helper_tag_primitives, "the tag of other arrays"),
      wire::field("layout_helper_header_shift", &VmConfig::layout_helper_header_shift, "for the offset of an array's first element"),
      wire::field("layout_helper_header_mask", &VmConfig::layout_helper_header_mask, "after that shift"),
      wire::field("layout_helper_size_mask", &VmConfig::layout_helper_size_mask, "for log2 of the size of an element"),
      wire::field("thread_object", &VmConfig::thread_object, "in JavaThread: address of a slot with its object; 0: not known"),
      wire::field("mark_hash_shift", &VmConfig::mark_hash_shift, "of the hash in a mark word"),
      wire::field("mark_hash_mask", &VmConfig::mark_hash_mask, "after that shift; 0: not known"),
      wire::field("referent_offset", &VmConfig::referent_offset, "of Reference.referent; 0: not known"),
      wire::field("has_array_copies", &VmConfig::has_array_copies, "the agent has the VM's copies of arrays"),
      wire::field("has_math_stubs", &VmConfig::has_math_stubs, "the agent has the VM's sin, cos, tan, exp, log, log10, pow"),
      wire::field("has_clocks", &VmConfig::has_clocks, "the agent has the VM's clocks"),
      wire::field("knows_class_init", &VmConfig::knows_class_init, "the next three are known"),
      wire::field("klass_init_state", &VmConfig::klass_init_state, "in an InstanceKlass, a byte"),
      wire::field("klass_init_thread", &VmConfig::klass_init_thread, "in an InstanceKlass: the JavaThread that initialises it"),
      wire::field("init_state_done", &VmConfig::init_state_done, "the state of an initialised class"),
      wire::field("class_has_finalizer", &VmConfig::class_has_finalizer, "in the access flags of a Klass whose objects have a finalizer"),
      wire::field("may_post_exceptions", &VmConfig::may_post_exceptions, "a debugger may ask for exceptions"),
      wire::field("thread_posts_exceptions", &VmConfig::thread_posts_exceptions, "in JavaThread: an int, not 0 when one does; 0: not known"),
      wire::field("keeps_locals", &VmConfig::keeps_locals, "a debugger may read dead locals"),
      wire::field("array_stubs", &VmConfig::array_stubs, "a bit for each of code::Target's stubs over arrays that the agent has"),
      wire::field("calls_intrinsics", &VmConfig::calls_intrinsics, "the user switched intrinsics off: code calls them"));
};

}  // namespace jitfarm::facts
