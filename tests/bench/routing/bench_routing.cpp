// What does it cost to route? The real coordinator process between a client and a worker that
// compile nothing.
//
//   bench_routing build/release/bin/jitfarm-coordinator [--curve]
//
// Prints, for a question of 100 bytes and one of 4 KB: round trips per second with many under way,
// the coordinator's processor time for each, and the latency of a single one when all is idle. A
// round trip is client -> coordinator -> worker -> coordinator -> client.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/net/zmq_transport.h"
#include "common/protocol/packet.h"
#include "tests/support/hello.h"

namespace {

using namespace jitfarm;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "bench_routing: %s\n", why.c_str());
  std::exit(1);
}

struct Keys {
  net::CurveKeyPair server, client;
};

net::ZmqOptions options(const std::optional<Keys>& keys) {
  net::ZmqOptions o;
  o.reconnect_min = 10ms;
  if (keys) o.curve_client = net::CurveClient{keys->server.public_key, keys->client};
  return o;
}

/// A peer that has shaken hands.
struct Peer {
  std::unique_ptr<net::Connection> connection;
  SessionId session;
  Clock::time_point next_beat = Clock::now();

  static Peer join(const std::string& endpoint, protocol::Role role, std::uint32_t slots,
                   const std::optional<Keys>& keys) {
    Peer p;
    auto c = net::connect(endpoint, options(keys));
    if (!c) give_up(c.error().message());
    p.connection = *std::move(c);
    while (!p.connection->connected()) p.connection->wait(100ms);
    const protocol::Hello hello = test::hello(role, "bench", "bench", slots, "bench");
    if (auto sent =
            p.connection->send(protocol::make_packet(hello, {.version = protocol::kVersionMin}));
        !sent)
      give_up(sent.error().message());
    const auto welcome = protocol::read<protocol::Welcome>(p.next());
    if (!welcome) give_up(welcome.error().message());
    p.session = SessionId{welcome->peer};
    return p;
  }
  protocol::Packet next() {
    for (;;) {
      if (auto packet = connection->receive()) {
        if (packet->envelope.type == protocol::HeartbeatAck::kRecord.id) continue;
        return *std::move(packet);
      }
      connection->wait(100ms);
      beat();
    }
  }
  void beat() {
    if (Clock::now() < next_beat) return;
    next_beat = Clock::now() + 1s;
    (void)connection->send(protocol::make_packet(protocol::Heartbeat{}));
  }
};

/// Answers every request at once with a body as large as the question's.
[[noreturn]] void worker(const std::string& endpoint, const std::optional<Keys>& keys) {
  Peer p = Peer::join(endpoint, protocol::Role::worker, 4096, keys);
  for (;;) {
    const protocol::Packet in = p.next();
    p.beat();
    if (in.envelope.type != protocol::CompileRequest::kRecord.id) continue;
    protocol::CompileResult result;
    result.request = in.envelope.correlation;
    result.image = in.body;
    (void)p.connection->send(protocol::make_packet(
        result, {.session = in.envelope.session, .correlation = in.envelope.correlation}));
  }
}

