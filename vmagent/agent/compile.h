// How does a request become native code, or a refusal?
//
//   admit     excluded, a loop entry, farm not there: refused at once (the latter two remembered)
//   describe  ids and facts of the root method
//   ask       the farm; its questions are answered on this thread
//   check     the image is one of this task
//   install   with its assumptions
//   account   counters, the report to the farm, the log line
#pragma once
#include <jni.h>

#include <string>

#include "common/base/id.h"
#include "vmagent/jvmci/env.h"

namespace jitfarm::vmagent::agent {

struct Request {
  jvmci::Env& env;
  jvmci::Object& method;  ///< HotSpotResolvedJavaMethodImpl
  jint entry_bci = -1;
  jlong compile_state = 0;
  jint compile_id = 0;
};
struct Outcome {
  bool installed = false;
  std::string failure;  ///< for HotSpot's log
};

/// HotSpot asks. Blocks at most for the deadline. Any thread that HotSpot compiles on; leaves no
/// exception pending.
Outcome compile(const Request& request);

/// Nobody asks: HotSpot was refused and does not ask again. On a thread that is
/// attached to the VM.
void compile_remembered(jvmci::Env& env, MethodId method);

/// HotSpot lets go of a runtime, at the latest when the VM exits. Returns within 70 ms. On a thread
/// of the VM.
void on_shutdown(jvmci::Env& env);

}  // namespace jitfarm::vmagent::agent
