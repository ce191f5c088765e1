#include "vmagent/hotspot/writer/jdk17_debug_info.h"

#include <utility>

#include "vmagent/jvmci/world.h"

namespace jitfarm::vmagent::hotspot::writer {

namespace {

using namespace jvmci;
using code::ValueKind;
using code::ValuePlace;

constexpr jint kOopBytes = 8;
constexpr jint kMaxRegisterBytes = 8;  // nothing lives in a vector register at a safepoint

struct Fields {
  FieldOf<Object*> wordKind{"jdk/vm/ci/code/Architecture", "wordKind",
                            "Ljdk/vm/ci/meta/PlatformKind;"};
  FieldOf<Object*> arch{"jdk/vm/ci/code/TargetDescription", "arch",
                        "Ljdk/vm/ci/code/Architecture;"};
  FieldOf<Object*> ILLEGAL{"jdk/vm/ci/meta/Value", "ILLEGAL", "Ljdk/vm/ci/meta/AllocatableValue;",
                           true};
  FieldOf<Object*> NULL_POINTER{"jdk/vm/ci/meta/JavaConstant", "NULL_POINTER",
                                "Ljdk/vm/ci/meta/JavaConstant;", true};
  FieldOf<Object*> CALL{"jdk/vm/ci/code/site/InfopointReason", "CALL",
                        "Ljdk/vm/ci/code/site/InfopointReason;", true};
  FieldOf<Object*> SAFEPOINT{"jdk/vm/ci/code/site/InfopointReason", "SAFEPOINT",
                             "Ljdk/vm/ci/code/site/InfopointReason;", true};
  FieldOf<jchar> typeChar{"jdk/vm/ci/meta/JavaKind", "typeChar", "C"};
  FieldOf<Object*> valueKind{"jdk/vm/ci/meta/Value", "valueKind", "Ljdk/vm/ci/meta/ValueKind;"};
  FieldOf<Object*> platformKind{"jdk/vm/ci/meta/ValueKind", "platformKind",
                                "Ljdk/vm/ci/meta/PlatformKind;"};
  FieldOf<jint> slotOffset{"jdk/vm/ci/code/StackSlot", "offset", "I"};
  FieldOf<Object*> constantKind{"jdk/vm/ci/meta/PrimitiveConstant", "kind",
                                "Ljdk/vm/ci/meta/JavaKind;"};
  FieldOf<jlong> primitive{"jdk/vm/ci/meta/PrimitiveConstant", "primitive", "J"};
  FieldOf<jint> locationOffset{"jdk/vm/ci/code/Location", "offset", "I"};
  FieldOf<Object*> objects{"jdk/vm/ci/hotspot/HotSpotReferenceMap", "objects",
                           "[Ljdk/vm/ci/code/Location;"};
  FieldOf<Object*> derivedBase{"jdk/vm/ci/hotspot/HotSpotReferenceMap", "derivedBase",
                               "[Ljdk/vm/ci/code/Location;"};
  FieldOf<Object*> sizeInBytes{"jdk/vm/ci/hotspot/HotSpotReferenceMap", "sizeInBytes", "[I"};
  FieldOf<jint> maxRegisterSize{"jdk/vm/ci/hotspot/HotSpotReferenceMap", "maxRegisterSize", "I"};
  FieldOf<Object*> bytecodePosition{"jdk/vm/ci/code/DebugInfo", "bytecodePosition",
                                    "Ljdk/vm/ci/code/BytecodePosition;"};
  FieldOf<Object*> referenceMap{"jdk/vm/ci/code/DebugInfo", "referenceMap",
                                "Ljdk/vm/ci/code/ReferenceMap;"};
  FieldOf<Object*> caller{"jdk/vm/ci/code/BytecodePosition", "caller",
                          "Ljdk/vm/ci/code/BytecodePosition;"};
  FieldOf<Object*> method{"jdk/vm/ci/code/BytecodePosition", "method",
                          "Ljdk/vm/ci/meta/ResolvedJavaMethod;"};
  FieldOf<jint> bci{"jdk/vm/ci/code/BytecodePosition", "bci", "I"};
  FieldOf<jboolean> rethrowException{"jdk/vm/ci/code/BytecodeFrame", "rethrowException", "Z"};
  FieldOf<jboolean> duringCall{"jdk/vm/ci/code/BytecodeFrame", "duringCall", "Z"};
  FieldOf<jint> numLocals{"jdk/vm/ci/code/BytecodeFrame", "numLocals", "I"};
  FieldOf<jint> numStack{"jdk/vm/ci/code/BytecodeFrame", "numStack", "I"};
  FieldOf<jint> numLocks{"jdk/vm/ci/code/BytecodeFrame", "numLocks", "I"};
  FieldOf<Object*> lockOwner{"jdk/vm/ci/code/StackLockValue", "owner",
                             "Ljdk/vm/ci/meta/JavaValue;"};
  FieldOf<Object*> lockSlot{"jdk/vm/ci/code/StackLockValue", "slot",
                            "Ljdk/vm/ci/meta/AllocatableValue;"};
  FieldOf<jboolean> lockEliminated{"jdk/vm/ci/code/StackLockValue", "eliminated", "Z"};
  FieldOf<Object*> values{"jdk/vm/ci/code/BytecodeFrame", "values", "[Ljdk/vm/ci/meta/JavaValue;"};
  FieldOf<Object*> slotKinds{"jdk/vm/ci/code/BytecodeFrame", "slotKinds",
                             "[Ljdk/vm/ci/meta/JavaKind;"};
  Class& Location = World::get().find_class("jdk/vm/ci/code/Location");
  Class& ReferenceMap = World::get().find_class("jdk/vm/ci/hotspot/HotSpotReferenceMap");
  Class& DebugInfo = World::get().find_class("jdk/vm/ci/code/DebugInfo");
  Class& BytecodeFrame = World::get().find_class("jdk/vm/ci/code/BytecodeFrame");
  Class& StackSlot = World::get().find_class("jdk/vm/ci/code/StackSlot");
  Class& ValueKindClass = World::get().find_class("jdk/vm/ci/meta/ValueKind");
  Class& PrimitiveConstant = World::get().find_class("jdk/vm/ci/meta/PrimitiveConstant");
  Class& JavaValue = World::get().find_class("jdk/vm/ci/meta/JavaValue");
  Class& StackLockValue = World::get().find_class("jdk/vm/ci/code/StackLockValue");
  Class& JavaKind = World::get().find_class("jdk/vm/ci/meta/JavaKind");
};

const Fields& fields() {
  static const Fields* const f = new Fields;  // never destroyed: compiler threads outlive main
  return *f;
}

Object* immortal(std::string_view klass) {
  World& world = World::get();
  return world.allocate(world.find_class(klass));
}

}  // namespace

Jdk17Constants::Jdk17Constants() {
  const Fields& f = fields();
  word_kind = immortal("jdk/vm/ci/amd64/AMD64Kind");
  target = immortal("jdk/vm/ci/code/TargetDescription");
  Object* arch = immortal("jdk/vm/ci/amd64/AMD64");
  f.wordKind.set(*arch, word_kind);
  f.arch.set(*target, arch);
  constexpr std::string_view kName = "jitfarm";
  name =
      Object::make(World::get().find_class("java/lang/String"), ObjectKind::string, kName.size());
  std::memcpy(name->bytes().data(), kName.data(), kName.size());
  illegal = immortal("jdk/vm/ci/meta/Value");
  f.ILLEGAL.set_static(illegal);
  null_constant = immortal("jdk/vm/ci/meta/NullConstant");
  f.NULL_POINTER.set_static(null_constant);
  reason_call = immortal("jdk/vm/ci/code/site/InfopointReason");
  f.CALL.set_static(reason_call);
  reason_safepoint = immortal("jdk/vm/ci/code/site/InfopointReason");
  f.SAFEPOINT.set_static(reason_safepoint);
  // HotSpot reads these numbers back and compares every bci with them. Left at 0, each frame state
  // at bci 0 would mean "before the method is entered, monitor not taken yet".
  constexpr std::pair<std::string_view, jint> kSpecialBcis[] = {
      {"UNWIND_BCI", -1},          {"BEFORE_BCI", -2},  {"AFTER_BCI", -3},
      {"AFTER_EXCEPTION_BCI", -4}, {"UNKNOWN_BCI", -5}, {"INVALID_FRAMESTATE_BCI", -6}};
  for (const auto& [field, bci] : kSpecialBcis)
    FieldOf<jint>("jdk/vm/ci/code/BytecodeFrame", field, "I", true).set_static(bci);
  constexpr char kTypeChars[] = {'-', 'I', 'J', 'F', 'D', 'A'};
  static_assert(std::size(kTypeChars) == static_cast<std::size_t>(ValueKind::kCount));
  for (std::size_t i = 0; i < std::size(kTypeChars); ++i) {
    kinds[i] = immortal("jdk/vm/ci/meta/JavaKind");
    f.typeChar.set(*kinds[i], static_cast<jchar>(kTypeChars[i]));
  }
}

const Jdk17Constants& Jdk17Constants::get() {
  static const Jdk17Constants* const constants = new Jdk17Constants;
  return *constants;
}

Object* Jdk17DebugInfo::stack_slot(std::int32_t offset) {
  Object*& slot = slots_[offset];
  if (slot) return slot;
  const Fields& f = fields();
  Object* kind = env_.make(f.ValueKindClass);
  f.platformKind.set(*kind, Jdk17Constants::get().word_kind);
  slot = env_.make(f.StackSlot);
  f.valueKind.set(*slot, kind);
  f.slotOffset.set(*slot, offset);
  return slot;
}

Object* Jdk17DebugInfo::location(std::int32_t offset) {
  Object*& location = locations_[offset];
  if (location) return location;
  location = env_.make(fields().Location);  // without a register: on the stack
  fields().locationOffset.set(*location, offset);
  return location;
}

Result<Object*> Jdk17DebugInfo::method(MethodId id) {
  if (auto it = methods_.find(id); it != methods_.end()) return it->second;
  JF_TRY(Object * method, objects_.method(id));
  methods_.emplace(id, method);
  return method;
}

Object* Jdk17DebugInfo::value(const code::FrameValue& value) {
  const Jdk17Constants& constants = Jdk17Constants::get();
  if (value.kind == ValueKind::illegal || value.place == ValuePlace::none) return constants.illegal;
  if (value.place == ValuePlace::stack_slot) return stack_slot(value.offset);
  if (value.kind == ValueKind::object) return constants.null_constant;
  Object* constant = env_.make(fields().PrimitiveConstant);
  fields().constantKind.set(*constant, constants.kind(value.kind));
  fields().primitive.set(*constant, value.bits);
  return constant;
}

Object* Jdk17DebugInfo::reference_map(const std::vector<code::OopSlot>& oops) {
  const Fields& f = fields();
  Object* map = env_.make(f.ReferenceMap);
  const auto n = static_cast<std::uint32_t>(oops.size());
  Object* slots = env_.make_objects(f.Location, n);
  Object* bases = env_.make_objects(f.Location, n);
  const std::vector<jint> sizes(n, kOopBytes);
  for (std::uint32_t i = 0; i < n; ++i) {
    slots->set_element(i, location(oops[i].offset));
    if (oops[i].base_offset != oops[i].offset) bases->set_element(i, location(oops[i].base_offset));
  }
  f.objects.set(*map, slots);
  f.derivedBase.set(*map, bases);
  f.sizeInBytes.set(*map, env_.make_ints(sizes));
  f.maxRegisterSize.set(*map, kMaxRegisterBytes);
  return map;
}

Object* Jdk17DebugInfo::debug_info(Object* position, Object* map) {
  Object* info = env_.make(fields().DebugInfo);
  fields().bytecodePosition.set(*info, position);
  fields().referenceMap.set(*info, map);
  return info;
}

Object* Jdk17DebugInfo::empty() { return debug_info(nullptr, reference_map({})); }

Result<Object*> Jdk17DebugInfo::frame(const code::Frame& frame, Object* caller) {
  const Fields& f = fields();
  const Jdk17Constants& constants = Jdk17Constants::get();
  JF_TRY(Object * java_method, method(frame.method));
  values_.clear();
  kinds_.clear();
  for (const auto* part : {&frame.locals, &frame.stack})
    for (const code::FrameValue& v : *part) {
      values_.push_back(value(v));
      kinds_.push_back(constants.kind(v.place == ValuePlace::none ? ValueKind::illegal : v.kind));
    }
  for (const code::FrameLock& l : frame.locks) {
    Object* lock = env_.make(f.StackLockValue);
    f.lockOwner.set(*lock, value(l.owner));
    f.lockSlot.set(*lock, stack_slot(l.slot));
    f.lockEliminated.set(*lock, JNI_FALSE);
    values_.push_back(lock);
  }
  Object* result = env_.make(f.BytecodeFrame);
  f.caller.set(*result, caller);
  f.method.set(*result, java_method);
  f.bci.set(*result, frame.bci);
  f.duringCall.set(*result, frame.during_call);
  f.rethrowException.set(*result, frame.rethrows);
  f.numLocals.set(*result, static_cast<jint>(frame.locals.size()));
  f.numStack.set(*result, static_cast<jint>(frame.stack.size()));
  f.numLocks.set(*result, static_cast<jint>(frame.locks.size()));
  f.values.set(*result, env_.make_objects(f.JavaValue, values_));
  f.slotKinds.set(*result, env_.make_objects(f.JavaKind, kinds_));
  return result;
}

Result<Object*> Jdk17DebugInfo::of(const code::Site& site) {
  Object* innermost = nullptr;
  for (const code::Frame& outer_first : site.frames) {
    JF_TRY(innermost, frame(outer_first, innermost));
  }
  return debug_info(innermost, reference_map(site.oops));
}

}  // namespace jitfarm::vmagent::hotspot::writer
