// What does an nmethod of JDK 25 look like around the body?
//
//      0  [unverified entry]  receiver's klass == that of the CompiledICData in rax, else the miss stub
//    16n  verified entry      5-byte nop that HotSpot overwrites with a jmp; stack bang
//     8n  entry barrier       cmp [thread+guard], imm32, which HotSpot rewrites; jne cold tail
//    16n  text
//    16n  return stub | unwind stub | exception handler entry | deopt handler entry |
//         thunk of each landing pad | cold tail of the barrier
//    32n  rodata
//
// The barrier stands before the prologue, so its call is made from a frame of the size that the
// method's own would have: HotSpot takes the caller's frame to be that far above when it throws the
// method away inside the barrier. A thread may come back from any call on another carrier thread,
// hence the thread slot.
#include <algorithm>

#include "vmagent/hotspot/shell/method_assembly.h"
#include "vmagent/hotspot/shell/stubs.h"

namespace jitfarm::vmagent::hotspot::shell {

namespace {

constexpr std::uint32_t kPostCallNop = 8;  // HotSpot keeps the distance to its oop map in it
constexpr std::uint32_t kThreadStore = 8;  // mov [rsp+slot], r15
constexpr std::uint32_t kStaticCallSled =
    8 + kPostCallNop + kThreadStore;  // E8 rel32, up to 3 nops before it
constexpr std::uint32_t kVirtualCallSled =
    18 + kPostCallNop + kThreadStore;  // movabs rax, imm64; E8 rel32, up to 3 nops before
constexpr std::uint32_t kRuntimeCallSled = 5 + kThreadStore;
constexpr std::uint32_t kPollSled = 10;       // mov r11, [r15+page]; test [r11], eax
constexpr std::uint32_t kGuardAlignment = 8;  // HotSpot rewrites the barrier with one store

class Jdk25Assembly final : public MethodAssembly {
 public:
  using MethodAssembly::MethodAssembly;

 private:
  void inline_cache_check() override {
    if (config_.compressed_class_pointers) {
      b_.op({0x44, 0x8b, 0x96}).i32(config_.klass_offset);      // mov r10d, [rsi+klass]
      b_.op({0x44, 0x3b, 0x90}).i32(config_.speculated_klass);  // cmp r10d, [rax+..]
    } else {
      b_.op({0x4c, 0x8b, 0x96}).i32(config_.klass_offset);      // mov r10, [rsi+klass]
      b_.op({0x4c, 0x3b, 0x90}).i32(config_.speculated_klass);  // cmp r10, [rax+..]
    }
    foreign(b_.pc(), 6, config_.ic_miss_stub);
    b_.op({0x0f, 0x85}).i32(0);  // jne
  }

  void entry_end() override {
    b_.align(kGuardAlignment);
    mark(b_.pc(), config_.marks.frame_complete);
    mark(b_.pc(), config_.marks.entry_barrier_patch);
    b_.op({0x41, 0x81, 0x7f, static_cast<std::uint8_t>(config_.thread_disarmed_guard)})
        .i32(0);                 // cmp dword [r15+guard], imm32
    b_.op({0x0f, 0x85}).i32(0);  // jne cold tail
    to_cold_tail_ = b_.pc();
  }

  void text_begins(std::uint32_t) override {}

  void return_sequence() override {
    const std::uint32_t poll = b_.pc();
    mark(poll, config_.marks.poll_return_far);
    b_.op({0x49, 0x3b, 0xa7}).i32(config_.thread_polling_word);  // cmp rsp, [r15+word]
    b_.op({0x77, 0x01});                                         // ja +1
    b_.op({0xc3});
    b_.op({0x4c, 0x8d, 0x15});  // lea r10, [poll]
    b_.i32(std::int64_t{poll} - (b_.pc() + 4));
    b_.op({0x4d, 0x89, 0x97}).i32(config_.thread_saved_exception_pc);  // mov [r15+..], r10
    foreign(b_.pc(), 5, config_.polling_page_return_handler);
    b_.op({0xe9}).i32(0);
  }

  void cold_tail() override {
    const std::uint32_t locals = image_.frame_size - 16;  // without return address and rbp
    b_.align(16);
    b_.set32(to_cold_tail_ - 4, std::int64_t{b_.pc()} - to_cold_tail_);
    b_.op({0x55});                          // push rbp
    b_.op({0x48, 0x89, 0xe5});              // mov rbp, rsp
    b_.op({0x48, 0x81, 0xec}).i32(locals);  // sub rsp, locals
    foreign(b_.pc(), 5, config_.nmethod_entry_barrier);
    b_.op({0xe8}).i32(0);                   // keeps all argument registers
    b_.op({0x48, 0x81, 0xc4}).i32(locals);  // add rsp, locals
    b_.op({0x5d});                          // pop rbp
    b_.op({0xe9});                          // jmp text
    b_.i32(std::int64_t{text_} - (b_.pc() + 4));
  }

  std::uint32_t behind_java_call(std::uint32_t pc) override {
    std::ranges::copy(Bytes{0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0}, b_.at(pc, kPostCallNop).begin());
    return kPostCallNop;
  }

  std::uint32_t to_cold_tail_ = 0;
};

class Jdk25Shell final : public ShellAssembler {
 public:
  explicit Jdk25Shell(const ShellConfig& config) : config_(config) {}
  Sleds sleds() const override { return jdk25_sleds(); }
  Result<AssembledCode> assemble(const code::CodeImage& image,
                                 std::uint32_t interpreter_frame_bytes) const override {
    JF_CHECK_OK(fits(config_, image, interpreter_frame_bytes));
    if (image.frame_size < 16) return invalid("a frame without rbp");
    return Jdk25Assembly(config_, sleds(), image).run(interpreter_frame_bytes);
  }
  AssembledCode stub(Stub which) const override { return vm_stub(which, config_); }

 private:
  const ShellConfig config_;
};

}  // namespace

Sleds jdk25_sleds() {
  return {.static_call = kStaticCallSled,
          .virtual_call = kVirtualCallSled,
          .runtime_call = kRuntimeCallSled,
          .poll = kPollSled,
          .thread_slot = true};
}

Result<std::unique_ptr<ShellAssembler>> make_jdk25_shell(const ShellConfig& config) {
  JF_CHECK_OK(complete(config));
  if (config.marks.entry_barrier_patch <= 0 || config.marks.entry_barrier_patch > 255)
    return missing("mark number");
  if (config.speculated_klass <= 0 || config.speculated_klass > 64)
    return missing("CompiledICData");
  constexpr std::int32_t kGuardMax = 127;  // HotSpot knows the barrier with one byte of displacement
  if (config.thread_disarmed_guard <= 0 || config.thread_disarmed_guard > kGuardMax)
    return missing("guard of the entry barrier");
  for (std::int32_t offset : {config.thread_polling_word, config.thread_saved_exception_pc,
                              config.thread_pending_deoptimization})
    if (offset <= 0 || offset > kThreadBytesMax) return missing("offset in JavaThread");
  if (config.nmethod_entry_barrier == 0 || config.polling_page_return_handler == 0 ||
      config.null_result_request == 0)
    return missing("address in the VM");
  return std::make_unique<Jdk25Shell>(config);
}

}  // namespace jitfarm::vmagent::hotspot::shell
