#include "vmagent/hotspot/metaspace/vm_calls.h"

#include <cstring>

namespace jitfarm::vmagent::hotspot::metaspace {

using jvmci::Env;
using jvmci::FieldOf;
using jvmci::Object;

Result<Object*> VmCalls::method(Env& env, MethodRef method) const {
  // Any cell of ours that holds a Method* is a place to read it from; the VM makes a handle of its
  // own.
  const std::uintptr_t cell = method.address;
  return resolved_method_(env, nullptr, reinterpret_cast<jlong>(&cell));
}

Result<Object*> VmCalls::method_in_object(Env& env, Object* constant, std::int32_t offset) const {
  return resolved_method_(env, constant, offset);
}

Result<Object*> VmCalls::type_of_object(Env& env, Object* constant, std::int32_t klass_offset,
                                        bool is_compressed) const {
  return resolved_type_(env, constant, klass_offset, is_compressed);
}

Result<std::int64_t> flag_value(Env& env, const VmCalls& calls, std::string_view name) {
  jvmci::LocalFrame frame(env);
  JF_TRY(Object* const box, calls.flag_value(env, name));
  static const FieldOf<jlong> kLong{"java/lang/Long", "value", "J"};
  static const FieldOf<jboolean> kBoolean{"java/lang/Boolean", "value", "Z"};
  if (box != nullptr && box->klass().name() == "java/lang/Boolean") return kBoolean.get(*box);
  if (box == nullptr || box->klass().name() != "java/lang/Long")
    return fail(Errc::vm_unsupported, "this VM has no flag " + std::string(name));
  return kLong.get(*box);
}

std::string text_flag(Env& env, const VmCalls& calls, std::string_view name) {
  jvmci::LocalFrame frame(env);
  const auto text = calls.flag_value(env, name);
  if (!text || *text == nullptr || (*text)->kind() != jvmci::ObjectKind::string) return {};
  return std::string((*text)->text());
}

Result<bool> boolean_flag(const VmTables& tables, std::string_view name) {
  JF_TRY(const void* const flags_cell, tables.address("JVMFlag", "flags"));
  JF_TRY(const void* const count_cell, tables.address("JVMFlag", "numFlags"));
  JF_TRY(const std::int32_t name_offset, tables.offset("JVMFlag", "_name"));
  JF_TRY(const std::int32_t address_offset, tables.offset("JVMFlag", "_addr"));
  JF_TRY(const std::int32_t stride, tables.size_of("JVMFlag"));
  const char* flag = nullptr;
  std::size_t count = 0;
  std::memcpy(&flag, flags_cell, sizeof flag);
  std::memcpy(&count, count_cell, sizeof count);
  for (std::size_t i = 0; i < count; ++i, flag += stride) {
    const char* its_name = nullptr;  // the last one has none
    std::memcpy(&its_name, flag + name_offset, sizeof its_name);
    if (its_name == nullptr || name != its_name) continue;
    const bool* value = nullptr;
    std::memcpy(&value, flag + address_offset, sizeof value);
    return *value;
  }
  return fail(Errc::vm_unsupported, "this VM has no flag " + std::string(name));
}

}  // namespace jitfarm::vmagent::hotspot::metaspace
