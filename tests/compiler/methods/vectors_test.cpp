// Does LLVM vectorise Java loops? Looks at the assembly: packed instructions in a loop without a poll and without a check.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "tests/compiler/support/fixtures.h"
#include "tests/compiler/support/sample_vm.h"
#include "tests/compiler/support/world.h"
#include "worker/compiler/compiler.h"

namespace jitfarm {
namespace {

using tests::compiler::World;

struct Line {
  std::uint64_t address = 0;
  std::string text;
};

std::vector<Line> assembly(World& world, const std::string& method) {
  std::string text;
  worker::compiler::Options options;
  options.dump = [&](std::string_view stage, std::string_view printed) {
    if (stage == "assembly") text = printed;
  };
  auto outcome = compile({.method = world.method("ArrayCases", method).id}, world, options);
  REQUIRE(std::holds_alternative<code::CodeImage>(outcome));
  std::vector<Line> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back({std::stoull(line, nullptr, 16), line});
  return lines;
}

/// The innermost loops: from the target of a backward jump to the jump, with no other such jump between.
std::vector<std::vector<Line>> innermost_loops(const std::vector<Line>& lines) {
  std::vector<std::vector<Line>> loops;
  std::size_t after_last_jump = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string& text = lines[i].text;
    const std::size_t at = text.find("\tj");
    if (at == std::string::npos || text.find("0x", at) == std::string::npos) continue;
    const std::uint64_t target = std::stoull(text.substr(text.find("0x", at)), nullptr, 16);
    if (target > lines[i].address) continue;
    const auto begin = std::ranges::find(lines, target, &Line::address);
    if (begin == lines.end() || begin - lines.begin() < static_cast<std::ptrdiff_t>(after_last_jump)) continue;
    loops.emplace_back(begin, lines.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    after_last_jump = i + 1;
  }
  return loops;
}

bool contains(const std::vector<Line>& loop, const std::string& what) {
  return std::ranges::any_of(loop, [&](const Line& line) { return line.text.find(what) != std::string::npos; });
}

/// An innermost loop uses `instruction` on `registers` and has neither poll, check nor call in it.
bool has_tight_loop(const std::vector<Line>& lines, const std::string& instruction, const std::string& registers) {
  return std::ranges::any_of(innermost_loops(lines), [&](const std::vector<Line>& loop) {
    const bool packed = std::ranges::any_of(loop, [&](const Line& line) {
      return line.text.find(instruction) != std::string::npos && line.text.find(registers) != std::string::npos;
    });
    return packed && !contains(loop, "[r15 + 0x340]") && !contains(loop, "<site") &&
           std::ranges::count_if(loop, [](const Line& line) { return line.text.find("\tj") != std::string::npos; }) == 1;
  });
}

TEST_CASE("vectors: array loops run in packed instructions without polls and checks") {
  World world(tests::compiler::sample_vm(), tests::compiler::class_files(JF_FIXTURE_CLASSES));
  const auto [method, instruction, registers] = GENERATE(table<std::string, std::string, std::string>({
      {"sum", "vpaddd", "ymm"},
      {"sumEach", "vpaddd", "ymm"},
      {"sumTo", "vpaddd", "ymm"},
      {"max", "vpmaxsd", "ymm"},
      {"count", "vpcmpeq", "ymm"},
      {"axpy", "vmulpd", "ymm"},
      {"fill", "vmovdqu", "ymm"},
      {"copy", "vmovups", "ymm"},
      {"callees", "vpxor", "ymm"},
      {"accessors", "vpaddd", "ymm"},
      {"dot", "vmulsd", "xmm"},  // the order of floating-point additions is the program's
  }));
  INFO(method);
  CHECK(has_tight_loop(assembly(world, method), instruction, registers));
}

TEST_CASE("vectors: 512 bits where the client has them") {
  facts::VmConfig vm = tests::compiler::sample_vm();
  vm.max_vector_bytes = 64;
  vm.cpu_features += ",+avx512f,+avx512bw,+avx512dq,+avx512vl";
  World world(vm, tests::compiler::class_files(JF_FIXTURE_CLASSES));
  CHECK(has_tight_loop(assembly(world, "sum"), "vpaddd", "zmm"));
  // More vectors than registers: some go to a stack that is not aligned for them.
  CHECK(contains(assembly(world, "crowded"), "zmm"));
}

TEST_CASE("vectors: an incomplete set of 512-bit features is none") {
  facts::VmConfig vm = tests::compiler::sample_vm();
  vm.max_vector_bytes = 64;
  vm.cpu_features += ",+avx512f";
  World world(vm, tests::compiler::class_files(JF_FIXTURE_CLASSES));
  const auto lines = assembly(world, "sum");
  CHECK_FALSE(contains(lines, "zmm"));
  CHECK(has_tight_loop(lines, "vpaddd", "ymm"));
}

TEST_CASE("vectors: no wider vectors than the client uses") {
  facts::VmConfig vm = tests::compiler::sample_vm();
  vm.max_vector_bytes = 16;
  vm.cpu_features = "+sse4.1,+sse4.2";
  World world(vm, tests::compiler::class_files(JF_FIXTURE_CLASSES));
  const auto lines = assembly(world, "sum");
  CHECK_FALSE(contains(lines, "ymm"));
  CHECK(has_tight_loop(lines, "paddd", "xmm"));
}

}  // namespace
}  // namespace jitfarm
