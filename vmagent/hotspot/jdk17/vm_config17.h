// Which numbers of a JDK 17 VM does the compiler need?
#pragma once
#include "vmagent/hotspot/jdk17/adapter17.h"

namespace jitfarm::vmagent::hotspot::jdk17 {

/// A numeric or boolean flag that readConfiguration does not hold.
Result<std::int64_t> flag_value(jvmci::Env& env, const Natives& natives, std::string_view name);

/// Every field of VmConfig. vm_unsupported: a number is missing, or the collector is not supported
/// (then it says which are).
Result<jitfarm::facts::VmConfig> read_vm_config(jvmci::Env& env, const VmTables& tables,
                                                const Configuration& config,
                                                const Natives& natives);

}  // namespace jitfarm::vmagent::hotspot::jdk17
