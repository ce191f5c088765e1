#include "vmagent/agent/compile.h"

#include "vmagent/log/log.h"

namespace jitfarm::vmagent::agent {

Outcome compile(const Request& request) {
  JF_AGENT_LOG(debug, "compile {} refused: no farm", request.compile_id);
  return {.failure = "no farm"};
}

void on_shutdown() {}

}  // namespace jitfarm::vmagent::agent
