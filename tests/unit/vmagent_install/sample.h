// A VM's numbers and small method bodies for tests of the shell.
#pragma once
#include "vmagent/hotspot/shell/shell.h"

namespace jitfarm::tests {

/// Numbers like those of a stock JDK 17 with compressed class pointers, base and no shift.
inline vmagent::hotspot::shell::ShellConfig sample_config() {
  return {.marks = {.verified_entry = 1,
                    .unverified_entry = 2,
                    .exception_handler_entry = 4,
                    .deopt_handler_entry = 5,
                    .frame_complete = 6,
                    .invoke_interface = 7,
                    .invoke_virtual = 8,
                    .invoke_static = 9,
                    .invoke_special = 10,
                    .poll_far = 14,
                    .poll_return_far = 15,
                    .osr_entry = 3},
          .compressed_class_pointers = true,
          .narrow_klass_base = 0x7fa5cb000000,
          .narrow_klass_shift = 0,
          .klass_offset = 8,
          .stack_shadow_pages = 20,
          .page_bytes = 4096,
          .thread_polling_page = 840,
          .thread_exception_oop = 976,
          .thread_exception_pc = 984,
          .thread_last_java_sp = 656,
          .thread_last_java_fp = 672,
          .thread_last_java_pc = 664,
          .non_oop_bits = ~0ull,
          .ic_miss_stub = 0x7f0000001000,
          .deopt_unpack = 0x7f0000002000,
          .uncommon_trap = 0x7f0000003000,
          .unwind_stub = 0x7f0000004000,
          .exception_stub = 0x7f0000005000,
          .drem = 0x7f1000000100,
          .frem = 0x7f1000000200,
          .osr_migration_end = 0x7f1000000500,
          .exception_handler_for_return_address = 0x7f1000000300,
          .exception_handler_for_pc = 0x7f1000000400};
}

/// Numbers like those of a stock JDK 25.
inline vmagent::hotspot::shell::ShellConfig sample_config25() {
  vmagent::hotspot::shell::ShellConfig config = sample_config();
  config.marks = {.verified_entry = 1,
                  .unverified_entry = 2,
                  .exception_handler_entry = 4,
                  .deopt_handler_entry = 5,
                  .frame_complete = 6,
                  .invoke_interface = 8,
                  .invoke_virtual = 9,
                  .invoke_static = 10,
                  .invoke_special = 11,
                  .poll_far = 15,
                  .poll_return_far = 16,
                  .osr_entry = 3,
                  .entry_barrier_patch = 7};
  config.thread_polling_page = 48;
  config.thread_polling_word = 40;
  config.thread_saved_exception_pc = 1336;
  config.thread_disarmed_guard = 32;
  config.thread_pending_deoptimization = 1376;
  config.null_result_request = -10;
  config.speculated_klass = 8;
  config.nmethod_entry_barrier = 0x7f0000008000;
  config.polling_page_return_handler = 0x7f0000009000;
  return config;
}

/// push rbp; sub rsp, 48 (frame of 64 bytes); then `body`; 16 bytes before it are free for the
/// prologue.
inline code::CodeImage sample_image(Bytes body) {
  code::CodeImage image;
  image.task.method = MethodId{7};
  image.text = {0x55, 0x48, 0x83, 0xec, 0x30};
  image.text.insert(image.text.end(), body.begin(), body.end());
  image.frame_size = 64;
  image.deopt_rescue_offset = 0;
  image.methods = {MethodId{7}};
  return image;
}

inline code::Frame sample_frame(std::int32_t bci, bool during_call) {
  return {.method = MethodId{7}, .bci = bci, .during_call = during_call};
}

}  // namespace jitfarm::tests
