#include "vmagent/hotspot/shell/jdk17_stubs.h"

#include "vmagent/hotspot/shell/x86_buffer.h"

namespace jitfarm::vmagent::hotspot::shell {

namespace {

constexpr std::uint32_t kFarCallBytes = 13;  // movabs r10, imm64; call r10

// Jumped to with rax = exception, [rsp] = return address into the caller. The C function is a leaf:
// no frame walk.
AssembledCode unwind(const ShellConfig& config) {
  X86Buffer b;
  b.op({0x50});                          // push rax; rsp is 16-aligned now
  b.op({0x4c, 0x89, 0xff});              // mov rdi, r15
  b.op({0x48, 0x8b, 0x74, 0x24, 0x08});  // mov rsi, [rsp+8]
  b.op({0x49, 0xba}).i64(config.exception_handler_for_return_address);
  b.op({0x41, 0xff, 0xd2});  // call r10
  b.op({0x49, 0x89, 0xc2});  // mov r10, rax
  b.op({0x58});              // pop rax: the exception
  b.op({0x5a});              // pop rdx: the pc that it comes from
  b.op({0x41, 0xff, 0xe2});  // jmp r10
  AssembledCode out;
  out.code = b.take();
  out.frame_bytes = 8;
  return out;
}

// Called from a method's exception handler entry with rax = exception, rdx = the pc that threw. The
// return address is overwritten with that pc, so that the method's frame is walked as standing at
// the call that threw.
AssembledCode exception(const ShellConfig& config) {
  X86Buffer b;
  AssembledCode out;
  auto clear = [&](std::int32_t offset) {
    b.op({0x49, 0xc7, 0x87}).i32(offset).i32(0);
  };                                                          // mov qword [r15+offset], 0
  b.op({0x49, 0x89, 0x87}).i32(config.thread_exception_oop);  // mov [r15+..], rax
  b.op({0x49, 0x89, 0x97}).i32(config.thread_exception_pc);   // mov [r15+..], rdx
  b.op({0x48, 0x89, 0x14, 0x24});                             // mov [rsp], rdx
  b.op({0x55});                                               // push rbp
  b.op({0x48, 0x89, 0xe5});                                   // mov rbp, rsp
  out.sites.push_back(
      {.kind = InstallSiteKind::mark, .pc = b.pc(), .mark = config.marks.frame_complete});
  b.op({0x49, 0x89, 0xa7})
      .i32(config.thread_last_java_sp);  // mov [r15+..], rsp; the VM takes the pc from below it
  b.op({0x4c, 0x89, 0xff});              // mov rdi, r15
  out.sites.push_back({.kind = InstallSiteKind::foreign_call,
                       .pc = b.pc(),
                       .size = kFarCallBytes,
                       .address = config.exception_handler_for_pc,
                       .empty_reference_map = true});
  b.op({0x49, 0xba}).i64(config.exception_handler_for_pc);
  b.op({0x41, 0xff, 0xd2});  // call r10
  clear(config.thread_last_java_sp);
  clear(config.thread_last_java_fp);
  clear(config.thread_last_java_pc);
  b.op({0x5d});                    // pop rbp
  b.op({0x48, 0x83, 0xc4, 0x08});  // add rsp, 8: the return address is done with
  b.op({0xff, 0xe0});              // jmp rax: landing pad, or the deoptimisation blob
  out.code = b.take();
  out.frame_bytes = 16;
  return out;
}

}  // namespace

AssembledCode jdk17_stub(Stub which, const ShellConfig& config) {
  return which == Stub::unwind ? unwind(config) : exception(config);
}

}  // namespace jitfarm::vmagent::hotspot::shell
