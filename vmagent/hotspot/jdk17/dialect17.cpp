#include "vmagent/hotspot/jdk17/dialect17.h"

#include "vmagent/hotspot/metaspace/opcodes.h"
#include "vmagent/hotspot/metaspace/views.h"

namespace jitfarm::vmagent::hotspot::jdk17 {
namespace {

using namespace metaspace;

constexpr int kEntryVfinal = 20, kEntryVolatile = 21, kEntryFinal = 22, kEntryForcedVirtual = 23,
              kEntryAppendix = 24 /* exported by no table */, kEntryIsField = 26;
constexpr Expected kExpected[] = {
    {"ConstantPoolCacheEntry::is_vfinal_shift", kEntryVfinal},
    {"ConstantPoolCacheEntry::is_volatile_shift", kEntryVolatile},
    {"ConstantPoolCacheEntry::is_final_shift", kEntryFinal},
    {"ConstantPoolCacheEntry::is_forced_virtual_shift", kEntryForcedVirtual},
    {"ConstantPoolCacheEntry::is_field_entry_shift", kEntryIsField},
};
constexpr int kEntriesMax = 1 << 20;

int pool_index_of(std::uint64_t indices) { return static_cast<int>(indices & 0xffff); }

ResolvedCall direct(Address method) { return {.method = method}; }

// A field: flags, name, descriptor, constant value, offset low and high.
constexpr int kWords = 6;
constexpr std::uint32_t kInjected = 0x400;  // FieldInfo's JVM_ACC_FIELD_INTERNAL

/// nullopt: not laid out.
std::optional<std::int32_t> field_offset(const ArrayView& words, int row) {
  constexpr std::uint32_t kTagMask = 3, kTagOffset = 1, kTagBits = 2;
  const std::uint32_t packed = words.u2(row + 4) | std::uint32_t{words.u2(row + 5)} << 16;
  if ((packed & kTagMask) != kTagOffset) return std::nullopt;
  return static_cast<std::int32_t>(packed >> kTagBits);
}

}  // namespace

Result<std::shared_ptr<const Dialect>> Dialect17::from(const VmTables& tables) {
  JF_CHECK_OK(check_constants(tables, kExpected));
  auto dialect = std::make_shared<Dialect17>();
  JF_TRY(dialect->instance_fields_, tables.offset("InstanceKlass", "_fields"));
  JF_TRY(dialect->instance_java_fields_count_,
         tables.offset("InstanceKlass", "_java_fields_count"));
  JF_TRY(dialect->cache_length_, tables.offset("ConstantPoolCache", "_length"));
  JF_TRY(dialect->size_of_cache_, tables.size_of("ConstantPoolCache"));
  JF_TRY(dialect->size_of_entry_, tables.size_of("ConstantPoolCacheEntry"));
  JF_TRY(dialect->entry_indices_, tables.offset("ConstantPoolCacheEntry", "_indices"));
  JF_TRY(dialect->entry_f1_, tables.offset("ConstantPoolCacheEntry", "_f1"));
  JF_TRY(dialect->entry_f2_, tables.offset("ConstantPoolCacheEntry", "_f2"));
  JF_TRY(dialect->entry_flags_, tables.offset("ConstantPoolCacheEntry", "_flags"));
  // An entry of another shape is another VM.
  if (dialect->size_of_entry_ != 32 || dialect->entry_indices_ != 0)
    return fail(Errc::vm_unsupported, "a constant-pool cache entry has another layout");
  return dialect;
}

std::optional<std::vector<FieldRow>> Dialect17::fields(const ClassView& klass) const {
  const ArrayView words(klass.layout(), load<Address>(klass.address(), instance_fields_));
  const int count = load<std::uint16_t>(klass.address(), instance_java_fields_count_);
  if (kWords * count > words.length()) return std::nullopt;
  std::vector<FieldRow> rows(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    FieldRow& row = rows[static_cast<std::size_t>(i)];
    const int at = i * kWords;
    row.flags = words.u2(at);
    row.name = words.u2(at + 1);
    row.descriptor = words.u2(at + 2);
    row.constant_value = words.u2(at + 3);
    row.offset = field_offset(words, at);
  }
  return rows;
}

/// Those that the VM has added come behind those of the file, and before their generic signatures.
std::optional<std::int32_t> Dialect17::injected_offset(const ClassView& klass) const {
  const ArrayView words(klass.layout(), load<Address>(klass.address(), instance_fields_));
  const int count = load<std::uint16_t>(klass.address(), instance_java_fields_count_);
  const int first = kWords * count;
  // At most each of the file's has a signature, one word.
  const int last = first + kWords;
  const int behind = words.length() - last - kWords;
  if (behind < 0 || behind > count || (words.u2(first) & kInjected) == 0 ||
      (words.u2(last) & kInjected) == 0)
    return std::nullopt;
  return field_offset(words, last);
}

int Dialect17::length(Address cache) const {
  const int n = cache == nullptr ? 0 : load<std::int32_t>(cache, cache_length_);
  return n < 0 || n > kEntriesMax ? 0 : n;
}

Address Dialect17::at(Address cache, int index) const {
  if (index < 0 || index >= length(cache)) return nullptr;
  return cache + size_of_cache_ + size_of_entry_ * static_cast<std::ptrdiff_t>(index);
}

std::optional<Dialect17::Entry> Dialect17::entry(Address cache, int index) const {
  const Address at = this->at(cache, index);
  if (at == nullptr) return std::nullopt;
  Entry entry;
  // First, with acquire: the VM publishes the two bytecodes after everything else.
  const auto indices = load_acquire<std::uint64_t>(at, entry_indices_);
  entry.pool_index = pool_index_of(indices);
  entry.bytecode_1 = static_cast<int>(indices >> 16 & 0xff);
  entry.bytecode_2 = static_cast<int>(indices >> 24 & 0xff);
  entry.f1 = load_acquire<Address>(at, entry_f1_);
  entry.f2 = load<std::uint64_t>(at, entry_f2_);
  entry.flags = load<std::uint64_t>(at, entry_flags_);
  return entry;
}

/// First entry of the constant that `accept`s; entries are few hundred at most.
template <class F>
std::optional<Dialect17::Entry> Dialect17::find(const PoolView& pool, int index, F accept) const {
  const int n = length(pool.cache());
  for (int i = 0; i < n; ++i) {
    if (pool_index_of(load<std::uint64_t>(at(pool.cache(), i), entry_indices_)) != index) continue;
    const auto found = entry(pool.cache(), i);
    if (found && found->pool_index == index && accept(*found)) return found;
  }
  return std::nullopt;
}

int Dialect17::pool_index(const PoolView& pool, std::uint8_t opcode, std::int32_t operand) const {
  // Of an invokedynamic the complement of the index.
  const Address found = at(pool.cache(), opcode == kOpInvokedynamic ? ~operand : operand);
  return found == nullptr ? -1 : pool_index_of(load<std::uint64_t>(found, entry_indices_));
}

std::optional<ResolvedField> Dialect17::field(const PoolView& pool, int index, int opcode) const {
  const bool is_put = opcode == kOpPutfield || opcode == kOpPutstatic;
  const auto found = find(pool, index, [&](const Entry& e) {
    return e.flag(kEntryIsField) && (is_put ? e.bytecode_2 : e.bytecode_1) == opcode;
  });
  if (!found) return std::nullopt;
  return ResolvedField{.holder = found->f1,
                       .offset = found->f2,
                       .is_volatile = found->flag(kEntryVolatile),
                       .is_final = found->flag(kEntryFinal)};
}

std::optional<ResolvedCall> Dialect17::call(const PoolView& pool, int index, int opcode) const {
  const auto through_f2 = [](const Entry& e, bool is_method) {
    return is_method ? direct(reinterpret_cast<Address>(e.f2))
                     : ResolvedCall{.kind = ResolvedCall::Kind::dispatched, .index = e.f2};
  };
  const auto linked = [](const Entry& e) {
    return ResolvedCall{.kind = ResolvedCall::Kind::linked,
                        .method = e.f1,
                        .index = e.f2,
                        .has_appendix = e.flag(kEntryAppendix)};
  };
  switch (opcode) {
    case kOpInvokestatic:
    case kOpInvokespecial: {
      const auto e = find(pool, index, [&](const Entry& x) { return x.bytecode_1 == opcode; });
      if (!e) return std::nullopt;
      return direct(e->f1);
    }
    case kOpInvokevirtual: {
      const auto e = find(pool, index, [](const Entry& x) {
        return x.bytecode_2 == kOpInvokevirtual || x.bytecode_1 == kOpInvokehandle;
      });
      if (!e) return std::nullopt;
      if (e->bytecode_1 == kOpInvokehandle) return linked(*e);
      return through_f2(*e, e->flag(kEntryVfinal));
    }
    case kOpInvokeinterface: {
      const auto e = find(pool, index, [](const Entry& x) {
        return x.bytecode_1 == kOpInvokeinterface ||
               (x.bytecode_2 == kOpInvokevirtual && x.flag(kEntryForcedVirtual));
      });
      if (!e) return std::nullopt;
      return through_f2(*e, e->bytecode_1 == kOpInvokeinterface || e->flag(kEntryVfinal));
    }
    default:
      return std::nullopt;
  }
}

std::optional<ResolvedCall> Dialect17::call_site(const PoolView& pool, std::int32_t operand) const {
  const auto found = entry(pool.cache(), ~operand);
  if (!found || found->bytecode_1 != kOpInvokedynamic) return std::nullopt;
  return ResolvedCall{.kind = ResolvedCall::Kind::linked,
                      .method = found->f1,
                      .index = found->f2,
                      .has_appendix = found->flag(kEntryAppendix),
                      .pool_index = found->pool_index};
}

}  // namespace jitfarm::vmagent::hotspot::jdk17
