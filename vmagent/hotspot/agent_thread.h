// How do we get a thread that HotSpot's natives may be called on, and that the application does not
// see?
//
// A JVMTI agent thread: a daemon that neither Thread.getAllStackTraces nor ThreadMXBean shows or
// counts. See docs/adr/0014-hidden-thread.md.
#pragma once
#include <cstddef>
#include <functional>

#include "common/base/result.h"

namespace jitfarm::vmagent::hotspot {

/// Runs `body`, which must not throw, on a new thread of the VM, in native state. To be called on a
/// thread that is the VM's own: a compiler thread in an upcall, or one from here. No Java code
/// runs. The stack is as large as -Xss says.
///
/// Errors, and `body` is not run: vm_unsupported (a VM without JVMTI; a JDK whose java.lang.Thread
/// is another: 19 and newer), vm_exception (the VM starts or ends, or has no thread or heap left).
Status run_agent_thread(const char* name, std::function<void()> body);

/// Of the calling thread; 0: not known. HotSpot's guard pages, some 16 KiB, are part of it.
std::size_t stack_bytes_left();

}  // namespace jitfarm::vmagent::hotspot
