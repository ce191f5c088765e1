// The parts of the reader that need no JVM.
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "vmagent/hotspot/metaspace/opcodes.h"
#include "vmagent/hotspot/safe_read.h"
#include "vmagent/hotspot/vm_tables.h"

using namespace jitfarm;
using namespace jitfarm::vmagent::hotspot;

TEST_CASE("safe_read: what is not mapped is not read, and nothing faults") {
  const std::uint64_t here = 0x1122334455667788;
  CHECK(safe_read<std::uint64_t>(reinterpret_cast<std::uintptr_t>(&here)) == here);
  CHECK_FALSE(safe_read<std::uint64_t>(0));
  CHECK_FALSE(safe_read<std::uint64_t>(8));
  CHECK_FALSE(safe_read<std::uint64_t>(~std::uintptr_t{0}));
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* const mapped =
      mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(mapped != MAP_FAILED);
  const auto at = reinterpret_cast<std::uintptr_t>(mapped);
  REQUIRE(munmap(reinterpret_cast<void*>(at + page), page) == 0);
  CHECK(safe_read<std::uint64_t>(at + page - 8) == 0u);
  CHECK_FALSE(safe_read<std::uint64_t>(at + page - 4));  // half of it
  CHECK_FALSE(safe_read<std::uint64_t>(at + page));
  munmap(mapped, page);
}

TEST_CASE("vm_tables: a library that is no libjvm is refused by the name of what it lacks") {
  const auto tables = VmTables::load(dlopen(nullptr, RTLD_NOW));
  REQUIRE_FALSE(tables);
  CHECK(tables.error().code == Errc::vm_unsupported);
  CHECK(tables.error().detail.find("gHotSpotVMStructs") != std::string::npos);
}

TEST_CASE(
    "opcodes: every Java opcode is itself, every opcode of the VM a Java one, beyond them "
    "nothing") {
  using namespace metaspace;
  for (int op = 0; op <= 202; ++op) CHECK(kOpcodes.java[op] == op);
  for (int op = 203; op <= 237; ++op) {
    CHECK(kOpcodes.java[op] <= 201);
    // The VM patches opcodes in place: the length cannot change.
    CHECK((kOpcodes.length[kOpcodes.java[op]] != 0 || kOpcodes.java[op] == kOpLookupswitch));
  }
  for (int op = 238; op < 256; ++op) CHECK(kOpcodes.java[op] == 255);
}
