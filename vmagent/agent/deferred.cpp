#include "vmagent/agent/deferred.h"

#include <exception>

#include "vmagent/agent/agent.h"
#include "vmagent/agent/compile.h"
#include "vmagent/hotspot/attachment.h"
#include "vmagent/log/log.h"

namespace jitfarm::vmagent::agent {

namespace {

/// The runtime that this thread is attached with, kept while it works.
thread_local std::shared_ptr<jvmci::Runtime> current;

bool begin() {
  current = Agent::get().runtime();
  if (!current) return false;
  if (Status attached = hotspot::attach_thread("jitfarm deferred"); !attached) {
    JF_AGENT_LOG(debug, "the deferred thread cannot attach: {}", attached.error().message());
    current.reset();
    return false;
  }
  return true;
}

/// False ends the thread. What is thrown here is memory that ran out; the thread must still detach.
bool compile_one(MethodId method) {
  if (current->destroyed()) return false;
  jvmci::Env& env = jvmci::Env::of(current);
  jvmci::LocalFrame frame(env);
  try {
    compile_remembered(env, method);
  } catch (const std::exception& error) {
    JF_AGENT_LOG(error, "deferred compile of method {}: {}", method.value, error.what());
    return false;
  }
  if (auto what = env.take_pending())
    JF_AGENT_LOG(error, "deferred compile of method {} left an exception behind: {}", method.value,
                 *what);
  return true;
}

void end() {
  hotspot::detach_thread();
  current.reset();
}

}  // namespace

session::DeferredThread deferred_thread() {
  return {.begin = begin, .compile = compile_one, .end = end};
}

}  // namespace jitfarm::vmagent::agent
