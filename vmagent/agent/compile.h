// How does a request of HotSpot become native code, or a refusal?
#pragma once
#include <jni.h>

#include <string>

#include "vmagent/jvmci/env.h"

namespace jitfarm::vmagent::agent {

struct Request {
  jvmci::Env& env;
  jvmci::Object& method;  ///< HotSpotResolvedJavaMethodImpl
  jint entry_bci = -1;
  jlong compile_state = 0;  ///< 0: not asked for by HotSpot
  jint compile_id = 0;
};
struct Outcome {
  bool installed = false;
  std::string failure;  ///< for HotSpot's log
};

/// Blocks at most for the deadline. Any thread that HotSpot compiles on.
Outcome compile(const Request& request);

/// The VM is about to exit, or drops a runtime. Returns within 50 ms.
void on_shutdown();

}  // namespace jitfarm::vmagent::agent
