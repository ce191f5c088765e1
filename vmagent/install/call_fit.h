// Does every call of an image stand at a bytecode that makes this call?
//
// HotSpot takes the callee of a call from the bytecode at the frame state's bci when the call is
// first made, and looks at the callee that we name only to know whether an oop is returned. A bci
// that is no invoke ends the VM; a wrong callee loses an oop.
// Behind an invokedynamic and a method handle's call it is what the VM linked there, not what the
// constant names.
#pragma once
#include <functional>
#include <vector>

#include "common/base/result.h"
#include "common/code/code_image.h"
#include "vmagent/hotspot/adapter.h"

namespace jitfarm::vmagent::install {

using InvokesOf = std::function<Result<std::vector<hotspot::Invoke>>(MethodId)>;
struct Callee {
  hotspot::MethodRef method;
  hotspot::MethodDetails details;
};
using CalleeOf = std::function<Result<Callee>(MethodId)>;

/// invalid_code_image, naming the site; or what the functions failed with. Each method's bytecodes
/// are read once.
Status fit_calls(const code::CodeImage& image, const InvokesOf& invokes, const CalleeOf& callee);

}  // namespace jitfarm::vmagent::install