double processor_seconds(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  unsigned long user = 0, system = 0;
  std::sscanf(text.c_str() + text.rfind(')') + 2,
              "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
  return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

struct Figures {
  double per_second, p50_us, p99_us, coordinator_us;
};

Figures measure(Peer& p, std::uint64_t& next_request, std::size_t bytes, int window,
                Clock::duration time, pid_t coordinator) {
  std::vector<double> latencies;
  std::vector<Clock::time_point> sent_at(static_cast<std::size_t>(window));
  protocol::CompileRequest request;
  request.method_name = "bench.Bench.bench()V";
  request.task.trap_history = Bytes(bytes > 40 ? bytes - 40 : 0, 1);
  const std::uint64_t first = next_request;
  const auto send = [&] {
    request.request = RequestId{next_request++};
    sent_at[request.request.value % sent_at.size()] = Clock::now();
    if (auto s = p.connection->send(
            protocol::make_packet(request, {.session = p.session, .correlation = request.request}));
        !s)
      give_up(s.error().message());
  };
  const double cpu = processor_seconds(coordinator);
  const auto start = Clock::now();
  for (int i = 0; i < window; ++i) send();
  std::uint64_t done = first;
  while (done < next_request) {
    const protocol::Packet in = p.next();
    if (in.envelope.type != protocol::CompileResult::kRecord.id)
      give_up("not a result but " + std::string(protocol::message_name(in.envelope.type)));
    ++done;
    latencies.push_back(std::chrono::duration<double, std::micro>(
                            Clock::now() - sent_at[in.envelope.correlation.value % sent_at.size()])
                            .count());
    p.beat();
    if (Clock::now() - start < time) send();
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const double n = static_cast<double>(latencies.size());
  std::ranges::sort(latencies);
  return {n / seconds, latencies[latencies.size() / 2], latencies[latencies.size() * 99 / 100],
          (processor_seconds(coordinator) - cpu) / n * 1e6};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) give_up("usage: bench_routing JITFARM_COORDINATOR [--curve]");
  std::optional<Keys> keys;
  const auto folder =
      std::filesystem::temp_directory_path() / ("jitfarm-bench-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  if (argc > 2 && std::strcmp(argv[2], "--curve") == 0) {
    keys = Keys{net::make_curve_keys().value(), net::make_curve_keys().value()};
    const std::string secret = folder / "coordinator.key", clients = folder / "clients";
    if (auto written = net::write_curve_secret(secret, keys->server.secret_key); !written)
      give_up(written.error().message());
    std::ofstream(clients) << keys->client.public_key << " any bench\n";
    setenv("JITFARM_CURVE_SECRET_KEY_FILE", secret.c_str(), 1);
    setenv("JITFARM_CURVE_CLIENTS_FILE", clients.c_str(), 1);
  }
  const std::string announce = folder / "endpoints.json";
  const pid_t coordinator = fork();
  if (coordinator == 0) {
    execl(argv[1], argv[1], "--agents", "tcp://127.0.0.1:0", "--workers", "tcp://127.0.0.1:0",
          "--announce-file", announce.c_str(), "--queue-limit-per-client", "100000", "--log-level",
          "warn", static_cast<char*>(nullptr));
    give_up(std::string(argv[1]) + ": " + std::strerror(errno));
  }
  std::string text;
  for (int i = 0; i < 1000 && text.empty(); ++i) {
    std::ifstream in(announce);
    text.assign(std::istreambuf_iterator<char>(in), {});
    if (text.empty()) std::this_thread::sleep_for(10ms);
  }
  const auto endpoint = [&](const std::string& key) {
    const auto at = text.find("tcp://", text.find("\"" + key + "\""));
    if (at == std::string::npos) give_up("the coordinator does not announce where it listens");
    return text.substr(at, text.find('"', at) - at);
  };
  const std::string agents = endpoint("agents"), workers = endpoint("workers");
  const pid_t echo = fork();
  if (echo == 0) worker(workers, keys);

  Peer p = Peer::join(agents, protocol::Role::agent, 4, keys);
  std::uint64_t next_request = 1;
  std::printf("%-8s %-8s %12s %10s %10s %22s\n", "bytes", "window", "trips/s", "p50 us", "p99 us",
              "coordinator us/trip");
  for (const std::size_t bytes : {100u, 4096u})
    for (const int window : {1, 64, 1024}) {
      measure(p, next_request, bytes, window, 300ms, coordinator);
      const Figures f = measure(p, next_request, bytes, window, 3s, coordinator);
      std::printf("%-8zu %-8d %12.0f %10.0f %10.0f %22.2f\n", bytes, window, f.per_second, f.p50_us,
                  f.p99_us, f.coordinator_us);
      std::fflush(stdout);
    }
  for (const pid_t pid : {echo, coordinator}) {
    kill(pid, SIGTERM);
    waitpid(pid, nullptr, 0);
  }
  std::filesystem::remove_all(folder);
}
