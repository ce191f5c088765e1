// The parts of the reader that need no JVM.
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "vmagent/hotspot/jdk25/number_stream.h"
#include "vmagent/hotspot/metaspace/layout.h"
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

TEST_CASE("number stream: digits of 64 from the lowest on, the byte 0 and the end are none") {
  const auto numbers = [](std::vector<std::uint8_t> bytes) {
    jdk25::NumberStream stream([&](int i) { return bytes[static_cast<std::size_t>(i)]; },
                               static_cast<int>(bytes.size()));
    std::vector<std::uint32_t> found;
    for (;;) {
      const std::uint32_t number = stream.next();
      if (stream.failed()) return found;
      found.push_back(number);
    }
  };
  using Numbers = std::vector<std::uint32_t>;
  CHECK(numbers({1, 2, 191}) == Numbers{0, 1, 190});
  // 192 is the digit 191 and has another behind it.
  CHECK(numbers({192, 1}) == Numbers{191});
  CHECK(numbers({192, 2}) == Numbers{191 + 64});
  CHECK(numbers({255, 191}) == Numbers{254 + 190 * 64});
  CHECK(numbers({255, 255, 1, 7}) == Numbers{254 + 254 * 64, 6});
  // Five bytes are the most, whatever the last one is.
  CHECK(numbers({192, 192, 192, 192, 200, 3}).size() == 2);
  CHECK(numbers({5, 0, 5}) == Numbers{4});
  CHECK(numbers({5, 192}) == Numbers{4});
  CHECK(numbers({}).empty());
}

TEST_CASE("layout: bits of the VM's flags are found in one, two and four bytes") {
  using metaspace::Bits;
  const std::uint8_t memory[8] = {0, 0x80, 0, 0x40, 4, 0, 0, 0};
  CHECK(Bits{1, 1, 0x80}.in(memory));
  CHECK_FALSE(Bits{1, 1, 0x40}.in(memory));
  CHECK(Bits{0, 2, 0x8000}.in(memory));
  CHECK(Bits{0, 4, 0x4000'0000}.in(memory));
  CHECK_FALSE(Bits{0, 2, 0x4000'0000}.in(memory));
  CHECK(Bits{4, 4, 4 | 8}.in(memory));
}
