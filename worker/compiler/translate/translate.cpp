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

  Translation translation;
  translation.context = std::make_unique<llvm::LLVMContext>();
  translation.module = std::make_unique<llvm::Module>("method", *translation.context);
  FunctionInProgress function(task, std::get<frontend::Plans>(planned), facts, limits,
                              translation);
  if (auto status = MethodTranslator(function).run(); !status) return std::move(status).error();
  if (facts.is_missing()) return facts.missing();
  translation.facts = facts.uses();
  return translation;
}

}  // namespace jitfarm::worker::compiler::translate
