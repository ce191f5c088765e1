// Does compiled code do what the bytecode says, also where nobody looked? Random methods, compiled
// and interpreted, on random arrays.
#include <fmt/format.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include "tests/compiler/random/random_class.h"
#include "tests/compiler/support/interpreter.h"
#include "tests/compiler/support/machine.h"
#include "tests/compiler/support/sample_vm.h"
#include "tests/compiler/support/world.h"
#include "worker/compiler/compiler.h"

namespace jitfarm {
namespace {

using tests::compiler::Address;
using tests::compiler::Ending;
using tests::compiler::Interpreter;
using tests::compiler::Machine;
using tests::compiler::Slot;
using tests::compiler::World;

struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "jitfarm-random-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

Address random_array(World& world, std::mt19937& random, char type) {
  constexpr std::int32_t kLengths[] = {0, 1, 3, 5, 8, 17, 40, 130, 300};
  if (random() % 16 == 0) return 0;
  const std::int32_t length = random() % 40 == 0 ? 9000 : kLengths[random() % std::size(kLengths)];
  const Address array = world.heap().allocate_array(world.array_class(type), length);
  for (std::int32_t i = 0; i < length; ++i) {
    const double floating = static_cast<double>(static_cast<std::int32_t>(random())) / 64;
    const std::int64_t integer = random() % 3 == 0 ? static_cast<std::int32_t>(random())
                                                   : static_cast<std::int32_t>(random() % 16) - 4;
    std::uint64_t bits = static_cast<std::uint64_t>(integer);
    if (type == 'D') std::memcpy(&bits, &floating, sizeof bits);
    std::memcpy(reinterpret_cast<void*>(world.heap().element(array, i)), &bits,
                tests::compiler::Heap::element_size(world.vm(), type));
  }
  return array;
}

std::int32_t random_int(std::mt19937& random) {
  switch (random() % 4) {
    case 0:
      return static_cast<std::int32_t>(random());
    case 1:
      return std::numeric_limits<std::int32_t>::max() - static_cast<std::int32_t>(random() % 8);
    default:
      return static_cast<std::int32_t>(random() % 80) - 8;
  }
}

void compare(std::uint32_t seed, bool armed, std::uint64_t& fast) {
  constexpr unsigned kMethods = 12;
  constexpr int kRounds = 12;
  const Folder folder;
  const std::string file = folder.path / "Random.class";
  const Bytes bytes = tests::compiler::random_class(seed, kMethods);
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  World world(tests::compiler::sample_vm(), {file});
  Interpreter interpreter(world);
  Machine machine(world, {.arm_polls = armed});
  const Bytes empty = world.heap().content();
  for (unsigned m = 0; m < kMethods; ++m) {
    auto& method = world.method("Random" + std::to_string(seed), "m" + std::to_string(m));
    worker::compiler::Options options;
    options.dump = [&](std::string_view stage, std::string_view text) {
      if (stage == "ir" && text.find("fast_latch") != std::string_view::npos) ++fast;
    };
    auto outcome = worker::compiler::compile({.method = method.id}, world, options);
    if (const auto* bailout = std::get_if<code::Bailout>(&outcome))
      FAIL(code::name(bailout->reason) << ": " << bailout->detail);
    machine.install(method, std::get<code::CodeImage>(outcome));
    for (int round = 0; round < kRounds; ++round) {
      machine.restore(empty);
      std::mt19937 random(seed * 1000 + m * 50 + static_cast<std::uint32_t>(round));
      auto& klass = world.klass("Random" + std::to_string(seed));
      const Address object = random() % 16 == 0 ? 0 : world.heap().allocate(klass.klass);
      std::vector<Slot> arguments = {tests::compiler::reference_slot(object)};
      for (char type : {'I', 'I', 'B', 'D'})
        arguments.push_back(tests::compiler::reference_slot(random_array(world, random, type)));
      if (random() % 8 == 0) arguments[2] = arguments[1];  // the same array twice
      if (object != 0)
        for (const auto& field : klass.fields) {
          const Address at = object + static_cast<std::uint64_t>(field.offset);
          const std::int32_t number = random_int(random);
          if (field.name == "number")
            std::memcpy(reinterpret_cast<void*>(at), &number, sizeof number);
          else
            world.heap().store_reference(
                at, random() % 2 == 0 ? arguments[1].bits : random_array(world, random, 'I'));
        }
      for (int i = 0; i < 2; ++i)
        arguments.push_back(tests::compiler::int_slot(random_int(random)));
      const Bytes before = world.heap().content();
      interpreter.steps = 0;
      machine.steps = 0;
      const Ending wanted = interpreter.interpret(method, arguments);
      const Bytes wanted_heap = world.heap().content();
      machine.restore(before);
      const Ending got = machine.invoke(method, arguments);
      const bool same =
          got == wanted && world.heap().content() == wanted_heap && machine.complaint.empty();
      if (same) continue;
      FAIL_CHECK(
          "class seed " << seed << " m" << m << " round " << round << (armed ? " armed" : "")
                        << ": compiled gives " << got.exception
                        << fmt::format(" {:#x}", got.value.bits) << ", the interpreter "
                        << wanted.exception << fmt::format(" {:#x}", wanted.value.bits)
                        << (world.heap().content() == wanted_heap ? "" : ", the heap differs")
                        << " " << machine.complaint);
      machine.complaint.clear();
      break;
    }
  }
}

TEST_CASE("compiler: random methods do what the interpreter does") {
  // JITFARM_RANDOM_SEED=n JITFARM_RANDOM_CLASSES=n look elsewhere, or longer.
  const char* first = std::getenv("JITFARM_RANDOM_SEED");
  const char* classes = std::getenv("JITFARM_RANDOM_CLASSES");
  const auto seed = static_cast<std::uint32_t>(first != nullptr ? std::atoi(first) : 1);
  const auto count = static_cast<std::uint32_t>(classes != nullptr ? std::atoi(classes) : 10);
  std::uint64_t fast = 0;
  for (std::uint32_t s = seed; s < seed + count; ++s) compare(s, s % 2 == 0, fast);
  CHECK(fast >= count);  // loops with two bodies were among them
}

}  // namespace
}  // namespace jitfarm
