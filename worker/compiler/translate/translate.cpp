#include "worker/compiler/translate/translate.h"

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include "worker/compiler/frontend/fact_reader.h"
#include "worker/compiler/frontend/plan.h"
#include "worker/compiler/translate/method_translator.h"

namespace jitfarm::worker::compiler::translate {

Outcome translate(const code::CompileTask& task, const FactSource& source, const Limits& limits) {
  frontend::FactReader facts(source);
  frontend::PlanOutcome planned = frontend::plan(task, facts, limits);
  if (auto* missing = std::get_if<MissingFacts>(&planned)) return std::move(*missing);
  if (auto* bailout = std::get_if<code::Bailout>(&planned)) return std::move(*bailout);
  const frontend::Plan& plan = std::get<frontend::Plan>(planned);

  source.all_read();

  Translation translation;
  translation.context = std::make_unique<llvm::LLVMContext>();
  translation.module = std::make_unique<llvm::Module>("method", *translation.context);
  MethodTranslator translator(task, plan, facts, limits, translation);
  if (auto status = translator.run(); !status) return std::move(status).error();
  if (facts.is_missing()) return facts.missing();
  translation.facts = facts.uses();
  return translation;
}

}  // namespace jitfarm::worker::compiler::translate
