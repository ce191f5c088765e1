// How does JDK 17 write down fields, and what the constant pool's cache knows?
//
// Several cache entries may belong to one constant (invokespecial of an interface method has its
// own): the one that is resolved for the opcode answers.
#pragma once
#include "vmagent/hotspot/metaspace/dialect.h"
#include "vmagent/hotspot/vm_tables.h"

namespace jitfarm::vmagent::hotspot::jdk17 {

class Dialect17 final : public metaspace::Dialect {
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
  /// A ConstantPoolCacheEntry at one moment.
  struct Entry {
    int pool_index = 0;
    int bytecode_1 = 0;  ///< set last by the VM once resolved for getfield, getstatic,
                         ///< invokestatic/special/interface/handle
    int bytecode_2 = 0;  ///< same for putfield, putstatic, invokevirtual
    metaspace::Address f1 = nullptr;
    std::uint64_t f2 = 0;
    std::uint64_t flags = 0;
    bool flag(int shift) const { return (flags >> shift & 1) != 0; }
  };
  int length(metaspace::Address cache) const;
  metaspace::Address at(metaspace::Address cache, int index) const;  ///< null out of range
  std::optional<Entry> entry(metaspace::Address cache, int index) const;
  template <class F>
  std::optional<Entry> find(const metaspace::PoolView& pool, int index, F accept) const;

  std::int32_t instance_fields_ = 0, instance_java_fields_count_ = 0;
  std::int32_t cache_length_ = 0, size_of_cache_ = 0, size_of_entry_ = 0;
  std::int32_t entry_indices_ = 0, entry_f1_ = 0, entry_f2_ = 0, entry_flags_ = 0;
};

}  // namespace jitfarm::vmagent::hotspot::jdk17
