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
#include "common/facts/cpu_features.h"
#include "worker/compiler/translation.h"

namespace jitfarm::worker::compiler::passes {
namespace {

constexpr const char* kTriple = "x86_64-unknown-linux-gnu";

// ni:1: pointers of address space 1 are references that a collector moves; LLVM must not make
// integers of them. v512:256: the code cache aligns constants to 32 bytes and no more (hotspot-abi
// 11), so those of 512-bit code are read unaligned.
constexpr const char* kDataLayout =
    "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-v512:256-n8:16:32:64-S128-ni:1";

// Widest vectors that code uses, and the features without which those of 512 bits lack operations.
constexpr std::uint32_t kVectorBytesMax = 64;
constexpr std::array kFeaturesOf512 = {"avx512f", "avx512bw", "avx512dq", "avx512vl"};

constexpr std::array kFeatures = {"sse3",   "ssse3",  "sse4.1",   "sse4.2",   "popcnt",   "cx16",
                                  "sahf",   "avx",    "avx2",     "f16c",     "fma",      "bmi",
                                  "bmi2",   "lzcnt",  "adx",      "aes",      "movbe",    "pclmul",
                                  "rdrnd",  "rdseed", "avx512f",  "avx512bw", "avx512cd", "avx512dq",
                                  "avx512vl", "avx512vpopcntdq"};

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
    // VM cannot walk the frame (hotspot-abi 2.1). What a vector loop leaves over, often half of a
    // loop over 100 elements, goes through a second, narrower one. LLVM has both as process-wide
    // options only.
    constexpr std::array kOptions = {"jitfarm", "-no-x86-call-frame-opt",
                                     "-epilogue-vectorization-minimum-VF=8"};
    llvm::cl::ParseCommandLineOptions(static_cast<int>(kOptions.size()), kOptions.data());
    llvm::install_fatal_error_handler(on_fatal_error);
  });
}

CompilingNow::CompilingNow(std::string what) { compiling_now = std::move(what); }
CompilingNow::~CompilingNow() { compiling_now.clear(); }

std::string known_features(std::string_view wanted) {
  const bool has_512 = std::ranges::all_of(
      kFeaturesOf512, [&](const char* feature) { return facts::has_feature(wanted, feature); });
  std::string features;
  for (const std::string_view feature : kFeatures) {
    if (!facts::has_feature(wanted, feature) || (feature.starts_with("avx512") && !has_512)) continue;
    features += (features.empty() ? "+" : ",+");
    features += feature;
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
  const std::string features = known_features(vm.cpu_features);
  const std::uint32_t widest = facts::has_feature(features, "avx512f") ? kVectorBytesMax : 32;
  const std::uint32_t vector_bytes = std::clamp(vm.max_vector_bytes, 16u, widest);
  method->addFnAttr("target-cpu", "x86-64");
  method->addFnAttr("target-features", features);
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
