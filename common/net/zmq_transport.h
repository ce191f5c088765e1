// How do packets travel between processes? Over ZeroMQ: a DEALER that dials, a ROUTER that accepts.
//
// Every option here answers a pitfall that was reproduced (docs/adr/0005-zeromq.md): nothing
// blocks, nothing is dropped without a count, memory per peer is bounded in bytes, and no peer is
// known by a name that it chose itself.
#pragma once
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/net/curve.h"
#include "common/net/transport.h"

namespace jitfarm::net {

class ZmqContext;

/// What happens to the socket threads at the end of the process.
enum class ContextEnd : std::uint8_t {
  close,  ///< programs: the last owner of the context waits for `linger` and stops the threads
  leave,  ///< inside a JVM: never destroyed, so that nothing can hang or run at exit
};

/// The I/O thread that sockets share. Sockets without one make their own; a program shares one
/// between its listeners. All signals are blocked in its threads. Errors: io_failure.
Result<std::shared_ptr<ZmqContext>> make_context(ContextEnd end = ContextEnd::close);

struct ZmqOptions {
  std::shared_ptr<ZmqContext> context;         ///< null: one of its own
  ContextEnd context_end = ContextEnd::close;  ///< when it makes its own
  Duration linger = Duration::zero();          ///< how long closing may wait for unsent packets
  // ZMTP heartbeats of a Connection find dead kernels and paths; a hung program is found by leases
  // above this room, and so is a dead path by a Listener.
  Duration heartbeat_interval = std::chrono::seconds(2);
  Duration heartbeat_timeout = std::chrono::seconds(6);
  Duration connect_timeout = std::chrono::seconds(5);
  // The interval doubles from min to max with jitter: 5,000 VMs that come back at once cost 8 s of
  // a core with CURVE.
  Duration reconnect_min = std::chrono::milliseconds(100);
  Duration reconnect_max = std::chrono::seconds(5);
  // Per peer and direction. Packets bound the count inside ZeroMQ, bytes bound what they hold.
  std::size_t queue_packets = 4096;
  std::size_t queue_bytes = 64u << 20;
  std::size_t frame_bytes_max = 64u
                                << 20;  ///< a larger frame closes the connection (ZMQ_MAXMSGSIZE)
  std::size_t frames_max =
      4098;  ///< envelope, body, blobs (wire::Limits::blobs); surplus drops the packet
  /// Told once, of the first packet that a connection drops. Null: the program's log. In a JVM
  /// there is none: its streams are the application's.
  std::function<void(const std::string&)> on_dropped;
  std::size_t peers_max = 16'384;  ///< of a listener; about 27 kB and one file descriptor each
  std::optional<CurveClient>
      curve_client;  ///< of a connection: encrypt, prove who we are, check who they are
  std::optional<CurveServer> curve_server;  ///< of a listener: only the listed keys get in
};

/// Dials `endpoint` ("tcp://host:port", "ipc://path"); returns at once, connecting goes on in the
/// background and again after every loss. Errors: bad_configuration (endpoint, keys), io_failure.
Result<std::unique_ptr<Connection>> connect(const std::string& endpoint,
                                            const ZmqOptions& options = {});

/// Binds; port 0 takes a free one, endpoint() tells which. Errors: bad_configuration, io_failure
/// (port in use).
Result<std::unique_ptr<Listener>> listen(const std::string& endpoint,
                                         const ZmqOptions& options = {});

/// Waits on several sockets at once. One owner thread, the same that owns the sockets; wake() from
/// any thread or signal handler.
class Poller {
 public:
  virtual ~Poller() = default;
  /// The socket must be one of this room and must outlive the poller. bad_configuration otherwise.
  virtual Status add(Listener& listener) = 0;
  virtual Status add(Connection& connection) = 0;
  /// Returns when a socket may have something, wake() was called, or the time is over.
  virtual void wait(Duration timeout) = 0;
  virtual void wake() = 0;
};
Result<std::unique_ptr<Poller>> make_poller();

}  // namespace jitfarm::net
