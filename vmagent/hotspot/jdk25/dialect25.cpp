#include "vmagent/hotspot/jdk25/dialect25.h"

#include <algorithm>
#include <string>

#include "vmagent/hotspot/jdk25/number_stream.h"
#include "vmagent/hotspot/metaspace/opcodes.h"

namespace jitfarm::vmagent::hotspot::jdk25 {
namespace {

using namespace metaspace;

// FieldInfo::FieldFlags: which numbers follow, and the VM's own fields.
constexpr std::uint32_t kFieldInitialized = 1, kFieldInjected = 2, kFieldGeneric = 4,
                        kFieldContended = 16, kFieldFlagsKnown = 31;
constexpr std::uint32_t kFieldsMax = 65'535;  // of a class file; the VM adds a few

// ResolvedFieldEntry
namespace field_entry {
constexpr std::int32_t kBytes = 24, kHolder = 0, kOffset = 8, kPoolIndex = 14, kFlags = 17,
                       kGetCode = 18, kPutCode = 19;
constexpr int kVolatile = 1, kFinal = 2;
}  // namespace field_entry

// ResolvedMethodEntry
namespace method_entry {
constexpr std::int32_t kBytes = 24, kMethod = 0, kIndex = 8, kPoolIndex = 16, kFlags = 21,
                       kCode1 = 22, kCode2 = 23;
constexpr int kVfinal = 1, kForcedVirtual = 4, kAppendix = 8;
}  // namespace method_entry

// ResolvedIndyEntry
namespace indy_entry {
constexpr std::int32_t kBytes = 16, kMethod = 0, kReference = 8, kPoolIndex = 10, kFlags = 15;
constexpr int kAppendix = 2;
}  // namespace indy_entry

/// The next field of the stream. Returns kFieldInjected for one of the VM's own, 0 for others, -1 when
/// it is no field.
template <class Stream>
std::int64_t next_field(Stream& stream, FieldRow& row) {
  row.name = static_cast<int>(stream.next() & 0xffff);
  row.descriptor = static_cast<int>(stream.next() & 0xffff);
  const std::uint32_t offset = stream.next();
  row.flags = stream.next();
  const std::uint32_t vm_flags = stream.next();
  if ((vm_flags & ~kFieldFlagsKnown) != 0) return -1;
  if (offset != 0 && offset <= INT32_MAX) row.offset = static_cast<std::int32_t>(offset);
  if ((vm_flags & kFieldInitialized) != 0)
    row.constant_value = static_cast<int>(stream.next() & 0xffff);
  if ((vm_flags & kFieldGeneric) != 0) static_cast<void>(stream.next());
  if ((vm_flags & kFieldContended) != 0) static_cast<void>(stream.next());
  return stream.failed() ? -1 : vm_flags & kFieldInjected;
}

}  // namespace

Result<Dialect25::Entries> Dialect25::entries(const VmTables& tables, const char* field,
                                              const char* type, std::int32_t bytes,
                                              std::int32_t pool_index) {
  Entries e{.bytes = bytes, .pool_index = pool_index};
  JF_TRY(e.at_cache, tables.offset("ConstantPoolCache", field));
  JF_TRY(const std::int32_t actual_bytes, tables.size_of(type));
  JF_TRY(const std::int32_t actual_index, tables.offset(type, "_cpool_index"));
  if (actual_bytes != bytes || actual_index != pool_index)
    return fail(Errc::vm_unsupported, std::string(type) + " has another layout");
  return e;
}

Result<std::shared_ptr<const Dialect>> Dialect25::from(const VmTables& tables) {
  auto dialect = std::make_shared<Dialect25>();
  JF_TRY(dialect->instance_fieldinfo_, tables.offset("InstanceKlass", "_fieldinfo_stream"));
  JF_TRY(dialect->fields_, entries(tables, "_resolved_field_entries", "ResolvedFieldEntry",
                                   field_entry::kBytes, field_entry::kPoolIndex));
  JF_TRY(dialect->methods_, entries(tables, "_resolved_method_entries", "ResolvedMethodEntry",
                                    method_entry::kBytes, method_entry::kPoolIndex));
  JF_TRY(dialect->call_sites_, entries(tables, "_resolved_indy_entries", "ResolvedIndyEntry",
                                       indy_entry::kBytes, indy_entry::kPoolIndex));
  return dialect;
}

std::optional<std::vector<FieldRow>> Dialect25::fields(const ClassView& klass) const {
  const ArrayView bytes(klass.layout(), load<Address>(klass.address(), instance_fieldinfo_));
  NumberStream stream([&](int i) { return bytes.u1(i); }, bytes.length());
  const std::uint32_t count = stream.next();
  static_cast<void>(stream.next());  // fields that the VM has injected come behind those of the file
  if (stream.failed() || count > kFieldsMax) return std::nullopt;
  std::vector<FieldRow> rows(std::min<std::size_t>(count, static_cast<std::size_t>(bytes.length())));
  if (rows.size() != count) return std::nullopt;
  for (FieldRow& row : rows)
    if (next_field(stream, row) != 0) return std::nullopt;
  return rows;
}

std::optional<std::int32_t> Dialect25::injected_offset(const ClassView& klass) const {
  const ArrayView bytes(klass.layout(), load<Address>(klass.address(), instance_fieldinfo_));
  NumberStream stream([&](int i) { return bytes.u1(i); }, bytes.length());
  const std::uint32_t count = stream.next();
  if (stream.next() != 2 || stream.failed() || count > kFieldsMax) return std::nullopt;
  FieldRow row;
  for (std::uint32_t i = 0; i < count; ++i)
    if (next_field(stream, row) != 0) return std::nullopt;
  for (int i = 0; i < 2; ++i) {
    row = {};
    if (next_field(stream, row) != kFieldInjected) return std::nullopt;
  }
  return row.offset;
}

Address Dialect25::at(const PoolView& pool, const Entries& entries, int index) const {
  if (pool.cache() == nullptr) return nullptr;
  const auto array = load_acquire<Address>(pool.cache(), entries.at_cache);
  if (index < 0 || index >= ArrayView(pool.layout(), array).length()) return nullptr;
  return array + pool.layout().array_pointers + entries.bytes * static_cast<std::ptrdiff_t>(index);
}

/// First element of the constant that `accept`s; there are few hundred at most.
template <class F>
Address Dialect25::find(const PoolView& pool, const Entries& entries, int index, F accept) const {
  for (int i = 0;; ++i) {
    const Address found = at(pool, entries, i);
    if (found == nullptr) return nullptr;
    if (load<std::uint16_t>(found, entries.pool_index) == index && accept(found)) return found;
  }
}

int Dialect25::pool_index(const PoolView& pool, std::uint8_t opcode, std::int32_t operand) const {
  const Entries& entries = opcode == kOpInvokedynamic  ? call_sites_
                           : opcode < kOpInvokevirtual ? fields_
                                                       : methods_;
  const Address found = at(pool, entries, operand);
  return found == nullptr ? -1 : load<std::uint16_t>(found, entries.pool_index);
}

std::optional<ResolvedField> Dialect25::field(const PoolView& pool, int index, int opcode) const {
  using namespace field_entry;
  const bool is_put = opcode == kOpPutfield || opcode == kOpPutstatic;
  // The VM writes the bytecode last.
  const Address found = find(pool, fields_, index, [&](Address e) {
    return load_acquire<std::uint8_t>(e, is_put ? kPutCode : kGetCode) == opcode;
  });
  if (found == nullptr) return std::nullopt;
  const int flags = load<std::uint8_t>(found, kFlags);
  return ResolvedField{.holder = load<Address>(found, kHolder),
                       .offset = load<std::uint32_t>(found, kOffset),
                       .is_volatile = (flags & kVolatile) != 0,
                       .is_final = (flags & kFinal) != 0};
}

std::optional<ResolvedCall> Dialect25::call(const PoolView& pool, int index, int opcode) const {
  using namespace method_entry;
  const auto code_1 = [](Address e) { return load_acquire<std::uint8_t>(e, kCode1); };
  const auto code_2 = [](Address e) { return load_acquire<std::uint8_t>(e, kCode2); };
  const auto flag = [](Address e, int bit) { return (load<std::uint8_t>(e, kFlags) & bit) != 0; };
  const auto direct = [](Address e) {
    return ResolvedCall{.method = load_acquire<Address>(e, kMethod)};
  };
  const auto through_table = [](Address e) {
    return ResolvedCall{.kind = ResolvedCall::Kind::dispatched,
                        .index = load<std::uint16_t>(e, kIndex)};
  };
  switch (opcode) {
    case kOpInvokestatic:
    case kOpInvokespecial: {
      const Address e = find(pool, methods_, index, [&](Address x) { return code_1(x) == opcode; });
      if (e == nullptr) return std::nullopt;
      return direct(e);
    }
    case kOpInvokevirtual: {
      const Address e = find(pool, methods_, index, [&](Address x) {
        return code_2(x) == kOpInvokevirtual || code_1(x) == kOpInvokehandle;
      });
      if (e == nullptr) return std::nullopt;
      if (code_1(e) == kOpInvokehandle)
        return ResolvedCall{.kind = ResolvedCall::Kind::linked,
                            .method = load_acquire<Address>(e, kMethod),
                            .index = load<std::uint16_t>(e, kIndex),
                            .has_appendix = flag(e, kAppendix)};
      return flag(e, kVfinal) ? direct(e) : through_table(e);
    }
    case kOpInvokeinterface: {
      const Address e = find(pool, methods_, index, [&](Address x) {
        return code_1(x) == kOpInvokeinterface ||
               (code_2(x) == kOpInvokevirtual && flag(x, kForcedVirtual));
      });
      if (e == nullptr) return std::nullopt;
      return code_1(e) == kOpInvokeinterface || flag(e, kVfinal) ? direct(e) : through_table(e);
    }
    default:
      return std::nullopt;
  }
}

std::optional<ResolvedCall> Dialect25::call_site(const PoolView& pool, std::int32_t operand) const {
  using namespace indy_entry;
  const Address found = at(pool, call_sites_, operand);
  if (found == nullptr) return std::nullopt;
  // The VM writes the method last.
  const auto method = load_acquire<Address>(found, kMethod);
  if (method == nullptr) return std::nullopt;
  return ResolvedCall{.kind = ResolvedCall::Kind::linked,
                      .method = method,
                      .index = load<std::uint16_t>(found, kReference),
                      .has_appendix = (load<std::uint8_t>(found, kFlags) & kAppendix) != 0,
                      .pool_index = load<std::uint16_t>(found, kPoolIndex)};
}

}  // namespace jitfarm::vmagent::hotspot::jdk25
