#include "worker/compiler/frontend/intrinsics.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <vector>

#include "common/code/code_image.h"
#include "common/facts/cpu_features.h"

namespace jitfarm::worker::compiler::frontend {
namespace {

constexpr Intrinsic kIntrinsics[] = {
#define JF_INTRINSIC(klass, method, descriptor, op, type, order) \
  {klass, method, descriptor, IntrinsicOp::op, type, AccessOrder::order},
#include "worker/compiler/frontend/intrinsics.def"
#undef JF_INTRINSIC
};

auto key(const Intrinsic& row) { return std::tuple(row.klass, row.method, row.descriptor); }

std::vector<const Intrinsic*> sorted() {
  std::vector<const Intrinsic*> rows;
  for (const Intrinsic& row : kIntrinsics) rows.push_back(&row);
  std::ranges::sort(rows, {}, [](const Intrinsic* row) { return key(*row); });
  return rows;
}

/// Those that are a stub over arrays have the order of the stubs.
constexpr bool is_array_stub(IntrinsicOp op) {
  return op >= IntrinsicOp::multiply_to_len && op <= IntrinsicOp::base64_encode;
}
constexpr code::Target array_stub(IntrinsicOp op) {
  return static_cast<code::Target>(static_cast<int>(code::Target::multiply_to_len) +
                                   static_cast<int>(op) -
                                   static_cast<int>(IntrinsicOp::multiply_to_len));
}
static_assert(array_stub(IntrinsicOp::mismatch) == code::Target::mismatch);
static_assert(array_stub(IntrinsicOp::base64_encode) == code::Target::base64_encode);

}  // namespace

std::span<const Intrinsic> intrinsics() { return kIntrinsics; }

std::string_view how(IntrinsicOp op) {
  constexpr std::string_view kHow[] = {
#define JF_INTRINSIC_OP(op, how) how,
#include "worker/compiler/frontend/intrinsic_ops.def"
#undef JF_INTRINSIC_OP
  };
  return kHow[static_cast<std::size_t>(op)];
}

const Intrinsic* find_intrinsic(std::string_view klass, std::string_view method,
                                std::string_view descriptor) {
  static const std::vector<const Intrinsic*> kSorted = sorted();
  const std::tuple wanted(klass, method, descriptor);
  const auto found =
      std::ranges::lower_bound(kSorted, wanted, {}, [](const Intrinsic* row) { return key(*row); });
  return found != kSorted.end() && key(**found) == wanted ? *found : nullptr;
}

bool is_possible(IntrinsicOp op, char type, const facts::VmConfig& vm) {
  if (vm.calls_intrinsics) return false;
  if (is_array_stub(op) && (vm.array_stubs & code::array_stub_bit(array_stub(op))) == 0) return false;
  switch (op) {
    case IntrinsicOp::bytecode:
      return false;
    case IntrinsicOp::multiply_to_len:
      return vm.knows_mirrors && vm.has_vm_entries;
    case IntrinsicOp::fma:
      return facts::has_feature(vm.cpu_features, "fma");
    case IntrinsicOp::floor:
    case IntrinsicOp::ceil:
    case IntrinsicOp::rint:
      return facts::has_feature(vm.cpu_features, "sse4.1");
    case IntrinsicOp::sin:
    case IntrinsicOp::cos:
    case IntrinsicOp::tan:
    case IntrinsicOp::exp:
    case IntrinsicOp::log:
    case IntrinsicOp::log10:
    case IntrinsicOp::pow:
      return vm.has_math_stubs;
    case IntrinsicOp::copy_array:
      return vm.has_array_copies && vm.knows_mirrors && vm.knows_barriers;
    case IntrinsicOp::clone_array:
    case IntrinsicOp::copy_of:
      return vm.has_array_copies && vm.knows_mirrors && vm.knows_barriers && vm.has_vm_entries;
    case IntrinsicOp::new_object:
      return vm.knows_mirrors && vm.has_vm_entries && vm.knows_class_init;
    case IntrinsicOp::array_length:
    case IntrinsicOp::get_class:
    case IntrinsicOp::is_instance:
    case IntrinsicOp::is_assignable:
    case IntrinsicOp::class_modifiers:
    case IntrinsicOp::is_interface:
    case IntrinsicOp::is_array_class:
    case IntrinsicOp::is_primitive:
      return vm.knows_mirrors;
    case IntrinsicOp::identity_hash:
    case IntrinsicOp::object_hash:
      return vm.knows_monitors && vm.mark_hash_mask != 0;
    case IntrinsicOp::current_thread:
      return vm.thread_object != 0;
    case IntrinsicOp::time_millis:
    case IntrinsicOp::time_nanos:
      return vm.has_clocks;
    case IntrinsicOp::refers_to:
      return vm.referent_offset != 0 && vm.knows_barriers;
    case IntrinsicOp::unsafe_get:
      // A reference may be the referent of a java.lang.ref.Reference.
      return type != 'A' || (vm.referent_offset != 0 && vm.knows_barriers);
    case IntrinsicOp::unsafe_put:
    case IntrinsicOp::compare_and_set:
    case IntrinsicOp::compare_and_exchange:
    case IntrinsicOp::get_and_set:
      return type != 'A' || vm.knows_barriers;
    default:
      return true;
  }
}

bool is_arithmetic(IntrinsicOp op) {
  switch (op) {
    case IntrinsicOp::abs:
    case IntrinsicOp::min:
    case IntrinsicOp::max:
    case IntrinsicOp::sqrt:
    case IntrinsicOp::fma:
    case IntrinsicOp::floor:
    case IntrinsicOp::ceil:
    case IntrinsicOp::rint:
    case IntrinsicOp::sin:
    case IntrinsicOp::cos:
    case IntrinsicOp::tan:
    case IntrinsicOp::exp:
    case IntrinsicOp::log:
    case IntrinsicOp::log10:
    case IntrinsicOp::pow:
    case IntrinsicOp::multiply_high:
    case IntrinsicOp::bit_count:
    case IntrinsicOp::leading_zeros:
    case IntrinsicOp::trailing_zeros:
    case IntrinsicOp::reverse_bytes:
    case IntrinsicOp::raw_bits:
    case IntrinsicOp::canonical_bits:
      return true;
    default:
      return false;
  }
}

const Intrinsic* intrinsic_of(FactReader& facts, const facts::VmConfig& vm, MethodId method,
                              bool is_certain) {
  const auto info = facts.ask<facts::FactKind::method_info>(method.value);
  if (info.state != FactState::known || info.value.intrinsic_id == 0) return nullptr;
  const auto holder = facts.ask<facts::FactKind::class_info>(info.value.holder.value);
  if (holder.state != FactState::known) return nullptr;
  const Intrinsic* row = find_intrinsic(holder.value.name, info.value.name, info.value.descriptor);
  if (row == nullptr || !is_possible(row->op, row->type, vm)) return nullptr;
  // An array's clone is Object's. What overrides refersTo0 is in java.lang.ref, and does the same.
  const bool needs_no_certainty =
      row->op == IntrinsicOp::clone_array || row->op == IntrinsicOp::refers_to;
  return is_certain || needs_no_certainty ? row : nullptr;
}

}  // namespace jitfarm::worker::compiler::frontend
