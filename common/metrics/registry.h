// Which metrics does this program export, and how are they counted? Every series exists from the
// start, at zero.
//
//   metrics::Registry registry(metrics::Program::coordinator);
//   metrics::Counter requests = registry.counter(metrics::Metric::coordinator_requests_total);
//   metrics::Counter lost = registry.counter(metrics::Metric::coordinator_failures_total,
//   {"worker_lost"}); requests.increment();                                    // 7 ns: a handle is
//   kept, not looked up
#pragma once
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/metrics/labels.h"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace jitfarm::metrics {

/// Agents open no port: what they count travels to the coordinator, which exports the sum.
enum class Program { coordinator, worker, agent };
enum class Type { counter, gauge, seconds, minutes, counts };

enum class Metric {
#define JF_METRIC(id, type, help, ...) id,
#include "common/metrics/metrics.def"
#undef JF_METRIC
};

/// One row of metrics.def.
struct Description {
  Metric metric;
  std::string_view name;  ///< as exported
  Program program;
  Type type;
  std::string_view help;
  std::vector<Label> labels;
};
std::span<const Description> catalogue();
/// Upper bounds of the histogram's buckets; empty for other types.
std::span<const double> buckets(Type type);

/// A series. Handles are copied freely, usable from any thread, valid as long as the Registry.
class Counter {
 public:
  Counter() = default;  ///< counts nothing
  explicit Counter(prometheus::Counter* series) : series_(series) {}
  void increment(double by = 1);
  double value() const;

 private:
  prometheus::Counter* series_ = nullptr;
};

class Gauge {
 public:
  Gauge() = default;
  explicit Gauge(prometheus::Gauge* series) : series_(series) {}
  void set(double value);
  void add(double by);
  double value() const;

 private:
  prometheus::Gauge* series_ = nullptr;
};

class Histogram {
 public:
  Histogram() = default;
  explicit Histogram(prometheus::Histogram* series) : series_(series) {}
  void observe(double value);  ///< seconds, or a count

 private:
  prometheus::Histogram* series_ = nullptr;
};

/// Owns the metrics of one program; of the coordinator, also those of the agents. Thread-safe after
/// construction.
class Registry {
 public:
  explicit Registry(Program program);
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  /// The series with these label values, in the order of metrics.def. A value that the label does
  /// not have, or a metric of another program or type, is a mistake of ours: asserted, and in
  /// release builds counts nothing. Looks up a map: call it at start.
  Counter counter(Metric metric, std::initializer_list<std::string_view> label_values = {});
  Gauge gauge(Metric metric, std::initializer_list<std::string_view> label_values = {});
  Histogram histogram(Metric metric, std::initializer_list<std::string_view> label_values = {});
  /// All series of a counter with one label, to be indexed by the number of the label's enum. A
  /// number that the enum does not have, below the size, counts nothing.
  std::vector<Counter> counters(Metric metric);
  /// The counter of a peer's sample: `metric` is a row's id, `label_values` are joined by commas in
  /// the order of the row. Null when there is none, whatever the text is.
  std::optional<Counter> counter_named(std::string_view metric, std::string_view label_values);

  /// Text exposition format 0.0.4.
  std::string text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace jitfarm::metrics
