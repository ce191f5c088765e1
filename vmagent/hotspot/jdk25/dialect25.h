// How does JDK 25 write down fields, and what the constant pool's cache knows?
//
// Fields are a stream of numbers of one to five bytes; the cache has an array each for fields,
// methods and invokedynamic instructions. The layouts of their elements are exported by no table but
// for their sizes and one field each: those are compared, and the self-test and what is read (names
// of methods, classes of fields) prove the rest.
#pragma once
#include "vmagent/hotspot/metaspace/dialect.h"
#include "vmagent/hotspot/metaspace/views.h"
#include "vmagent/hotspot/vm_tables.h"

namespace jitfarm::vmagent::hotspot::jdk25 {

class Dialect25 final : public metaspace::Dialect {
 public:
  static Result<std::shared_ptr<const metaspace::Dialect>> from(const VmTables& tables);

  std::optional<std::vector<metaspace::FieldRow>> fields(
      const metaspace::ClassView& klass) const override;
  std::optional<std::int32_t> injected_offset(const metaspace::ClassView& klass) const override;
  int pool_index(const metaspace::PoolView& pool, std::uint8_t opcode,
                 std::int32_t operand) const override;
  std::optional<metaspace::ResolvedField> field(const metaspace::PoolView& pool, int index,
                                                int opcode) const override;
  std::optional<metaspace::ResolvedCall> call(const metaspace::PoolView& pool, int index,
                                              int opcode) const override;
  std::optional<metaspace::ResolvedCall> call_site(const metaspace::PoolView& pool,
                                                   std::int32_t operand) const override;

 private:
  /// One of the cache's three arrays.
  struct Entries {
    std::int32_t at_cache = 0;  ///< offset of the pointer to it
    std::int32_t bytes = 0;     ///< of an element
    std::int32_t pool_index = 0;
  };
  static Result<Entries> entries(const VmTables& tables, const char* field, const char* type,
                                 std::int32_t bytes, std::int32_t pool_index);
  metaspace::Address at(const metaspace::PoolView& pool, const Entries& entries, int index) const;
  template <class F>
  metaspace::Address find(const metaspace::PoolView& pool, const Entries& entries, int index,
                          F accept) const;

  std::int32_t instance_fieldinfo_ = 0;
  Entries fields_, methods_, call_sites_;
};

}  // namespace jitfarm::vmagent::hotspot::jdk25
