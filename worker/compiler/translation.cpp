#include "worker/compiler/translation.h"

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

namespace jitfarm::worker::compiler {

Translation::Translation() = default;
Translation::~Translation() {
  module.reset();  // before its context
}
Translation::Translation(Translation&&) noexcept = default;
Translation& Translation::operator=(Translation&& other) noexcept {
  module.reset();
  context = std::move(other.context);
  module = std::move(other.module);
  sites = std::move(other.sites);
  constants = std::move(other.constants);
  has_receiver = other.has_receiver;
  methods = std::move(other.methods);
  assumptions = std::move(other.assumptions);
  facts = std::move(other.facts);
  return *this;
}

}  // namespace jitfarm::worker::compiler
