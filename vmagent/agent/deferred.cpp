#include "vmagent/agent/deferred.h"

#include <exception>
#include <string>

#include "vmagent/agent/agent.h"
#include "vmagent/agent/compile.h"
#include "vmagent/hotspot/agent_thread.h"
#include "vmagent/log/log.h"

namespace jitfarm::vmagent::agent {

namespace {

/// A compilation was seen to need 8 KiB, HotSpot's natives included; the guard pages take 16.
constexpr std::size_t kStackBytesMin = 128 * 1024;

/// The runtime that this thread is attached with, kept while it works.
thread_local std::shared_ptr<jvmci::Runtime> current;

Status start(std::function<void()> body) {
  Parts* const parts = Agent::get().parts_if_ready();
  if (parts == nullptr) return fail(Errc::vm_exception, "the agent is not ready");
  return parts->adapter->run_thread("jitfarm deferred", std::move(body));
}

Status begin() {
  if (const std::size_t left = hotspot::stack_bytes_left(); left < kStackBytesMin)
    return fail(Errc::vm_unsupported,
                "-Xss leaves " + std::to_string(left / 1024) + " KiB of stack");
  current = Agent::get().runtime();
  if (!current) return fail(Errc::vm_exception, "no compiler runtime");
  return {};
}

/// False ends the thread. What is thrown here is memory that ran out; it must not reach HotSpot.
bool compile_one(MethodId method) {
  if (current->destroyed()) return false;
  jvmci::Env& env = jvmci::Env::of(current);
  jvmci::LocalFrame frame(env);
  try {
    compile_remembered(env, method);
  } catch (const std::exception& error) {
    JF_AGENT_LOG(error, "deferred compile of method {}: {}", method.value, error.what());
  }
  if (auto what = env.take_pending())
    JF_AGENT_LOG(error, "deferred compile of method {} left an exception behind: {}", method.value,
                 *what);
  return true;
}

void end() { current.reset(); }

}  // namespace

session::DeferredThread deferred_thread() {
  return {.start = start, .begin = begin, .compile = compile_one, .end = end};
}

}  // namespace jitfarm::vmagent::agent
