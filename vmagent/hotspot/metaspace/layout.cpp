#include "vmagent/hotspot/metaspace/layout.h"

#include <string>

namespace jitfarm::vmagent::hotspot::metaspace {

Status check_constants(const VmTables& tables, std::span<const Expected> expected) {
  for (const auto& [name, value] : expected) {
    JF_TRY(const std::int64_t actual, tables.constant(name));
    if (actual != value)
      return fail(Errc::vm_unsupported, std::string(name) + " is " + std::to_string(actual) +
                                            ", this reader was proved with " +
                                            std::to_string(value));
  }
  return {};
}

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
  constexpr Expected kExpected[] = {
      {"Klass::_lh_instance_slow_path_bit", kLayoutSlowPath},
      {"InstanceKlass::linked", kStateLinked},
      {"InstanceKlass::fully_initialized", kStateInitialized},
      {"InstanceKlass::initialization_error", kStateError},
  };
  JF_CHECK_OK(check_constants(tables, kExpected));
  // The readers step by these: an array of another shape is another VM.
  if (layout.array_bytes != 4 || layout.array_shorts != 4 || layout.array_pointers != 8 ||
      layout.array_length != 0)
    return fail(Errc::vm_unsupported, "an array of metaspace has another layout");
  return layout;
}

}  // namespace jitfarm::vmagent::hotspot::metaspace
