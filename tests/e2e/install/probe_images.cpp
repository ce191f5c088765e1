#include "tests/e2e/install/probe_images.h"

#include <bit>

#include "vmagent/hotspot/shell/x86_buffer.h"

namespace jitfarm::tests {

namespace {

using code::FrameValue;
using code::SiteKind;
using code::Target;
using code::ValueKind;
using code::ValuePlace;
using vmagent::hotspot::shell::X86Buffer;

constexpr std::uint8_t kFrame = 64;  // push rbp; sub rsp, 48: slots at rsp+0 (rescue) to rsp+40

FrameValue slot(ValueKind kind, std::int32_t offset) {
  return {.kind = kind, .place = ValuePlace::stack_slot, .offset = offset};
}
FrameValue constant(ValueKind kind, std::int64_t bits) {
  return {.kind = kind, .place = ValuePlace::constant, .bits = bits};
}
FrameValue none() { return {}; }

class Body {
 public:
  Body(const ProbeMethods& methods, const facts::VmConfig& vm) : methods_(methods), vm_(vm) {
    image_.task.method = methods.self;
    image_.methods = {methods.self};
    image_.frame_size = kFrame;
    image_.deopt_rescue_offset = 0;
    b_.op({0x55, 0x48, 0x83, 0xec, 0x30});
  }

  X86Buffer& code() { return b_; }
  Body& op(std::initializer_list<std::uint8_t> bytes) {
    b_.op(bytes);
    return *this;
  }
  std::uint32_t pc() const { return b_.pc(); }

  /// Restores the frame and leaves through a stub of the shell.
  void leave(Target target) {
    op({0x48, 0x83, 0xc4, 0x30, 0x5d, 0xe9});  // add rsp, 48; pop rbp; jmp
    image_.relocations.push_back({.kind = code::RelocationKind::rel32_target,
                                  .offset = pc(),
                                  .target = target,
                                  .addend = -4});
    b_.i32(0);
  }
  /// A forward jump; resolved by here().
  std::uint32_t jump(std::initializer_list<std::uint8_t> opcode) {
    op(opcode);
    b_.i32(0);
    return pc();
  }
  void here(std::uint32_t after_jump) { b_.set32(after_jump - 4, std::int64_t{pc()} - after_jump); }
  void jump_back(std::initializer_list<std::uint8_t> opcode, std::uint32_t to) {
    op(opcode);
    b_.i32(std::int64_t{to} - (pc() + 4));
  }

  code::Site& site(SiteKind kind, std::uint32_t size, std::int32_t bci, bool during_call,
                   std::vector<FrameValue> locals, std::vector<FrameValue> stack,
                   std::vector<std::int32_t> oops) {
    code::Site site{.kind = kind, .offset = pc(), .size = size};
    site.frames.push_back({.method = methods_.self,
                           .bci = bci,
                           .during_call = during_call,
                           .locals = std::move(locals),
                           .stack = std::move(stack)});
    for (std::int32_t offset : oops) site.oops.push_back({.offset = offset, .base_offset = offset});
    for (std::uint32_t i = 0; i < size; ++i) op({0x90});
    image_.sites.push_back(std::move(site));
    return image_.sites.back();
  }
  code::Site& call(SiteKind kind, MethodId callee, std::int32_t bci, std::vector<FrameValue> locals,
                   std::vector<FrameValue> stack, std::vector<std::int32_t> oops) {
    bool direct = kind == SiteKind::call_static || kind == SiteKind::call_special;
    code::Site& s = site(kind, direct ? vm_.sled_static_call : vm_.sled_virtual_call, bci, true,
                         std::move(locals), std::move(stack), std::move(oops));
    s.method = callee;
    return s;
  }
  void trap(std::int32_t bci, std::vector<FrameValue> locals, std::vector<FrameValue> stack,
            std::vector<std::int32_t> oops) {
    const auto request = ~((vm_.reason_unresolved << vm_.deopt_reason_shift) |
                           (vm_.action_none << vm_.deopt_action_shift));
    op({0x41, 0xc7, 0x87});  // mov dword [r15+..], request
    b_.i32(vm_.thread_pending_deoptimization);
    b_.i32(static_cast<std::int32_t>(request));
    site(SiteKind::runtime_call, vm_.sled_runtime_call, bci, false, std::move(locals),
         std::move(stack), std::move(oops))
        .target = Target::uncommon_trap;
  }
  /// The landing pad of the last site: takes the exception and leaves with it.
  void landing_pad(std::initializer_list<std::size_t> sites) {
    for (std::size_t s : sites) image_.sites[s].landing_pad = static_cast<std::int32_t>(pc());
    op({0x49, 0x8b, 0x87}).code().i32(vm_.thread_exception_oop);         // mov rax, [r15+..]
    op({0x49, 0xc7, 0x87}).code().i32(vm_.thread_exception_oop).i32(0);  // mov qword [r15+..], 0
    op({0x49, 0xc7, 0x87}).code().i32(vm_.thread_exception_pc).i32(0);
    leave(Target::unwind_stub);
  }

