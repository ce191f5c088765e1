#include <array>
#include <string>

#include "vmagent/hotspot/metaspace/opcodes.h"
#include "vmagent/hotspot/metaspace/reading_adapter.h"
#include "vmagent/hotspot/metaspace/resolution.h"
#include "vmagent/hotspot/metaspace/shape.h"

namespace jitfarm::vmagent::hotspot::metaspace {
namespace {

using jvmci::Env;
using jvmci::Object;

struct Probe {
  const char* klass;  ///< as in vmClasses
  const char* name;
};
constexpr std::array<Probe, 8> kProbes = {{
    {"Object", "java/lang/Object"},
    {"String", "java/lang/String"},
    {"Class", "java/lang/Class"},
    {"ClassLoader", "java/lang/ClassLoader"},
    {"System", "java/lang/System"},
    {"Thread", "java/lang/Thread"},
    {"ThreadGroup", "java/lang/ThreadGroup"},
    {"MethodHandle", "java/lang/invoke/MethodHandle"},
}};
// Enough to see every kind of rewritten operand; all of java.lang.Class would cost a few hundred
// microseconds.
constexpr int kMethodsPerClass = 40;

std::unexpected<Error> mismatch(std::string_view klass, std::string_view method, const char* what) {
  return fail(Errc::vm_unsupported,
              "self-test: " + std::string(klass) + "." + std::string(method) + ": " + what);
}

/// Our canonical code against CompilerToVM.getBytecode, which restores opcodes and leaves cache
/// indices as operands.
Status compare_code(Env& env, const VmCalls& calls, const ClassView& klass,
                    const MethodView& method) {
  const PoolView pool = klass.pool();
  Bytes ours;
  if (!append_canonical_code(method, pool, klass.is_rewritten(), ours))
    return {};  // a breakpoint: never compiled
  jvmci::LocalFrame frame(env);
  JF_TRY(Object* const theirs_object, calls.bytecode(env, method_ref(method.address())));
  if (theirs_object == nullptr || theirs_object->kind() != jvmci::ObjectKind::bytes)
    return mismatch(klass.name(), method.name(), "the VM gives no bytecode");
  const auto theirs = theirs_object->bytes();
  if (theirs.size() != ours.size())
    return mismatch(klass.name(), method.name(), "another code length");
  const auto their = [&](std::size_t i) { return static_cast<std::uint8_t>(theirs[i]); };

  for (std::size_t bci = 0; bci < ours.size();) {
    const std::uint8_t op = ours[bci];
    if (their(bci) != op) return mismatch(klass.name(), method.name(), "another opcode");
    std::size_t length = kOpcodes.length[op];
    if (length == 0) return {};  // from a switch or wide on: proved by the opcodes so far
    const bool through_cache =
        op >= kOpGetstatic && op <= kOpInvokeinterface && klass.is_rewritten();
    if (through_cache) {
      const jint operand =
          their(bci + 1) << 8 | their(bci + 2);  // big-endian, though the VM stores it native
      JF_TRY(const jint index,
             calls.pool_index(env, klass_ref(klass.address()), op, operand));
      if (index != (ours[bci + 1] << 8 | ours[bci + 2]))
        return mismatch(klass.name(), method.name(), "another constant");
    } else if (op != kOpInvokedynamic && op != kOpLdc && op != kOpLdcW) {
      for (std::size_t i = 1; i < length; ++i)
        if (their(bci + i) != ours[bci + i])
          return mismatch(klass.name(), method.name(), "another operand");
    }
    bci += length;
  }
  return {};
}

}  // namespace

Status self_test(Env& env, const Adapter& adapter, const Layout& layout, const VmTables& tables,
                 const VmCalls& calls) {
  int compared = 0;
  for (const Probe& probe : kProbes) {
    const std::string field =
        "_klasses[static_cast<int>(vmClassID::" + std::string(probe.klass) + "_klass_knum)]";
    JF_TRY(const void* const cell, tables.address("vmClasses", field));
    Address address = nullptr;
    std::memcpy(&address, cell, sizeof address);
    if (address == nullptr) return mismatch(probe.name, "", "not loaded");
    const ClassView klass(layout, address);
    if (klass.name() != probe.name) return mismatch(probe.name, "", "another name");
    if (klass.is_array() || !klass.is_linked())
      return mismatch(probe.name, "", "not a linked class");
    const bool is_object = klass.super() == nullptr;
    if (is_object != (std::string_view(probe.name) == "java/lang/Object"))
      return mismatch(probe.name, "", "another super class");
    if (klass.pool().holder() != address)
      return mismatch(probe.name, "", "the constant pool belongs to another class");
    if (const auto shape = write_shape(layout, klass); !shape)
      return mismatch(probe.name, "", "no shape");
    const ArrayView methods = klass.methods();
    if (methods.length() == 0) return mismatch(probe.name, "", "no methods");
    for (int i = 0; i < methods.length() && i < kMethodsPerClass; ++i) {
      const MethodView method(layout, methods.pointer(i));
      if (!method || method.holder() != address)
        return mismatch(probe.name, "", "a method of another class");
      if (method.name().empty() || !method.descriptor().starts_with('('))
        return mismatch(probe.name, "", "a method without a name");
      const auto found =
          adapter.find_method(klass_ref(address), method.name(), method.descriptor());
      if (!found || *found != method_ref(method.address()))
        return mismatch(probe.name, method.name(), "not found by name");
      if (method.code_size() == 0) continue;
      JF_CHECK_OK(compare_code(env, calls, klass, method));
      ++compared;
    }
  }
  if (compared < 50)
    return fail(Errc::vm_unsupported,
                "self-test: only " + std::to_string(compared) + " methods to compare");
  return {};
}

}  // namespace jitfarm::vmagent::hotspot::metaspace
