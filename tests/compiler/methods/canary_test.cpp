// Would the comparison of methods_test.cpp notice wrong code? Spoils the tables of an image, and looks.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <functional>

#include "tests/compiler/support/fixtures.h"
#include "tests/compiler/support/machine.h"
#include "tests/compiler/support/sample_vm.h"
#include "tests/compiler/support/world.h"
#include "worker/compiler/compiler.h"

namespace jitfarm {
namespace {

using tests::compiler::class_files;
using tests::compiler::LoadedMethod;
using tests::compiler::Machine;
using tests::compiler::sample_vm;
using tests::compiler::World;

/// Whether a run of `method` in a process of its own ends well when `spoil` changed its image.
bool survives(const std::function<void(code::CodeImage&)>& spoil) {
  const pid_t child = fork();
  if (child == 0) {
    for (const int signal : {SIGSEGV, SIGILL, SIGABRT, SIGBUS}) std::signal(signal, SIG_DFL);
    World world(sample_vm(), class_files(JF_FIXTURE_CLASSES));
    world.says_code_bytes = false;  // its calls are what is spoiled
    Machine machine(world, {});
    LoadedMethod& method = world.method("CallCases", "interior");
    auto image = std::get<code::CodeImage>(compile({.method = method.id}, world));
    spoil(image);
    machine.install(method, image);
    const auto array = world.heap().allocate_array(world.array_class('I'), 20);
    for (int i = 0; i < 20; ++i) *reinterpret_cast<std::int32_t*>(world.heap().element(array, i)) = 3 * i;
    const auto ending = machine.invoke(method, {tests::compiler::reference_slot(array), tests::compiler::int_slot(1)});
    _exit(machine.complaint.empty() && ending.exception.empty() && ending.value.bits == 615 ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_CASE("machine: a canary, wrong tables of an image do not go unnoticed") {
  CHECK(survives([](code::CodeImage&) {}));
  CHECK_FALSE(survives([](code::CodeImage& image) {
    for (code::Site& site : image.sites) site.oops.clear();
  }));
  CHECK_FALSE(survives([](code::CodeImage& image) {
    for (code::Site& site : image.sites)
      for (code::OopSlot& oop : site.oops) oop.offset = oop.base_offset = oop.offset + 8;
  }));
}

}  // namespace
}  // namespace jitfarm
