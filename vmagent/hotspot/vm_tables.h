// What does libjvm itself say about its structures? The tables it exports for the serviceability
// agent.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace jitfarm::vmagent::hotspot {

/// gHotSpotVMStructs, Types, IntConstants and LongConstants of the running libjvm, sorted for
/// lookup. The names point into libjvm, which is never unloaded. Immutable after load(), any
/// thread. Cost: about 0.3 ms once.
class VmTables {
 public:
  /// `libjvm`: handle of dlopen. Fails with vm_unsupported and the name of the symbol that is
  /// missing or the table that does not look like one.
  static Result<VmTables> load(void* libjvm);

  /// Bytes from the start of a `type`; fails naming "type::field" when the VM has no such instance
  /// field.
  Result<std::int32_t> offset(std::string_view type, std::string_view field) const;
  /// Address of a static field.
  Result<const void*> address(std::string_view type, std::string_view field) const;
  Result<std::int32_t> size_of(std::string_view type) const;
  /// Value of an exported constant, "InstanceKlass::linked".
  Result<std::int64_t> constant(std::string_view name) const;

  std::size_t fields() const { return fields_.size(); }

 private:
  struct Field {
    std::string_view type, name;
    bool is_static;
    std::uint64_t offset;
    const void* address;
  };
  struct Named {
    std::string_view name;
    std::int64_t value;
  };
  const Field* find(std::string_view type, std::string_view field) const;

  std::vector<Field> fields_;
  std::vector<Named> types_;
  std::vector<Named> constants_;
};

}  // namespace jitfarm::vmagent::hotspot
