// Does compiled code do what the bytecode says? Every method of the fixtures runs compiled and interpreted, on edge values and random ones,
// in a heap that moves at every call, trap and poll. Results, exceptions, heap contents and what happens after a trap must be equal.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <catch2/catch.hpp>
#include <limits>
#include <random>
#include <set>

#include "tests/compiler/support/fixtures.h"
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
using tests::compiler::LoadedClass;
using tests::compiler::LoadedMethod;
using tests::compiler::Machine;
using tests::compiler::sample_vm;
using tests::compiler::Slot;
using tests::compiler::World;

/// Argument values: half of them edges.
class Values {
 public:
  Values(World& world, std::uint64_t seed) : world_(world), random_(seed) {}
  bool long_arrays = true;

  std::vector<Slot> arguments(LoadedMethod& method) {
    make_objects();
    std::vector<Slot> result;
    if (!method.is_static()) result.push_back(tests::compiler::reference_slot(object_of(method.holder->file.name)));
    for (const std::string& type : parameter_types(method.descriptor)) result.push_back(value(type));
    return result;
  }

 private:
  static std::vector<std::string> parameter_types(const std::string& descriptor) {
    std::vector<std::string> types;
    for (std::size_t at = 1; descriptor[at] != ')';) {
      std::size_t end = at;
      while (descriptor[end] == '[') ++end;
      end = descriptor[end] == 'L' ? descriptor.find(';', end) + 1 : end + 1;
      types.push_back(descriptor.substr(at, end - at));
      at = end;
    }
    return types;
  }

  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  std::int32_t int_value() {
    constexpr std::int32_t kMin = std::numeric_limits<std::int32_t>::min();
    constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();
    constexpr std::int32_t kEdges[] = {0, 1, -1, 2, 3, 7, 31, 32, 33, 63, 64, 127, 128, 255, 256, 32767, 32768, 65535, 65536, kMin, kMax, kMin + 1, -128, -129, -32769};
    switch (below(4)) {
      case 0:
        return static_cast<std::int32_t>(random_());
      case 1:
        return static_cast<std::int32_t>(below(40));
      default:
        return kEdges[below(std::size(kEdges))];
    }
  }
  std::int64_t long_value() {
    constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    constexpr std::int64_t kEdges[] = {0, 1, -1, 2, kMin, kMax, kMin + 1, 1ll << 31, 1ll << 32, (1ll << 53) + 1, -(1ll << 31) - 1};
    return below(3) == 0 ? static_cast<std::int64_t>(random_()) : below(2) == 0 ? int_value() : kEdges[below(std::size(kEdges))];
  }
  template <class T>
  T float_value() {
    using L = std::numeric_limits<T>;
    const T kEdges[] = {0, T(-0.0), 1, -1, T(0.5), T(1.5), L::quiet_NaN(), L::infinity(), -L::infinity(), L::max(), -L::max(), L::min(), L::denorm_min(),
                        T(2147483648.0), T(-2147483648.0), T(-2147483649.0), T(9223372036854775808.0), T(-9223372036854775808.0), T(4294967296.5)};
    if (below(3) != 0) return kEdges[below(std::size(kEdges))];
    if (below(2) == 0) return static_cast<T>(int_value()) / T(8);
    if constexpr (sizeof(T) == 4)
      return std::bit_cast<float>(static_cast<std::uint32_t>(random_()));
    else
      return std::bit_cast<double>(random_());
  }

  Slot value(const std::string& type) {
    using namespace tests::compiler;
    switch (type[0]) {
      case 'Z':
        return int_slot(static_cast<std::int32_t>(below(2)));
      case 'B':
        return int_slot(static_cast<std::int8_t>(int_value()));
      case 'C':
        return int_slot(static_cast<std::uint16_t>(int_value()));
      case 'S':
        return int_slot(static_cast<std::int16_t>(int_value()));
      case 'I':
        return int_slot(int_value());
      case 'J':
        return long_slot(long_value());
      case 'F':
        return float_slot(float_value<float>());
      case 'D':
        return double_slot(float_value<double>());
      case '[':
        return reference_slot(below(12) == 0 ? 0 : array_of(type.substr(1)));
      default:
        return reference_slot(below(12) == 0 ? 0 : object_of(type.substr(1, type.size() - 2)));
    }
  }

