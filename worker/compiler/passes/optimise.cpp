#include "worker/compiler/passes/optimise.h"

#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Transforms/IPO/AlwaysInliner.h>
#include <llvm/Transforms/IPO/GlobalDCE.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/RewriteStatepointsForGC.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>

namespace jitfarm::worker::compiler::passes {
namespace {

/// The analyses of one run over a module, cross-registered, with a library that has no functions.
class Analyses {
 public:
  explicit Analyses(llvm::TargetMachine& machine) : builder(&machine, tuning()) {
    llvm::TargetLibraryInfoImpl library(machine.getTargetTriple());
    library.disableAllFunctions();
    functions.registerPass([library] { return llvm::TargetLibraryAnalysis(library); });
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(graphs);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, graphs, modules);
  }

  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graphs;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder;

 private:
  static llvm::PipelineTuningOptions tuning() {
    llvm::PipelineTuningOptions options;
    options.LoopVectorization = true;
    options.SLPVectorization = true;
    options.LoopInterleaving = true;
    options.LoopUnrolling = true;
    return options;
  }
};

}  // namespace

void optimise(llvm::Module& module, llvm::TargetMachine& machine) {
  Analyses analyses(machine);
  llvm::ModulePassManager passes =
      analyses.builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3);
  passes.run(module, analyses.modules);
}

void rewrite_statepoints(llvm::Module& module, llvm::TargetMachine& machine) {
  Analyses analyses(machine);
  llvm::ModulePassManager passes;
  passes.addPass(llvm::RewriteStatepointsForGC());
  passes.run(module, analyses.modules);
}

void finish(llvm::Module& module, llvm::TargetMachine& machine) {
  Analyses analyses(machine);
  llvm::ModulePassManager passes;
  passes.addPass(llvm::AlwaysInlinerPass(/*InsertLifetime=*/false));
  llvm::FunctionPassManager cleanup;
  cleanup.addPass(llvm::InstCombinePass());
  cleanup.addPass(llvm::EarlyCSEPass());
  cleanup.addPass(llvm::SimplifyCFGPass());
  passes.addPass(llvm::createModuleToFunctionPassAdaptor(std::move(cleanup)));
  passes.addPass(llvm::GlobalDCEPass());
  passes.run(module, analyses.modules);
}

}  // namespace jitfarm::worker::compiler::passes
