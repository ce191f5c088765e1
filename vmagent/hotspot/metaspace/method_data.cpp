#include "vmagent/hotspot/metaspace/method_data.h"

#include <algorithm>
#include <limits>

#include "common/facts/values.h"
#include "vmagent/hotspot/metaspace/opcodes.h"

namespace jitfarm::vmagent::hotspot::metaspace {
namespace {

// DataLayout: header (tag u1, flags u1, bci u2, traps u4), then cells of one word.
enum Tag : int {
  kBit = 1,
  kCounter = 2,
  kJump = 3,
  kReceiverType = 4,
  kVirtualCall = 5,
  kRet = 6,
  kBranch = 7,
  kMultiBranch = 8,
  kArgInfo = 9,
  kCallType = 10,
  kVirtualCallType = 11,
  kParametersType = 12,
  kSpeculativeTrap = 13,
};
constexpr int kCell = 8;
// ReceiverTypeData: count, before JDK 21 the count of classes without a row, then class and count a
// row. Of a type test the first one counts casts that failed, downwards; C1 counts classes without a
// row nowhere.
constexpr int kReceiverCount = 0, kOtherReceivers = 1;
// BitData::null_seen_flag
constexpr std::uint8_t kNullSeen = 1;
// BranchData.
constexpr int kTaken = 0, kNotTaken = 2;
// MultiBranchData: the length of an array of count and displacement, first of the default.
constexpr int kCases = 1, kCaseCells = 2;
// Deoptimization::trap_state: a reason, or all bits below the topmost one for several reasons; the
// topmost bit says "recompiled".
constexpr std::uint32_t kReasonMask = 0x7fff'ffff;
// InvocationCounter _invocation_counter, _backedge_counter and their starts lie before
// _tenure_traps. A hint is read there, nothing else.
constexpr int kInvocationBeforeTenure = 16;
constexpr int kCounterShift = 1;

class Record {
 public:
  Record(Address at, const ProfileGeometry& geometry) : at_(at), geometry_(geometry) {}
  int tag() const { return load<std::uint8_t>(at_, 0); }
  std::uint32_t bci() const { return load<std::uint16_t>(at_, 2); }
  bool saw_null() const { return (load<std::uint8_t>(at_, 1) & kNullSeen) != 0; }
  std::uint32_t traps() const {
    const std::uint32_t state = load<std::uint32_t>(at_, 4) & kReasonMask;
    return state == kReasonMask ? jitfarm::facts::kManyTraps : state;
  }
  /// Counts are signed words; a failed cast counts down.
  std::uint64_t count(int cell) const {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, load<std::int64_t>(at_, offset(cell))));
  }
  Address cell(int i) const { return at_ + offset(i); }
  int size() const {
    const int receivers = geometry_.first_row + 2 * geometry_.type_width;
    switch (tag()) {
      case kBit:
        return offset(0);
      case kCounter:
      case kSpeculativeTrap:
        return offset(1);
      case kJump:
        return offset(2);
      case kReceiverType:
      case kVirtualCall:
        return offset(receivers);
      case kRet:
        return offset(1 + 3 * geometry_.bci_width);
      case kBranch:
        return offset(3);
      case kMultiBranch:
      case kArgInfo:
      case kParametersType:
        return array_size(0);
      case kCallType:
        return array_size(1);
      case kVirtualCallType:
        return array_size(receivers);
      default:
        return 0;
    }
  }

 private:
  static int offset(int cell) { return kCell + kCell * cell; }
  /// Cells, then an array whose first cell is its length.
  int array_size(int cells) const {
    const std::uint64_t length = count(cells);
    return length > 0xffff ? 0 : offset(cells + 1 + static_cast<int>(length));
  }
  Address at_;
  const ProfileGeometry& geometry_;
};

std::uint32_t saturated(std::uint64_t count) {
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(count, std::numeric_limits<std::uint32_t>::max()));
}

void read_receivers(const Record& record, const ProfileGeometry& geometry, BciCount& to) {
  std::uint64_t sum = record.count(kReceiverCount);
  if (geometry.first_row > kOtherReceivers) sum += record.count(kOtherReceivers);
  for (int row = 0; row < geometry.type_width; ++row) {
    const int at = geometry.first_row + 2 * row;
    const std::uint64_t count = record.count(at + 1);
    if (count == 0 || load<std::uintptr_t>(record.cell(at), 0) == 0) continue;
    to.receivers.push_back({reinterpret_cast<std::uintptr_t>(record.cell(at)), saturated(count)});
    sum += count;
  }
  std::ranges::sort(to.receivers, std::ranges::greater{}, &BciCount::Receiver::count);
  to.count = saturated(sum);
}

void read_test(const Record& record, const ProfileGeometry& geometry, BciCount& to) {
  read_receivers(record, geometry, to);
  to.saw_null = record.saw_null();
  to.is_complete = to.receivers.size() < static_cast<std::size_t>(geometry.type_width);
}

void read_cases(const Record& record, BciCount& to) {
  const auto cells = static_cast<int>(record.count(0));
  for (int at = 0; at + kCaseCells <= cells; at += kCaseCells)
    to.cases.push_back(saturated(record.count(kCases + at)));
}

bool is_conditional_branch(std::uint8_t op) {
  return (op >= kOpIfeq && op <= kOpIfAcmpne) || op == kOpIfnull || op == kOpIfnonnull;
}

}  // namespace

Counts read_counts(const Layout& layout, const ProfileGeometry& geometry, Address method_data,
                   ByteView code) {
  Counts counts;
  counts.invocations =
      load<std::uint32_t>(method_data, layout.profile_tenure_traps - kInvocationBeforeTenure) >>
      kCounterShift;
  const Address data = method_data + layout.profile_data;
  const int size = load<std::int32_t>(method_data, layout.profile_data_size);
  for (int at = 0; at + kCell <= size;) {
    const Record record(data + at, geometry);
    const int bytes = record.size();
    if (bytes <= 0 || at + bytes > size) break;
    at += bytes;
    if (record.bci() + 2 >= code.size()) continue;
    BciCount found;
    found.bci = record.bci();
    found.opcode = code[found.bci];
    found.traps = record.traps();
    const bool is_invoke = found.opcode >= kOpInvokevirtual && found.opcode <= kOpInvokedynamic;
    const bool is_test = found.opcode == kOpCheckcast || found.opcode == kOpInstanceof;
    if (record.tag() == kBranch && is_conditional_branch(found.opcode)) {
      found.count = saturated(record.count(kTaken));
      found.not_taken = saturated(record.count(kNotTaken));
    } else if (record.tag() == kMultiBranch &&
               (found.opcode == kOpTableswitch || found.opcode == kOpLookupswitch)) {
      read_cases(record, found);
    } else if ((record.tag() == kCounter || record.tag() == kCallType) && is_invoke) {
      found.count = saturated(record.count(0));
    } else if ((record.tag() == kVirtualCall || record.tag() == kVirtualCallType) && is_invoke) {
      read_receivers(record, geometry, found);
    } else if (record.tag() == kReceiverType && is_test) {
      read_test(record, geometry, found);
    } else {
      continue;
    }
    if (is_test || (is_invoke && found.opcode != kOpInvokedynamic))
      found.pool_index =
          static_cast<std::uint32_t>(code[found.bci + 1] << 8 | code[found.bci + 2]);
    counts.list.push_back(std::move(found));
  }
  std::ranges::sort(counts.list, {}, &BciCount::bci);
  return counts;
}

}  // namespace jitfarm::vmagent::hotspot::metaspace
