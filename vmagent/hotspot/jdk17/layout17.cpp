#include "vmagent/hotspot/jdk17/layout17.h"

#include "vmagent/hotspot/jdk17/dialect17.h"

namespace jitfarm::vmagent::hotspot::jdk17 {
namespace {

using namespace metaspace;

constexpr std::uint32_t kMiscRewritten = 1, kMiscRedefined = 128;
constexpr std::uint32_t kDontInline = 4;
constexpr std::uint32_t kAccHasFinalizer = 0x4000'0000;
// JVM_ACC_IS_OLD, _OBSOLETE: exported by no table.
constexpr std::uint32_t kAccIsOld = 0x1'0000, kAccIsObsolete = 0x2'0000;

constexpr Expected kExpected[] = {
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
    {"Method::_dont_inline", kDontInline},
};

}  // namespace

Result<Layout> read_layout(const VmTables& tables) {
  JF_TRY(Layout layout, Layout::from(tables));
  JF_CHECK_OK(check_constants(tables, kExpected));
  JF_TRY(layout.const_flags, tables.offset("ConstMethod", "_flags"));
  JF_TRY(const std::int32_t misc_flags, tables.offset("InstanceKlass", "_misc_flags"));
  JF_TRY(const std::int32_t method_flags, tables.offset("Method", "_flags"));
  layout.has_finalizer = {layout.klass_access_flags, 4, kAccHasFinalizer};
  layout.is_rewritten = {misc_flags, 2, kMiscRewritten};
  layout.is_redefined = {misc_flags, 2, kMiscRedefined};
  layout.is_old = {layout.method_access_flags, 4, kAccIsOld | kAccIsObsolete};
  layout.dont_inline = {method_flags, 2, kDontInline};
  JF_TRY(layout.dialect, Dialect17::from(tables));
  return layout;
}

}  // namespace jitfarm::vmagent::hotspot::jdk17
