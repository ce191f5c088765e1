#include "vmagent/hotspot/jdk25/layout25.h"

#include <string>

#include "vmagent/hotspot/jdk25/dialect25.h"

namespace jitfarm::vmagent::hotspot::jdk25 {
namespace {

using namespace metaspace;

constexpr Expected kExpected[] = {
    {"InstanceKlass::being_initialized", kStateInitializing},
    {"ConstMethodFlags::_misc_has_checked_exceptions", kConstHasCheckedExceptions},
    {"ConstMethodFlags::_misc_has_localvariable_table", kConstHasLocalVariables},
    {"ConstMethodFlags::_misc_has_exception_table", kConstHasHandlers},
    {"ConstMethodFlags::_misc_has_generic_signature", kConstHasGenericSignature},
    {"ConstMethodFlags::_misc_has_method_parameters", kConstHasParameters},
    {"ConstMethodFlags::_misc_has_method_annotations", kConstHasAnnotations},
    {"ConstMethodFlags::_misc_has_parameter_annotations", kConstHasParameterAnnotations},
    {"ConstMethodFlags::_misc_has_type_annotations", kConstHasTypeAnnotations},
    {"ConstMethodFlags::_misc_has_default_annotations", kConstHasDefaultAnnotations},
};
constexpr std::uint32_t kDontInline = 4096, kHasFinalizer = 4, kIsOverpass = kConstIsOverpass;
constexpr Expected kConfigured[] = {
    {"MethodFlags::_misc_dont_inline", kDontInline},
    {"KlassFlags::_misc_has_finalizer", kHasFinalizer},
    {"ConstMethodFlags::_misc_is_overpass", kIsOverpass},
};
// Exported by no table: bits of InstanceKlassFlags, whose status byte follows two bytes of flags, and
// of MethodFlags.
constexpr std::uint32_t kRewritten = 1, kRedefined = 4;
constexpr std::int32_t kStatusBehindFlags = 2;
constexpr std::uint32_t kIsOld = 4, kIsObsolete = 8;

}  // namespace

Result<Layout> read_layout(const VmTables& tables, const Configuration& config) {
  JF_TRY(Layout layout, Layout::from(tables));
  JF_CHECK_OK(check_constants(tables, kExpected));
  for (const auto& [name, value] : kConfigured) {
    JF_TRY(const std::int64_t actual, config.constant(name));
    if (actual != value)
      return fail(Errc::vm_unsupported, std::string(name) + " is " + std::to_string(actual));
  }
  JF_TRY(layout.const_flags, config.offset("ConstMethod::_flags._flags"));
  JF_TRY(const std::int32_t klass_flags, config.offset("Klass::_misc_flags._flags"));
  JF_TRY(const std::int32_t misc_flags, config.offset("InstanceKlass::_misc_flags._flags"));
  JF_TRY(const std::int32_t method_status, config.offset("Method::_flags._status"));
  layout.has_finalizer = {klass_flags, 1, kHasFinalizer};
  layout.is_rewritten = {misc_flags, 2, kRewritten};
  layout.is_redefined = {misc_flags + kStatusBehindFlags, 1, kRedefined};
  layout.is_old = {method_status, 4, kIsOld | kIsObsolete};
  layout.dont_inline = {method_status, 4, kDontInline};
  JF_TRY(layout.dialect, Dialect25::from(tables));
  return layout;
}

}  // namespace jitfarm::vmagent::hotspot::jdk25
