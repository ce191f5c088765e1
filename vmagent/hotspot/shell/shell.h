// What wraps the body of a method (a CodeImage) so that HotSpot takes it as an nmethod?
//
// Entry sequences, calls, polls and exits differ between JDKs; the compiler knows none of them. A
// ShellAssembler per JDK writes them around and into the body, and names every place that the VM
// must know in one flat list. Everything here is pure: numbers in, bytes and sites out; no JVM is
// needed to test it. What turns the list into JDK 17's objects or JDK 25's stream is
// vmagent/install.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/result.h"
#include "common/code/code_image.h"

namespace jitfarm::vmagent::hotspot::shell {

/// `CodeInstaller::*` constants of readConfiguration: names of places in the code. They differ
/// between JDKs.
struct Marks {
  std::int32_t verified_entry = -1;
  std::int32_t unverified_entry = -1;
  std::int32_t exception_handler_entry = -1;
  std::int32_t deopt_handler_entry = -1;
  std::int32_t frame_complete = -1;
  std::int32_t invoke_interface = -1;
  std::int32_t invoke_virtual = -1;
  std::int32_t invoke_static = -1;
  std::int32_t invoke_special = -1;
  std::int32_t poll_far = -1;
  std::int32_t poll_return_far = -1;
  std::int32_t osr_entry = -1;
  std::int32_t entry_barrier_patch = -1;  ///< -1: this JDK asks for no entry barrier
};

/// Numbers of one VM process that a shell is made of. All from readConfiguration. Addresses are
/// absolute.
struct ShellConfig {
  Marks marks;
  bool compressed_class_pointers = false;
  std::uint64_t narrow_klass_base = 0;
  std::uint32_t narrow_klass_shift = 0;
  std::int32_t klass_offset = 0;         ///< of the klass word in an object
  std::uint32_t stack_shadow_pages = 0;  ///< flag StackShadowPages
  std::uint32_t page_bytes = 0;          ///< of the operating system
  std::int32_t thread_polling_page =
      0;  ///< JavaThread -> address that faults when a safepoint waits
  std::int32_t thread_exception_oop = 0;
  std::int32_t thread_exception_pc = 0;
  std::int32_t thread_last_java_sp = 0;  ///< JavaThread::_anchor + JavaFrameAnchor::_last_Java_*
  std::int32_t thread_last_java_fp = 0;
  std::int32_t thread_last_java_pc = 0;
  std::uint64_t non_oop_bits = 0;  ///< Universe::non_oop_word(): the empty inline cache
  std::uint64_t ic_miss_stub = 0;  ///< these four are in the code cache, reached with rel32
  std::uint64_t deopt_unpack = 0;
  std::uint64_t uncommon_trap = 0;
  std::uint64_t unwind_stub = 0;     ///< ours, installed once per VM: Stub::unwind
  std::uint64_t exception_stub = 0;  ///< ours: Stub::exception
  std::uint64_t drem = 0;            ///< the rest are C functions in libjvm
  std::uint64_t frem = 0;
  std::uint64_t osr_migration_end = 0;  ///< 0: no on-stack replacement is entered
  std::uint64_t exception_handler_for_return_address = 0;
  std::uint64_t exception_handler_for_pc = 0;
  // Only for code that uses them; 0: not there, and such code is refused.
  std::uint64_t write_barrier_pre = 0;
  std::uint64_t write_barrier_post = 0;
  std::int32_t thread_vm_result = 0;
  std::int32_t thread_pending_exception = 0;
  struct VmEntry {
    std::uint64_t function = 0;  ///< in libjvm: (JavaThread*, arguments); its object comes in thread_vm_result
    std::uint64_t stub = 0;      ///< ours, installed once per VM: Stub::new_instance and so on
  };
  VmEntry new_instance;
  VmEntry new_array;
  VmEntry new_multi_array;
  VmEntry monitor_enter;
  VmEntry throw_implicit;  ///< its function is ours (implicit_exceptions.h)
  VmEntry register_finalizer;
  std::uint64_t monitor_exit = 0;  ///< in libjvm; 0: not there
  /// Stubs of the VM, for Target::copy_bytes to time_nanos in their order; 0: not there.
  static constexpr std::size_t kLeafStubs = static_cast<std::size_t>(code::Target::time_nanos) -
                                            static_cast<std::size_t>(code::Target::copy_bytes) + 1;
  std::array<std::uint64_t, kLeafStubs> leaf_stubs{};
  /// Those for Target::multiply_to_len to base64_encode.
  static constexpr std::size_t kArrayStubs =
      static_cast<std::size_t>(code::Target::base64_encode) -
      static_cast<std::size_t>(code::Target::multiply_to_len) + 1;
  std::array<std::uint64_t, kArrayStubs> array_stubs{};
  std::uint64_t wrong_method_stub = 0;  ///< in the code cache, reached with rel32; 0: not there
  // From JDK 25.
  std::int32_t speculated_klass = 0;           ///< CompiledICData::_speculated_klass
  std::int32_t thread_polling_word = 0;        ///< JavaThread: above rsp when a safepoint waits
  std::int32_t thread_saved_exception_pc = 0;  ///< JavaThread: where a return polled
  std::int32_t thread_disarmed_guard = 0;      ///< JavaThread: what an entry barrier compares with
  std::uint64_t nmethod_entry_barrier = 0;     ///< these two are in the code cache
  std::uint64_t polling_page_return_handler = 0;
  /// JavaThread::_pending_deoptimization, and what is put there when a VM entry for objects answers
  /// null because memory is short: the interpreter then does it again and throws. 0: the entries
  /// throw by themselves.
  std::int32_t thread_pending_deoptimization = 0;
  std::int32_t null_result_request = 0;
};

enum class InstallSiteKind : std::uint8_t {
  mark,          ///< `mark` names `pc`
  java_call,     ///< the call instruction of image site `image_site`, which has the frame state and
                 ///< the callee
  foreign_call,  ///< call, jmp, jcc or movabs at `pc` to `address`; `image_site` >= 0: with its
                 ///< frame state
  safepoint,     ///< the poll of image site `image_site`
  data_patch,    ///< the instruction at `pc` reads data[data_offset]
  exception_handler,  ///< an exception that arrives at return address `pc` goes on at `handler_pc`
};

/// A place that the VM must know. Plain data; both writers (17: objects, 25: stream) read it.
struct InstallSite {
  InstallSiteKind kind{};
  std::uint32_t pc = 0;  ///< from the start of the code
  std::int32_t mark = -1;
  std::int32_t image_site = -1;  ///< index in CodeImage::sites
  std::uint32_t size = 0;        ///< bytes of the instructions of a call
  std::uint64_t address = 0;
  std::uint32_t data_offset = 0;
  std::uint32_t handler_pc = 0;
  bool empty_reference_map =
      false;  ///< foreign_call of a stub: a frame without oops and without Java state
  friend bool operator==(const InstallSite&, const InstallSite&) = default;
};

/// data[offset .. offset+8) is CodeImage::constants[constant].
struct DataPatch {
  std::uint32_t offset = 0;
  std::uint32_t constant = 0;
  friend bool operator==(const DataPatch&, const DataPatch&) = default;
};

/// A method, or a stub, ready to be described to HotSpot. Sites ascend by pc, a mark before what it
/// announces.
struct AssembledCode {
  Bytes code;
  std::vector<InstallSite> sites;
  std::uint32_t frame_bytes = 0;          ///< return address included
  std::int32_t deopt_rescue_offset = -1;  ///< from rsp; -1: none, then no site has frame state
  std::int32_t thread_slot_offset = -1;   ///< from rsp; -1: none, then no call stores the thread
  Bytes data;
  std::uint32_t data_alignment = 16;
  std::vector<DataPatch> data_patches;
  std::uint32_t text_begin = 0;  ///< where the CodeImage's text lies in `code`
  std::uint32_t text_end = 0;
};

/// Bytes that the compiler must leave for each kind of site (VmConfig::sled_*).
struct Sleds {
  std::uint32_t static_call = 0;
  std::uint32_t virtual_call = 0;
  std::uint32_t runtime_call = 0;
  std::uint32_t poll = 0;
  bool thread_slot = false;  ///< VmConfig::thread_slot_required
};

/// Code of ours that is not part of a method. Installed once per VM.
enum class Stub : std::uint8_t {
  unwind,     ///< jumped to with the frame gone, rax = exception, [rsp] = return address: finds the
              ///< caller's handler
  exception,  ///< called by every method's exception handler entry: finds the method's own handler
  // VM entries: called with the arguments of the C function from its second on, in the registers of
  // a Java call. Return the object in rax, or leave to the caller's exception handler.
  new_instance,
  new_array,
  new_multi_array,
  monitor_enter,  ///< returns nothing
  throw_implicit,
  register_finalizer,  ///< returns nothing
};

/// Knows one JDK family's entry and exit sequences. Immutable; any thread.
class ShellAssembler {
 public:
  virtual ~ShellAssembler() = default;
  virtual Sleds sleds() const = 0;
  /// Wraps `image`, which has passed code::verify. `interpreter_frame_bytes` is the largest stack
  /// that the interpreter frames of any site need together: the stack bang covers it, since
  /// deoptimisation does not check. Errors: invalid_code_image when a rule of this JDK is broken.
  virtual Result<AssembledCode> assemble(const code::CodeImage& image,
                                         std::uint32_t interpreter_frame_bytes) const = 0;
  /// Empty code: this VM does not have what the stub calls.
  virtual AssembledCode stub(Stub which) const = 0;
};

/// The shell of JDK 17 (stock, x86-64). vm_unsupported: a number in `config` is missing or out of
/// range.
Result<std::unique_ptr<ShellAssembler>> make_jdk17_shell(const ShellConfig& config);

/// The same for JDK 25.
Result<std::unique_ptr<ShellAssembler>> make_jdk25_shell(const ShellConfig& config);

/// Needed before a VM's numbers are complete.
Sleds jdk17_sleds();
Sleds jdk25_sleds();

}  // namespace jitfarm::vmagent::hotspot::shell
