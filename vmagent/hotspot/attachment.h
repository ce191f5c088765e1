// How does a thread of ours become one that HotSpot's natives may be called on?
#pragma once
#include "common/base/result.h"

namespace jitfarm::vmagent::hotspot {

/// Attaches the calling thread, which the VM does not know yet, as a daemon; `name` is what thread
/// dumps show. It is in native state afterwards and holds up neither collections nor the VM's exit.
/// JDK 17: through the VM's own JNI; on a JDK where threads belong to compiler runtimes (25) this
/// is refused. Errors: vm_unsupported, vm_exception.
Status attach_thread(const char* name);
void detach_thread();

}  // namespace jitfarm::vmagent::hotspot
