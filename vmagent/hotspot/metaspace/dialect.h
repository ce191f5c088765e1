// What do JDKs write down differently? The fields of a class, and what its constant pool's cache
// knows.
//
// Everything comes from state that the VM has published; nothing is resolved by looking. A read that
// does not fit is "unknown", never an access.
#pragma once
#include <optional>
#include <vector>

#include "vmagent/hotspot/metaspace/layout.h"

namespace jitfarm::vmagent::hotspot::metaspace {

class ClassView;
class PoolView;

struct FieldRow {
  std::uint32_t flags = 0;  ///< JVMS 4.5, and what the VM adds above
  int name = 0;             ///< constant-pool indices
  int descriptor = 0;
  int constant_value = 0;              ///< 0: none
  std::optional<std::int32_t> offset;  ///< none: not laid out
};

struct ResolvedField {
  Address holder = nullptr;
  std::uint64_t offset = 0;
  bool is_volatile = false;
  bool is_final = false;
};

struct ResolvedCall {
  enum class Kind {
    direct,      ///< `method`
    dispatched,  ///< slot `index` of the vtable of the class that the constant names
    linked,      ///< `method` is an adapter that the VM linked; `index` of its appendix
  };
  Kind kind = Kind::direct;
  Address method = nullptr;
  std::uint64_t index = 0;
  bool has_appendix = false;
  int pool_index = 0;
};

/// Immutable, any thread.
class Dialect {
 public:
  virtual ~Dialect() = default;

  /// Those of the class file, in its order; nullopt: the memory contradicts itself.
  virtual std::optional<std::vector<FieldRow>> fields(const ClassView& klass) const = 0;
  /// Of the second of two fields that the VM has added to the class file's; nullopt: there are not
  /// just two. ResolvedMethodName has vmholder and vmtarget, in this order (RESOLVEDMETHOD_INJECTED_FIELDS
  /// of JDK 17 and 25).
  virtual std::optional<std::int32_t> injected_offset(const ClassView& klass) const = 0;

  /// Constant-pool index that stands behind the operand of a rewritten field access or invoke, as
  /// it lies in memory; -1: none.
  virtual int pool_index(const PoolView& pool, std::uint8_t opcode, std::int32_t operand) const = 0;

  // nullopt: not resolved for this opcode.
  virtual std::optional<ResolvedField> field(const PoolView& pool, int index, int opcode) const = 0;
  virtual std::optional<ResolvedCall> call(const PoolView& pool, int index, int opcode) const = 0;
  /// Of the invokedynamic with this rewritten operand.
  virtual std::optional<ResolvedCall> call_site(const PoolView& pool,
                                                std::int32_t operand) const = 0;
};

}  // namespace jitfarm::vmagent::hotspot::metaspace
