// What do we ask CompilerToVM while we read? Natives, most of them with signatures that differ between
// JDKs.
//
// On a thread that the VM knows; objects are locals of the current frame. Classes and methods that
// are given must be alive.
#pragma once
#include <memory>

#include "vmagent/hotspot/adapter.h"
#include "vmagent/hotspot/vm_tables.h"
#include "vmagent/jvmci/natives.h"

namespace jitfarm::vmagent::hotspot::metaspace {

/// Names of fields of jdk.vm.ci.hotspot's classes.
struct HandleNames {
  std::string_view method;  ///< of HotSpotResolvedJavaMethodImpl: cell that holds a Method*
  std::string_view pool;    ///< of HotSpotConstantPool: cell that holds a ConstantPool*
  std::string_view klass;   ///< of HotSpotResolvedObjectTypeImpl: a Klass*
};

/// Immutable, any thread.
class VmCalls {
 public:
  virtual ~VmCalls() = default;
  virtual const HandleNames& names() const = 0;
  /// Whether the cells of handles stay when a compiler runtime of the VM ends.
  virtual bool handles_stay() const = 0;

  /// HotSpotConstantPool of a class that is not an array.
  virtual Result<jvmci::Object*> constant_pool(jvmci::Env& env, KlassRef klass) const = 0;
  /// HotSpotResolvedJavaMethodImpl.
  Result<jvmci::Object*> method(jvmci::Env& env, MethodRef method) const;
  /// HotSpotResolvedObjectTypeImpl of the class that `cell` of a profile holds, null: none that is
  /// alive. The VM reads the cell.
  virtual Result<jvmci::Object*> profiled_type(jvmci::Env& env, std::uintptr_t cell) const = 0;
  // HotSpotResolvedJavaMethodImpl or null.
  virtual Result<jvmci::Object*> unique_concrete_method(jvmci::Env& env, KlassRef context,
                                                        MethodRef method) const = 0;
  virtual Result<jvmci::Object*> resolve_method(jvmci::Env& env, KlassRef receiver,
                                                MethodRef method, KlassRef caller) const = 0;
  /// HotSpotResolvedJavaMethodImpl of the Method* at `offset` in an object of class
  /// ResolvedMethodName, which an IndirectHotSpotObjectConstantImpl names.
  Result<jvmci::Object*> method_in_object(jvmci::Env& env, jvmci::Object* constant,
                                          std::int32_t offset) const;
  /// HotSpotResolvedObjectTypeImpl: the class of an object, which is at `klass_offset` in it.
  Result<jvmci::Object*> type_of_object(jvmci::Env& env, jvmci::Object* constant,
                                        std::int32_t klass_offset, bool is_compressed) const;
  // IndirectHotSpotObjectConstantImpl.
  virtual Result<jvmci::Object*> java_mirror(jvmci::Env& env, KlassRef klass) const = 0;
  virtual Result<jvmci::Object*> array_element(jvmci::Env& env, jvmci::Object* array,
                                               std::int32_t index) const = 0;
  /// What a dynamic constant means: a PrimitiveConstant, an IndirectHotSpotObjectConstantImpl,
  /// else null. Precondition: resolved, or it would be resolved now.
  virtual Result<jvmci::Object*> dynamic_constant(jvmci::Env& env, KlassRef klass,
                                                  std::int32_t index) const = 0;
  virtual void delete_object_handle(jvmci::Env& env, std::int64_t handle) const = 0;
  /// Where elements of an array of this JavaKind (its type character) start.
  virtual Result<std::int32_t> array_base(jvmci::Env& env, char kind) const = 0;
  /// A java.lang box or a String; anything else: no such flag.
  virtual Result<jvmci::Object*> flag_value(jvmci::Env& env, std::string_view name) const = 0;

  /// As Adapter::run_thread.
  virtual Status run_thread(const char* name, std::function<void()> body) const = 0;

  // ---- for the self-test
  /// The method's code with Java's opcodes, operands of rewritten bytecodes as the VM has them,
  /// most significant byte first.
  virtual Result<jvmci::Object*> bytecode(jvmci::Env& env, MethodRef method) const = 0;
  /// What such an operand of a field access or invoke stands for.
  virtual Result<std::int32_t> pool_index(jvmci::Env& env, KlassRef klass, std::uint8_t opcode,
                                          std::int32_t operand) const = 0;

 protected:
  const jvmci::Native<jvmci::Object*(jvmci::Object*, jlong, jboolean)> resolved_type_{
      "getResolvedJavaType0"};

 private:
  const jvmci::Native<jvmci::Object*(jvmci::Object*, jlong)> resolved_method_{
      "getResolvedJavaMethod"};
};

/// A numeric or boolean flag that readConfiguration does not hold.
Result<std::int64_t> flag_value(jvmci::Env& env, const VmCalls& calls, std::string_view name);
/// A text flag; empty: not set, or not there.
std::string text_flag(jvmci::Env& env, const VmCalls& calls, std::string_view name);
/// A flag that JVMCI's configuration leaves out, read from libjvm's own table.
Result<bool> boolean_flag(const VmTables& tables, std::string_view name);

}  // namespace jitfarm::vmagent::hotspot::metaspace
