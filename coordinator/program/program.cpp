#include "coordinator/program/program.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "common/base/log.h"

namespace jitfarm::coordinator::program {
namespace {

// Packets of one side before the other has its turn: enough to share a wake-up (30 us), few enough
// that nobody waits long (3 us each).
constexpr int kPacketsPerTurn = 64;
constexpr Duration kLinger = std::chrono::milliseconds(500);  // for the last answers and goodbyes
constexpr Duration kTick = std::chrono::milliseconds(50);     // longest sleep without an event

// Listeners, ZeroMQ, metrics, the log; workers, which have no limit of their own.
constexpr rlim_t kOtherDescriptors = 256;

/// Every peer takes a descriptor; many systems give a process 1,024 and let it have more on demand.
/// Said now, since ZeroMQ does not tell us of connections that it could not accept.
void make_room_for(std::size_t clients) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = clients + kOtherDescriptors;
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(limit.rlim_max, wanted);
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < wanted)
    spdlog::warn(
        "the system lets this process have {} connections, fewer than --client-limit {}: raise the "
        "hard limit of open files",
        limit.rlim_cur, clients);
}

}  // namespace

class Program::SocketOutbox final : public relay::Outbox {
 public:
  SocketOutbox(net::Listener& clients, net::Listener& workers)
      : clients_(clients), workers_(workers) {}
  Status send(relay::Side side, net::PeerKey peer, protocol::Packet packet) override {
    return of(side).send(peer, std::move(packet));
  }
  void drop(relay::Side side, net::PeerKey peer) override { of(side).drop(peer); }

 private:
  net::Listener& of(relay::Side side) { return side == relay::Side::clients ? clients_ : workers_; }
  net::Listener& clients_;
  net::Listener& workers_;
};

Program::Program() = default;
Program::~Program() = default;

Result<std::unique_ptr<Program>> Program::start(const Options& options) {
  std::unique_ptr<Program> p(new Program);
  make_room_for(options.relay.sessions.sessions);
  net::ZmqOptions zmq;
  JF_TRY(zmq.context, net::make_context());
  zmq.linger = kLinger;
  zmq.peers_max = options.relay.sessions.sessions + options.relay.strangers;
  if (options.curve) zmq.curve_server = net::for_door(*options.curve, net::Door::client);
  JF_TRY(p->clients_, net::listen(options.agents, zmq));
  if (options.curve) zmq.curve_server = net::for_door(*options.curve, net::Door::worker);
  JF_TRY(p->workers_, net::listen(options.workers, zmq));
  JF_TRY(p->poller_, net::make_poller());
  JF_CHECK_OK(p->poller_->add(*p->clients_));
  JF_CHECK_OK(p->poller_->add(*p->workers_));
  p->outbox_ = std::make_unique<SocketOutbox>(*p->clients_, *p->workers_);
  p->relay_ =
      std::make_unique<relay::Relay>(options.relay, *p->outbox_, p->telemetry_, p->clock_.now());
  if (!options.metrics.empty()) {
    JF_TRY(p->http_, admin::serve(options.metrics, p->telemetry_));
  }
  spdlog::info("agents at {}, workers at {}{}, {}", p->clients_->endpoint(),
               p->workers_->endpoint(), p->http_ ? ", metrics at " + p->http_->url() : "",
               options.curve ? std::to_string(options.curve->clients.size()) + " keys get in"
                             : "no authentication: anybody who reaches these ports gets in");
  if (!options.announce_file.empty()) JF_CHECK_OK(p->announce(options.announce_file));
  return p;
}

Status Program::announce(const std::string& file) const {
  // Renamed when complete: a reader sees all of it or nothing.
  const std::string draft = file + ".draft";
  {
    std::ofstream out(draft, std::ios::trunc);
    out << "{\"agents\": \"" << clients_->endpoint() << "\", \"workers\": \""
        << workers_->endpoint() << "\"";
    if (http_) out << ", \"metrics\": \"" << http_->url() << "\"";
    out << "}\n";
    out.close();
    if (!out) return fail(Errc::io_failure, draft + ": cannot be written");
  }
  if (std::rename(draft.c_str(), file.c_str()) != 0)
    return fail(Errc::io_failure, file + ": " + std::strerror(errno));
  return {};
}

bool Program::turn() {
  bool any = false;
  const TimePoint now = clock_.now();
  for (const relay::Side side :
       {relay::Side::workers, relay::Side::clients}) {  // what is under way before what is new
    net::Listener& listener = side == relay::Side::clients ? *clients_ : *workers_;
    while (auto peer = listener.take_lost()) relay_->lost(side, *peer, now);
    for (int i = 0; i < kPacketsPerTurn; ++i) {
      auto in = listener.receive();
      if (!in) break;
      any = true;
      relay_->receive(side, in->peer, std::move(in->packet), now);
    }
  }
  if (now >= relay_->next_event(now)) relay_->tick(now);
  return any;
}

void Program::run() {
  while (!stopping_.load(std::memory_order_relaxed)) {
    if (turn()) continue;
    const TimePoint now = clock_.now();
    poller_->wait(std::min(kTick, std::max(Duration::zero(), relay_->next_event(now) - now)));
  }
  telemetry_.set_shutting_down();
  relay_->shut_down(clock_.now());
  spdlog::info("stopped");
}

void Program::stop() {
  stopping_.store(true, std::memory_order_relaxed);
  poller_->wake();
}

}  // namespace jitfarm::coordinator::program
