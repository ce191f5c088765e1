// How is a JVM of JDK 17 read and asked?
#pragma once
#include "vmagent/hotspot/adapter.h"
#include "vmagent/hotspot/vm_tables.h"

namespace jitfarm::vmagent::hotspot::jdk17 {

Result<std::unique_ptr<Adapter>> create(jvmci::Env& env, const VmTables& tables,
                                        Configuration configuration);

}  // namespace jitfarm::vmagent::hotspot::jdk17
