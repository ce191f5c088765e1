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

/// A small HTTP/1.1 server for operators and Prometheus: one thread, 16 connections, one exchange each, 5 s for an exchange. Everything but
/// GET and HEAD of the two paths is answered 400, 404 or 405. No TLS and no authentication: bind it to an address that only operators reach.
/// Not prometheus-cpp's Exposer (three threads, no /healthz, throws when the port is taken), nor civetweb below it (its stop takes 2 s).
class HttpServer {
 public:
  /// Called on the server's thread; must not block for long, nor throw.
  struct Pages {
    std::function<std::string()> metrics;
    std::function<Health()> health;  ///< 200 when ok, else 503
  };

  /// Listens on "IPv4:port", "[IPv6]:port" or "port" (then on 127.0.0.1). Port 0 takes a free one. io_failure when it cannot listen,
  /// bad_configuration when the address is none.
  static Result<std::unique_ptr<HttpServer>> start(const std::string& address, Pages pages);
  /// Cuts off exchanges under way.
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
