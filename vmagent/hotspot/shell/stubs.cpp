#include "vmagent/hotspot/shell/stubs.h"

#include "vmagent/hotspot/shell/x86_buffer.h"

namespace jitfarm::vmagent::hotspot::shell {

namespace {

constexpr std::uint32_t kFarCallBytes = 13;  // movabs r10, imm64; call r10

// rax = exception, [rsp] = return address into the caller, whose frame is the next. The C function is
// a leaf: no frame walk.
void append_unwind(X86Buffer& b, const ShellConfig& config) {
  b.op({0x50});                          // push rax; rsp is 16-aligned now
  b.op({0x4c, 0x89, 0xff});              // mov rdi, r15
  b.op({0x48, 0x8b, 0x74, 0x24, 0x08});  // mov rsi, [rsp+8]
  b.op({0x49, 0xba}).i64(config.exception_handler_for_return_address);
  b.op({0x41, 0xff, 0xd2});  // call r10
  b.op({0x49, 0x89, 0xc2});  // mov r10, rax
  b.op({0x58});              // pop rax: the exception
  b.op({0x5a});              // pop rdx: the pc that it comes from
  b.op({0x41, 0xff, 0xe2});  // jmp r10
}

AssembledCode unwind(const ShellConfig& config) {
  X86Buffer b;
  append_unwind(b, config);
  AssembledCode out;
  out.code = b.take();
  out.frame_bytes = 8;
  return out;
}

// mov qword [r15+offset], 0
void clear(X86Buffer& b, std::int32_t offset) {
  b.op({0x49, 0xc7, 0x87}).i32(offset).i32(0);
}

/// With a frame that HotSpot can walk: calls `function`(thread, rsi, rdx, rcx ..).
void call_vm(X86Buffer& b, AssembledCode& out, const ShellConfig& config, std::uint64_t function) {
  b.op({0x55});              // push rbp
  b.op({0x48, 0x89, 0xe5});  // mov rbp, rsp
  out.sites.push_back(
      {.kind = InstallSiteKind::mark, .pc = b.pc(), .mark = config.marks.frame_complete});
  b.op({0x49, 0x89, 0xa7})
      .i32(config.thread_last_java_sp);  // mov [r15+..], rsp; the VM takes the pc from below it
  b.op({0x4c, 0x89, 0xff});              // mov rdi, r15
  out.sites.push_back({.kind = InstallSiteKind::foreign_call,
                       .pc = b.pc(),
                       .size = kFarCallBytes,
                       .address = function,
                       .empty_reference_map = true});
  b.op({0x49, 0xba}).i64(function);
  b.op({0x41, 0xff, 0xd2});  // call r10
  clear(b, config.thread_last_java_sp);
  clear(b, config.thread_last_java_fp);
  clear(b, config.thread_last_java_pc);
  b.op({0x5d});  // pop rbp
  out.frame_bytes = 16;
}

// Called from a method's exception handler entry with rax = exception, rdx = the pc that threw. The
// return address is overwritten with that pc, so that the method's frame is walked as standing at
// the call that threw.
AssembledCode exception(const ShellConfig& config) {
  X86Buffer b;
  AssembledCode out;
  b.op({0x49, 0x89, 0x87}).i32(config.thread_exception_oop);  // mov [r15+..], rax
  b.op({0x49, 0x89, 0x97}).i32(config.thread_exception_pc);   // mov [r15+..], rdx
  b.op({0x48, 0x89, 0x14, 0x24});                             // mov [rsp], rdx
  call_vm(b, out, config, config.exception_handler_for_pc);
  b.op({0x48, 0x83, 0xc4, 0x08});  // add rsp, 8: the return address is done with
  b.op({0xff, 0xe0});              // jmp rax: landing pad, or the deoptimisation blob
  out.code = b.take();
  return out;
}

// Called from compiled code. The caller may have been deoptimised meanwhile: then its return address
// is that of its deoptimisation handler, which both ways out respect.
AssembledCode vm_entry(const ShellConfig& config, std::uint64_t function, bool makes_object) {
  if (function == 0 || config.thread_vm_result == 0 || config.thread_pending_exception == 0)
    return {};
  X86Buffer b;
  AssembledCode out;
  call_vm(b, out, config, function);
  b.op({0x49, 0x83, 0xbf}).i32(config.thread_pending_exception).op({0x00});  // cmp qword [r15+..], 0
  b.op({0x75});                                                              // jne thrown
  const std::uint32_t branch = b.pc();
  b.op({0x00});
  b.op({0x49, 0x8b, 0x87}).i32(config.thread_vm_result);  // mov rax, [r15+..]
  clear(b, config.thread_vm_result);                      // or the collector would keep the object
  if (makes_object && config.null_result_request != 0) {
    b.op({0x48, 0x85, 0xc0});  // test rax, rax
    b.op({0x74, 0x01});        // je +1
    b.op({0xc3});              // ret
    // The caller is deoptimised as if it had called the trap itself.
    b.op({0x41, 0xc7, 0x87})
        .i32(config.thread_pending_deoptimization)
        .i32(config.null_result_request);  // mov dword [r15+..], request
    out.sites.push_back({.kind = InstallSiteKind::foreign_call,
                         .pc = b.pc(),
                         .size = 5,
                         .address = config.uncommon_trap});
    b.op({0xe9}).i32(0);  // jmp
  } else {
    b.op({0xc3});  // ret
  }
  b.at(branch, 1)[0] = static_cast<std::uint8_t>(b.pc() - (branch + 1));
  b.op({0x49, 0x8b, 0x87}).i32(config.thread_pending_exception);  // thrown: mov rax, [r15+..]
  clear(b, config.thread_pending_exception);
  clear(b, config.thread_vm_result);  // an asynchronous exception comes beside an object
  append_unwind(b, config);
  out.code = b.take();
  return out;
}

}  // namespace

AssembledCode vm_stub(Stub which, const ShellConfig& config) {
  switch (which) {
    case Stub::unwind:
      return unwind(config);
    case Stub::exception:
      return exception(config);
    case Stub::new_instance:
      return vm_entry(config, config.new_instance.function, true);
    case Stub::new_array:
      return vm_entry(config, config.new_array.function, true);
    case Stub::new_multi_array:
      return vm_entry(config, config.new_multi_array.function, true);
    case Stub::monitor_enter:
      return vm_entry(config, config.monitor_enter.function, false);
    case Stub::throw_implicit:
      return vm_entry(config, config.throw_implicit.function, false);
    case Stub::register_finalizer:
      return vm_entry(config, config.register_finalizer.function, false);
  }
  return {};
}

}  // namespace jitfarm::vmagent::hotspot::shell
