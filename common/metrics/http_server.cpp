#include "common/metrics/http_server.h"

#include <civetweb.h>

#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include "common/base/log.h"

namespace jitfarm::metrics {
namespace {

constexpr const char* kThreads = "2";             // Prometheus and one operator at once; each holds one answer in memory
constexpr const char* kRequestTimeoutMs = "5000";  // a client that sends half a request holds one thread this long

struct HostPort {
  std::string host;
  std::uint16_t port;
};

std::optional<HostPort> parse(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  HostPort out{colon == std::string_view::npos ? "127.0.0.1" : std::string(address.substr(0, colon)), 0};
  const std::string_view port = colon == std::string_view::npos ? address : address.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (error != std::errc{} || end != port.data() + port.size() || out.host.empty()) return std::nullopt;
  // civetweb's list of ports has its own syntax: a comma would open a second port, an 's' ask for TLS.
  if (out.host.find_first_not_of("0123456789abcdefABCDEF.:[]") != std::string::npos) return std::nullopt;
  return out;
}

void answer(mg_connection* connection, int status, std::string_view reason, std::string_view type, std::string_view body, bool with_body) {
  std::string head = "HTTP/1.1 " + std::to_string(status) + " " + std::string(reason) + "\r\nContent-Type: " + std::string(type) +
                     "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n";
  if (with_body) head += body;
  mg_write(connection, head.data(), head.size());
}

}  // namespace

struct HttpServer::Impl {
  Pages pages;
  mg_context* context = nullptr;

  /// Our one handler; civetweb never looks at files.
  static int begin_request(mg_connection* connection) {
    const mg_request_info* request = mg_get_request_info(connection);
    const auto& impl = *static_cast<const Impl*>(request->user_data);
    const std::string_view method = request->request_method, path = request->local_uri ? request->local_uri : "";
    const bool with_body = method != "HEAD";
    constexpr std::string_view kText = "text/plain; charset=utf-8";
    // Nothing may throw through civetweb's C frames.
    try {
      if (path != "/metrics" && path != "/healthz") {
        answer(connection, 404, "Not Found", kText, "not found; there are /metrics and /healthz\n", with_body);
        return 404;
      }
      if (method != "GET" && method != "HEAD") {
        answer(connection, 405, "Method Not Allowed", kText, "only GET\n", with_body);
        return 405;
      }
      if (path == "/metrics") {
        answer(connection, 200, "OK", "text/plain; version=0.0.4; charset=utf-8", impl.pages.metrics(), with_body);
        return 200;
      }
      const Health health = impl.pages.health();
      answer(connection, health.ok ? 200 : 503, health.ok ? "OK" : "Service Unavailable", kText, health.text + "\n", with_body);
      return health.ok ? 200 : 503;
    } catch (const std::exception& e) {
      spdlog::error("http: {} failed: {}", path, e.what());
      return 500;
    }
  }

  static int log_message(const mg_connection*, const char* message) {
    spdlog::debug("http: {}", message);
    return 1;  // civetweb writes nothing itself
  }
};

HttpServer::HttpServer() : impl_(std::make_unique<Impl>()) {}

Result<std::unique_ptr<HttpServer>> HttpServer::start(const std::string& address, Pages pages) {
  const auto where = parse(address);
  if (!where) return fail(Errc::bad_configuration, "'" + address + "' is no address of the form host:port");

  std::unique_ptr<HttpServer> server(new HttpServer);
  server->impl_->pages = std::move(pages);
  mg_callbacks callbacks{};
  callbacks.begin_request = &Impl::begin_request;
  callbacks.log_message = &Impl::log_message;
  const std::string port = where->host + ":" + std::to_string(where->port);
  const char* options[] = {"listening_ports", port.c_str(), "num_threads", kThreads, "request_timeout_ms", kRequestTimeoutMs,
                           "enable_keep_alive", "no", nullptr};
  mg_init_data init{&callbacks, server->impl_.get(), options};
  char why[256] = "";
  unsigned code = 0;
  mg_error_data error{&code, why, sizeof why};
  server->impl_->context = mg_start2(&init, &error);
  if (!server->impl_->context) return fail(Errc::io_failure, "cannot listen on " + port + ": " + why);

  mg_server_port bound{};
  if (mg_get_server_ports(server->impl_->context, 1, &bound) != 1) return fail(Errc::io_failure, "no port is bound for " + port);
  server->port_ = static_cast<std::uint16_t>(bound.port);
  server->url_ = "http://" + where->host + ":" + std::to_string(server->port_);
  return server;
}

HttpServer::~HttpServer() {
  if (impl_->context) mg_stop(impl_->context);
}

}  // namespace jitfarm::metrics
