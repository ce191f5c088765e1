#include "coordinator/program/options.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <random>

#include "common/base/version.h"

namespace jitfarm::coordinator::program {
namespace {

Result<std::optional<net::CurveServer>> curve_options(const std::string& secret_file,
                                                      const std::string& clients_file) {
  if (secret_file.empty() != clients_file.empty())
    return fail(Errc::bad_configuration,
                "--curve-secret-key-file and --curve-clients-file go together: encryption without "
                "a list would let every key in");
  if (secret_file.empty()) return std::nullopt;
  JF_TRY(auto server, net::load_curve_server(secret_file, clients_file));
  return server;
}

/// Writes the secret key of a new pair, prints the public one; the exit code.
int make_keys(const std::string& file) {
  auto keys = net::make_curve_keys();
  const Status written =
      keys ? net::write_curve_secret(file, keys->secret_key) : std::unexpected(keys.error());
  if (!written) {
    std::fprintf(stderr, "jitfarm-coordinator: %s\n", written.error().message().c_str());
    return 1;
  }
  std::printf("%s\n", keys->public_key.c_str());
  return 0;
}

}  // namespace

std::expected<Options, int> parse_options(int argc, char** argv) {
  Options o;
  double client_lease = 10, worker_lease = 6, heartbeat = 2, worker_grace = 2, deadline = 30;
  std::string secret_file, clients_file;
  scheduler::SchedulerLimits& limits = o.relay.scheduler;
  try {
    CLI::App app{"Routes compilations from client JVMs to workers."};
    app.set_version_flag("--version", "jitfarm-coordinator " + std::string(build()));
    std::string key_file;
    app.add_option("--make-curve-keys", key_file,
                   "Write a new secret key to this file, print its public key and exit");
    app.add_option("--agents", o.agents,
                   "tcp://host:port for client JVMs and operators; port 0 takes a free one")
        ->envname("JITFARM_AGENTS_ENDPOINT")
        ->capture_default_str();
    app.add_option("--workers", o.workers, "tcp://host:port for workers; port 0 takes a free one")
        ->envname("JITFARM_WORKERS_ENDPOINT")
        ->capture_default_str();
    app.add_option("--metrics", o.metrics,
                   "host:port of /metrics and /healthz; none when not given")
        ->envname("JITFARM_METRICS");
    app.add_option("--announce-file", o.announce_file,
                   "Write the real endpoints here as JSON once they listen")
        ->envname("JITFARM_ANNOUNCE_FILE");
    app.add_option("--queue-limit", limits.queued, "Requests that may wait, all clients together")
        ->envname("JITFARM_QUEUE_LIMIT")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    app.add_option("--queue-limit-per-client", limits.queued_per_client,
                   "Requests that one client may have here")
        ->envname("JITFARM_QUEUE_LIMIT_PER_CLIENT")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    app.add_option("--client-limit", o.relay.sessions.sessions, "Clients at once")
        ->envname("JITFARM_CLIENT_LIMIT")
        ->check(CLI::Range(1, 100'000))
        ->capture_default_str();
    app.add_option("--shape-bytes", o.relay.shapes.bytes,
                   "Memory for class shapes, kept for all clients; the least recently used ones "
                   "are forgotten and asked for again")
        ->envname("JITFARM_SHAPE_BYTES")
        ->check(CLI::Range(std::size_t{1} << 20, std::size_t{1} << 36))
        ->transform(CLI::AsSizeValue(false))
        ->capture_default_str();
    app.add_option("--heartbeat-seconds", heartbeat, "How often peers say that they live")
        ->envname("JITFARM_HEARTBEAT_SECONDS")
        ->check(CLI::Range(0.05, 600.0))
        ->capture_default_str();
    app.add_option("--client-lease-seconds", client_lease,
                   "Silence after which a client is given up")
        ->envname("JITFARM_CLIENT_LEASE_SECONDS")
        ->check(CLI::Range(0.1, 3600.0))
        ->capture_default_str();
    app.add_option("--worker-lease-seconds", worker_lease,
                   "Silence after which a worker is given up and its requests go elsewhere")
        ->envname("JITFARM_WORKER_LEASE_SECONDS")
        ->check(CLI::Range(0.1, 3600.0))
        ->capture_default_str();
    app.add_option("--worker-grace-seconds", worker_grace,
                   "After start, requests wait so long for the first worker; later they are "
                   "refused at once")
        ->envname("JITFARM_WORKER_GRACE_SECONDS")
        ->check(CLI::Range(0.0, 600.0))
        ->capture_default_str();
    app.add_option("--default-deadline-seconds", deadline, "For requests that name none")
        ->envname("JITFARM_DEFAULT_DEADLINE_SECONDS")
        ->check(CLI::Range(0.1, 120.0))
        ->capture_default_str();
    app.add_option("--curve-secret-key-file", secret_file,
                   "Encrypt: file with our secret key (Z85), readable by its owner only")
        ->envname("JITFARM_CURVE_SECRET_KEY_FILE");
    app.add_option(
           "--curve-clients-file", clients_file,
           "Authenticate: file of lines PUBLIC_KEY client|worker|any [NAME]; nobody else gets in")
        ->envname("JITFARM_CURVE_CLIENTS_FILE");
    app.add_option(
           "--random-moves", limits.random_moves,
           "Probability of placing a request without regard to what workers know; for tests")
        ->envname("JITFARM_RANDOM_MOVES")
        ->check(CLI::Range(0.0, 1.0));
    app.add_option(
           "--log-level", o.log_level,
           "trace, debug, info, warn, error, off; the environment variable JITFARM_LOG wins")
        ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))
        ->capture_default_str();
    app.add_option("--log-format", o.log_format, "text, or json: one object per line")
        ->envname("JITFARM_LOG_FORMAT")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
      return std::unexpected(app.exit(e) == 0 ? 0 : 2);
    }
    if (!key_file.empty()) return std::unexpected(make_keys(key_file));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "jitfarm-coordinator: %s\n", e.what());
    return std::unexpected(2);
  }
  const auto refused = [](const std::string& why) {
    std::fprintf(stderr, "jitfarm-coordinator: %s\n", why.c_str());
    return std::unexpected(2);
  };
  const auto duration = [](double seconds) {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
  };
  if (client_lease < 2 * heartbeat || worker_lease < 2 * heartbeat)
    return refused("a lease must be at least two heartbeats long");
  auto curve = curve_options(secret_file, clients_file);
  if (!curve) return refused(curve.error().message());
  o.curve = *std::move(curve);
  o.relay.heartbeat = duration(heartbeat);
  o.relay.sessions.lease = duration(client_lease);
  o.relay.workers.lease = duration(worker_lease);
  limits.worker_grace = duration(worker_grace);
  limits.report_grace = 2 * o.relay.heartbeat;
  limits.deadline_default = duration(deadline);
  std::random_device entropy;
  o.relay.epoch = (std::uint64_t{entropy()} << 32) | entropy();
  o.relay.seed = o.relay.epoch;
  return o;
}

}  // namespace jitfarm::coordinator::program
