// Where in metaspace is each field? What all supported JDKs have, and a Dialect for the rest.
#pragma once
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

#include "common/base/result.h"
#include "vmagent/hotspot/vm_tables.h"

namespace jitfarm::vmagent::hotspot::metaspace {

using Address = const std::uint8_t*;

// member, type and field in gHotSpotVMStructs
#define JF_LAYOUT_FIELDS(X)                                                        \
  X(klass_layout_helper, "Klass", "_layout_helper")                                \
  X(klass_super_check_offset, "Klass", "_super_check_offset")                      \
  X(klass_secondary_super_cache, "Klass", "_secondary_super_cache")                \
  X(klass_secondary_supers, "Klass", "_secondary_supers")                          \
  X(klass_name, "Klass", "_name")                                                  \
  X(klass_super, "Klass", "_super")                                                \
  X(klass_loader_data, "Klass", "_class_loader_data")                              \
  X(klass_access_flags, "Klass", "_access_flags")                                  \
  X(klass_vtable_length, "Klass", "_vtable_len")                                   \
  X(klass_java_mirror, "Klass", "_java_mirror")                                    \
  X(klass_next_link, "Klass", "_next_link")                                        \
  X(instance_array_klasses, "InstanceKlass", "_array_klasses")                     \
  X(array_higher_dimension, "ArrayKlass", "_higher_dimension")                     \
  X(array_bottom_class, "ObjArrayKlass", "_bottom_klass")                          \
  X(loader_klasses, "ClassLoaderData", "_klasses")                                 \
  X(instance_methods, "InstanceKlass", "_methods")                                 \
  X(instance_local_interfaces, "InstanceKlass", "_local_interfaces")               \
  X(instance_constants, "InstanceKlass", "_constants")                             \
  X(instance_init_state, "InstanceKlass", "_init_state")                           \
  X(pool_tags, "ConstantPool", "_tags")                                            \
  X(pool_cache, "ConstantPool", "_cache")                                          \
  X(pool_holder, "ConstantPool", "_pool_holder")                                   \
  X(pool_operands, "ConstantPool", "_operands")                                    \
  X(pool_resolved_klasses, "ConstantPool", "_resolved_klasses")                    \
  X(pool_length, "ConstantPool", "_length")                                        \
  X(pool_major, "ConstantPool", "_major_version")                                  \
  X(pool_minor, "ConstantPool", "_minor_version")                                  \
  X(cache_resolved_references, "ConstantPoolCache", "_resolved_references")        \
  X(cache_reference_map, "ConstantPoolCache", "_reference_map")                    \
  X(method_const, "Method", "_constMethod")                                        \
  X(method_data, "Method", "_method_data")                                         \
  X(method_counters, "Method", "_method_counters")                                 \
  X(method_access_flags, "Method", "_access_flags")                                \
  X(method_intrinsic_id, "Method", "_intrinsic_id")                                \
  X(const_constants, "ConstMethod", "_constants")                                  \
  X(const_words, "ConstMethod", "_constMethod_size")                               \
  X(const_code_size, "ConstMethod", "_code_size")                                  \
  X(const_name_index, "ConstMethod", "_name_index")                                \
  X(const_signature_index, "ConstMethod", "_signature_index")                      \
  X(const_max_stack, "ConstMethod", "_max_stack")                                  \
  X(const_max_locals, "ConstMethod", "_max_locals")                                \
  X(profile_method, "MethodData", "_method")                                       \
  X(profile_trap_history, "MethodData", "_compiler_counters._trap_hist._array[0]") \
  X(profile_data_size, "MethodData", "_data_size")                                 \
  X(profile_data, "MethodData", "_data[0]")                                        \
  X(profile_tenure_traps, "MethodData", "_tenure_traps")                           \
  X(counters_invocation, "MethodCounters", "_invocation_counter")                  \
  X(counters_backedge, "MethodCounters", "_backedge_counter")                      \
  X(counters_breakpoints, "MethodCounters", "_number_of_breakpoints")              \
  X(symbol_length, "Symbol", "_length")                                            \
  X(symbol_body, "Symbol", "_body[0]")                                             \
  X(array_length, "Array<int>", "_length")                                         \
  X(array_bytes, "Array<u1>", "_data")                                             \
  X(array_shorts, "Array<u2>", "_data")                                            \
  X(array_pointers, "Array<Klass*>", "_data")

// member, type in gHotSpotVMTypes
#define JF_LAYOUT_SIZES(X)                   \
  X(size_of_instance_klass, "InstanceKlass") \
  X(size_of_pool, "ConstantPool")            \
  X(size_of_const, "ConstMethod")

class Dialect;

/// Some bits of a number of 1, 2 or 4 bytes.
struct Bits {
  std::int32_t offset = 0;
  std::uint8_t bytes = 0;
  std::uint32_t mask = 0;
  /// Whether one of them is set; `object` is what the offset counts from.
  bool in(Address object) const;
};

/// Byte offsets and sizes. Immutable once its JDK's room has made it.
struct Layout {
#define X(member, type, field) std::int32_t member = 0;
  JF_LAYOUT_FIELDS(X)
#undef X
#define X(member, type) std::int32_t member = 0;
  JF_LAYOUT_SIZES(X)
#undef X
  // Where the VM keeps flags of its own: each JDK has its places and names for them.
  std::int32_t const_flags = 0;  ///< ConstMethod, two bytes
  Bits has_finalizer;            ///< Klass
  Bits is_rewritten;             ///< InstanceKlass
  Bits is_redefined;             ///< InstanceKlass
  Bits is_old;                   ///< Method, replaced by a redefinition
  Bits dont_inline;              ///< Method
  std::shared_ptr<const Dialect> dialect;

