// Which methods does code do itself, instead of calling them? A table of the VM's intrinsics.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "common/facts/values.h"
#include "worker/compiler/frontend/fact_reader.h"

namespace jitfarm::worker::compiler::frontend {

enum class IntrinsicOp : std::uint8_t {
#define JF_INTRINSIC_OP(op, how) op,
#include "worker/compiler/frontend/intrinsic_ops.def"
#undef JF_INTRINSIC_OP
};

/// Of a memory access, among those of other threads; as in VarHandle's access modes.
enum class AccessOrder : std::uint8_t { plain, opaque, acquire, release, sequential };

struct Intrinsic {
  std::string_view klass;  ///< internal form
  std::string_view method;
  std::string_view descriptor;
  IntrinsicOp op{};
  char type = 0;  ///< B C D F I J S Z A
  AccessOrder order{};
};

/// All of them, in the order of intrinsics.def.
std::span<const Intrinsic> intrinsics();

/// What the reference page says of it.
std::string_view how(IntrinsicOp op);

/// Null: there is no such row.
const Intrinsic* find_intrinsic(std::string_view klass, std::string_view method,
                                std::string_view descriptor);

/// Whether the VM's numbers and the processor are enough for it.
bool is_possible(IntrinsicOp op, char type, const facts::VmConfig& vm);

/// Whether it only computes: no memory, no exception, and never the call itself.
bool is_arithmetic(IntrinsicOp op);

/// What code does instead of calling the resolved method; null: a call, or facts are missing.
/// `is_certain`: the call reaches no other method.
const Intrinsic* intrinsic_of(FactReader& facts, const facts::VmConfig& vm, MethodId method,
                              bool is_certain);

}  // namespace jitfarm::worker::compiler::frontend
