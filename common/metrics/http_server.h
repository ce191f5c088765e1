// Who answers GET /metrics and GET /healthz?
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/base/result.h"

namespace jitfarm::metrics {

struct Health {
  bool ok = false;
  std::string text;  ///< one line for people: what is wrong, or "ok"
};

/// A small HTTP server for operators and Prometheus (civetweb: two threads that answer, one that accepts). Everything but GET of
/// the two paths is answered 404 or 405. No TLS and no authentication: bind it to an address that only operators reach.
class HttpServer {
 public:
  /// Called on the server's threads, so both must be thread-safe; they must not block for long.
  struct Pages {
    std::function<std::string()> metrics;
    std::function<Health()> health;  ///< 200 when ok, else 503
  };

  /// Listens on "host:port", "[v6]:port" or "port" (then on 127.0.0.1). Port 0 takes a free one. io_failure when it cannot listen,
  /// bad_configuration when the address is none.
  static Result<std::unique_ptr<HttpServer>> start(const std::string& address, Pages pages);
  /// Waits for answers under way.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const { return port_; }  ///< the real one
  const std::string& url() const { return url_; }  ///< "http://127.0.0.1:40123"

 private:
  struct Impl;
  HttpServer();
  std::unique_ptr<Impl> impl_;
  std::uint16_t port_ = 0;
  std::string url_;
};

}  // namespace jitfarm::metrics
