// Where are the values of a statepoint? LLVM's stack map section, read into our terms.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/code/bailout.h"

namespace jitfarm::worker::compiler::emit {

/// A value at a statepoint.
struct Location {
  enum class Kind : std::uint8_t {
    slot,      ///< the value is at [rsp + offset]
    address,   ///< the value is rsp + offset: an alloca
    constant,  ///< `bits`
  };
  Kind kind{};
  std::int32_t offset = 0;
  std::int64_t bits = 0;
};

/// One statepoint of the generated code. The same id stands for several when LLVM copied the call.
struct StatepointRecord {
  std::uint64_t id = 0;
  std::uint32_t return_offset = 0;  ///< in text; end of the sled
  std::vector<Location> deopt;      ///< operands of the deopt bundle, in order
  std::vector<std::pair<Location, Location>> references;  ///< base and derived
};

struct StackMap {
  std::optional<std::uint64_t> stack_size;  ///< of the function, without the return address; none: no statepoints
  std::vector<StatepointRecord> records;    ///< ascending return_offset
};

/// A value in a register, or addressed by anything but rsp, is an internal error: the VM reads frames, not registers.
std::expected<StackMap, code::Bailout> read_stack_map(ByteView section);

}  // namespace jitfarm::worker::compiler::emit
