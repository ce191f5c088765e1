#include "common/metrics/traffic.h"

#include "common/protocol/catalogue.h"

namespace jitfarm::metrics {
namespace {

consteval bool ids_fit() {
  bool fit = protocol::AllMessages::size < 255;
  protocol::AllMessages::for_each([&]<protocol::Message M>() { fit = fit && M::kRecord.id < 256; });
  return fit;
}
static_assert(ids_fit(), "index_by_id_ is too small for the catalogue");

}  // namespace

Traffic::Traffic(Registry& registry, Program program) {
  const bool worker = program == Program::worker;
  const Metric messages =
      worker ? Metric::worker_messages_total : Metric::coordinator_messages_total;
  const Metric bytes =
      worker ? Metric::worker_message_bytes_total : Metric::coordinator_message_bytes_total;
  for (std::string_view type : values(Label::type))
    series_.push_back(
        {{registry.counter(messages, {type, "in"}), registry.counter(messages, {type, "out"})},
         {registry.counter(bytes, {type, "in"}), registry.counter(bytes, {type, "out"})}});
  index_by_id_.fill(static_cast<std::uint8_t>(series_.size() - 1));  // "unknown" is the last value
  std::uint8_t index = 0;
  protocol::AllMessages::for_each(
      [&]<protocol::Message M>() { index_by_id_[M::kRecord.id] = index++; });
}

void Traffic::count(std::uint16_t type, Way way, std::size_t bytes) {
  Series& series = series_[type < index_by_id_.size() ? index_by_id_[type] : series_.size() - 1];
  series.messages[static_cast<int>(way)].increment();
  series.bytes[static_cast<int>(way)].increment(static_cast<double>(bytes));
}

std::vector<protocol::MessageCount> Traffic::totals() const {
  std::vector<protocol::MessageCount> all;
  const auto& names = values(Label::type);
  for (std::size_t i = 0; i < series_.size(); ++i)
    for (const Way way : {Way::in, Way::out}) {
      const auto total = [way](const Counter(&ways)[2]) {
        return static_cast<std::uint64_t>(ways[static_cast<int>(way)].value());
      };
      protocol::MessageCount count{.name = std::string(names[i]),
                                   .count = total(series_[i].messages),
                                   .bytes = total(series_[i].bytes),
                                   .sent = way == Way::out};
      if (count.count != 0) all.push_back(std::move(count));
    }
  return all;
}

}  // namespace jitfarm::metrics
