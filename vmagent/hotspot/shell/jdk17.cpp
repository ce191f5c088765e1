// What does an nmethod of JDK 17 look like around the body?
//
//      0  [unverified entry]  receiver's klass == rax, else the inline-cache miss stub
//    16n  verified entry      5-byte nop that HotSpot overwrites with a jmp; stack bang
//    16n  text
//    16n  return stub | unwind stub | exception handler entry | deopt handler entry
//    32n  rodata
#include "vmagent/hotspot/shell/method_assembly.h"
#include "vmagent/hotspot/shell/stubs.h"

namespace jitfarm::vmagent::hotspot::shell {

namespace {

constexpr std::uint32_t kStaticCallSled =
    8;  // E8 rel32, up to 3 nops before it to align the displacement
constexpr std::uint32_t kVirtualCallSled = 18;  // movabs rax, imm64; E8 rel32, up to 3 nops before
constexpr std::uint32_t kRuntimeCallSled = 5;
constexpr std::uint32_t kPollSled = 10;  // mov r11, [r15+page]; test [r11], eax

class Jdk17Assembly final : public MethodAssembly {
 public:
  using MethodAssembly::MethodAssembly;

 private:
  void inline_cache_check() override {
    if (config_.compressed_class_pointers) {
      b_.op({0x44, 0x8b, 0x96}).i32(config_.klass_offset);  // mov r10d, [rsi+klass]
      if (config_.narrow_klass_shift != 0)
        b_.op({0x49, 0xc1, 0xe2,
               static_cast<std::uint8_t>(config_.narrow_klass_shift)});  // shl r10, shift
      if (config_.narrow_klass_base != 0) {
        b_.op({0x49, 0xbb}).i64(config_.narrow_klass_base);  // movabs r11, base
        b_.op({0x4d, 0x01, 0xda});                           // add r10, r11
      }
    } else {
      b_.op({0x4c, 0x8b, 0x96}).i32(config_.klass_offset);  // mov r10, [rsi+klass]
    }
    b_.op({0x49, 0x39, 0xc2});  // cmp r10, rax
    foreign(b_.pc(), 6, config_.ic_miss_stub);
    b_.op({0x0f, 0x85}).i32(0);  // jne
  }

  void entry_end() override {}

  void text_begins(std::uint32_t prologue_bytes) override {
    mark(text_ + prologue_bytes, config_.marks.frame_complete);
  }

  void return_sequence() override {
    b_.op({0x4d, 0x8b, 0x97}).i32(config_.thread_polling_page);  // mov r10, [r15+page]
    mark(b_.pc(), config_.marks.poll_return_far);
    b_.op({0x41, 0x85, 0x02});  // test [r10], eax
    b_.op({0xc3});
  }

  void cold_tail() override {}
  std::uint32_t behind_java_call(std::uint32_t) override { return 0; }
};

class Jdk17Shell final : public ShellAssembler {
 public:
  explicit Jdk17Shell(const ShellConfig& config) : config_(config) {}
  Sleds sleds() const override { return jdk17_sleds(); }
  Result<AssembledCode> assemble(const code::CodeImage& image,
                                 std::uint32_t interpreter_frame_bytes) const override {
    if (image.thread_slot_offset >= 0)
      return invalid("a thread slot, which this JDK has no use for");
    JF_CHECK_OK(fits(config_, image, interpreter_frame_bytes));
    return Jdk17Assembly(config_, sleds(), image).run(interpreter_frame_bytes);
  }
  AssembledCode stub(Stub which) const override { return vm_stub(which, config_); }

 private:
  const ShellConfig config_;
};

}  // namespace

Sleds jdk17_sleds() {
  return {.static_call = kStaticCallSled,
          .virtual_call = kVirtualCallSled,
          .runtime_call = kRuntimeCallSled,
          .poll = kPollSled};
}

Result<std::unique_ptr<ShellAssembler>> make_jdk17_shell(const ShellConfig& config) {
  JF_CHECK_OK(complete(config));
  return std::make_unique<Jdk17Shell>(config);
}

}  // namespace jitfarm::vmagent::hotspot::shell
