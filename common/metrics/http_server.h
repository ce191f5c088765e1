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

/// An HTTP/1.1 server (libmicrohttpd) for operators and Prometheus: one thread of the library's, 16
/// connections, one exchange each, 8 KiB of request, 5 s of silence at most. Everything but GET and
/// HEAD of the two paths is answered 404 or 405; what is no HTTP is cut off. No TLS and no
/// authentication: bind it to an address that only operators reach, who do not keep the places busy
/// on purpose (docs/adr/0015).
class HttpServer {
 public:
  /// Called on the server's thread; must not block for long, nor throw.
  struct Pages {
    std::function<std::string()> metrics;
    std::function<Health()> health;  ///< 200 when ok, else 503
  };

  /// Listens on "IPv4:port", "[IPv6]:port" or "port" (then on 127.0.0.1). Port 0 takes a free one.
  /// io_failure when it cannot listen, bad_configuration when the address is none.
  static Result<std::unique_ptr<HttpServer>> start(const std::string& address, Pages pages);
  /// Cuts off exchanges under way.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const { return port_; }     ///< the real one
  const std::string& url() const { return url_; }  ///< "http://127.0.0.1:40123"

 private:
  struct Impl;
  HttpServer();
  std::unique_ptr<Impl> impl_;
  std::uint16_t port_ = 0;
  std::string url_;
};

}  // namespace jitfarm::metrics
