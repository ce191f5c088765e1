#include "common/metrics/http_server.h"

#include <microhttpd.h>
#include <netdb.h>

#include <array>
#include <charconv>
#include <cstdarg>
#include <cstdio>
#include <optional>
#include <string_view>
#include <utility>

#include "common/base/log.h"

namespace jitfarm::metrics {
namespace {

// Prometheus and a few operators; more wait in the backlog.
constexpr unsigned kConnectionsMax = 16;
// Request line and headers, as other servers have it.
constexpr std::size_t kConnectionBytesMax = 8192;
// A client that says nothing for so long loses its place.
constexpr unsigned kSilenceSeconds = 5;
constexpr const char* kText = "text/plain; charset=utf-8";

struct HostPort {
  std::string host;  ///< without brackets
  std::string port;
};

std::optional<HostPort> parse(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  HostPort out{
      colon == std::string_view::npos ? "127.0.0.1" : std::string(address.substr(0, colon)),
      std::string(colon == std::string_view::npos ? address : address.substr(colon + 1))};
  std::uint16_t port = 0;
  const auto [end, error] =
      std::from_chars(out.port.data(), out.port.data() + out.port.size(), port);
  if (error != std::errc{} || end != out.port.data() + out.port.size() || out.host.empty())
    return std::nullopt;
  if (out.host.front() == '[' && out.host.back() == ']')
    out.host = out.host.substr(1, out.host.size() - 2);
  return out;
}

MHD_Result answer(MHD_Connection* connection, unsigned status, const char* type,
                  std::string_view body) {
  // The library copies, and leaves the body out for HEAD.
  MHD_Response* response = MHD_create_response_from_buffer(
      body.size(), const_cast<char*>(body.data()), MHD_RESPMEM_MUST_COPY);
  if (!response) return MHD_NO;
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
  MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
  // A scraper that comes every 15 s must not keep one of the few places.
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
  const MHD_Result queued = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);
  return queued;
}

}  // namespace

struct HttpServer::Impl {
  Pages pages;
  MHD_Daemon* daemon = nullptr;
  std::string complaint;  ///< the library's last; written by start(), then by the server's thread

  ~Impl() {
    if (daemon) MHD_stop_daemon(daemon);
  }

  /// Called by the library's thread when the headers are there; a body is not waited for.
  static MHD_Result on_request(void* self, MHD_Connection* connection, const char* url,
                               const char* method_name, const char*, const char*, std::size_t*,
                               void**) noexcept {
    const Pages& pages = static_cast<Impl*>(self)->pages;
    const std::string_view path = url, method = method_name;
    if (path != "/metrics" && path != "/healthz")
      return answer(connection, MHD_HTTP_NOT_FOUND, kText,
                    "not found; there are /metrics and /healthz\n");
    if (method != MHD_HTTP_METHOD_GET && method != MHD_HTTP_METHOD_HEAD)
      return answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED, kText, "only GET\n");
    if (path == "/metrics")
      return answer(connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8",
                    pages.metrics());
    const Health health = pages.health();
    return answer(connection, health.ok ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE, kText,
                  health.text + "\n");
  }

  __attribute__((format(printf, 2, 0))) static void on_complaint(void* self, const char* format,
                                                                 va_list arguments) noexcept {
    std::array<char, 256> text{};
    std::vsnprintf(text.data(), text.size(), format, arguments);
    std::string_view line = text.data();
    while (line.ends_with('\n')) line.remove_suffix(1);
    static_cast<Impl*>(self)->complaint = line;
    spdlog::debug("http: {}", line);
  }

  Status listen(const HostPort& where) {
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    // No look-up: start-up must not wait for a name server.
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    if (::getaddrinfo(where.host.c_str(), where.port.c_str(), &hints, &found) != 0)
      return fail(Errc::bad_configuration, "'" + where.host + "' is no IP address");
    const unsigned flags = MHD_USE_AUTO_INTERNAL_THREAD | MHD_USE_ERROR_LOG |
                           (found->ai_family == AF_INET6 ? MHD_USE_IPv6 : 0u);
    daemon = MHD_start_daemon(flags, 0, nullptr, nullptr, &on_request, this,            //
                              MHD_OPTION_EXTERNAL_LOGGER, &on_complaint, this,          // first
                              MHD_OPTION_SOCK_ADDR, found->ai_addr,                     //
                              MHD_OPTION_CONNECTION_LIMIT, kConnectionsMax,             //
                              MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionBytesMax,  //
                              MHD_OPTION_CONNECTION_TIMEOUT, kSilenceSeconds, MHD_OPTION_END);
    ::freeaddrinfo(found);
    if (!daemon)
      return fail(Errc::io_failure,
                  "cannot listen on " + where.host + ":" + where.port + ": " + complaint);
    return {};
  }
};

HttpServer::HttpServer() : impl_(std::make_unique<Impl>()) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::start(const std::string& address, Pages pages) {
  const auto where = parse(address);
  if (!where)
    return fail(Errc::bad_configuration, "'" + address + "' is no address of the form host:port");
  std::unique_ptr<HttpServer> server(new HttpServer);
  server->impl_->pages = std::move(pages);
  JF_CHECK_OK(server->impl_->listen(*where));
  server->port_ = MHD_get_daemon_info(server->impl_->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
  server->url_ = "http://" + (where->host.contains(':') ? "[" + where->host + "]" : where->host) +
                 ":" + std::to_string(server->port_);
  return server;
}

}  // namespace jitfarm::metrics
