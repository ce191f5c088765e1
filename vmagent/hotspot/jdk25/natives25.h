// Which natives does JDK 25 have for what we ask?
#pragma once
#include "vmagent/hotspot/metaspace/vm_calls.h"

namespace jitfarm::vmagent::hotspot::jdk25 {

/// After CompilerToVM.registerNatives.
std::unique_ptr<const metaspace::VmCalls> make_calls();

}  // namespace jitfarm::vmagent::hotspot::jdk25
