// How does a CodeImage become the code of a method?
//
//   1. verify        every rule of the format (code::verify)
//   2. resolve       ids -> classes and methods that are alive and not redefined
//   3. fit           frame states against the methods' interpreter frames, calls against their
//   bytecodes
//   4. stubs         our own code in the VM, once
//   5. assemble      the JDK's shell around the text, and a check of the result
//   6. look again    nothing was redefined meanwhile
//   7. install       HotSpot checks the assumptions and takes the code
//
// Any step may refuse; then nothing has changed in the VM.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "common/base/result.h"
#include "common/code/code_image.h"
#include "vmagent/hotspot/adapter.h"
#include "vmagent/hotspot/writer/backend.h"
#include "vmagent/install/nmethod_table.h"

namespace jitfarm::vmagent::install {

/// Ids of the session to things of the VM. class_unreadable: gone. What it returns stays alive
/// until it is destroyed.
class Names {
 public:
  virtual ~Names() = default;
  virtual Result<hotspot::MethodRef> method(MethodId id) = 0;
  virtual Result<hotspot::KlassRef> klass(ClassId id) = 0;
};

struct Request {
  jvmci::Env& env;
  const code::CodeImage& image;
  Names& names;
  std::int64_t compile_state = 0;  ///< third argument of compileMethod; 0: HotSpot did not ask
  std::int32_t compile_id = 0;     ///< fourth argument of compileMethod; 0: allocate one
};

struct Outcome {
  hotspot::writer::Answer answer = hotspot::writer::Answer::refused;
  std::string detail;
  std::uint64_t code_begin = 0;
  std::size_t code_bytes = 0;
  std::uint32_t text_begin = 0;  ///< where the image's text lies in it
};

/// Thread-safe; any compiler thread. Lives as long as the process.
class Installer {
 public:
  /// `adapter` outlives it. vm_unsupported: a number is missing.
  static Result<std::unique_ptr<Installer>> create(const hotspot::Adapter& adapter);

  /// Errors are those of our own steps (invalid_code_image, class_unreadable, vm_unsupported);
  /// HotSpot's refusals are answers.
  Result<Outcome> install(const Request& request);

  /// Looks at some of the installed code, that of `method` first; the number newly found
  /// invalidated.
  std::size_t poll_invalidated(jvmci::Env& env, MethodId method = {},
                               const NmethodTable::Gone& gone = {});

  /// Entries that one poll looks at: some 2 us under the VM's code cache lock.
  static constexpr std::size_t kPollEntries = 16;
  std::size_t entries() const { return nmethods_.size(); }
  /// Whether `method` has code of ours, as of the last poll that looked at it.
  bool has_code(MethodId method) const { return nmethods_.contains(method); }

 private:
  Installer(const hotspot::Adapter& adapter, hotspot::writer::Backend backend)
      : adapter_(adapter), backend_(std::move(backend)) {}
  Result<const hotspot::shell::ShellAssembler*> shell(jvmci::Env& env);
  Result<std::uint64_t> install_stub(jvmci::Env& env,
                                     const hotspot::shell::ShellAssembler& assembler,
                                     hotspot::shell::Stub which, std::string_view name) const;

  const hotspot::Adapter& adapter_;
  const hotspot::writer::Backend backend_;
  NmethodTable nmethods_;
  std::mutex mutex_;  // making the shell
  std::unique_ptr<hotspot::shell::ShellAssembler> shell_owner_;
  std::atomic<const hotspot::shell::ShellAssembler*> shell_{nullptr};
};

}  // namespace jitfarm::vmagent::install
