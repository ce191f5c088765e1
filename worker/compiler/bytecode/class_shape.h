// What is in a class? Reads the canonical bytes of docs/reference/class-shape.md.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "worker/compiler/bytecode/checked.h"

namespace jitfarm::worker::compiler::bytecode {

enum class PoolTag : std::uint8_t {
  unusable = 0,
  utf8 = 1,
  integer = 3,
  float_ = 4,
  long_ = 5,
  double_ = 6,
  class_ = 7,
  string = 8,
  field = 9,
  method = 10,
  interface_method = 11,
  name_and_type = 12,
  method_handle = 15,
  method_type = 16,
  dynamic = 17,
  invoke_dynamic = 18,
  module = 19,
  package = 20,
};

struct PoolEntry {
  PoolTag tag = PoolTag::unusable;
  std::uint16_t first = 0;   ///< class index, name index, bootstrap number, or reference kind
  std::uint16_t second = 0;  ///< name-and-type index, descriptor index, or reference index
  std::uint64_t bits = 0;    ///< integer, float, long, double
  std::string_view text;     ///< utf8, string
};

/// A field, method or interface method entry, followed to its texts.
struct MemberRef {
  std::string_view holder;
  std::string_view name;
  std::string_view descriptor;
};

struct ExceptionHandler {
  std::uint16_t start = 0;
  std::uint16_t end = 0;  ///< exclusive
  std::uint16_t handler = 0;
  std::uint16_t catch_type = 0;  ///< 0: any
};

struct MethodShape {
  std::uint16_t access_flags = 0;
  std::string_view name;
  std::string_view descriptor;
  std::uint16_t max_stack = 0;
  std::uint16_t max_locals = 0;
  ByteView code;  ///< empty: native or abstract
  std::vector<ExceptionHandler> handlers;
};

/// Views into the bytes it was parsed from, which must outlive it. Every index that an accessor
/// follows was checked.
class ClassShape {
 public:
  static Checked<ClassShape> parse(ByteView bytes);

  std::string_view name() const { return name_; }
  std::string_view super() const { return super_; }
  std::uint16_t access_flags() const { return access_flags_; }
  const std::vector<MethodShape>& methods() const { return methods_; }
  const MethodShape* find_method(std::string_view name, std::string_view descriptor) const;

  /// Null when `index` is not an index of the pool.
  const PoolEntry* entry(std::uint32_t index) const {
    return index > 0 && index < pool_.size() ? &pool_[index] : nullptr;
  }
  /// Nothing unless the entry is of that kind.
  std::optional<std::string_view> class_name(std::uint32_t index) const;
  std::optional<MemberRef> member(std::uint32_t index) const;
  /// Descriptor of a Dynamic or InvokeDynamic entry.
  std::optional<std::string_view> dynamic_descriptor(std::uint32_t index) const;

 private:
  class Reader;

  std::optional<std::string_view> utf8(std::uint32_t index) const;

  std::string_view name_;
  std::string_view super_;
  std::uint16_t access_flags_ = 0;
  std::vector<PoolEntry> pool_;
  std::vector<MethodShape> methods_;
};

}  // namespace jitfarm::worker::compiler::bytecode