  code::CodeImage take() {
    image_.text = b_.take();
    return std::move(image_);
  }

 private:
  const ProbeMethods& methods_;
  const facts::VmConfig& vm_;
  X86Buffer b_;
  code::CodeImage image_;
};

constexpr auto kInt = ValueKind::int_;
constexpr auto kObject = ValueKind::object;

void answer(Body& b) {
  b.op({0xb8}).code().i32(42);
  b.leave(Target::return_stub);
}

// slots: 8 a, 16 n, 20 s, 24 i
void spin(Body& b, const facts::VmConfig& vm) {
  b.op({0x48, 0x89, 0x74, 0x24, 8, 0x89, 0x54, 0x24, 16, 0x31, 0xc0, 0x89, 0x44, 0x24, 20, 0x89,
        0x44, 0x24, 24});
  const std::uint32_t loop = b.pc();
  b.op({0x8b, 0x4c, 0x24, 24, 0x3b, 0x4c, 0x24, 16});  // mov ecx, i; cmp ecx, n
  const std::uint32_t done = b.jump({0x0f, 0x8d});
  b.op({0x48, 0x8b, 0x74, 0x24, 8, 0x83, 0xe1, 1, 0x6b, 0x44, 0x24, 20,
        31});  // mov rsi, a; and ecx, 1; imul eax, s, 31
  b.op({0x03, 0x44, 0x8e, static_cast<std::uint8_t>(vm.array_base_primitive), 0x89, 0x44, 0x24, 20,
        0xff, 0x44, 0x24, 24});
  b.op({0x41, 0xf6, 0x87}).code().i32(vm.thread_polling_word);  // test byte [r15+..], 1
  b.op({1});
  b.jump_back({0x0f, 0x84}, loop);
  b.site(SiteKind::poll, vm.sled_poll, 4, false,
         {slot(kObject, 8), slot(kInt, 16), slot(kInt, 20), slot(kInt, 24)}, {}, {8});
  b.jump_back({0xe9}, loop);
  b.here(done);
  b.op({0x8b, 0x44, 0x24, 20});
  b.leave(Target::return_stub);
}

// slots: 16 n, 20 fib(n-1)
void fib(Body& b, const ProbeMethods& methods) {
  b.op({0x83, 0xfe, 2});  // cmp esi, 2
  const std::uint32_t more = b.jump({0x0f, 0x8d});
  b.op({0x89, 0xf0});
  b.leave(Target::return_stub);
  b.here(more);
  b.op({0x89, 0x74, 0x24, 16, 0xff, 0xce});  // n = esi; dec esi
  b.call(SiteKind::call_static, methods.self, 12, {slot(kInt, 16)}, {}, {});
  b.op({0x89, 0x44, 0x24, 20, 0x8b, 0x74, 0x24, 16, 0x83, 0xee, 2});
  b.call(SiteKind::call_static, methods.self, 18, {slot(kInt, 16)}, {slot(kInt, 20)}, {});
  b.op({0x03, 0x44, 0x24, 20});
  b.leave(Target::return_stub);
  b.landing_pad({0, 1});
}

// slots: 8 a, 16 b, 24 i, 32 r
void work(Body& b, const ProbeMethods& methods, const facts::VmConfig& vm) {
  const auto element = [&](int i) {
    return static_cast<std::uint8_t>(vm.array_base_primitive + 4 * i);
  };
  b.op({0x48, 0x89, 0x74, 0x24, 8, 0x48, 0x89, 0x54, 0x24, 16, 0x89, 0x4c, 0x24, 24, 0x89, 0xce});
  b.call(SiteKind::call_static, methods.helper, 1,
         {slot(kObject, 8), slot(kObject, 16), slot(kInt, 24), none()}, {}, {8, 16});
  b.op({0x89, 0x44, 0x24, 32, 0x83, 0x7c, 0x24, 24, 0});  // r = eax; cmp i, 0
  const std::uint32_t trap = b.jump({0x0f, 0x8c});
  b.op({0x48, 0x8b,       0x74, 0x24, 8,          0x48, 0x8b, 0x54, 0x24,       16,   0x03,
        0x46, element(0), 0x8b, 0x4a, element(0), 0x0f, 0xaf, 0x4e, element(1), 0x01, 0xc8});
  b.leave(Target::return_stub);
  b.here(trap);
  b.trap(5, {slot(kObject, 8), slot(kObject, 16), slot(kInt, 24), slot(kInt, 32)}, {}, {8, 16});
}

// slots: 8 a, 16 address of a[0], 24 i
void derived(Body& b, const ProbeMethods& methods, const facts::VmConfig& vm) {
  b.op({0x48, 0x89, 0x74, 0x24, 8, 0x48, 0x8d, 0x46,
        static_cast<std::uint8_t>(vm.array_base_primitive), 0x48, 0x89, 0x44, 0x24, 16});
  b.op({0x89, 0x54, 0x24, 24, 0x89, 0xd6});
  b.call(SiteKind::call_static, methods.helper, 1, {slot(kObject, 8), slot(kInt, 24)}, {}, {8})
      .oops.push_back({.offset = 16, .base_offset = 8});
  b.op({0x48, 0x8b, 0x4c, 0x24, 16, 0x03, 0x01});  // mov rcx, address; add eax, [rcx]
  b.leave(Target::return_stub);
}

// slots: 8 i, 12 f, 16 l, 24 d, 32 o, 40: the other oop's register value is kept there
void mixed(Body& b, bool constants) {
  b.op({0x89, 0x74, 0x24, 8, 0x48, 0x89, 0x54, 0x24, 16, 0x48, 0x89, 0x4c, 0x24, 32});
  b.op({0xf3, 0x0f, 0x11, 0x44, 0x24, 12, 0xf2, 0x0f, 0x11, 0x4c, 0x24, 24});  // movss, movsd
  const FrameValue o = slot(kObject, 32);
  const FrameValue null = constant(kObject, 0);
  if (constants) {
    const std::int64_t f = std::bit_cast<std::int32_t>(1.5f);
    const std::int64_t d = std::bit_cast<std::int64_t>(-0.0);
    b.trap(0,
           {constant(kInt, -3), constant(ValueKind::long_, std::int64_t{1} << 40), none(),
            constant(ValueKind::float_, f), constant(ValueKind::double_, d), none(), o, null},
           {}, {32});
  } else {
    b.trap(0,
           {slot(kInt, 8), slot(ValueKind::long_, 16), none(), slot(ValueKind::float_, 12),
            slot(ValueKind::double_, 24), none(), o, null},
           {}, {32});
  }
}

// slots: 8 receiver, 16 k
void dispatch(Body& b, SiteKind kind, MethodId callee) {
  b.op({0x48, 0x89, 0x74, 0x24, 8, 0x89, 0x54, 0x24, 16});
  b.call(kind, callee, 2, {slot(kObject, 8), slot(kInt, 16)}, {}, {8});
  b.op({0xff, 0xc0});
  b.leave(Target::return_stub);
}

void throwing(Body& b, const ProbeMethods& methods, std::uint8_t add, bool pad) {
  b.op({0x89, 0x74, 0x24, 16});
  b.call(SiteKind::call_static, methods.thrower, 1, {slot(kInt, 16)}, {}, {});
  b.op({0x83, 0xc0, add});
  b.leave(Target::return_stub);
  if (pad) b.landing_pad({0});
}

// esi = o, edx = g, rcx = h; stack arguments at rsp+0 to rsp+23; rescue slot at 24, o at 32
void pass_tail(Body& b, const ProbeMethods& methods) {
  b.op({0x48, 0x89, 0x74, 0x24, 32, 0x89, 0x54, 0x24, 0, 0x48, 0x89, 0x4c, 0x24, 8, 0x48, 0x89,
        0x74, 0x24, 16});
  b.op({0xbe, 1, 0, 0, 0, 0xba, 2,    0, 0, 0, 0xb9, 3,    0, 0, 0, 0x41,
        0xb8, 4, 0, 0, 0, 0x41, 0xb9, 5, 0, 0, 0,    0xbf, 6, 0, 0, 0});
  b.call(SiteKind::call_static, methods.tail, 15, {slot(kObject, 32), none(), none(), none()}, {},
         {32});
  b.op({0xff, 0xc0});
  b.leave(Target::return_stub);
}

// stack arguments above the frame: g at rsp+64, h at rsp+72, o at rsp+80
void tail(Body& b) {
  b.op({0x8b, 0x44, 0x24, kFrame, 0x03, 0x44, 0x24, kFrame + 8});
  b.leave(Target::return_stub);
}

}  // namespace

std::optional<code::CodeImage> probe_image(std::string_view method, const ProbeMethods& methods,
                                           const facts::VmConfig& vm) {
  Body b(methods, vm);
  bool rescue_elsewhere = false;
  if (method == "answer")
    answer(b);
  else if (method == "spin")
    spin(b, vm);
  else if (method == "fib")
    fib(b, methods);
  else if (method == "work")
    work(b, methods, vm);
  else if (method == "derived")
    derived(b, methods, vm);
  else if (method == "mixed")
    mixed(b, false);
  else if (method == "constant")
    mixed(b, true);
  else if (method == "callVirtual")
    dispatch(b, SiteKind::call_virtual, methods.base_m);
  else if (method == "callInterface")
    dispatch(b, SiteKind::call_interface, methods.shape_area);
  else if (method == "padded")
    throwing(b, methods, 1, true);
  else if (method == "unpadded")
    throwing(b, methods, 2, false);
  else if (method == "passTail")
    pass_tail(b, methods), rescue_elsewhere = true;
  else if (method == "tail")
    tail(b);
  else
    return std::nullopt;
  code::CodeImage image = b.take();
  if (rescue_elsewhere) image.deopt_rescue_offset = 24;
  return image;
}

}  // namespace jitfarm::tests
