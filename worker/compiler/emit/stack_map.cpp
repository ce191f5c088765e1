#include "worker/compiler/emit/stack_map.h"

#include <fmt/format.h>
#include <llvm/Object/StackMapParser.h>

#include <algorithm>
#include <span>

namespace jitfarm::worker::compiler::emit {
namespace {

using code::Bailout;
using code::BailoutReason;
using Parser = llvm::StackMapParser<llvm::endianness::little>;

constexpr std::uint16_t kDwarfRsp = 7;
constexpr std::size_t kHeaderLocations = 3;  // calling convention, flags, number of deopt operands

std::unexpected<Bailout> broken(std::string detail) {
  return std::unexpected(Bailout{BailoutReason::internal_error, std::move(detail)});
}

std::expected<Location, Bailout> read_location(const Parser& parser, const Parser::LocationAccessor& raw) {
  using Kind = Parser::LocationKind;
  switch (raw.getKind()) {
    case Kind::Direct:
    case Kind::Indirect:
      if (raw.getDwarfRegNum() != kDwarfRsp)
        return broken(fmt::format("a stack map location is relative to register {}", raw.getDwarfRegNum()));
      return Location{.kind = raw.getKind() == Kind::Direct ? Location::Kind::address : Location::Kind::slot,
                      .offset = raw.getOffset()};
    case Kind::Constant:
      return Location{.kind = Location::Kind::constant,
                      .bits = static_cast<std::int32_t>(raw.getSmallConstant())};
    case Kind::ConstantIndex:
      if (raw.getConstantIndex() >= parser.getNumConstants()) return broken("a stack map constant is missing");
      return Location{.kind = Location::Kind::constant,
                      .bits = static_cast<std::int64_t>(parser.getConstant(raw.getConstantIndex()).getValue())};
    case Kind::Register:
      break;
  }
  return broken("a stack map location is a register");
}

std::expected<StatepointRecord, Bailout> read_record(const Parser& parser, const Parser::RecordAccessor& raw) {
  std::vector<Location> locations;
  locations.reserve(raw.getNumLocations());
  for (const auto& location : raw.locations()) {
    auto read = read_location(parser, location);
    if (!read) return std::unexpected(read.error());
    locations.push_back(*read);
  }
  if (locations.size() < kHeaderLocations) return broken("a statepoint record is too short");
  const std::int64_t deopt_count = locations[kHeaderLocations - 1].bits;
  const std::size_t rest = locations.size() - kHeaderLocations;
  if (deopt_count < 0 || static_cast<std::size_t>(deopt_count) > rest || (rest - deopt_count) % 2 != 0)
    return broken("a statepoint record does not add up");
  StatepointRecord record{.id = raw.getID(), .return_offset = raw.getInstructionOffset()};
  const auto deopt = locations.begin() + kHeaderLocations;
  record.deopt.assign(deopt, deopt + deopt_count);
  for (auto pair = deopt + deopt_count; pair != locations.end(); pair += 2)
    record.references.emplace_back(pair[0], pair[1]);
  return record;
}

}  // namespace

std::expected<StackMap, Bailout> read_stack_map(ByteView section) {
  StackMap result;
  if (section.empty()) return result;
  const llvm::ArrayRef<std::uint8_t> bytes(section.data(), section.size());
  if (llvm::Error error = Parser::validateHeader(bytes))
    return broken("stack map: " + llvm::toString(std::move(error)));
  const Parser parser(bytes);
  if (parser.getNumFunctions() != 1)
    return broken(fmt::format("{} functions in the stack map", parser.getNumFunctions()));
  result.stack_size = parser.getFunction(0).getStackSize();
  for (const auto& raw : parser.records()) {
    auto record = read_record(parser, raw);
    if (!record) return std::unexpected(record.error());
    result.records.push_back(std::move(*record));
  }
  std::ranges::sort(result.records, {}, &StatepointRecord::return_offset);
  return result;
}

}  // namespace jitfarm::worker::compiler::emit
