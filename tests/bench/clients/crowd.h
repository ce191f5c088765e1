// What do many clients do at once? They join, stay alive, tell their numbers, and take turns to
// compile.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "tests/bench/clients/recording.h"
#include "tests/bench/clients/zmtp.h"

namespace jitfarm::bench {

struct CrowdOptions {
  std::string endpoint;
  std::size_t clients = 0;
  std::size_t in_flight = 0;  ///< compilations at once, of all clients; each client has at most one
};

struct CrowdFigures {
  std::size_t welcomed = 0;    ///< clients that are in
  std::uint64_t compiled = 0;  ///< compilations that ended as recorded
  std::uint64_t failed = 0;    ///< that ended otherwise: the coordinator gave them up
  std::uint64_t lost = 0;      ///< connections that ended; each client comes back, as agents do
  std::uint64_t sent = 0, received = 0;  ///< packets
};

/// One thread, one epoll. Clients beat every two seconds and tell telemetry every five, spread
/// evenly, as agents do.
class Crowd {
 public:
  Crowd(const CrowdOptions& options, const Recording& recording);
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  /// Until all have their welcome; peer_unreachable when one does not get it within a minute.
  Status join();
  /// Compiles and beats for so long. Fails when the coordinator takes no connections.
  Status run(std::chrono::steady_clock::duration time);
  const CrowdFigures& figures() const { return figures_; }

 private:
  struct Client {
    Zmtp connection;
    SessionId session;
    std::size_t compilation = 0;  ///< the next one, or the one under way
    std::size_t first = 0;        ///< where it began
    std::size_t wave = 0;
    std::uint64_t telemetry = 0;  ///< told so far
    bool busy = false;
    bool over = false;     ///< all is compiled: its JVM ends, and another begins
    bool watched = false;  ///< epoll also says when it can be written to
  };
  /// Members of a ring whose turn came: all of them once per period.
  struct Rota {
    std::chrono::steady_clock::duration period;
    std::chrono::steady_clock::time_point began;
    std::uint64_t done = 0;
    std::uint64_t due(std::size_t members, std::chrono::steady_clock::time_point now) const;
  };

  Status poll(int timeout_ms);
  Status connect(Client& client);
  void receive(Client& client, const protocol::Packet& packet);
  void send(Client& client, protocol::Packet packet);
  void finish(Client& client, bool as_recorded);
  Status start_more();
  void keep_alive();

  CrowdOptions options_;
  const Recording& recording_;
  int epoll_ = -1;
  std::vector<Client> clients_;
  std::size_t next_ = 0;  ///< whose turn it is to compile
  std::size_t busy_ = 0;
  Rota beats_, telling_;
  CrowdFigures figures_;
};

}  // namespace jitfarm::bench