  /// The fields and sizes; the flags and the dialect are the JDK's own. Fails naming the first
  /// field, type or constant that is missing or is not what this reader was written for.
  static Result<Layout> from(const VmTables& tables);
};

/// Constants of the VM as this reader was written for.
struct Expected {
  const char* name;
  std::int64_t value;
};
/// vm_unsupported names the first that libjvm does not have or has another value for.
Status check_constants(const VmTables& tables, std::span<const Expected> expected);

// Constants that libjvm exports are compared with these; the others (marked *) are exported by no
// table and are proved by the self-test or can only err towards "unknown".
inline constexpr int kLayoutSlowPath = 1;
inline constexpr int kStateLinked = 2, kStateInitializing = 3 /* * */, kStateInitialized = 4,
                     kStateError = 5;
inline constexpr int kConstHasCheckedExceptions = 2, kConstHasLocalVariables = 4,
                     kConstHasHandlers = 8, kConstHasGenericSignature = 16,
                     kConstHasParameters = 32, kConstIsOverpass = 64 /* * */,
                     kConstHasAnnotations = 128, kConstHasParameterAnnotations = 256,
                     kConstHasTypeAnnotations = 512, kConstHasDefaultAnnotations = 1024;

// The VM writes while we read: every read is a single load that the compiler neither splits nor
// repeats.
template <class T>
T load(Address at, std::int32_t offset) {
  return __atomic_load_n(reinterpret_cast<const T*>(at + offset), __ATOMIC_RELAXED);
}
template <class T>
T load_acquire(Address at, std::int32_t offset) {
  return __atomic_load_n(reinterpret_cast<const T*>(at + offset), __ATOMIC_ACQUIRE);
}

inline bool Bits::in(Address object) const {
  const std::uint32_t value = bytes == 1   ? load<std::uint8_t>(object, offset)
                              : bytes == 2 ? load<std::uint16_t>(object, offset)
                                           : load<std::uint32_t>(object, offset);
  return (value & mask) != 0;
}

}  // namespace jitfarm::vmagent::hotspot::metaspace
