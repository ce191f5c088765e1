// The page that says which of the VM's intrinsics code does itself.
#include <map>
#include <vector>

#include "tests/unit/reference/pages.h"
#include "worker/compiler/frontend/intrinsics.h"

namespace jitfarm::reference {
namespace {

namespace frontend = worker::compiler::frontend;

struct VmIntrinsic {
  std::string_view klass;
  std::string_view method;
  std::string_view descriptor;
};

constexpr VmIntrinsic kOfJdk17[] = {
#define JF_VM_INTRINSIC(klass, method, descriptor) {klass, method, descriptor},
#include "tests/unit/reference/vm_intrinsics_17.def"
#undef JF_VM_INTRINSIC
};

}  // namespace

Page intrinsics_page() {
  std::string text =
      "# Intrinsics\n\n<!-- Generated from the code: run `ninja reference`. -->\n\n"
      "Methods that a JVM's own compilers know by name, and what the farm's code does instead of "
      "calling them, from "
      "`worker/compiler/frontend/intrinsics.def` and the list that JDK 17 gives of itself. A "
      "method is one of them only "
      "when the VM marks it as its intrinsic: the marks are on classes of the boot and platform "
      "loaders alone. Each does "
      "exactly what the interpreter does; \"the call\" is the call of the method itself, which "
      "then throws or does the "
      "rare case. Where the agent's VM lacks a number or a stub, or the processor an instruction, "
      "the method is "
      "called.\n\n"
      "| class | method | code |\n|---|---|---|\n";
  std::map<std::string_view, std::vector<std::string_view>> called;
  for (const VmIntrinsic& one : kOfJdk17) {
    const frontend::Intrinsic* row =
        frontend::find_intrinsic(one.klass, one.method, one.descriptor);
    if (row == nullptr) {
      std::vector<std::string_view>& methods = called[one.klass];
      if (methods.empty() || methods.back() != one.method) methods.push_back(one.method);
      continue;
    }
    text += "| `" + std::string(one.klass) + "` | `" + std::string(one.method) +
            std::string(one.descriptor) + "` | " + std::string(frontend::how(row->op)) + " |\n";
  }
  text +=
      "\n## Called\n\nCompiled from their bytecode like any other method, and inlined where they "
      "are small; native ones "
      "are called.\n\n| class | methods |\n|---|---|\n";
  for (const auto& [klass, methods] : called) {
    std::string names;
    for (const std::string_view method : methods)
      names += (names.empty() ? "`" : ", `") + std::string(method) + "`";
    text += "| `" + std::string(klass) + "` | " + names + " |\n";
  }
  return {"intrinsics.md", text};
}

}  // namespace jitfarm::reference
