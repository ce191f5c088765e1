// What does the worker hand to the JVM? Native code of one method with everything needed to install it.
//
// A CodeImage is the *body* of an nmethod. It knows nothing of the layout of a particular JDK: the entry
// sequences, the return poll, the exception and deopt handlers and the bytes of every call are
// written by the agent's adapter (vmagent/hotspot), which wraps the body in a shell:
//
//   [unverified entry] verified entry, stack bang, [entry barrier] | text | return stub, unwind stub,
//   exception handler, deopt handler | rodata
//
// Offsets in a CodeImage are into `text` or `rodata`; the adapter moves them. Register use at entry, calls
// and exits: hotspot-abi (docs/hotspot-abi.md) section 1.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/digest.h"
#include "common/base/id.h"
#include "common/base/result.h"
#include "common/code/compile_task.h"
#include "common/facts/fact.h"
#include "common/wire/describe.h"

namespace jitfarm::code {

using wire::field;
using wire::record;

/// HotSpot's BasicType classes of a value in a frame state.
enum class ValueKind : std::uint8_t { illegal, int_, long_, float_, double_, object, kCount };

enum class ValuePlace : std::uint8_t {
  none,        ///< dead or the second half of a long or double
  stack_slot,  ///< at [rsp + offset]
  constant,    ///< `bits`; for objects only null (0)
  kCount,
};

/// One local or operand-stack slot. A long or double is followed by an illegal one.
struct FrameValue {
  ValueKind kind = ValueKind::illegal;
  ValuePlace place = ValuePlace::none;
  std::int32_t offset = 0;
  std::int64_t bits = 0;
  friend bool operator==(const FrameValue&, const FrameValue&) = default;
  static constexpr auto kRecord =
      record("frame_value", "A local or stack slot of an interpreter frame.", field("kind", &FrameValue::kind, ""),
             field("place", &FrameValue::place, ""), field("offset", &FrameValue::offset, "from rsp"),
             field("bits", &FrameValue::bits, "of a constant"));
};

/// A monitor that a frame holds. HotSpot keeps the object's header in `slot`, or a note of how the
/// object is locked.
struct FrameLock {
  FrameValue owner;       ///< the locked object, in a stack slot
  std::int32_t slot = 0;  ///< from rsp, 8 bytes (BasicLock)
  friend bool operator==(const FrameLock&, const FrameLock&) = default;
  static constexpr auto kRecord = record("frame_lock", "A monitor that a frame holds.",
                                         field("owner", &FrameLock::owner, "the locked object"),
                                         field("slot", &FrameLock::slot, "of its BasicLock, from rsp"));
};

/// The interpreter frame that a deoptimisation builds (HotSpot ScopeDesc).
struct Frame {
  MethodId method;
  std::int32_t bci = 0;
  bool during_call = false;  ///< true: the bytecode is an invoke or monitorenter under way, its arguments are gone from `stack`; false: run the bytecode again
  bool rethrows = false;  ///< true: the bytecode has thrown what is alone on `stack`; find its handler
  std::vector<FrameValue> locals;  ///< max_locals entries
  std::vector<FrameValue> stack;   ///< current depth, bottom first
  std::vector<FrameLock> locks;    ///< outermost first; that of a synchronized method is the first
  friend bool operator==(const Frame&, const Frame&) = default;
  static constexpr auto kRecord =
      record("frame", "An interpreter frame.", field("method", &Frame::method, ""), field("bci", &Frame::bci, "exact"),
             field("during_call", &Frame::during_call, "else reexecute"), field("locals", &Frame::locals, ""),
             field("stack", &Frame::stack, "bottom first"),
             field("rethrows", &Frame::rethrows, "the exception on the stack is thrown again at the bytecode"),
             field("locks", &Frame::locks, "outermost first"));
};

/// A stack slot that holds a full-width oop; derived from the one at `base_offset` when that differs.
struct OopSlot {
  std::int32_t offset = 0;
  std::int32_t base_offset = 0;
  friend bool operator==(const OopSlot&, const OopSlot&) = default;
  static constexpr auto kRecord = record("oop_slot", "A reference the collector updates.", field("offset", &OopSlot::offset, "from rsp"),
                                         field("base_offset", &OopSlot::base_offset, "same as offset: not derived"));
};

enum class SiteKind : std::uint8_t {
  call_static,     ///< Java call; the VM takes the callee from the bytecode at the innermost frame's bci
  call_special,
  call_virtual,    ///< through an inline cache
  call_interface,
  runtime_call,    ///< `target`: the uncommon trap or a VM entry, with the frame state before the bytecode; monitor_enter: see there
  poll,            ///< safepoint poll in a loop, cold
  kCount,
};

/// Places in the VM and in the shell, resolved by the agent. Never an address on the wire.
enum class Target : std::uint8_t {
  none,
  return_stub,         ///< shell: polls and returns; result in rax or xmm0
  unwind_stub,         ///< shell: leaves the frame with the exception in rax
  uncommon_trap,       ///< deopt_blob uncommon trap
  drem,                ///< SharedRuntime::drem, C leaf
  frem,                ///< SharedRuntime::frem, C leaf
  new_instance,        ///< VM entry: (Klass*) -> object
  new_array,           ///< VM entry: (Klass* of the array, int length) -> array
  new_multi_array,     ///< VM entry: (Klass* of the array, int dimensions, address of that many ints) -> array
  write_barrier_pre,   ///< G1, C leaf: (thread, reference): remembers what a store overwrites
  write_barrier_post,  ///< G1, C leaf: (thread, address of a card): hands a dirty card over
  osr_migration_end,   ///< C leaf: (buffer): frees what an on-stack replacement was entered with
  monitor_enter,       ///< VM entry: (object, address of its BasicLock): locks it. The frame state has the lock: it is during the
                       ///< monitorenter, or, of a synchronized method, before the first bytecode
  monitor_exit,        ///< C leaf: (thread, object, address of its BasicLock): unlocks it
  throw_implicit,      ///< VM entry: (int ImplicitException, two long arguments of it): throws it, does not return
  copy_bytes,          ///< C leaf that also finds the thread in r15: (from, to, count of elements), which may overlap
  copy_shorts,         ///< same
  copy_ints,           ///< same
  copy_longs,          ///< same
  copy_references,     ///< same, with the barriers of the collector; the elements are not checked
  math_sin,            ///< C leaf: (double) -> double, bit for bit what the interpreter's Math.sin gives; so the next six
  math_cos,
  math_tan,
  math_exp,
  math_log,
  math_log10,
  math_pow,            ///< (double, double) -> double
  time_millis,         ///< C leaf: () -> long, System.currentTimeMillis
  time_nanos,          ///< C leaf: () -> long, System.nanoTime
  wrong_method,        ///< shell: leaves the frame with the arguments of the call: the VM finds the callee again
  register_finalizer,  ///< VM entry: (object): at the return of Object's constructor, of objects that have a finalizer
  multiply_to_len,     ///< C leaves over the elements of arrays, as HotSpot's own compilers call them (array_stub_bit), until base64_encode:
                       ///< (x, x length, y, y length, z, z length)
  square_to_len,       ///< (x, length, z, z length)
  multiply_add,        ///< (out, in, offset from out's end, length, factor) -> int carry
  montgomery_multiply, ///< (a, b, n, length, long inverse, product), up to 512 ints
  montgomery_square,   ///< (a, n, length, long inverse, product), up to 512 ints
  mismatch,            ///< (a, b, count, log2 of the size of an element) -> int index, -1: none
  crc32,               ///< (int crc, bytes, count) -> int; so the next two
  crc32c,
  adler32,
  base64_encode,       ///< (source, from, to, target, target's index, int is for URLs)
  kCount,
};

/// What a bytecode throws by itself (JVMS 6.5), and its arguments. A Klass* is one.
enum class ImplicitException : std::uint8_t {
  null_pointer,
  array_index,  ///< index, length
  arithmetic,   ///< division by zero
  class_cast,   ///< class of the object, class wanted
  array_store,  ///< class of the object
  kCount,
};

/// Entries of the VM that a runtime_call may reach: they return or throw, run safepoints, and deoptimise to the
/// state before the bytecode. Arguments and result are in the registers of a Java call.
constexpr bool is_vm_entry(Target target) {
  return target == Target::new_instance || target == Target::new_array || target == Target::new_multi_array ||
         target == Target::monitor_enter || target == Target::throw_implicit ||
         target == Target::register_finalizer;
}

constexpr bool is_array_stub(Target target) {
  return target >= Target::multiply_to_len && target <= Target::base64_encode;
}
/// The bit of VmConfig::array_stubs that says whether the VM has it.
constexpr std::uint64_t array_stub_bit(Target stub) {
  return std::uint64_t{1} << (static_cast<unsigned>(stub) - static_cast<unsigned>(Target::multiply_to_len));
}

/// C functions that code calls as such, without a site.
constexpr bool is_c_leaf(Target target) {
  return target == Target::drem || target == Target::frem || target == Target::write_barrier_pre ||
         target == Target::write_barrier_post || target == Target::osr_migration_end || target == Target::monitor_exit ||
         (target >= Target::copy_bytes && target <= Target::time_nanos) || is_array_stub(target);
}

/// A place in `text` that the VM knows: bytes [offset, offset + size) are ours to patch, offset + size is the
/// return address that stack maps and landing pads are keyed by; the adapter states the exact one.
struct Site {
  SiteKind kind{};
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  MethodId method;            ///< calls: the resolved callee
  Target target{};            ///< runtime_call
  std::int32_t landing_pad = -1;  ///< offset in text where an exception out of the call or VM entry goes on; -1: deoptimise
  std::vector<Frame> frames;  ///< outermost first; the last one is innermost
  std::vector<OopSlot> oops;
  friend bool operator==(const Site&, const Site&) = default;
  static constexpr auto kRecord = record(
      "site", "A call, trap or poll.", field("kind", &Site::kind, ""), field("offset", &Site::offset, "in text"),
      field("size", &Site::size, "bytes to patch"), field("method", &Site::method, "callee"), field("target", &Site::target, "stub"),
      field("landing_pad", &Site::landing_pad, "in text, -1: none"), field("frames", &Site::frames, "outermost first"),
      field("oops", &Site::oops, "live references"));
};

enum class RelocationKind : std::uint8_t {
  rel32_target,   ///< text[offset..+4) = target + addend - (offset): jump or call to a shell stub (Target::return_stub, unwind_stub)
  rel32_rodata,   ///< text[offset..+4) = rodata[addend] - (offset)
  rel32_text_in_rodata,  ///< rodata[offset..+4) = text[addend] - (rodata offset): jump tables
  abs64_target,   ///< text[offset..+8) = absolute address of `target` (a C leaf)
  rel32_cell,     ///< text[offset..+4) = address of constants[index] + addend - (offset): a load of a constant cell
  kCount,
};
struct Relocation {
  RelocationKind kind{};
  std::uint32_t offset = 0;
  Target target{};
  std::uint32_t cell = 0;
  std::int64_t addend = 0;
  std::uint32_t instruction_offset = 0;  ///< rel32_cell: start of the instruction, prefixes included
  friend bool operator==(const Relocation&, const Relocation&) = default;
  static constexpr auto kRecord = record(
      "relocation", "Bytes that depend on where things are.", field("kind", &Relocation::kind, ""),
      field("offset", &Relocation::offset, "of the bytes"), field("target", &Relocation::target, ""),
      field("cell", &Relocation::cell, "index in constants"), field("addend", &Relocation::addend, ""),
      field("instruction_offset", &Relocation::instruction_offset, "rel32_cell: start of the instruction"));
};

enum class ConstantKind : std::uint8_t {
  mirror,     ///< oop: java.lang.Class of `klass` (base of its static fields)
  pool_object,  ///< oop: the resolved constant-pool entry `cp_index` of `klass`
  klass,      ///< Klass* of `klass`
  reference,  ///< oop: element `cp_index` of the resolved references of `klass`: the last argument of a linked call site
  kCount,
};
/// An 8-byte cell beside the code that the installer fills and the collector updates.
struct Constant {
  ConstantKind kind{};
  ClassId klass;
  std::uint32_t cp_index = 0;
  friend bool operator==(const Constant&, const Constant&) = default;
  static constexpr auto kRecord = record("constant", "A cell with an oop or a Klass*.", field("kind", &Constant::kind, ""),
                                         field("klass", &Constant::klass, ""), field("cp_index", &Constant::cp_index, ""));
};

enum class AssumptionKind : std::uint8_t {
  concrete_method,  ///< `method` is the only concrete implementation below `klass`
  kCount,
};
/// Checked by HotSpot at install and watched until the code is gone.
struct Assumption {
  AssumptionKind kind{};
  ClassId klass;
  MethodId context_method;  ///< the resolved method that is called
  MethodId method;          ///< its only implementation
  friend bool operator==(const Assumption&, const Assumption&) = default;
  static constexpr auto kRecord = record("assumption", "What must stay true.", field("kind", &Assumption::kind, ""),
                                         field("klass", &Assumption::klass, "context"),
                                         field("context_method", &Assumption::context_method, "called"),
                                         field("method", &Assumption::method, "only implementation"));
};

/// A fact the compiler read, with the digest of what it read: the dependency record.
struct FactUse {
  facts::FactKey key;
  std::uint64_t value_hash = 0;
  friend bool operator==(const FactUse&, const FactUse&) = default;
  static constexpr auto kRecord = record("fact_use", "A fact the code depends on.", field("key", &FactUse::key, ""),
                                         field("value_hash", &FactUse::value_hash, "first 8 bytes of the BLAKE2b digest of the encoded fact"));
};

inline constexpr std::uint32_t kCodeImageVersion = 1;

struct CodeImage {
  std::uint32_t version = kCodeImageVersion;
  CompileTask task;
  Bytes text;                       ///< starts with the prologue; aligned to 16
  Bytes rodata;                     ///< aligned to 32
  std::uint32_t frame_size = 0;     ///< bytes, return address included (HotSpot totalFrameSize)
  std::int32_t deopt_rescue_offset = -1;  ///< from rsp, of the slot that HotSpot saves the original pc in; -1: no sites
  std::int32_t thread_slot_offset = -1;   ///< from rsp, of the slot re-read after Java calls; -1: none
  bool has_receiver = false;        ///< needs an unverified entry
  std::vector<Site> sites;          ///< ascending offset, disjoint
  std::vector<Relocation> relocations;
  std::vector<Constant> constants;
  std::vector<MethodId> methods;    ///< root first, then every inlined method
  std::vector<Assumption> assumptions;
  std::vector<FactUse> facts;       ///< ascending key
  friend bool operator==(const CodeImage&, const CodeImage&) = default;
  static constexpr auto kRecord = record(
      "code_image", "Native code of one method.", field("version", &CodeImage::version, "of this format"),
      field("task", &CodeImage::task, "what was compiled"), field("text", &CodeImage::text, "machine code"),
      field("rodata", &CodeImage::rodata, "constants and jump tables"), field("frame_size", &CodeImage::frame_size, "bytes"),
      field("deopt_rescue_offset", &CodeImage::deopt_rescue_offset, "from rsp"),
      field("thread_slot_offset", &CodeImage::thread_slot_offset, "from rsp, -1: none"),
      field("has_receiver", &CodeImage::has_receiver, "not static"), field("sites", &CodeImage::sites, "ascending"),
      field("relocations", &CodeImage::relocations, ""), field("constants", &CodeImage::constants, "cells"),
      field("methods", &CodeImage::methods, "root first"), field("assumptions", &CodeImage::assumptions, ""),
      field("facts", &CodeImage::facts, "dependency record"));
};

/// Everything that a CodeImage must satisfy whatever made it: offsets inside the code, sites ordered and disjoint,
/// slots inside the frame and below [saved rbp][return address], indices inside tables, enums in range, frames well formed. The error names
/// the rule, the index and the limit. The agent calls it on every image before anything else.
Status verify(const CodeImage& image);

/// Limits of verify().
inline constexpr std::size_t kTextBytesMax = 4u << 20;
inline constexpr std::size_t kRodataBytesMax = 4u << 20;
inline constexpr std::size_t kFrameBytesMax = 30'000;  // stack offsets travel as 16 bits in JDK 25's code stream (native-jvmci-25 1.4)
inline constexpr std::size_t kTableEntriesMax = 1u << 16;  // sites, relocations, constants, methods
inline constexpr std::uint32_t kSiteBytesMax = 64;         // the longest sled is 34 bytes (hotspot-abi 3)
inline constexpr std::size_t kFrameDepthMax = 64;          // inlined frames of one site
inline constexpr std::size_t kFrameLocksMax = 64;          // monitors that one frame holds; people's methods have three at most
inline constexpr std::size_t kFrameValuesMax = 65'535;     // JVMS 4.7.3: max_locals, max_stack
inline constexpr std::int32_t kBciMax = 65'534;            // JVMS 4.7.3: code_length < 65536
inline constexpr std::uint32_t kPoolIndexMax = 65'534;     // JVMS 4.1: constant_pool_count is u2
inline constexpr std::uint32_t kReferenceIndexMax = 1u << 20;  // object constants and call sites of one class
inline constexpr std::uint32_t kOpcodeBytesMax = 11;       // bytes of an instruction before its displacement: prefixes, opcode, ModRM, SIB

}  // namespace jitfarm::code
