#include "tests/bench/clients/crowd.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace jitfarm::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kHeartbeat = 2s;  // what the coordinator asks for by default
constexpr auto kTelemetry = 5s;  // as an agent does
constexpr auto kPatience = 60s;
constexpr std::size_t kJoiningAtOnce = 256;  // below the listener's backlog

}  // namespace

std::uint64_t Crowd::Rota::due(std::size_t members, Clock::time_point now) const {
  const auto share = std::chrono::duration<double>(now - began) / period;
  return static_cast<std::uint64_t>(share * static_cast<double>(members)) - done;
}

Crowd::Crowd(const CrowdOptions& options, const Recording& recording)
    : options_(options),
      recording_(recording),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      beats_{kHeartbeat, Clock::now()},
      telling_{kTelemetry, Clock::now()} {
  clients_.reserve(options.clients);
}
Crowd::~Crowd() { ::close(epoll_); }

Status Crowd::connect(Client& client) {
  const auto number = static_cast<std::uint64_t>(&client - clients_.data());
  client.connection = Zmtp();
  client.watched = false;
  if (std::exchange(client.session, {})) --figures_.welcomed;
  if (std::exchange(client.busy, false)) --busy_;
  client.wave = 0;
  client.telemetry = 0;
  client.compilation = client.first = number % recording_.compilations.size();
  client.over = false;
  JF_CHECK_OK(client.connection.connect(options_.endpoint));
  epoll_event event{.events = EPOLLIN, .data = {.u64 = number}};
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.connection.fd(), &event) != 0)
    return fail(Errc::io_failure, std::string("epoll_ctl: ") + std::strerror(errno));
  protocol::Hello hello = recording_.hello;
  hello.name = "simulated " + std::to_string(number);
  send(client, protocol::make_packet(hello, {.version = protocol::kVersionMin}));
  return {};
}

Status Crowd::join() {
  auto patience = Clock::now() + kPatience;
  std::size_t welcomed = 0;
  while (figures_.welcomed < options_.clients) {
    while (clients_.size() < options_.clients &&
           clients_.size() - figures_.welcomed < kJoiningAtOnce)
      JF_CHECK_OK(connect(clients_.emplace_back()));
    JF_CHECK_OK(poll(100));
    keep_alive();
    if (figures_.welcomed > std::exchange(welcomed, figures_.welcomed))
      patience = Clock::now() + kPatience;
    if (Clock::now() > patience)
      return fail(Errc::peer_unreachable, "of " + std::to_string(clients_.size()) + " clients, " +
                                              std::to_string(figures_.welcomed) + " were welcomed");
  }
  return {};
}

Status Crowd::run(Clock::duration time) {
  const auto end = Clock::now() + time;
  while (Clock::now() < end) {
    JF_CHECK_OK(start_more());
    keep_alive();
    JF_CHECK_OK(poll(10));
  }
  return {};
}

Status Crowd::poll(int timeout_ms) {
  std::array<epoll_event, 256> events;
  const int n = ::epoll_wait(epoll_, events.data(), events.size(), timeout_ms);
  for (int i = 0; i < n; ++i) {
    Client& client = clients_[events[static_cast<std::size_t>(i)].data.u64];
    if ((events[static_cast<std::size_t>(i)].events & EPOLLOUT) != 0 && client.connection.flush()) {
      epoll_event event{.events = EPOLLIN, .data = events[static_cast<std::size_t>(i)].data};
      ::epoll_ctl(epoll_, EPOLL_CTL_MOD, client.connection.fd(), &event);
      client.watched = false;
    }
    if (!client.connection.read([&](const protocol::Packet& packet) { receive(client, packet); })) {
      ++figures_.lost;
      JF_CHECK_OK(connect(client));
    }
  }
  return {};
}

void Crowd::send(Client& client, protocol::Packet packet) {
  packet.envelope.session = client.session;
  client.connection.send(packet);
  ++figures_.sent;
  if (client.watched || client.connection.flush()) return;
  epoll_event event{.events = EPOLLIN | EPOLLOUT,
                    .data = {.u64 = static_cast<std::uint64_t>(&client - clients_.data())}};
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, client.connection.fd(), &event);
  client.watched = true;
}

void Crowd::receive(Client& client, const protocol::Packet& packet) {
  ++figures_.received;
  const Compilation& c = recording_.compilations[client.compilation];
  const bool about_it =
      client.busy && packet.envelope.correlation == c.request.envelope.correlation;
  switch (packet.envelope.type) {
    case protocol::Welcome::kRecord.id:
      if (!client.session) ++figures_.welcomed;
      client.session = packet.envelope.session;
      break;
    case protocol::FactQuery::kRecord.id:
      if (about_it && client.wave < c.answers.size()) send(client, c.answers[client.wave++]);
      break;
    case protocol::CompileResult::kRecord.id:
    case protocol::CompileFailed::kRecord.id:
      if (about_it)
        finish(client, packet.envelope.type == c.end.envelope.type &&
                           packet.body.size() == c.end.body.size());
      break;
    default:
      break;  // an answer to a heartbeat
  }
}

void Crowd::finish(Client& client, bool as_recorded) {
  const Compilation& c = recording_.compilations[client.compilation];
  if (as_recorded && c.report) send(client, *c.report);
  ++(as_recorded ? figures_.compiled : figures_.failed);
  client.busy = false;
  client.wave = 0;
  client.compilation = (client.compilation + 1) % recording_.compilations.size();
  client.over = client.compilation == client.first;
  --busy_;
}

Status Crowd::start_more() {
  for (std::size_t tried = 0; busy_ < options_.in_flight && tried < clients_.size(); ++tried) {
    Client& client = clients_[next_];
    next_ = (next_ + 1) % clients_.size();
    if (client.over) JF_CHECK_OK(connect(client));  // a session never uses a request's id again
    if (client.busy || !client.session) continue;
    client.busy = true;
    ++busy_;
    send(client, recording_.compilations[client.compilation].request);
  }
  return {};
}

void Crowd::keep_alive() {
  const auto now = Clock::now();
  for (std::uint64_t n = beats_.due(options_.clients, now); n > 0; --n) {
    const std::size_t who = beats_.done++ % options_.clients;
    if (who >= clients_.size() || !clients_[who].session) continue;
    Client& client = clients_[who];
    protocol::Heartbeat beat;
    if (client.busy)
      beat.in_flight.push_back(
          recording_.compilations[client.compilation].request.envelope.correlation);
    send(client, protocol::make_packet(beat));
  }
  for (std::uint64_t n = telling_.due(options_.clients, now); n > 0; --n) {
    const std::size_t who = telling_.done++ % options_.clients;
    if (who >= clients_.size() || !clients_[who].session) continue;
    Client& client = clients_[who];
    protocol::Telemetry telemetry =
        recording_.telemetry[client.telemetry % recording_.telemetry.size()];
    telemetry.sequence = ++client.telemetry;
    send(client, protocol::make_packet(telemetry));
  }
}

}  // namespace jitfarm::bench
