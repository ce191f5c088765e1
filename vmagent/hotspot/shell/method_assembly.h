// What do the shells of all JDKs have in common? Everything but the entry, the return, and what must
// stand behind a call.
//
// One MethodAssembly makes one method and is thrown away. It lays out
//
//      0  entry (of the JDK)
//    16n  text
//    16n  return (of the JDK) | unwind stub | exception handler entry | deopt handler entry |
//         landing thunks | cold tail (of the JDK)
//    32n  rodata
//
// then fills relocations and sleds, and checks the whole.
#pragma once
#include <map>
#include <string>

#include "vmagent/hotspot/shell/shell.h"
#include "vmagent/hotspot/shell/x86_buffer.h"

namespace jitfarm::vmagent::hotspot::shell {

class MethodAssembly {
 public:
  /// `config` and `image` must outlive it.
  MethodAssembly(const ShellConfig& config, const Sleds& sleds, const code::CodeImage& image)
      : config_(config), image_(image), sleds_(sleds) {}
  virtual ~MethodAssembly() = default;
  MethodAssembly(const MethodAssembly&) = delete;
  MethodAssembly& operator=(const MethodAssembly&) = delete;

  Result<AssembledCode> run(std::uint32_t interpreter_frame_bytes);

 protected:
  // ---- what differs. All append to b_.

  /// rsi = receiver, rax = what the caller's inline cache holds: goes on behind it, or to the miss
  /// stub.
  virtual void inline_cache_check() = 0;
  /// Behind the stack bang.
  virtual void entry_end() = 0;
  /// The text begins at text_, its prologue takes `prologue_bytes`.
  virtual void text_begins(std::uint32_t prologue_bytes) = 0;
  /// Polls and returns; the frame is gone, the result in rax or xmm0.
  virtual void return_sequence() = 0;
  /// Behind all other exits.
  virtual void cold_tail() = 0;
  /// What HotSpot needs directly behind a Java call, at `pc`; its size.
  virtual std::uint32_t behind_java_call(std::uint32_t pc) = 0;

  void mark(std::uint32_t pc, std::int32_t id);
  void foreign(std::uint32_t pc, std::uint32_t size, std::uint64_t address,
               std::int32_t image_site = -1);

  const ShellConfig& config_;
  const code::CodeImage& image_;
  X86Buffer b_;
  std::uint32_t text_ = 0;

 private:
  void entry(std::uint32_t bang_bytes);
  Status body();
  void exits();
  void landing_thunks();
  bool uses_wrong_method() const;
  void rodata();
  void cells();
  Status relocate(std::size_t index);
  Status sled(std::size_t index);
  std::uint32_t aligned_call(std::uint32_t from);
  std::uint32_t save_thread(std::uint32_t pc);
  void java_call(std::size_t index, std::uint32_t pc);
  void landing_pad(const code::Site& site, std::uint32_t return_pc);
  void direct_call(std::size_t index);
  void inline_cache_call(std::size_t index);
  Status runtime_call(std::size_t index);
  std::uint64_t runtime_address(code::Target target) const;
  std::uint64_t leaf_address(code::Target target) const;
  void poll(std::size_t index);
  Result<AssembledCode> finish();

  const Sleds sleds_;
  AssembledCode out_;
  std::map<std::int32_t, std::uint32_t> thunks_;  ///< landing pad -> pc, with a thread slot
  std::uint32_t rodata_ = 0;
  std::uint32_t return_stub_ = 0;
  std::uint32_t unwind_stub_ = 0;
  std::uint32_t wrong_method_ = 0;
};

std::unexpected<Error> invalid(std::string detail);

/// What every shell refuses before it makes anything.
Status fits(const ShellConfig& config, const code::CodeImage& image,
            std::uint32_t interpreter_frame_bytes);

/// vm_unsupported: what the VM does not have.
std::unexpected<Error> missing(std::string_view what);
inline constexpr std::int32_t kThreadBytesMax = 64 << 10;  ///< of a JavaThread and more

/// vm_unsupported: a number that every shell needs is missing or out of range.
Status complete(const ShellConfig& config);

}  // namespace jitfarm::vmagent::hotspot::shell
