// How is a JVM of JDK 17 read and asked?
#pragma once
#include <memory>

#include "vmagent/hotspot/adapter.h"
#include "vmagent/hotspot/jdk17/layout.h"
#include "vmagent/hotspot/vm_tables.h"
#include "vmagent/jvmci/natives.h"

namespace jitfarm::vmagent::hotspot::jdk17 {

/// CompilerToVM natives with the signatures of JDK 17.
struct Natives {
  jvmci::Native<jvmci::Object*(jvmci::Object*)> get_constant_pool{"getConstantPool"};
  jvmci::Native<jvmci::Object*(jvmci::Object*, jlong)> get_resolved_method{"getResolvedJavaMethod"};
  jvmci::Native<jvmci::Object*(jvmci::Object*, jvmci::Object*)> find_unique_concrete_method{
      "findUniqueConcreteMethod"};
  jvmci::Native<jvmci::Object*(jvmci::Object*, jlong, jboolean)> get_resolved_type{
      "getResolvedJavaType0"};
  jvmci::Native<jvmci::Object*(jvmci::Object*, jvmci::Object*, jvmci::Object*)> resolve_method{
      "resolveMethod"};
  jvmci::Native<jvmci::Object*(jvmci::Object*)> get_java_mirror{"getJavaMirror"};
  jvmci::Native<jvmci::Object*(jvmci::Object*, jint)> read_array_element{"readArrayElement"};
  jvmci::Native<jvmci::Object*(jvmci::Object*, jint)> resolve_possibly_cached{
      "resolvePossiblyCachedConstantInPool"};
  jvmci::Native<void(jlong)> delete_global_handle{"deleteGlobalHandle"};
  jvmci::Native<jint(jvmci::Object*)> array_base_offset{"arrayBaseOffset"};
  jvmci::Native<jvmci::Object*(jvmci::Object*)> get_flag_value{"getFlagValue"};
  jvmci::Native<jvmci::Object*(jvmci::Object*)> get_bytecode{"getBytecode"};
  jvmci::Native<jint(jvmci::Object*, jint)> remap_operand{
      "constantPoolRemapInstructionOperandFromCache"};
};

Result<std::unique_ptr<Adapter>> create(jvmci::Env& env, const VmTables& tables,
                                        Configuration configuration);

/// Proves the reader on classes that every VM has: name and structure of eight boot classes, their
/// code against the VM's own un-rewriting, their constants' indices against the VM's own mapping.
/// vm_unsupported names the first that differs. ~1 ms.
Status self_test(jvmci::Env& env, const Adapter& adapter, const Layout& layout,
                 const VmTables& tables, const Natives& natives);

}  // namespace jitfarm::vmagent::hotspot::jdk17
