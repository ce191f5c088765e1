// The record of every fact kind.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/digest.h"
#include "common/base/id.h"
#include "common/facts/vm_config.h"
#include "common/wire/describe.h"

namespace jitfarm::facts {

using wire::field;
using wire::record;

struct ClassInfo {
  std::string name;           ///< internal form, "java/lang/String"
  Digest shape;               ///< of the canonical shape; the per-session shape of a redefined or hidden class too
  ClassId super;              ///< 0 for java/lang/Object and interfaces' implicit super
  std::uint32_t access_flags = 0;  ///< JVMS 4.1
  bool is_hidden = false;
  bool is_shareable = true;   ///< false: redefined or hidden; the shape is not shared between sessions
  friend bool operator==(const ClassInfo&, const ClassInfo&) = default;
  static constexpr auto kRecord = record(
      "class_info", "A linked class.", field("name", &ClassInfo::name, "internal form"),
      field("shape", &ClassInfo::shape, "digest of the canonical shape"),
      field("super", &ClassInfo::super, "direct super class, 0: none"),
      field("access_flags", &ClassInfo::access_flags, "JVMS 4.1"),
      field("is_hidden", &ClassInfo::is_hidden, "hidden class"),
      field("is_shareable", &ClassInfo::is_shareable, "shape may be shared between sessions"));
};

struct ShapeRef {
  Digest shape;
  friend bool operator==(const ShapeRef&, const ShapeRef&) = default;
  static constexpr auto kRecord = record("shape_ref", "Names the shape that came with the answer.",
                                         field("shape", &ShapeRef::shape, "digest"));
};

struct ClassState {
  bool initialized = false;  ///< always true when the fact is known
  friend bool operator==(const ClassState&, const ClassState&) = default;
  static constexpr auto kRecord = record("class_state", "JVMS 5.5.", field("initialized", &ClassState::initialized, "fully initialised"));
};

struct MethodInfo {
  ClassId holder;
  std::string name;
  std::string descriptor;
  std::uint32_t access_flags = 0;   ///< JVMS 4.6
  std::uint32_t intrinsic_id = 0;   ///< HotSpot's vmIntrinsics id, 0: none
  bool is_method_handle_intrinsic = false;
  bool can_be_statically_bound = false;
  bool dont_inline = false;
  std::uint32_t code_bytes = 0;     ///< of its bytecode, 0: none
  friend bool operator==(const MethodInfo&, const MethodInfo&) = default;
  static constexpr auto kRecord = record(
      "method_info", "One method; its code is in the holder's shape under name and descriptor.",
      field("holder", &MethodInfo::holder, "class"), field("name", &MethodInfo::name, ""),
      field("descriptor", &MethodInfo::descriptor, "JVMS 4.3.3"),
      field("access_flags", &MethodInfo::access_flags, "JVMS 4.6"),
      field("intrinsic_id", &MethodInfo::intrinsic_id, "of the VM, 0: none"),
      field("is_method_handle_intrinsic", &MethodInfo::is_method_handle_intrinsic, "signature polymorphic"),
      field("can_be_statically_bound", &MethodInfo::can_be_statically_bound, "final, private, static or of a final class"),
      field("dont_inline", &MethodInfo::dont_inline, "@DontInline and the like"),
      field("code_bytes", &MethodInfo::code_bytes, "of its bytecode, 0: none"));
};

struct ResolvedClass {
  ClassId klass;             ///< array classes have one, too
  bool initialized = false;  ///< at the time of the answer
  bool is_array = false;
  std::uint32_t instance_size = 0;  ///< bytes of a new object, aligned; 0: only the VM may make one (it has a finalizer, or there are none)
  std::uint32_t super_check_offset = 0;  ///< Klass::_super_check_offset
  friend bool operator==(const ResolvedClass&, const ResolvedClass&) = default;
  static constexpr auto kRecord =
      record("resolved_class", "Class entry.", field("klass", &ResolvedClass::klass, "an array class has one, too"),
             field("initialized", &ResolvedClass::initialized, "fully initialised when asked"),
             field("is_array", &ResolvedClass::is_array, "an array class"),
             field("instance_size", &ResolvedClass::instance_size, "bytes of a new object; 0: the VM must make it"),
             field("super_check_offset", &ResolvedClass::super_check_offset,
                   "where a class that extends this one has it, in its Klass"));
};

struct ArrayClass {
  ClassId klass;
  friend bool operator==(const ArrayClass&, const ArrayClass&) = default;
  static constexpr auto kRecord = record("array_class", "The class of arrays with elements of one type.",
                                         field("klass", &ArrayClass::klass, ""));
};

struct ResolvedField {
  ClassId holder;
  std::int32_t offset = 0;        ///< bytes from the object, or from the holder's java mirror for statics
  char type = 0;                  ///< first character of the descriptor: B C D F I J S Z L [
  bool is_static = false;
  bool is_volatile = false;
  bool is_final = false;
  bool has_value = false;         ///< a static final field, which keeps its value: a number, or not null
  std::uint64_t bits = 0;         ///< the number, as in resolved_object; of an array: its length
  friend bool operator==(const ResolvedField&, const ResolvedField&) = default;
  static constexpr auto kRecord = record(
      "resolved_field", "Field entry.", field("holder", &ResolvedField::holder, "declaring class"),
      field("offset", &ResolvedField::offset, "bytes"), field("type", &ResolvedField::type, "descriptor's first character"),
      field("is_static", &ResolvedField::is_static, ""), field("is_volatile", &ResolvedField::is_volatile, ""),
      field("is_final", &ResolvedField::is_final, ""),
      field("has_value", &ResolvedField::has_value, "a static final field, which keeps its value: a number, or an object"),
      field("bits", &ResolvedField::bits, "the number, as in resolved_object; of an array: its length"));
};

struct ResolvedMethod {
  MethodId method;            ///< the resolved method (not the selected one); has a method_info fact
  ClassId holder;
  bool is_static = false;
  bool is_method_handle_intrinsic = false;
  bool has_appendix = false;  ///< an adapter of the VM that takes one more argument, an object
  bool can_be_statically_bound = false;
  std::uint32_t appendix = 0;  ///< that argument: index in the resolved references of the class that calls
  friend bool operator==(const ResolvedMethod&, const ResolvedMethod&) = default;
  static constexpr auto kRecord = record(
      "resolved_method", "Method entry, or what the VM calls instead.",
      field("method", &ResolvedMethod::method, "resolved method"),
      field("holder", &ResolvedMethod::holder, "its class"),
      field("is_static", &ResolvedMethod::is_static, "with invokevirtual: an adapter for a method handle's call"),
      field("is_method_handle_intrinsic", &ResolvedMethod::is_method_handle_intrinsic, "linkToStatic, invokeBasic and the like"),
      field("has_appendix", &ResolvedMethod::has_appendix, "an adapter that takes one more argument, an object"),
      field("can_be_statically_bound", &ResolvedMethod::can_be_statically_bound, "needs no dispatch"),
      field("appendix", &ResolvedMethod::appendix, "that argument: index in the resolved references of the calling class"));
};

struct CallSite {
  MethodId method;            ///< static; has a method_info fact
  ClassId holder;
  bool has_appendix = false;  ///< it takes one argument more than the call site has: an object
  std::uint32_t appendix = 0;  ///< that argument: index in the resolved references of the class that calls
  friend bool operator==(const CallSite&, const CallSite&) = default;
  static constexpr auto kRecord = record(
      "call_site", "What an invokedynamic calls.", field("method", &CallSite::method, "static"),
      field("holder", &CallSite::holder, "its class"),
      field("has_appendix", &CallSite::has_appendix, "the method takes one more argument, an object"),
      field("appendix", &CallSite::appendix, "that argument: index in the resolved references of the calling class"));
};

struct ResolvedObject {
  bool is_null = false;  ///< a resolved constant whose value is null (dynamic constants only)
  std::uint64_t bits = 0;  ///< of a dynamic constant of a primitive type: its value, as in the class file; float and less in the lower half
  friend bool operator==(const ResolvedObject&, const ResolvedObject&) = default;
  static constexpr auto kRecord = record("resolved_object", "The constant is resolved; code names it by class and cp index.",
                                         field("is_null", &ResolvedObject::is_null, ""),
             field("bits", &ResolvedObject::bits, "value of a dynamic constant of a primitive type"));
};

struct ConstantField {
  std::int32_t offset = 0;
  std::uint32_t object = 0;  ///< index in ConstantObjects; 0: a number
  std::uint64_t bits = 0;    ///< the number, as in resolved_object
  friend bool operator==(const ConstantField&, const ConstantField&) = default;
  static constexpr auto kRecord = record(
      "constant_field", "A final field that keeps its value.", field("offset", &ConstantField::offset, "bytes"),
      field("object", &ConstantField::object, "index in constant_objects; 0: a number"),
      field("bits", &ConstantField::bits, "the number, as in resolved_object"));
};

/// An object that is not null.
struct ConstantObject {
  std::vector<ClassId> classes;  ///< its exact class, then those that this extends
  MethodId form;    ///< of a method handle: what invokeBasic calls; 0: not known
  MethodId member;  ///< of a member name: what linkToStatic and its like call, but for dispatch; 0: same
  std::vector<ConstantField> fields;
  friend bool operator==(const ConstantObject&, const ConstantObject&) = default;
  static constexpr auto kRecord = record(
      "constant_object", "An object that is not null.",
      field("classes", &ConstantObject::classes, "its exact class, then those that this extends"),
      field("form", &ConstantObject::form, "of a method handle: what invokeBasic calls; 0: not known"),
      field("member", &ConstantObject::member, "of a member name: the method that it stands for; 0: same"),
      field("fields", &ConstantObject::fields, "final fields that the VM trusts"));
};

/// A method handle and what it is made of.
struct ConstantObjects {
  std::vector<ConstantObject> objects;  ///< the first is the one that was asked for
  friend bool operator==(const ConstantObjects&, const ConstantObjects&) = default;
  static constexpr auto kRecord = record(
      "constant_objects", "An object that code names, and those that it keeps.",
      field("objects", &ConstantObjects::objects, "the first is the one that was asked for"));
};
/// Where the first one is: `detail` of the fact.
inline constexpr std::uint32_t kInReferences = 0;   ///< resolved references of the class
inline constexpr std::uint32_t kInStaticField = 1;  ///< a static final field that its constant pool names

/// A conditional branch.
struct BranchProfile {
  std::uint32_t bci = 0;
  std::uint32_t taken = 0;      ///< saturating, as all counts here
  std::uint32_t not_taken = 0;
  std::uint32_t traps = 0;      ///< DeoptReason of the traps of compiled code at this bci; 0: none, kManyTraps: of several
  friend bool operator==(const BranchProfile&, const BranchProfile&) = default;
  static constexpr auto kRecord = record(
      "branch_profile", "One conditional branch.", field("bci", &BranchProfile::bci, ""),
      field("taken", &BranchProfile::taken, "times"), field("not_taken", &BranchProfile::not_taken, "times"),
      field("traps", &BranchProfile::traps, "reason of its traps in compiled code; 0: none, 2^32 - 1: several reasons"));
};
inline constexpr std::uint32_t kManyTraps = 0xffff'ffff;

struct ReceiverProfile {
  ClassId klass;
  MethodId method;              ///< what the call selects for a receiver of exactly this class
  std::uint32_t count = 0;
  friend bool operator==(const ReceiverProfile&, const ReceiverProfile&) = default;
  static constexpr auto kRecord = record(
      "receiver_profile", "One class of receivers.", field("klass", &ReceiverProfile::klass, "exact class"),
      field("method", &ReceiverProfile::method, "that the call reaches then"),
      field("count", &ReceiverProfile::count, "times"));
};

/// An invoke.
struct CallProfile {
  std::uint32_t bci = 0;
  std::uint32_t count = 0;      ///< of all receivers together
  std::uint32_t traps = 0;      ///< as in BranchProfile
  std::vector<ReceiverProfile> receivers;  ///< the most frequent classes, descending count
  friend bool operator==(const CallProfile&, const CallProfile&) = default;
  static constexpr auto kRecord = record(
      "call_profile", "One invoke.", field("bci", &CallProfile::bci, ""), field("count", &CallProfile::count, "times, all receivers together"),
      field("traps", &CallProfile::traps, "as in branch_profile"),
      field("receivers", &CallProfile::receivers, "the most frequent classes, descending"));
};

struct TestedClass {
  ClassId klass;
  bool passes = false;          ///< its objects are of the class that the bytecode names; no guess
  std::uint32_t count = 0;
  friend bool operator==(const TestedClass&, const TestedClass&) = default;
  static constexpr auto kRecord = record(
      "tested_class", "One class of objects that were tested.", field("klass", &TestedClass::klass, "exact class"),
      field("passes", &TestedClass::passes, "its objects are of the class that the bytecode names: that is certain"),
      field("count", &TestedClass::count, "times"));
};

/// A checkcast or instanceof.
struct TestProfile {
  std::uint32_t bci = 0;
  std::uint32_t count = 0;      ///< of all objects together, without nulls
  std::uint32_t traps = 0;      ///< as in BranchProfile
  bool saw_null = false;
  bool is_complete = false;     ///< every object that was seen is in `count`
  std::vector<TestedClass> classes;  ///< the most frequent ones, descending count
  friend bool operator==(const TestProfile&, const TestProfile&) = default;
  static constexpr auto kRecord = record(
      "test_profile", "One checkcast or instanceof.", field("bci", &TestProfile::bci, ""),
      field("count", &TestProfile::count, "times, without nulls"), field("traps", &TestProfile::traps, "as in branch_profile"),
      field("saw_null", &TestProfile::saw_null, "at least once"),
      field("is_complete", &TestProfile::is_complete, "every object that was seen is counted"),
      field("classes", &TestProfile::classes, "the most frequent classes, descending"));
};

/// A tableswitch or lookupswitch.
struct SwitchProfile {
  std::uint32_t bci = 0;
  std::uint32_t traps = 0;            ///< as in BranchProfile
  std::vector<std::uint32_t> counts;  ///< of the default, then of each case in the order of the bytecode
  friend bool operator==(const SwitchProfile&, const SwitchProfile&) = default;
  static constexpr auto kRecord = record(
      "switch_profile", "One tableswitch or lookupswitch.", field("bci", &SwitchProfile::bci, ""),
      field("traps", &SwitchProfile::traps, "as in branch_profile"),
      field("counts", &SwitchProfile::counts, "times: of the default, then of each case as the bytecode lists them"));
};

/// HotSpot's MethodData. Branches and calls that never ran have entries, too; ascending bci.
struct MethodProfile {
  std::uint32_t invocations = 0;
  std::vector<BranchProfile> branches;
  std::vector<CallProfile> calls;
  std::vector<TestProfile> tests;  ///< those from which something follows (inline_policy.h)
  std::vector<SwitchProfile> switches;  ///< same
  friend bool operator==(const MethodProfile&, const MethodProfile&) = default;
  static constexpr auto kRecord = record(
      "method_profile", "What ran how often.", field("invocations", &MethodProfile::invocations, "of the method, while it was profiled"),
      field("branches", &MethodProfile::branches, "ascending bci"), field("calls", &MethodProfile::calls, "ascending bci"),
      field("tests", &MethodProfile::tests, "those from which something follows, ascending bci"),
      field("switches", &MethodProfile::switches, "those from which something follows, ascending bci"));
};

struct UniqueTarget {
  MethodId method;
  friend bool operator==(const UniqueTarget&, const UniqueTarget&) = default;
  static constexpr auto kRecord = record("unique_target", "By class hierarchy analysis; code that uses it carries the assumption.",
                                         field("method", &UniqueTarget::method, "the only target"));
};

}  // namespace jitfarm::facts
