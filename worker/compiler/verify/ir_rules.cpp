#include "worker/compiler/verify/ir_rules.h"

#include <fmt/format.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Statepoint.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>

namespace jitfarm::worker::compiler::verify {
namespace {

using code::Bailout;
using code::BailoutReason;
using code::SiteKind;
using code::ValueKind;

std::unexpected<Bailout> broken(std::string detail) {
  return std::unexpected(Bailout{BailoutReason::internal_error, std::move(detail)});
}

std::expected<void, Bailout> check_with_llvm(const llvm::Module& module) {
  std::string complaint;
  llvm::raw_string_ostream stream(complaint);
  if (llvm::verifyModule(module, &stream)) return broken("IR does not verify: " + complaint);
  return {};
}

bool is_array_stub(llvm::StringRef name) {
  constexpr const char* kStubs[] = {"leaf.multiply_to_len",     "leaf.square_to_len",     "leaf.multiply_add",
                                    "leaf.montgomery_multiply", "leaf.montgomery_square", "leaf.mismatch",
                                    "leaf.crc32",               "leaf.crc32c",            "leaf.adler32",
                                    "leaf.base64_encode"};
  return std::ranges::find(kStubs, name) != std::end(kStubs);
}

bool is_known_name(llvm::StringRef name) {
  return name.starts_with("ret_stub.") || name.starts_with("unwind_stub.") || name.starts_with("jf.load_cell.") ||
         name.starts_with("jf.load_klass_cell.") || name == "jf.load_klass" || name == "jf.is_subclass" ||
         name == "jf.load_mirror" || name == "jf.mirror_klass" || name == "jf.thread_object" ||
         name == "jf.identity_hash" || name == "jf.copy_array" || name == "jf.equal_bytes" ||
         name == "jf.has_negatives" || name.starts_with("jf.compare_") || name.starts_with("jf.index_of_") || name == "jf.exchange" || name == "jf.exchange_if" ||
         name == "jf.load_referent" || name.starts_with("leaf.copy_") || name.starts_with("leaf.math_") ||
         name.starts_with("leaf.time_") || name.starts_with("wrong_method_stub.") ||
         name == "leaf.drem" || name == "leaf.frem" || name == "leaf.osr_migration_end" ||
         name.starts_with("leaf.write_barrier_") || name.starts_with("jf.new_instance.") || name == "jf.new_object" ||
         name == "jf.new_array" || name == "jf.lock" || name == "jf.unlock" || name == "leaf.monitor_exit" || name == "jf.store_reference" || name == "jf.decode_oop" || name == "pers" ||
         is_array_stub(name) || name.starts_with("llvm.");
}

/// Whether `function` is the callee of statepoints and nothing else: its address is never needed.
bool is_only_called_at_statepoints(const llvm::Function& function) {
  return std::ranges::all_of(function.users(), [&](const llvm::User* user) {
    const auto* call = llvm::dyn_cast<llvm::CallBase>(user);
    return call != nullptr && call->getCalledOperand() == &function && call->hasFnAttr("statepoint-id");
  });
}

std::size_t operand_count(const PlannedSite& site, const facts::VmConfig& vm) {
  std::size_t count = vm.thread_slot_required ? 3 : 2;
  for (const PlannedFrame& frame : site.frames) {
    count += 2 * frame.locks;
    for (const auto* kinds : {&frame.locals, &frame.stack})
      count += std::ranges::count_if(*kinds, [](ValueKind kind) { return kind != ValueKind::illegal; });
  }
  return count;
}

std::expected<void, Bailout> check_statepoint(const llvm::CallBase& call, const Translation& translation,
                                              const facts::VmConfig& vm) {
  std::uint64_t id = 0;
  std::uint64_t patch_bytes = 0;
  if (call.getFnAttr("statepoint-id").getValueAsString().getAsInteger(10, id) || id >= translation.sites.size())
    return broken("a statepoint-id is not in the site table");
  const PlannedSite& site = translation.sites[id];
  if (call.getFnAttr("statepoint-num-patch-bytes").getValueAsString().getAsInteger(10, patch_bytes) ||
      patch_bytes == 0 || patch_bytes != sled_size(site.kind, vm))
    return broken(fmt::format("site {} reserves {} bytes", id, patch_bytes));
  const auto bundle = call.getOperandBundle(llvm::LLVMContext::OB_deopt);
  if (!bundle) return broken(fmt::format("site {} has no frame state", id));
  if (bundle->Inputs.size() != operand_count(site, vm))
    return broken(fmt::format("site {} has {} deopt operands, its frames need {}", id, bundle->Inputs.size(),
                              operand_count(site, vm)));
  return {};
}

}  // namespace

std::uint32_t sled_size(SiteKind kind, const facts::VmConfig& vm) {
  switch (kind) {
    case SiteKind::call_static:
    case SiteKind::call_special:
      return vm.sled_static_call;
    case SiteKind::call_virtual:
    case SiteKind::call_interface:
      return vm.sled_virtual_call;
    case SiteKind::runtime_call:
      return vm.sled_runtime_call;
    case SiteKind::poll:
      return vm.sled_poll;
    case SiteKind::kCount:
      break;
  }
  return 0;
}

std::expected<void, Bailout> check_translation(const Translation& translation, const facts::VmConfig& vm) {
  const llvm::Module& module = *translation.module;
  if (auto checked = check_with_llvm(module); !checked) return checked;
  const llvm::Function* method = module.getFunction(kMethodFunction);
  if (method == nullptr || method->isDeclaration()) return broken("the module does not define the method");
  for (const llvm::Function& function : module) {
    if (!function.isDeclaration() && &function != method)
      return broken("a second function: " + function.getName().str());
    if (function.isDeclaration() && !is_known_name(function.getName()) && !is_only_called_at_statepoints(function))
      return broken("an unknown function: " + function.getName().str());
  }
  for (const llvm::GlobalVariable& global : module.globals())
    if (global.isDeclaration() ? !is_known_name(global.getName()) : !global.isConstant())
      return broken("an unknown global: " + global.getName().str());
  for (const llvm::Instruction& instruction : llvm::instructions(*method)) {
    const auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction);
    if (call == nullptr || llvm::isa<llvm::IntrinsicInst>(call) || call->hasFnAttr("gc-leaf-function")) continue;
    if (!call->hasFnAttr("statepoint-id")) return broken("a call is neither a leaf nor a statepoint");
    if (auto checked = check_statepoint(*call, translation, vm); !checked) return checked;
  }
  return {};
}

std::expected<void, Bailout> check_lowered(const llvm::Module& module) {
  if (auto checked = check_with_llvm(module); !checked) return checked;
  for (const llvm::Function& function : module) {
    if (!function.isDeclaration() || function.use_empty()) continue;
    if (function.isIntrinsic() || is_known_name(function.getName())) continue;
    // Callees of statepoints are never called by name: the sled stands in their place.
    const bool only_statepoints = std::ranges::all_of(function.users(), [](const llvm::User* user) {
      return llvm::isa<llvm::GCStatepointInst>(user);
    });
    if (!only_statepoints) return broken("an unresolved function: " + function.getName().str());
  }
  return {};
}

std::size_t instruction_count(const llvm::Module& module) {
  const llvm::Function* method = module.getFunction(kMethodFunction);
  return method == nullptr ? 0 : method->getInstructionCount();
}

}  // namespace jitfarm::worker::compiler::verify
