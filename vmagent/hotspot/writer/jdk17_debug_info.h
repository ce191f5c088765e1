// What does HotSpot 17 know about the frame at a call, trap or poll? DebugInfo and what hangs from
// it.
#pragma once
#include <map>
#include <vector>

#include "common/code/code_image.h"
#include "vmagent/hotspot/writer/code_writer.h"
#include "vmagent/jvmci/env.h"

namespace jitfarm::vmagent::hotspot::writer {

/// Objects without state that are the same in every description; immortal.
struct Jdk17Constants {
  static const Jdk17Constants& get();
  jvmci::Object*
      word_kind;  ///< AMD64Kind.QWORD: the only kind that HotSpot compares (full or narrow oop)
  jvmci::Object* target;         ///< TargetDescription
  jvmci::Object* name;           ///< String "jitfarm"
  jvmci::Object* illegal;        ///< Value.ILLEGAL
  jvmci::Object* null_constant;  ///< JavaConstant.NULL_POINTER
  jvmci::Object* reason_call;
  jvmci::Object* reason_safepoint;
  jvmci::Object* kind(code::ValueKind kind) const { return kinds[static_cast<std::size_t>(kind)]; }
  jvmci::Object* kinds[static_cast<std::size_t>(code::ValueKind::kCount)];

 private:
  Jdk17Constants();
};

/// Builds DebugInfo objects for the sites of one image, sharing what is equal. Locals of the frame
/// that is current when it is made; it must not outlive that frame.
class Jdk17DebugInfo {
 public:
  Jdk17DebugInfo(jvmci::Env& env, VmObjects& objects) : env_(env), objects_(objects) {}
  Result<jvmci::Object*> of(const code::Site& site);
  /// A frame without oops and without Java state.
  jvmci::Object* empty();
  jvmci::Object* stack_slot(std::int32_t offset);
  Result<jvmci::Object*> method(MethodId id);

 private:
  Result<jvmci::Object*> frame(const code::Frame& frame, jvmci::Object* caller);
  jvmci::Object* value(const code::FrameValue& value);
  jvmci::Object* reference_map(const std::vector<code::OopSlot>& oops);
  jvmci::Object* location(std::int32_t offset);
  jvmci::Object* debug_info(jvmci::Object* position, jvmci::Object* map);

  jvmci::Env& env_;
  VmObjects& objects_;
  std::map<std::int32_t, jvmci::Object*> slots_;
  std::map<std::int32_t, jvmci::Object*> locations_;
  std::map<MethodId, jvmci::Object*> methods_;
  std::vector<jvmci::Object*> values_;  // scratch
  std::vector<jvmci::Object*> kinds_;
};

}  // namespace jitfarm::vmagent::hotspot::writer
