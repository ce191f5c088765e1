#include "worker/compiler/translate/translate.h"

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include "worker/compiler/frontend/fact_reader.h"
#include "worker/compiler/frontend/inlining.h"
#include "worker/compiler/translate/method_translator.h"

namespace jitfarm::worker::compiler::translate {

Outcome translate(const code::CompileTask& task, const FactSource& source, const Limits& limits) {
  frontend::FactReader facts(source);
  frontend::PlansOutcome planned = frontend::plan_with_callees(task, facts, limits);
  if (auto* missing = std::get_if<MissingFacts>(&planned)) return std::move(*missing);
  if (auto* bailout = std::get_if<code::Bailout>(&planned)) return std::move(*bailout);

  source.all_read();

  auto& plans = std::get<frontend::Plans>(planned);
  for (;;) {
    Translation translation;
    translation.context = std::make_unique<llvm::LLVMContext>();
    translation.module = std::make_unique<llvm::Module>("method", *translation.context);
    FunctionInProgress function(task, plans, facts, limits, translation);
    auto status = MethodTranslator(function).run();
    if (facts.is_missing()) return facts.missing();
    if (status) {
      translation.facts = facts.uses();
      return translation;
    }
    if (status.error().reason != code::BailoutReason::method_too_large ||
        plans.root.inlines.empty())
      return std::move(status).error();
    plans.root.inlines.clear();  // without its callees it may fit
  }
}

}  // namespace jitfarm::worker::compiler::translate
