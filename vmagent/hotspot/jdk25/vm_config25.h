// Which numbers of a JDK 25 VM does the compiler need, and which modes of the VM are none of ours?
#pragma once
#include "vmagent/hotspot/metaspace/vm_calls.h"

namespace jitfarm::vmagent::hotspot::jdk25 {

/// vm_unsupported names the mode: collectors other than G1, Parallel and Serial, compact object
/// headers, locks other than the lightweight ones.
Status check_modes(jvmci::Env& env, const Configuration& config, const metaspace::VmCalls& calls);

/// After check_modes. vm_unsupported: a number is missing.
Result<jitfarm::facts::VmConfig> read_vm_config(jvmci::Env& env, const VmTables& tables,
                                                const Configuration& config,
                                                const metaspace::VmCalls& calls);

}  // namespace jitfarm::vmagent::hotspot::jdk25