  Address array_of(const std::string& element) {
    constexpr std::int32_t kLengths[] = {0, 1, 2, 3, 4, 7, 8, 16, 31, 33, 40, 100, 1030};
    const std::size_t choices = long_arrays ? std::size(kLengths) : std::size(kLengths) - 2;
    const std::int32_t length = kLengths[below(choices)];
    const char type = element[0] == '[' || element[0] == 'L' ? 'L' : element[0];
    const Address array = world_.heap().allocate_array(world_.array_class(type), length);
    for (std::int32_t i = 0; i < length; ++i) {
      if (type == 'L' && element[0] == '[' && i >= 5) break;
      store(world_.heap().element(array, i), type, type == 'L' ? value(element) : value(std::string(1, type)));
    }
    return array;
  }

  void store(Address at, char type, const Slot& slot) {
    if (type == 'L')
      world_.heap().store_reference(at, slot.bits);
    else
      std::memcpy(reinterpret_cast<void*>(at), &slot.bits, tests::compiler::Heap::element_size(world_.vm(), type));
  }

  /// An object of this class or of one below it.
  Address object_of(const std::string& name) {
    std::vector<Address> fitting;
    for (const auto& [klass, object] : objects_) {
      const bool implements = std::ranges::any_of(klass->file.interfaces, [&](const std::string& i) { return i == name; }) ||
                              (klass->super != nullptr && std::ranges::find(klass->super->file.interfaces, name) != klass->super->file.interfaces.end());
      if (world_.is_subclass(klass, name) || implements) fitting.push_back(object);
    }
    return fitting.empty() ? 0 : fitting[below(fitting.size())];
  }

  void make_objects() {
    for (int copies = 0; copies < 2; ++copies)
      for (LoadedClass& klass : world_.classes()) {
        if ((klass.file.flags & 0x600) != 0) continue;
        objects_.emplace_back(&klass, world_.heap().allocate(klass.klass));
      }
    for (const auto& [klass, object] : objects_)
      for (const LoadedClass* at = klass; at != nullptr; at = at->super)
        for (const auto& field : at->fields)
          if (!field.is_static) {
            const bool reference = field.descriptor[0] == 'L' || field.descriptor[0] == '[';
            store(object + static_cast<std::uint64_t>(field.offset), reference ? 'L' : field.descriptor[0], value(field.descriptor));
          }
  }

  World& world_;
  std::mt19937_64 random_;
  std::vector<std::pair<LoadedClass*, Address>> objects_;
};

struct Variation {
  const char* name;
  facts::VmConfig vm;
  tests::compiler::MachineOptions machine;
  std::set<std::string> unresolved = {};
  bool inlines = true;
  std::optional<std::uint64_t> profile_seed = {};
  std::uint8_t traps = 0;  ///< of every reason, so far
};

