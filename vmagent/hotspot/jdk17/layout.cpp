#include "vmagent/hotspot/jdk17/layout.h"

#include <string>

namespace jitfarm::vmagent::hotspot::jdk17 {

Result<Layout> Layout::from(const VmTables& tables) {
  Layout layout;
#define X(member, type, field)                         \
  {                                                    \
    JF_TRY(layout.member, tables.offset(type, field)); \
  }
  JF_LAYOUT_FIELDS(X)
#undef X
#define X(member, type)                          \
  {                                              \
    JF_TRY(layout.member, tables.size_of(type)); \
  }
  JF_LAYOUT_SIZES(X)
#undef X

  const struct {
    const char* name;
    std::int64_t value;
  } expected[] = {
      {"Klass::_lh_instance_slow_path_bit", kLayoutSlowPath},
      {"InstanceKlass::linked", kStateLinked},
      {"InstanceKlass::fully_initialized", kStateInitialized},
      {"InstanceKlass::initialization_error", kStateError},
      {"InstanceKlass::_misc_rewritten", kMiscRewritten},
      {"InstanceKlass::_misc_has_been_redefined", kMiscRedefined},
      {"ConstMethod::_has_checked_exceptions", kConstHasCheckedExceptions},
      {"ConstMethod::_has_localvariable_table", kConstHasLocalVariables},
      {"ConstMethod::_has_exception_table", kConstHasHandlers},
      {"ConstMethod::_has_generic_signature", kConstHasGenericSignature},
      {"ConstMethod::_has_method_parameters", kConstHasParameters},
      {"ConstMethod::_has_method_annotations", kConstHasAnnotations},
      {"ConstMethod::_has_parameter_annotations", kConstHasParameterAnnotations},
      {"ConstMethod::_has_type_annotations", kConstHasTypeAnnotations},
      {"ConstMethod::_has_default_annotations", kConstHasDefaultAnnotations},
      {"JVM_ACC_HAS_FINALIZER", kAccHasFinalizer},
      {"Method::_force_inline", kMethodForceInline},
      {"Method::_dont_inline", kMethodDontInline},
      {"ConstantPoolCacheEntry::is_vfinal_shift", kEntryVfinal},
      {"ConstantPoolCacheEntry::is_volatile_shift", kEntryVolatile},
      {"ConstantPoolCacheEntry::is_final_shift", kEntryFinal},
      {"ConstantPoolCacheEntry::is_forced_virtual_shift", kEntryForcedVirtual},
      {"ConstantPoolCacheEntry::is_field_entry_shift", kEntryIsField},
  };
  for (const auto& [name, value] : expected) {
    JF_TRY(const std::int64_t actual, tables.constant(name));
    if (actual != value)
      return fail(Errc::vm_unsupported, std::string(name) + " is " + std::to_string(actual) +
                                            ", this reader was proved with " +
                                            std::to_string(value));
  }
  // The readers step by these: an entry of another shape is another VM.
  if (layout.size_of_entry != 32 || layout.entry_indices != 0 || layout.array_bytes != 4 ||
      layout.array_shorts != 4 || layout.array_pointers != 8 || layout.array_length != 0)
    return fail(Errc::vm_unsupported, "a constant-pool cache entry or an array has another layout");
  return layout;
}

}  // namespace jitfarm::vmagent::hotspot::jdk17
