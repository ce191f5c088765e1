// How does the coordinator run? One loop over two sockets, the relay and the clock.
#pragma once
#include <atomic>
#include <memory>

#include "common/base/result.h"
#include "common/net/zmq_transport.h"
#include "coordinator/admin/metrics.h"
#include "coordinator/program/options.h"
#include "coordinator/relay/relay.h"

namespace jitfarm::coordinator::program {

/// Single-threaded but for ZeroMQ's I/O thread and, when asked for, the metrics server.
class Program {
 public:
  /// Listens and writes the announce file. Errors: bad_configuration, io_failure.
  static Result<std::unique_ptr<Program>> start(const Options& options);
  ~Program();

  /// Until stop(); then an orderly end: requests are answered, peers hear goodbye.
  void run();
  /// Any thread, signal handlers too.
  void stop();

 private:
  class SocketOutbox;
  Program();
  Status announce(const std::string& file) const;
  /// Moves up to a bounded number of packets; true when there was any.
  bool turn();

  SteadyClock clock_;
  std::unique_ptr<net::Listener> clients_, workers_;
  std::unique_ptr<net::Poller> poller_;
  admin::MetricsTelemetry telemetry_;
  std::unique_ptr<SocketOutbox> outbox_;
  std::unique_ptr<relay::Relay> relay_;
  std::unique_ptr<metrics::HttpServer> http_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace jitfarm::coordinator::program
