// How do connection, link and compile actors share one thread?
#include "worker/program/worker_program.h"

#include "common/base/log.h"

namespace jitfarm::worker::program {
namespace {

constexpr int kPacketsPerTurn = 256;  // then actors and timers get their turn
constexpr Duration kWaitMax = std::chrono::milliseconds(500);  // gauges and health stay fresh

link::InFlightList in_flight_of(const job::CompileService& service) {
  link::InFlightList list;
  for (const auto& entry : service.in_flight()) {
    list.requests.push_back(entry.request);
    list.sessions.push_back(entry.session);
  }
  return list;
}

}  // namespace

WorkerProgram::WorkerProgram(const Clock& clock, net::Connection& connection,
                             job::CompileFn compile, WorkerOptions options, WorkerMetrics& metrics)
    : clock_(clock),
      connection_(connection),
      metrics_(metrics),
      options_(std::move(options)),
      scheduler_(clock, {.on_post = [this] { connection_.wake(); }}),
      link_(options_.link,
            {.send = [this](protocol::Packet packet) { return send(std::move(packet)); },
             .in_flight = [this] { return in_flight_of(service_); },
             .joined = [this](WorkerId) { metrics_.new_coordinator(); },
             .lost = [this](const std::string&) { service_.drop_all(); },
             .telemetry = [this] { return metrics_.telemetry(); }}),
      service_(
          scheduler_, clock, std::move(compile),
          [this](protocol::Packet packet) { return send(std::move(packet)); },
          [this] {
            job::ServiceOptions service = options_.service;
            service.on_finished = [this](const job::JobReport& report) {
              metrics_.on_finished(report);
            };
            return service;
          }()) {}

Status WorkerProgram::send(protocol::Packet packet) {
  const std::uint16_t type = packet.envelope.type;
  const std::size_t bytes = packet.size();
  Status sent = connection_.send(std::move(packet));
  if (sent)
    metrics_.traffic().count(type, metrics::Way::out, bytes);
  else
    metrics_.on_dropped(sent.error().code);
  return sent;
}

void WorkerProgram::request_drain() {
  drain_requested_.store(true, std::memory_order_release);
  std::lock_guard lock(wake_mutex_);
  if (attached_) connection_.wake();
}

void WorkerProgram::detach() {
  std::lock_guard lock(wake_mutex_);
  attached_ = false;
}

void WorkerProgram::start_drain() {
  if (service_.draining()) return;
  spdlog::info("draining: {} compilations to finish", service_.jobs());
  service_.drain();
  link_.drain(clock_.now());
  drain_until_ = clock_.now() + options_.drain_max;
}

TimePoint WorkerProgram::turn() {
  if (drain_requested_.load(std::memory_order_acquire)) start_drain();
  for (int i = 0; i < kPacketsPerTurn; ++i) {
    std::optional<protocol::Packet> packet = connection_.receive();
    if (!packet) break;
    metrics_.traffic().count(packet->envelope.type, metrics::Way::in, packet->size());
    if (!link_.on_packet(*packet, clock_.now()) && !service_.on_packet(*packet))
      metrics_.on_dropped(Errc::unexpected_message);
  }
  const TimePoint link_next = link_.tick(clock_.now());
  scheduler_.run_ready();

  if (service_.unhealthy()) {
    spdlog::error(
        "more runs of the compiler are stuck than there are slots: handing back {} compilations",
        service_.jobs());
    service_.hand_back_all(Errc::worker_lost, "the worker restarts");
    ending_ = Ending::unhealthy;
    over_ = true;
  } else if (service_.draining() && (service_.idle() || clock_.now() >= drain_until_)) {
    service_.hand_back_all(Errc::worker_lost, "the worker stops");
    over_ = true;
  }
  if (over_)
    link_.leave(ending_ == Ending::drained ? "drained" : "restarts: the compiler is stuck");
  metrics_.update(service_, options_.service.slots, clock_.now());
  metrics_.set_health(link_.state() == link::LinkState::joined, ending_ != Ending::unhealthy);
  return std::min(link_next, scheduler_.next_event());
}

Ending WorkerProgram::run() {
  for (;;) {
    const TimePoint next = turn();
    if (over_) return ending_;
    const TimePoint now = clock_.now();
    if (next > now) connection_.wait(std::min<Duration>(next - now, kWaitMax));
  }
}

}  // namespace jitfarm::worker::program
