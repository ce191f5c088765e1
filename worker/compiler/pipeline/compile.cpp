// (CompileTask, Facts) -> CodeImage, as a whole: translate, then the stages of pipeline.h.
#include "common/facts/fact_codec.h"
#include "worker/compiler/compiler.h"
#include "worker/compiler/passes/target.h"
#include "worker/compiler/pipeline/method_name.h"
#include "worker/compiler/pipeline/pipeline.h"
#include "worker/compiler/translate/translate.h"
#include "worker/compiler/verify/vm_rules.h"

namespace jitfarm::worker::compiler {

Outcome compile(const code::CompileTask& task, const FactSource& facts, const Options& options) {
  passes::initialize_llvm();
  const std::optional<MethodName> name = method_name(task, facts);
  const passes::CompilingNow scope(name ? name->text() : "method " + std::to_string(task.method.value));

  translate::Outcome translated;
  {
    StageTimer timer(options, "translate");
    translated = translate::translate(task, facts, options.limits);
  }
  if (auto* missing = std::get_if<MissingFacts>(&translated)) return std::move(*missing);
  if (auto* bailout = std::get_if<code::Bailout>(&translated)) return std::move(*bailout);

  const facts::Fact* vm_fact = facts.find({.kind = facts::FactKind::vm_config});
  if (vm_fact == nullptr) return MissingFacts{{{.kind = facts::FactKind::vm_config}}};
  const Result<facts::VmConfig> vm = facts::decode_value<facts::VmConfig>(*vm_fact);
  if (!vm) return code::Bailout{code::BailoutReason::facts_missing, vm.error().message()};
  if (auto checked = verify::check_vm(*vm); !checked) return std::move(checked.error());
  auto image = emit_image(task, std::get<Translation>(std::move(translated)), *vm, options);
  if (!image) return std::move(image.error());
  return std::move(*image);
}

}  // namespace jitfarm::worker::compiler
