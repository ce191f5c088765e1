// What of our own code is in a VM beside methods? How exceptions find their way into and
// out of our frames, and how our frames call the VM.
#pragma once
#include "vmagent/hotspot/shell/shell.h"

namespace jitfarm::vmagent::hotspot::shell {

/// Code of a stub, checked. Uses only the numbers of `config` that come from the VM.
AssembledCode vm_stub(Stub which, const ShellConfig& config);

}  // namespace jitfarm::vmagent::hotspot::shell
