// Who compiles a remembered method? A thread of the VM, hidden from the application, for as long as
// there is one.
#pragma once
#include "vmagent/session/farm_session.h"

namespace jitfarm::vmagent::agent {

session::DeferredThread deferred_thread();

}  // namespace jitfarm::vmagent::agent
