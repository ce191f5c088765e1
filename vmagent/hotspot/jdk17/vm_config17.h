// Which numbers of a JDK 17 VM does the compiler need?
#pragma once
#include "vmagent/hotspot/metaspace/vm_calls.h"

namespace jitfarm::vmagent::hotspot::jdk17 {

/// Every field of VmConfig. vm_unsupported: a number is missing, or the collector is not supported
/// (then it says which are).
Result<jitfarm::facts::VmConfig> read_vm_config(jvmci::Env& env, const VmTables& tables,
                                                const Configuration& config,
                                                const metaspace::VmCalls& calls);

}  // namespace jitfarm::vmagent::hotspot::jdk17
