#include "worker/compiler/pipeline/pipeline.h"

#include <fmt/format.h>
#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/DiagnosticPrinter.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>

#include <string>

#include "worker/compiler/emit/link.h"
#include "worker/compiler/emit/object_code.h"
#include "worker/compiler/emit/print.h"
#include "worker/compiler/lowering/allocation.h"
#include "worker/compiler/lowering/array_bytes.h"
#include "worker/compiler/lowering/headers.h"
#include "worker/compiler/lowering/monitors.h"
#include "worker/compiler/lowering/object_access.h"
#include "worker/compiler/lowering/reference_store.h"
#include "worker/compiler/lowering/strings.h"
#include "worker/compiler/lowering/subtype.h"
#include "worker/compiler/passes/optimise.h"
#include "worker/compiler/passes/target.h"
#include "worker/compiler/verify/ir_rules.h"

namespace jitfarm::worker::compiler {
namespace {

using code::Bailout;
using code::BailoutReason;

std::unexpected<Bailout> broken(std::string detail) {
  return std::unexpected(Bailout{BailoutReason::internal_error, std::move(detail)});
}

/// Keeps the first error that LLVM reports for this compilation, and everything off standard error.
class Diagnostics final : public llvm::DiagnosticHandler {
 public:
  explicit Diagnostics(std::string& first_error) : first_error_(first_error) {}
  bool handleDiagnostics(const llvm::DiagnosticInfo& info) override {
    if (info.getSeverity() == llvm::DS_Error && first_error_.empty()) {
      llvm::raw_string_ostream stream(first_error_);
      llvm::DiagnosticPrinterRawOStream printer(stream);
      info.print(printer);
    }
    return true;
  }

 private:
  std::string& first_error_;
};

void dump(const Options& options, std::string_view stage, const llvm::Module& module) {
  if (!options.dump) return;
  std::string text;
  llvm::raw_string_ostream stream(text);
  module.print(stream, nullptr);
  options.dump(stage, text);
}

}  // namespace

std::expected<code::CodeImage, Bailout> emit_image(const code::CompileTask& task, Translation translation,
                                                   const facts::VmConfig& vm, const Options& options) {
  passes::initialize_llvm();
  llvm::Module& module = *translation.module;
  std::string llvm_error;
  module.getContext().setDiagnosticHandler(std::make_unique<Diagnostics>(llvm_error));
  const auto machine = passes::make_target_machine(vm);
  if (machine == nullptr) return broken("LLVM has no x86-64 target");

  {
    StageTimer timer(options, "verify");
    passes::prepare_for_target(module, vm);
    lowering::declare_object_access(module);
    lowering::declare_subtype(module);
    lowering::declare_allocation(module);
    lowering::declare_reference_store(module);
    lowering::declare_monitors(module);
    lowering::declare_headers(module);
    lowering::declare_array_bytes(module);
    lowering::declare_strings(module);
    if (auto checked = verify::check_translation(translation, vm); !checked) return std::unexpected(checked.error());
    if (const std::size_t count = verify::instruction_count(module); count > options.limits.ir_instructions)
      return std::unexpected(Bailout{BailoutReason::method_too_large, fmt::format("{} IR instructions", count)});
  }
  dump(options, "ir", module);
  {
    StageTimer timer(options, "optimise");
    passes::optimise(module, *machine);
  }
  dump(options, "optimised", module);
  {
    StageTimer timer(options, "statepoints");
    passes::rewrite_statepoints(module, *machine);
  }
  dump(options, "statepoints", module);
  {
    StageTimer timer(options, "lower");
    lowering::define_object_access(module, vm);
    lowering::define_monitors(module, vm);  // before define_subtype: it reads classes
    lowering::define_array_bytes(module, vm);
    lowering::define_strings(module, vm);
    lowering::define_headers(module, vm);
    lowering::define_subtype(module, vm);
    lowering::define_allocation(module, vm);
    lowering::define_reference_store(module, vm);
    lowering::make_leaf_calls_absolute(module);
    passes::finish(module, *machine);
    if (auto checked = verify::check_lowered(module); !checked) return std::unexpected(checked.error());
  }
  dump(options, "lowered", module);
  std::expected<emit::ObjectCode, Bailout> object;
  {
    StageTimer timer(options, "generate");
    object = emit::generate(module, *machine);
    if (!llvm_error.empty()) return broken("LLVM: " + llvm_error);
    if (!object) return std::unexpected(object.error());
  }
  StageTimer timer(options, "link");
  auto image = emit::link(task, translation, std::move(*object), vm, *machine);
  if (!image) return image;
  if (options.dump) {
    options.dump("assembly", emit::print_assembly(*image, *machine));
    options.dump("image", emit::print_tables(*image));
  }
  if (auto checked = code::verify(*image); !checked) return broken(checked.error().message());
  return image;
}

}  // namespace jitfarm::worker::compiler
