#include "tests/bench/clients/replaying_worker.h"

#include "common/net/zmq_transport.h"
#include "tests/support/hello.h"

namespace jitfarm::bench {
namespace {
using namespace std::chrono_literals;
constexpr auto kHeartbeat = 1s;
}  // namespace

Result<std::unique_ptr<ReplayingWorker>> ReplayingWorker::start(const std::string& endpoint,
                                                                const Recording& recording,
                                                                std::uint32_t slots) {
  std::unique_ptr<ReplayingWorker> w(new ReplayingWorker(recording));
  net::ZmqOptions options;
  options.reconnect_min = 10ms;
  JF_TRY(w->connection_, net::connect(endpoint, options));
  w->thread_ = std::thread([worker = w.get(), slots] { worker->run(slots); });
  return w;
}

ReplayingWorker::~ReplayingWorker() {
  stopping_ = true;
  connection_->wake();
  thread_.join();
}

void ReplayingWorker::run(std::uint32_t slots) {
  while (!stopping_ && !connection_->connected()) connection_->wait(100ms);
  (void)connection_->send(
      protocol::make_packet(test::hello(protocol::Role::worker, "replaying", "bench", slots, ""),
                            {.version = protocol::kVersionMin}));
  auto next_beat = std::chrono::steady_clock::now() + kHeartbeat;
  while (!stopping_) {
    while (const auto packet = connection_->receive()) receive(*packet);
    if (std::chrono::steady_clock::now() >= next_beat) {
      next_beat += kHeartbeat;
      beat();
    }
    connection_->wait(50ms);
  }
}

void ReplayingWorker::receive(const protocol::Packet& packet) {
  const protocol::Envelope& about = packet.envelope;
  const Key key{about.session, about.correlation};
  if (about.type == protocol::CancelCompile::kRecord.id) {
    waves_.erase(key);
    return;
  }
  const bool fresh = about.type == protocol::CompileRequest::kRecord.id;
  if (!fresh && about.type != protocol::FactAnswer::kRecord.id) return;
  const auto recorded = recording_.by_request.find(key.request);
  if (recorded == recording_.by_request.end()) return;
  const Compilation& c = recording_.compilations[recorded->second];
  std::size_t& wave = fresh ? (waves_[key] = 0) : waves_[key];
  if (wave < c.questions.size()) {
    say(c.questions[wave++], about);
  } else {
    say(c.end, about);
    waves_.erase(key);
  }
}

void ReplayingWorker::say(const protocol::Packet& recorded, const protocol::Envelope& about) {
  protocol::Packet packet = recorded;
  packet.envelope.session = about.session;
  if (!connection_->send(std::move(packet))) ++not_sent_;
}

void ReplayingWorker::beat() {
  protocol::Heartbeat beat;
  for (const auto& [key, wave] : waves_) {
    beat.in_flight.push_back(key.request);
    beat.in_flight_sessions.push_back(key.session);
  }
  (void)connection_->send(protocol::make_packet(beat));
}

}  // namespace jitfarm::bench
