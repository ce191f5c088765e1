// What does a compilation cost, stage by stage, and how fast is the code of a kernel? Without a
// JVM.
//
//   bench_compiler CLASSES            every method of the .class files in that folder: CPU
//                                     milliseconds by stage, sizes
//   bench_compiler CLASSES --kernels  nanoseconds per element of the array kernels of
//                                     tests/compiler/methods/java
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "tests/compiler/support/fixtures.h"
#include "tests/compiler/support/machine.h"
#include "tests/compiler/support/sample_vm.h"
#include "tests/compiler/support/world.h"
#include "worker/compiler/compiler.h"

using namespace jitfarm;
using namespace jitfarm::tests::compiler;

namespace {

std::uint64_t cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

double quantile(std::vector<double>& sorted, double q) {
  return sorted[std::min(sorted.size() - 1,
                         static_cast<std::size_t>(q * static_cast<double>(sorted.size())))];
}

void compilations(World& world) {
  std::vector<std::string> order;
  std::map<std::string, std::vector<double>> stages;
  std::vector<double> totals;
  double bytecode = 0, text = 0, sites = 0;
  std::map<std::string, int> bailouts;
  for (const auto& method : world.methods()) {
    if (!method->code) continue;
    std::vector<std::pair<std::string, double>> times;
    worker::compiler::Options options;
    options.now_ns = cpu_ns;
    options.timed = [&](std::string_view stage, std::uint64_t ns) {
      times.emplace_back(stage, static_cast<double>(ns) / 1e6);
    };
    const auto outcome = worker::compiler::compile({.method = method->id}, world, options);
    if (const auto* bailout = std::get_if<code::Bailout>(&outcome))
      ++bailouts[std::string(code::name(bailout->reason))];
    const auto* image = std::get_if<code::CodeImage>(&outcome);
    if (image == nullptr) continue;
    double total = 0;
    for (const auto& [stage, ms] : times) {
      if (!stages.contains(stage)) order.push_back(stage);
      stages[stage].push_back(ms);
      total += ms;
    }
    totals.push_back(total);
    bytecode += static_cast<double>(method->shape->code.size());
    text += static_cast<double>(image->text.size());
    sites += static_cast<double>(image->sites.size());
  }
  if (totals.empty()) {
    fmt::print(stderr,
               "bench_compiler: nothing was compiled: are there .class files in the folder?\n");
    std::exit(1);
  }
  const auto n = static_cast<double>(totals.size());
  fmt::print(
      "{} methods compiled; mean {:.1f} bytes of bytecode, {:.1f} bytes of code, {:.1f} sites\n",
      totals.size(), bytecode / n, text / n, sites / n);
  for (const auto& [reason, count] : bailouts) fmt::print("bailed out, {}: {}\n", reason, count);
  order.push_back("total");
  stages["total"] = totals;
  fmt::print("{:<12} {:>9} {:>9} {:>9} {:>9}   CPU ms\n", "stage", "mean", "p50", "p90", "p99");
  for (const std::string& stage : order) {
    std::vector<double>& ms = stages[stage];
    std::ranges::sort(ms);
    double sum = 0;
    for (const double v : ms) sum += v;
    fmt::print("{:<12} {:>9.3f} {:>9.3f} {:>9.3f} {:>9.3f}\n", stage,
               sum / static_cast<double>(ms.size()), quantile(ms, 0.5), quantile(ms, 0.9),
               quantile(ms, 0.99));
  }
}

void kernels(World& world) {
  constexpr std::int32_t kLength = 100'000;
  Machine machine(world, {.move_heap = false});
  const auto array = [&](char type) {
    return reference_slot(world.heap().allocate_array(world.array_class(type), kLength));
  };
  const std::map<std::string, std::vector<Slot>> cases = {
      {"sum", {array('I')}},
      {"max", {array('I')}},
      {"count", {array('B'), int_slot(3)}},
      {"hash", {array('B')}},
      {"dot", {array('D'), array('D')}},
      {"axpy", {array('D'), array('D'), double_slot(1.5)}},
      {"fill", {array('I'), int_slot(7)}},
      {"prefix", {array('J')}},
  };
  for (const auto& [name, arguments] : cases) {
    LoadedMethod& method = world.method("ArrayCases", name);
    machine.install(
        method, std::get<code::CodeImage>(worker::compiler::compile({.method = method.id}, world)));
    double best = 1e18;
    for (int run = 0; run < 50; ++run) {
      const std::uint64_t start = cpu_ns();
      machine.invoke(method, arguments);
      best = std::min(best, static_cast<double>(cpu_ns() - start) / kLength);
    }
    fmt::print("{:<8} {:8.3f} ns per element\n", name, best);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: bench_compiler CLASSES [--kernels]\n");
    return 2;
  }
  World world(sample_vm(), class_files(argv[1]));
  if (argc > 2 && std::strcmp(argv[2], "--kernels") == 0)
    kernels(world);
  else
    compilations(world);
}