std::vector<Variation> variations() {
  std::vector<Variation> all;
  all.push_back({"compressed oops", sample_vm(), {.marking = true}});
  all.push_back({"compressed oops with a base, polls armed", sample_vm(), {.arm_polls = true}});
  all.back().vm.narrow_oop_base = 0x2000'0000;
  all.back().vm.gc = facts::GcKind::parallel;
  all.back().inlines = false;
  all.push_back({"unscaled, thread slot, no AVX", sample_vm(), {.arm_polls = true}});
  all.back().vm.narrow_oop_shift = 0;
  all.back().vm.thread_slot_required = true;
  all.back().vm.sled_static_call = 24;
  all.back().vm.sled_virtual_call = 34;
  all.back().vm.cpu_features = "+sse3,+ssse3,+sse4.1,+sse4.2,+popcnt";
  all.back().vm.max_vector_bytes = 16;
  all.push_back({"some entries not resolved", sample_vm(), {}, {"helperByte", "helperUnresolved", "si", "next", "HandlerCases$Far", "TypeCases$C", "TypeCases$I2"}});
  all.push_back({"no compressed pointers", sample_vm(), {.arm_polls = true}});
  all.back().vm.use_compressed_oops = false;
  all.back().inlines = false;
  all.back().vm.use_compressed_class_pointers = false;
  all.back().vm.array_length_offset = 16;
  all.back().vm.array_base_primitive = all.back().vm.array_base_long = all.back().vm.array_base_object = 24;
  all.push_back({"monitors by the VM only", sample_vm(), {}});
  all.back().vm.has_stack_locks = false;
  all.push_back({"implicit exceptions happen", sample_vm(), {}});
  all.back().traps = 5;
  all.push_back({"implicit exceptions happen, marking", sample_vm(), {.arm_polls = true, .marking = true}});
  all.back().traps = 5;
  all.back().inlines = false;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    all.push_back({"512-bit vectors", sample_vm(), {.arm_polls = true}});
    all.back().vm.cpu_features += ",+avx512f,+avx512bw,+avx512dq,+avx512vl";
    all.back().vm.max_vector_bytes = 64;
  }
  // Guesses that are wrong all the time.
  for (const std::uint64_t seed : {1, 2}) {
    all.push_back({"random profiles", sample_vm(), {.arm_polls = seed == 1}});
    all.back().profile_seed = seed;
  }
  return all;
}

std::string print(const Ending& ending) {
  return ending.exception.empty() ? fmt::format("{}:{:#x}", static_cast<char>(ending.value.type), ending.value.bits)
                                  : ending.exception;
}

worker::compiler::Outcome compile(World& world, LoadedMethod& method, std::uint8_t traps = 0) {
  return worker::compiler::compile({.method = method.id, .trap_history = Bytes(31, traps)}, world);
}

/// Installs everything that compiles.
std::size_t install_all(World& world, Machine& machine, std::uint8_t traps = 0) {
  std::size_t installed = 0;
  for (const auto& method : world.methods()) {
    if (!method->code || method->name == "<clinit>") continue;
    auto outcome = compile(world, *method, traps);
    if (const auto* image = std::get_if<code::CodeImage>(&outcome)) {
      machine.install(*method, *image);
      ++installed;
    } else if (const auto* bailout = std::get_if<code::Bailout>(&outcome)) {
      INFO(method->holder->file.name << "." << method->name << ": " << code::name(bailout->reason) << ": " << bailout->detail);
      const bool expected = bailout->reason == code::BailoutReason::vm_special;
      CHECK(expected);
      if (bailout->reason == code::BailoutReason::internal_error) FAIL();
    } else {
      FAIL("facts are missing that the world does not have");
    }
  }
  return installed;
}

struct Comparison {
  bool long_arrays = true;
  std::uint64_t rounds = 40;
};

/// Runs every method both ways. Methods whose name starts with "helper" are only called by others.
void compare_all(World& world, Machine& machine, const Comparison& comparison) {
  Interpreter interpreter(world);
  const Bytes empty = world.heap().content();
  for (const auto& method : world.methods()) {
    if (!method->code || method->name[0] == '<' || method->name.starts_with("helper")) continue;
    for (std::uint64_t round = 0; round < comparison.rounds; ++round) {
      const std::uint64_t seed = round * 1000 + method->id.value;
      machine.restore(empty);
      Values values(world, seed);
      values.long_arrays = comparison.long_arrays;
      const std::vector<Slot> arguments = values.arguments(*method);
      const Bytes before = world.heap().content();
      interpreter.steps = 0;
      Ending wanted = interpreter.interpret(*method, arguments);
      if (interpreter.gave_up) {  // too long a run to compare
        interpreter.gave_up = false;
        continue;
      }
      const auto seen = [&](Ending& ending) {
        const bool is_object = ending.value.type == tests::compiler::SlotType::a;
        tests::compiler::Address result = is_object ? ending.value.bits : 0;
        Bytes heap = world.heap().reachable(before.size(), result);
        if (is_object) ending.value.bits = result;
        return heap;
      };
      const Bytes wanted_heap = seen(wanted);
      machine.restore(before);
      machine.steps = 0;
      Ending got = machine.invoke(*method, arguments);
      const Bytes got_heap = seen(got);
      const bool same = got == wanted && got_heap == wanted_heap && machine.complaint.empty();
      if (same) continue;
      std::string texts;
      for (const Slot& argument : arguments) texts += fmt::format(" {}:{:#x}", static_cast<char>(argument.type), argument.bits);
      FAIL_CHECK(method->holder->file.name << "." << method->name << " seed " << seed << " with" << texts << ": compiled gives "
                                           << print(got) << ", the interpreter " << print(wanted)
                                           << (got_heap == wanted_heap ? "" : ", the heap differs") << " " << machine.complaint);
      machine.complaint.clear();
      break;
    }
  }
}

