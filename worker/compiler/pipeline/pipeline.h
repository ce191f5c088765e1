// What happens to a translated method until it is a CodeImage? The list:
//
//   verify       the IR keeps the conventions of translation.h
//   optimise     LLVM -O3; references opaque, safepoints plain calls
//   statepoints  what lives across each safepoint becomes explicit
//   lower        references become addresses; C functions become absolute
//   generate     machine code, in an object file in memory
//   link         object file and site table become an image
//   check        the image keeps the rules of its format (code::verify)
#pragma once
#include <expected>

#include "common/code/bailout.h"
#include "common/code/code_image.h"
#include "common/code/compile_task.h"
#include "common/facts/vm_config.h"
#include "worker/compiler/compiler.h"
#include "worker/compiler/translation.h"

namespace jitfarm::worker::compiler {

/// The back half of compile(). Same inputs, same bytes. Uses the translation up.
std::expected<code::CodeImage, code::Bailout> emit_image(const code::CompileTask& task, Translation translation,
                                                         const facts::VmConfig& vm, const Options& options);

/// Runs one stage: times it when the options have a clock.
class StageTimer {
 public:
  StageTimer(const Options& options, std::string_view stage)
      : options_(options), stage_(stage), start_(options.now_ns ? options.now_ns() : 0) {}
  ~StageTimer() {
    if (options_.now_ns && options_.timed) options_.timed(stage_, options_.now_ns() - start_);
  }
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;

 private:
  const Options& options_;
  std::string_view stage_;
  std::uint64_t start_;
};

}  // namespace jitfarm::worker::compiler
