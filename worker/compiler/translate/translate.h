// How does a method become LLVM IR? The front half of the pure compiler: (CompileTask, Facts) ->
// Translation.
//
//   1. plan      which facts does the reachable bytecode need? All foreseeable ones are asked at
//   once
//   2. check     control flow graph, loops, types, liveness; what does not check is a bail-out
//   3. emit IR   abstract stack of typed SSA values, frame states at everything that may leave
#pragma once
#include <variant>

#include "common/code/bailout.h"
#include "common/code/compile_task.h"
#include "common/facts/vm_config.h"
#include "worker/compiler/compiler.h"
#include "worker/compiler/translation.h"

namespace jitfarm::worker::compiler::translate {

using Outcome = std::variant<Translation, MissingFacts, code::Bailout>;

/// Pure; same task and facts give the same IR. Never throws or aborts on any facts, however
/// malformed. `Translation::facts` holds every fact that was read.
Outcome translate(const code::CompileTask& task, const FactSource& facts, const Limits& limits);

}  // namespace jitfarm::worker::compiler::translate