TEST_CASE("compiler: the constructor of Object has the VM register objects that have a finalizer") {
  World world(sample_vm(), {});
  const auto outcome = compile(world, world.method("java/lang/Object", "<init>"));
  REQUIRE(std::holds_alternative<code::CodeImage>(outcome));
  const auto& sites = std::get<code::CodeImage>(outcome).sites;
  const auto site = std::ranges::find(sites, code::Target::register_finalizer, &code::Site::target);
  REQUIRE(site != sites.end());
  REQUIRE(site->frames.size() == 1);
  CHECK(site->frames[0].locals.at(0).kind == code::ValueKind::object);  // the receiver lives until the return
}

TEST_CASE("compiler: the constructor of Object is left to a VM whose finalizers are not known") {
  facts::VmConfig vm = sample_vm();
  vm.class_has_finalizer = 0;
  World world(vm, {});
  const auto outcome = compile(world, world.method("java/lang/Object", "<init>"));
  REQUIRE(std::holds_alternative<code::Bailout>(outcome));
  CHECK(std::get<code::Bailout>(outcome).reason == code::BailoutReason::vm_special);
}

TEST_CASE("compiler: compiled methods do what the interpreter does") {
  for (const Variation& variation : variations()) {
    INFO("variation: " << variation.name);
    World world(variation.vm, tests::compiler::class_files(JF_FIXTURE_CLASSES));
    world.says_code_bytes = variation.inlines;
    world.profile_seed = variation.profile_seed;
    world.unresolved = variation.unresolved;
    Machine machine(world, variation.machine);
    REQUIRE(install_all(world, machine, variation.traps) > 150);
    compare_all(world, machine, {});
    // The test would prove nothing if these did not happen.
    CHECK(machine.counts.runs > 5000);
    CHECK(machine.counts.calls > 5000);
    CHECK(machine.counts.traps > (variation.traps != 0 ? 30 : 300));
    CHECK((machine.counts.thrown > 300) == (variation.traps != 0));
    CHECK(machine.counts.exceptions > 100);
    CHECK(machine.counts.allocations > 200);
    CHECK(machine.counts.locks > 100);
    // Where exceptions are thrown by code, no lock is held at a trap; where callees that lock are inlined, the code in line
    // copes with all locks.
    const bool throws = variation.traps != 0;
    if (!variation.inlines && !throws) CHECK(machine.counts.unlocks > 20);
    CHECK((machine.counts.migrated > 20) == !throws);
    CHECK((machine.counts.overwritten > 50) == variation.machine.marking);
    CHECK((machine.counts.dirtied > 20) == (variation.vm.gc == facts::GcKind::g1));
    CHECK((machine.counts.polls > 1000) == variation.machine.arm_polls);
  }
}

TEST_CASE("compiler: random methods do what the interpreter does") {
  const char* folder = std::getenv("JITFARM_TEST_CLASSES");  // of classes that random_java.py wrote from other seeds
  for (const Variation& variation : variations()) {
    INFO("variation: " << variation.name);
    World world(variation.vm, tests::compiler::class_files(folder != nullptr ? folder : JF_RANDOM_CLASSES));
    world.says_code_bytes = variation.inlines;
    world.profile_seed = variation.profile_seed;
    Machine machine(world, variation.machine);
    REQUIRE(install_all(world, machine, variation.traps) > 50);
    compare_all(world, machine, {.long_arrays = false, .rounds = 20});
    CHECK(machine.counts.runs > 500);
  }
}

}  // namespace
}  // namespace jitfarm
