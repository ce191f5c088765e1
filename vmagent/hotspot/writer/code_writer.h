// How is assembled code handed to HotSpot? As objects (JDK 17) or as a stream (JDK 25), by one
// interface.
//
// Everything in a CodeImage is named by id; the VM's objects for those ids come from a VmObjects. A
// CodeWriter knows the form that its JDK reads, and nothing about layouts of code: that was shell's
// work.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/id.h"
#include "common/base/result.h"
#include "common/code/code_image.h"
#include "vmagent/hotspot/shell/shell.h"
#include "vmagent/jvmci/env.h"

namespace jitfarm::vmagent::hotspot::writer {

/// What the ids of a CodeImage stand for in this VM. Lives for one installation, on one thread; the
/// objects that it returns are locals of the current frame or held by it. class_unreadable when a
/// class is gone or was redefined.
class VmObjects {
 public:
  virtual ~VmObjects() = default;
  virtual Result<jvmci::Object*> method(MethodId id) = 0;  ///< HotSpotResolvedJavaMethodImpl
  virtual Result<jvmci::Object*> type(ClassId id) = 0;     ///< HotSpotResolvedObjectTypeImpl
  virtual Result<jvmci::Object*> object(
      const code::Constant& c) = 0;  ///< HotSpotObjectConstantImpl of a mirror or pool object
  virtual Result<std::uint64_t> method_address(MethodId id) = 0;  ///< Method*
  virtual Result<std::uint64_t> class_address(ClassId id) = 0;    ///< Klass*
};

/// `code` was made from `image` and has been checked.
struct MethodCode {
  const code::CodeImage& image;
  const shell::AssembledCode& code;
  std::int64_t compile_state = 0;  ///< third argument of compileMethod; 0: HotSpot did not ask
  std::int32_t compile_id = 0;     ///< never 0: code without an id cannot be followed
};

enum class Answer : std::uint8_t {
  installed,
  dependencies_failed,  ///< an assumption does not hold any more
  cache_full,
  code_too_large,
  refused,  ///< anything else, an exception in the VM among it
};

struct Written {
  Answer answer = Answer::refused;
  std::string detail;  ///< for people
  jvmci::Ref mirror;   ///< HotSpotNmethod, when installed
  std::uint64_t code_begin = 0;
};

enum class Liveness : std::uint8_t { in_use, invalidated };

/// Immutable after it is made; any compiler thread, several at once.
class CodeWriter {
 public:
  virtual ~CodeWriter() = default;
  /// Makes `code` the method's code. Errors only for what VmObjects could not give; the VM's own
  /// refusals are answers.
  virtual Result<Written> install(jvmci::Env& env, VmObjects& objects,
                                  const MethodCode& code) const = 0;
  /// Installs code of ours that belongs to no method; its address. It is never freed.
  virtual Result<std::uint64_t> install_stub(jvmci::Env& env, const shell::AssembledCode& code,
                                             std::string_view name) const = 0;
  /// A fresh id for code that HotSpot did not ask for; `address` is the method's Method*.
  virtual Result<std::int32_t> allocate_compile_id(jvmci::Env& env, jvmci::Object& method,
                                                   std::uint64_t address) const = 0;
  /// Whether callers still reach the code of `mirror`. Takes the VM's code cache lock for a moment.
  virtual Result<Liveness> liveness(jvmci::Env& env, jvmci::Object& mirror) const = 0;
  virtual Status invalidate(jvmci::Env& env, jvmci::Object& mirror) const = 0;
};

/// `JVMCI::*` constants of readConfiguration: answers of installCode. They differ between updates
/// of one JDK.
struct InstallResults {
  std::int32_t ok = 0;
  std::int32_t dependencies_failed = -1;
  std::int32_t cache_full = -1;
  std::int32_t code_too_large = -1;

  Answer answer(std::int32_t of_vm) const {
    return of_vm == ok                    ? Answer::installed
           : of_vm == dependencies_failed ? Answer::dependencies_failed
           : of_vm == cache_full          ? Answer::cache_full
           : of_vm == code_too_large      ? Answer::code_too_large
                                          : Answer::refused;
  }
};

/// For JDK 17, where code is described by objects. After HotSpot's walk over the surface and
/// CompilerToVM.registerNatives.
Result<std::unique_ptr<CodeWriter>> make_jdk17_writer(const InstallResults& results);

/// For JDK 25, where code is described by a stream. `invalidate_reason` is
/// nmethod::InvalidationReason::JVMCI_INVALIDATE.
Result<std::unique_ptr<CodeWriter>> make_jdk25_writer(const InstallResults& results,
                                                      const shell::Marks& marks,
                                                      const struct StreamTags& tags,
                                                      std::int32_t invalidate_reason);

}  // namespace jitfarm::vmagent::hotspot::writer
