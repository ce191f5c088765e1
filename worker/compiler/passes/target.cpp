#include "worker/compiler/passes/target.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/Module.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Support/ErrorHandling.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Target/TargetMachine.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <mutex>

#include "common/base/log.h"
#include "worker/compiler/translation.h"

namespace jitfarm::worker::compiler::passes {
namespace {

constexpr const char* kTriple = "x86_64-unknown-linux-gnu";

// ni:1: pointers of address space 1 are references that a collector moves; LLVM must not make
// integers of them.
constexpr const char* kDataLayout =
    "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-ni:1";

// Widest vectors that code uses. The 64-byte constants of 512-bit code would need an alignment that
// the code cache does not give (hotspot-abi 11).
constexpr std::uint32_t kVectorBytesMax = 32;

constexpr std::array kFeatures = {"sse3", "ssse3", "sse4.1", "sse4.2", "popcnt", "cx16",  "sahf",
                                  "avx",  "avx2",  "f16c",   "fma",    "bmi",    "bmi2",  "lzcnt",
                                  "adx",  "aes",   "movbe",  "pclmul", "rdrnd",  "rdseed"};

thread_local std::string compiling_now;

void on_fatal_error(void*, const char* reason, bool) {
  // LLVM's state is unknown from here on: the process must end. The coordinator sees the worker
  // die, retries elsewhere and quarantines the method; this line says which and why.
  spdlog::critical("LLVM cannot go on in {}: {}", compiling_now.empty() ? "?" : compiling_now, reason);
  spdlog::default_logger()->flush();
  std::abort();
}

}  // namespace

void initialize_llvm() {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86AsmParser();  // lowering/ writes some instructions itself
    LLVMInitializeX86Disassembler();
    // Outgoing stack arguments are stored, never pushed: rsp is the same in the whole body, or the
    // VM cannot walk the frame (hotspot-abi 2.1). LLVM has this as a process-wide option only.
    const char* options[] = {"jitfarm", "-no-x86-call-frame-opt"};
    llvm::cl::ParseCommandLineOptions(2, options);
    llvm::install_fatal_error_handler(on_fatal_error);
  });
}

CompilingNow::CompilingNow(std::string what) { compiling_now = std::move(what); }
CompilingNow::~CompilingNow() { compiling_now.clear(); }

std::string known_features(std::string_view wanted) {
  std::string features;
  for (const char* feature : kFeatures) {
    const std::string token = std::string("+") + feature;
    std::size_t at = 0;
    bool found = false;
    while (!found && (at = wanted.find(token, at)) != std::string_view::npos) {
      const std::size_t end = at + token.size();
      found = (at == 0 || wanted[at - 1] == ',') && (end == wanted.size() || wanted[end] == ',');
      at = end;
    }
    if (found) features += (features.empty() ? "" : ",") + token;
  }
  return features;
}

std::unique_ptr<llvm::TargetMachine> make_target_machine(const facts::VmConfig& vm) {
  std::string error;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(kTriple, error);
  if (target == nullptr) return nullptr;
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;  // Java: no contraction
  options.EnableFastISel = false;
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      kTriple, "x86-64", known_features(vm.cpu_features), options, llvm::Reloc::PIC_,
      llvm::CodeModel::Small, llvm::CodeGenOptLevel::Aggressive));
}

void prepare_for_target(llvm::Module& module, const facts::VmConfig& vm) {
  module.setTargetTriple(kTriple);
  module.setDataLayout(kDataLayout);
  for (llvm::GlobalObject& global : module.global_objects()) {
    if (!global.isDeclaration() || global.getName().starts_with("llvm.")) continue;
    global.setVisibility(llvm::GlobalValue::HiddenVisibility);
    global.setDSOLocal(true);
  }
  llvm::Function* method = module.getFunction(kMethodFunction);
  if (method == nullptr || method->isDeclaration()) return;
  const std::uint32_t vector_bytes = std::clamp(vm.max_vector_bytes, 16u, kVectorBytesMax);
  method->addFnAttr("target-cpu", "x86-64");
  method->addFnAttr("target-features", known_features(vm.cpu_features));
  method->addFnAttr("prefer-vector-width", std::to_string(vector_bytes * 8));
  method->addFnAttr("frame-pointer", "none");
  method->addFnAttr("no-realign-stack");  // a spilled vector must not make the frame's size dynamic
  method->addFnAttr(llvm::Attribute::NoRedZone);
  method->addFnAttr(llvm::Attribute::getWithUWTableKind(module.getContext(), llvm::UWTableKind::Sync));
  // Clobbering rbp makes LLVM push it first and address everything by rsp: the frame that HotSpot
  // can walk and move to another stack (hotspot-abi 2.1). Leaf for rewrite-statepoints-for-gc.
  llvm::IRBuilder<> builder(&*method->getEntryBlock().getFirstNonPHIOrDbgOrAlloca());
  auto* type = llvm::FunctionType::get(builder.getVoidTy(), false);
  llvm::CallInst* clobber = builder.CreateCall(llvm::InlineAsm::get(type, "", "~{rbp}", true));
  clobber->addFnAttr(llvm::Attribute::get(module.getContext(), "gc-leaf-function"));
  clobber->addFnAttr(llvm::Attribute::NoUnwind);
}

}  // namespace jitfarm::worker::compiler::passes
