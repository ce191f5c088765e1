#include "common/metrics/registry.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <cassert>
#include <map>
#include <sstream>
#include <unordered_map>

namespace jitfarm::metrics {
namespace {

// From one cold fact wave on loopback (0.2 ms) to the deadline of a request.
constexpr std::array kSecondsBuckets = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                        0.01,   0.025,   0.05,   0.1,   0.25,   0.5,
                                        1.0,    2.5,     5.0,    10.0,  30.0};
// From a small program's start to an application server's.
constexpr std::array kMinutesBuckets = {0.5,  1.0,  2.0,   5.0,   10.0,  20.0,
                                        30.0, 60.0, 120.0, 300.0, 600.0, 1800.0};
constexpr std::array kCountsBuckets = {0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 32.0};

Program program_of(std::string_view id) {
  return id.starts_with("worker_")  ? Program::worker
         : id.starts_with("agent_") ? Program::agent
                                    : Program::coordinator;
}

using enum Label;
const std::vector<Description>& rows() {
  static const std::vector<Description> kRows = {
#define JF_METRIC(id, type_, help, ...) \
  {Metric::id, "jitfarm_" #id, program_of(#id), Type::type_, help, {__VA_ARGS__}},
#include "common/metrics/metrics.def"
#undef JF_METRIC
  };
  return kRows;
}

/// The label values joined: none of them has a comma.
std::string key_of(std::span<const std::string_view> label_values) {
  std::string key;
  for (std::string_view v : label_values) key.append(v).append(",");
  return key;
}

/// Calls f(values) for every combination of label values.
template <class F>
void for_each_series(const std::vector<Label>& labels, std::vector<std::string_view>& chosen,
                     const F& f) {
  if (chosen.size() == labels.size()) {
    f(chosen);
    return;
  }
  for (std::string_view value : values(labels[chosen.size()])) {
    chosen.push_back(value);
    for_each_series(labels, chosen, f);
    chosen.pop_back();
  }
}

template <class T>
using SeriesMap = std::map<Metric, std::unordered_map<std::string, T*>>;

}  // namespace

std::span<const Description> catalogue() { return rows(); }

std::span<const double> buckets(Type type) {
  if (type == Type::seconds) return kSecondsBuckets;
  if (type == Type::minutes) return kMinutesBuckets;
  if (type == Type::counts) return kCountsBuckets;
  return {};
}

void Counter::increment(double by) {
  if (series_) series_->Increment(by);
}
double Counter::value() const { return series_ ? series_->Value() : 0; }
void Gauge::set(double value) {
  if (series_) series_->Set(value);
}
void Gauge::add(double by) {
  if (series_) series_->Increment(by);
}
double Gauge::value() const { return series_ ? series_->Value() : 0; }
void Histogram::observe(double value) {
  if (series_) series_->Observe(value);
}

struct Registry::State {
  prometheus::Registry registry;
  SeriesMap<prometheus::Counter> counters;
  SeriesMap<prometheus::Gauge> gauges;
  SeriesMap<prometheus::Histogram> histograms;

  void add(const Description& d) {
    const std::string name(d.name), help(d.help);
    std::vector<std::string_view> chosen;
    // Family::Add takes a lock and hashes (417 ns): it is called here and nowhere else.
    const auto each = [&](auto& family, auto& series, const auto&... extra) {
      for_each_series(d.labels, chosen, [&](const std::vector<std::string_view>& label_values) {
        prometheus::Labels labels;
        for (std::size_t i = 0; i < label_values.size(); ++i)
          labels.emplace(metrics::name(d.labels[i]), label_values[i]);
        series[key_of(label_values)] = &family.Add(labels, extra...);
      });
    };
    switch (d.type) {
      case Type::counter:
        each(prometheus::BuildCounter().Name(name).Help(help).Register(registry),
             counters[d.metric]);
        break;
      case Type::gauge:
        each(prometheus::BuildGauge().Name(name).Help(help).Register(registry), gauges[d.metric]);
        break;
      case Type::seconds:
      case Type::minutes:
      case Type::counts: {
        const std::span<const double> bounds = buckets(d.type);
        each(prometheus::BuildHistogram().Name(name).Help(help).Register(registry),
             histograms[d.metric],
             prometheus::Histogram::BucketBoundaries(bounds.begin(), bounds.end()));
        break;
      }
    }
  }

  template <class T>
  static T* find(SeriesMap<T>& all, Metric metric,
                 std::initializer_list<std::string_view> label_values) {
    const auto family = all.find(metric);
    if (family == all.end()) return nullptr;
    const auto series = family->second.find(key_of({label_values.begin(), label_values.size()}));
    return series == family->second.end() ? nullptr : series->second;
  }
};

Registry::Registry(Program program) : state_(std::make_unique<State>()) {
  for (const Description& d : rows())
    if (d.program == program || (d.program == Program::agent && program == Program::coordinator))
      state_->add(d);
}
Registry::~Registry() = default;

Counter Registry::counter(Metric metric, std::initializer_list<std::string_view> label_values) {
  prometheus::Counter* series = State::find(state_->counters, metric, label_values);
  assert(series && "no such counter, or no such label value");
  return Counter(series);
}
Gauge Registry::gauge(Metric metric, std::initializer_list<std::string_view> label_values) {
  prometheus::Gauge* series = State::find(state_->gauges, metric, label_values);
  assert(series && "no such gauge, or no such label value");
  return Gauge(series);
}
Histogram Registry::histogram(Metric metric, std::initializer_list<std::string_view> label_values) {
  prometheus::Histogram* series = State::find(state_->histograms, metric, label_values);
  assert(series && "no such histogram, or no such label value");
  return Histogram(series);
}

std::vector<Counter> Registry::counters(Metric metric) {
  const Description& d = rows()[static_cast<std::size_t>(metric)];
  assert(d.labels.size() == 1);
  std::vector<Counter> all;
  const auto& label_values = values(d.labels[0]);
  for (std::size_t i = 0; i < label_values.size(); ++i) {
    const std::size_t number = enum_number(d.labels[0], i);
    if (all.size() <= number) all.resize(number + 1);
    all[number] = counter(metric, {label_values[i]});
  }
  return all;
}

std::optional<Counter> Registry::counter_named(std::string_view metric,
                                               std::string_view label_values) {
  static const std::unordered_map<std::string_view, Metric> kIds = {
#define JF_METRIC(id, type, help, ...) {#id, Metric::id},
#include "common/metrics/metrics.def"
#undef JF_METRIC
  };
  const auto id = kIds.find(metric);
  if (id == kIds.end()) return std::nullopt;
  const auto family = state_->counters.find(id->second);
  if (family == state_->counters.end()) return std::nullopt;
  std::string key(label_values);
  if (!key.empty()) key += ',';
  const auto series = family->second.find(key);
  if (series == family->second.end()) return std::nullopt;
  return Counter(series->second);
}

std::string Registry::text() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, state_->registry.Collect());
  return std::move(out).str();
}

}  // namespace jitfarm::metrics
