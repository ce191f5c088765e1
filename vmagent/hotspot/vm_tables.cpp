#include "vmagent/hotspot/vm_tables.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <tuple>

namespace jitfarm::vmagent::hotspot {
namespace {

// A table that runs longer than this is not one: JDK 17 has about 800 rows in its largest.
constexpr std::size_t kRowsMax = 20'000;

/// Reads one exported variable of pointer width.
template <class T>
Result<T> variable(void* libjvm, const char* name) {
  void* at = dlsym(libjvm, name);
  if (at == nullptr)
    return fail(Errc::vm_unsupported, std::string("libjvm does not export ") + name);
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

/// Rows of a table whose geometry libjvm describes itself.
class Rows {
 public:
  static Result<Rows> open(void* libjvm, const std::string& table, const std::string& entry) {
    Rows rows;
    JF_TRY(rows.base_, variable<const char*>(libjvm, table.c_str()));
    JF_TRY(rows.stride_, variable<std::uint64_t>(libjvm, (entry + "ArrayStride").c_str()));
    if (rows.base_ == nullptr || rows.stride_ < 8 || rows.stride_ > 128)
      return fail(Errc::vm_unsupported, table + " is not a table that we understand");
    return rows;
  }
  template <class T>
  T at(std::size_t row, std::uint64_t offset) const {
    T value;
    std::memcpy(&value, base_ + row * stride_ + offset, sizeof value);
    return value;
  }
  bool holds(std::uint64_t offset) const { return offset + 4 <= stride_; }

 private:
  const char* base_ = nullptr;
  std::uint64_t stride_ = 0;
};

std::string_view text_or_empty(const char* s) {
  return s == nullptr ? std::string_view{} : std::string_view{s};
}

}  // namespace

Result<VmTables> VmTables::load(void* libjvm) {
  VmTables tables;
  const auto by_name = [](const Named& a, const Named& b) { return a.name < b.name; };

  {
    const std::string entry = "gHotSpotVMStructEntry";
    JF_TRY(const Rows rows, Rows::open(libjvm, "gHotSpotVMStructs", entry));
    JF_TRY(const auto type, variable<std::uint64_t>(libjvm, (entry + "TypeNameOffset").c_str()));
    JF_TRY(const auto field, variable<std::uint64_t>(libjvm, (entry + "FieldNameOffset").c_str()));
    JF_TRY(const auto is_static,
           variable<std::uint64_t>(libjvm, (entry + "IsStaticOffset").c_str()));
    JF_TRY(const auto offset, variable<std::uint64_t>(libjvm, (entry + "OffsetOffset").c_str()));
    JF_TRY(const auto address, variable<std::uint64_t>(libjvm, (entry + "AddressOffset").c_str()));
    for (const auto o : {type, field, is_static, offset, address})
      if (!rows.holds(o))
        return fail(Errc::vm_unsupported, "a column of gHotSpotVMStructs lies outside its rows");
    for (std::size_t row = 0;; ++row) {
      const char* name = rows.at<const char*>(row, type);
      if (name == nullptr) break;
      if (row == kRowsMax) return fail(Errc::vm_unsupported, "gHotSpotVMStructs does not end");
      tables.fields_.push_back({name, text_or_empty(rows.at<const char*>(row, field)),
                                rows.at<std::int32_t>(row, is_static) != 0,
                                rows.at<std::uint64_t>(row, offset),
                                rows.at<const void*>(row, address)});
    }
    std::sort(tables.fields_.begin(), tables.fields_.end(), [](const Field& a, const Field& b) {
      return std::tie(a.type, a.name) < std::tie(b.type, b.name);
    });
  }
  {
    const std::string entry = "gHotSpotVMTypeEntry";
    JF_TRY(const Rows rows, Rows::open(libjvm, "gHotSpotVMTypes", entry));
    JF_TRY(const auto type, variable<std::uint64_t>(libjvm, (entry + "TypeNameOffset").c_str()));
    JF_TRY(const auto size, variable<std::uint64_t>(libjvm, (entry + "SizeOffset").c_str()));
    if (!rows.holds(type) || !rows.holds(size))
      return fail(Errc::vm_unsupported, "a column of gHotSpotVMTypes lies outside its rows");
    for (std::size_t row = 0;; ++row) {
      const char* name = rows.at<const char*>(row, type);
      if (name == nullptr) break;
      if (row == kRowsMax) return fail(Errc::vm_unsupported, "gHotSpotVMTypes does not end");
      tables.types_.push_back({name, static_cast<std::int64_t>(rows.at<std::uint64_t>(row, size))});
    }
    std::sort(tables.types_.begin(), tables.types_.end(), by_name);
  }
  for (const bool is_long : {false, true}) {
    const std::string table = is_long ? "gHotSpotVMLongConstants" : "gHotSpotVMIntConstants";
    const std::string entry =
        is_long ? "gHotSpotVMLongConstantEntry" : "gHotSpotVMIntConstantEntry";
    JF_TRY(const Rows rows, Rows::open(libjvm, table, entry));
    JF_TRY(const auto name_at, variable<std::uint64_t>(libjvm, (entry + "NameOffset").c_str()));
    JF_TRY(const auto value_at, variable<std::uint64_t>(libjvm, (entry + "ValueOffset").c_str()));
    if (!rows.holds(name_at) || !rows.holds(value_at))
      return fail(Errc::vm_unsupported, "a column of " + table + " lies outside its rows");
    for (std::size_t row = 0;; ++row) {
      const char* name = rows.at<const char*>(row, name_at);
      if (name == nullptr) break;
      if (row == kRowsMax) return fail(Errc::vm_unsupported, table + " does not end");
      const std::int64_t value =
          is_long ? static_cast<std::int64_t>(rows.at<std::uint64_t>(row, value_at))
                  : rows.at<std::int32_t>(row, value_at);
      tables.constants_.push_back({name, value});
    }
  }
  std::sort(tables.constants_.begin(), tables.constants_.end(), by_name);
  return tables;
}

const VmTables::Field* VmTables::find(std::string_view type, std::string_view field) const {
  const auto it = std::lower_bound(
      fields_.begin(), fields_.end(), std::tie(type, field),
      [](const Field& f, const auto& key) { return std::tie(f.type, f.name) < key; });
  return it != fields_.end() && it->type == type && it->name == field ? &*it : nullptr;
}

Result<std::int32_t> VmTables::offset(std::string_view type, std::string_view field) const {
  const Field* found = find(type, field);
  if (found == nullptr || found->is_static || found->offset > 1u << 20)
    return fail(Errc::vm_unsupported,
                "libjvm has no field " + std::string(type) + "::" + std::string(field));
  return static_cast<std::int32_t>(found->offset);
}

Result<const void*> VmTables::address(std::string_view type, std::string_view field) const {
  const Field* found = find(type, field);
  if (found == nullptr || !found->is_static || found->address == nullptr)
    return fail(Errc::vm_unsupported,
                "libjvm has no static field " + std::string(type) + "::" + std::string(field));
  return found->address;
}

Result<std::int32_t> VmTables::size_of(std::string_view type) const {
  const auto it =
      std::lower_bound(types_.begin(), types_.end(), type,
                       [](const Named& n, std::string_view key) { return n.name < key; });
  if (it == types_.end() || it->name != type || it->value < 0 || it->value > 1 << 20)
    return fail(Errc::vm_unsupported, "libjvm has no type " + std::string(type));
  return static_cast<std::int32_t>(it->value);
}

Result<std::int64_t> VmTables::constant(std::string_view name) const {
  const auto it =
      std::lower_bound(constants_.begin(), constants_.end(), name,
                       [](const Named& n, std::string_view key) { return n.name < key; });
  if (it == constants_.end() || it->name != name)
    return fail(Errc::vm_unsupported, "libjvm has no constant " + std::string(name));
  return it->value;
}

}  // namespace jitfarm::vmagent::hotspot
