// Where in JDK 17's metaspace structures is each field?
#pragma once
#include <cstdint>
#include <cstring>

#include "common/base/result.h"
#include "vmagent/hotspot/vm_tables.h"

namespace jitfarm::vmagent::hotspot::jdk17 {

using Address = const std::uint8_t*;

// member, type and field in gHotSpotVMStructs
#define JF_LAYOUT_FIELDS(X)                                                        \
  X(klass_layout_helper, "Klass", "_layout_helper")                                \
  X(klass_super_check_offset, "Klass", "_super_check_offset")                      \
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
  X(instance_fields, "InstanceKlass", "_fields")                                   \
  X(instance_java_fields_count, "InstanceKlass", "_java_fields_count")             \
  X(instance_constants, "InstanceKlass", "_constants")                             \
  X(instance_init_state, "InstanceKlass", "_init_state")                           \
  X(instance_misc_flags, "InstanceKlass", "_misc_flags")                           \
  X(pool_tags, "ConstantPool", "_tags")                                            \
  X(pool_cache, "ConstantPool", "_cache")                                          \
  X(pool_holder, "ConstantPool", "_pool_holder")                                   \
  X(pool_operands, "ConstantPool", "_operands")                                    \
  X(pool_resolved_klasses, "ConstantPool", "_resolved_klasses")                    \
  X(pool_length, "ConstantPool", "_length")                                        \
  X(pool_major, "ConstantPool", "_major_version")                                  \
  X(pool_minor, "ConstantPool", "_minor_version")                                  \
  X(cache_length, "ConstantPoolCache", "_length")                                  \
  X(cache_resolved_references, "ConstantPoolCache", "_resolved_references")        \
  X(cache_reference_map, "ConstantPoolCache", "_reference_map")                    \
  X(entry_indices, "ConstantPoolCacheEntry", "_indices")                           \
  X(entry_f1, "ConstantPoolCacheEntry", "_f1")                                     \
  X(entry_f2, "ConstantPoolCacheEntry", "_f2")                                     \
  X(entry_flags, "ConstantPoolCacheEntry", "_flags")                               \
  X(method_const, "Method", "_constMethod")                                        \
  X(method_data, "Method", "_method_data")                                         \
  X(method_counters, "Method", "_method_counters")                                 \
  X(method_access_flags, "Method", "_access_flags")                                \
  X(method_flags, "Method", "_flags")                                              \
  X(method_intrinsic_id, "Method", "_intrinsic_id")                                \
  X(const_constants, "ConstMethod", "_constants")                                  \
  X(const_words, "ConstMethod", "_constMethod_size")                               \
  X(const_flags, "ConstMethod", "_flags")                                          \
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
  X(size_of_cache, "ConstantPoolCache")      \
  X(size_of_entry, "ConstantPoolCacheEntry") \
  X(size_of_const, "ConstMethod")

/// Byte offsets and sizes, from libjvm's own tables. Immutable.
struct Layout {
#define X(member, type, field) std::int32_t member = 0;
  JF_LAYOUT_FIELDS(X)
#undef X
#define X(member, type) std::int32_t member = 0;
  JF_LAYOUT_SIZES(X)
#undef X

  /// Fails naming the first field, type or constant that is missing or is not what this reader was
  /// written for.
  static Result<Layout> from(const VmTables& tables);
};

// Constants that libjvm exports are compared with these in Layout::from; the others (marked *) are
// exported by no table and are proved by the self-test or can only err towards "unknown".
inline constexpr int kLayoutSlowPath = 1;
inline constexpr int kStateLinked = 2, kStateInitializing = 3, kStateInitialized = 4,
                     kStateError = 5;
inline constexpr int kMiscRewritten = 1, kMiscRedefined = 128;
inline constexpr int kConstHasCheckedExceptions = 2, kConstHasLocalVariables = 4,
                     kConstHasHandlers = 8, kConstHasGenericSignature = 16,
                     kConstHasParameters = 32, kConstIsOverpass = 64 /* * */,
                     kConstHasAnnotations = 128, kConstHasParameterAnnotations = 256,
                     kConstHasTypeAnnotations = 512, kConstHasDefaultAnnotations = 1024;
inline constexpr int kMethodDontInline = 4, kMethodForceInline = 2;
inline constexpr std::uint32_t kAccHasFinalizer = 0x4000'0000;
inline constexpr std::uint32_t kMethodIsOld = 0x1'0000,
                               kMethodIsObsolete = 0x2'0000;  // * JVM_ACC_IS_OLD, _OBSOLETE
inline constexpr int kEntryVfinal = 20, kEntryVolatile = 21, kEntryFinal = 22,
                     kEntryForcedVirtual = 23, kEntryAppendix = 24 /* * */, kEntryIsField = 26;

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

}  // namespace jitfarm::vmagent::hotspot::jdk17
