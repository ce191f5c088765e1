#include "common/metrics/http_server.h"

#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <iterator>
#include <list>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/log.h"

namespace jitfarm::metrics {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t kConnectionsMax =
    16;  // Prometheus and a few operators; more wait in the backlog
constexpr std::size_t kRequestBytesMax =
    8192;  // request line and headers, as other servers have it
constexpr auto kConnectionTime =
    std::chrono::seconds(5);  // for all of an exchange: a stalled client costs a place this long
constexpr std::string_view kText = "text/plain; charset=utf-8";

class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

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

std::string errno_text() { return std::generic_category().message(errno); }

/// A socket that listens on `where`, or why not.
Result<Fd> listen_on(const HostPort& where) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV |
                   AI_PASSIVE;  // no look-up: start-up must not wait for a name server
  if (::getaddrinfo(where.host.c_str(), where.port.c_str(), &hints, &found) != 0)
    return fail(Errc::bad_configuration, "'" + where.host + "' is no IP address");
  Fd fd(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  const bool listens =
      fd && ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
      ::bind(fd.get(), found->ai_addr, found->ai_addrlen) == 0 && ::listen(fd.get(), 64) == 0;
  const std::string why = errno_text();
  ::freeaddrinfo(found);
  if (!listens)
    return fail(Errc::io_failure, "cannot listen on " + where.host + ":" + where.port + ": " + why);
  return fd;
}

std::uint16_t port_of(int fd) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  std::array<char, 8> service{};
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) != 0 ||
      ::getnameinfo(reinterpret_cast<sockaddr*>(&name), size, nullptr, 0, service.data(),
                    service.size(), NI_NUMERICSERV) != 0)
    return 0;
  std::uint16_t port = 0;
  std::from_chars(service.data(), service.data() + std::string_view(service.data()).size(), port);
  return port;
}

std::string response(int status, std::string_view reason, std::string_view type,
                     std::string_view body, bool with_body) {
  std::string out = "HTTP/1.1 " + std::to_string(status) + " " + std::string(reason) +
                    "\r\nContent-Type: " + std::string(type) +
                    "\r\nContent-Length: " + std::to_string(body.size()) +
                    "\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n";
  if (with_body) out += body;
  return out;
}

/// The answer to a request whose first line is `line`.
std::string answer(const HttpServer::Pages& pages, std::string_view line) {
  const std::size_t space = line.find(' '), second = line.find(' ', space + 1);
  if (space == std::string_view::npos || second == std::string_view::npos ||
      !line.substr(second + 1).starts_with("HTTP/1."))
    return response(400, "Bad Request", kText, "this is no HTTP/1 request\n", true);
  const std::string_view method = line.substr(0, space);
  std::string_view path = line.substr(space + 1, second - space - 1);
  path = path.substr(0, path.find('?'));
  const bool with_body = method != "HEAD";
  if (path != "/metrics" && path != "/healthz")
    return response(404, "Not Found", kText, "not found; there are /metrics and /healthz\n",
                    with_body);
  if (method != "GET" && method != "HEAD")
    return response(405, "Method Not Allowed", kText, "only GET\n", with_body);
  if (path == "/metrics")
    return response(200, "OK", "text/plain; version=0.0.4; charset=utf-8", pages.metrics(),
                    with_body);
  const Health health = pages.health();
  return response(health.ok ? 200 : 503, health.ok ? "OK" : "Service Unavailable", kText,
                  health.text + "\n", with_body);
}

/// One exchange: the request is read, the answer written, then what the client still sends is read
/// away (a close with unread bytes would make the kernel throw the answer away).
class Exchange {
 public:
  Exchange(Fd fd, SteadyTime deadline) : fd_(std::move(fd)), deadline_(deadline) {}
  int fd() const { return fd_.get(); }
  SteadyTime deadline() const { return deadline_; }
  short wanted() const { return state_ == State::writing ? POLLOUT : POLLIN; }

  /// Does what can be done without waiting; false when the exchange is over.
  bool advance(const HttpServer::Pages& pages) {
    if (state_ == State::reading && !read_request(pages)) return false;
    if (state_ == State::writing && !write_answer()) return false;
    return state_ != State::draining || drain();
  }

 private:
  enum class State { reading, writing, draining };

  static bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

  bool read_request(const HttpServer::Pages& pages) {
    std::array<char, 2048> chunk;
    const ssize_t n = ::recv(fd(), chunk.data(), chunk.size(), 0);
    if (n <= 0) return n < 0 && would_block();
    request_.append(chunk.data(), static_cast<std::size_t>(n));
    if (request_.find("\r\n\r\n") != std::string::npos)
      answer_ = answer(pages, std::string_view(request_).substr(0, request_.find("\r\n")));
    else if (request_.size() > kRequestBytesMax)
      answer_ = response(431, "Request Header Fields Too Large", kText, "the request is too long\n",
                         true);
    else
      return true;
    state_ = State::writing;
    return true;
  }

  bool write_answer() {
    const ssize_t n = ::send(fd(), answer_.data() + sent_, answer_.size() - sent_, MSG_NOSIGNAL);
    if (n < 0) return would_block();
    sent_ += static_cast<std::size_t>(n);
    if (sent_ < answer_.size()) return true;
    state_ = State::draining;
    return ::shutdown(fd(), SHUT_WR) == 0;
  }

  bool drain() {
    std::array<char, 2048> chunk;
    const ssize_t n = ::recv(fd(), chunk.data(), chunk.size(), 0);
    return n > 0 || (n < 0 && would_block());
  }

  Fd fd_;
  SteadyTime deadline_;
  State state_ = State::reading;
  std::string request_, answer_;
  std::size_t sent_ = 0;
};

}  // namespace

struct HttpServer::Impl {
  Pages pages;
  Fd listener, stop;  ///< `stop`: an eventfd that becomes readable at the end
  std::thread thread;
  std::list<Exchange> exchanges;

  void run() {
    std::vector<pollfd> polled;
    while (true) {
      polled.assign({{stop.get(), POLLIN, 0},
                     {exchanges.size() < kConnectionsMax ? listener.get() : -1, POLLIN, 0}});
      int timeout_ms = -1;
      const SteadyTime now = std::chrono::steady_clock::now();
      for (const Exchange& e : exchanges) {
        polled.push_back({e.fd(), e.wanted(), 0});
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(e.deadline() - now).count();
        const int ms = static_cast<int>(std::max<std::int64_t>(left, 0));
        timeout_ms = timeout_ms < 0 ? ms : std::min(timeout_ms, ms);
      }
      if (::poll(polled.data(), polled.size(), timeout_ms) < 0 && errno != EINTR) {
        spdlog::error("http: poll: {}", errno_text());
        return;
      }
      if (polled[0].revents != 0) return;
      serve(polled);
      if (polled[1].revents != 0) accept_one();
    }
  }

  void serve(const std::vector<pollfd>& polled) {
    const SteadyTime now = std::chrono::steady_clock::now();
    std::size_t i = 2;
    for (auto e = exchanges.begin(); e != exchanges.end(); ++i) {
      bool alive = now < e->deadline();
      if (alive && polled[i].revents != 0) alive = e->advance(pages);
      e = alive ? std::next(e) : exchanges.erase(e);
    }
  }

  void accept_one() {
    Fd fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (fd)
      exchanges.emplace_back(std::move(fd), std::chrono::steady_clock::now() + kConnectionTime);
    else if (errno == EMFILE ||
             errno == ENFILE)  // the connection stays in the backlog, and poll would spin
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
};

HttpServer::HttpServer() : impl_(std::make_unique<Impl>()) {}

Result<std::unique_ptr<HttpServer>> HttpServer::start(const std::string& address, Pages pages) {
  const auto where = parse(address);
  if (!where)
    return fail(Errc::bad_configuration, "'" + address + "' is no address of the form host:port");
  std::unique_ptr<HttpServer> server(new HttpServer);
  Impl& impl = *server->impl_;
  impl.pages = std::move(pages);
  JF_TRY(impl.listener, listen_on(*where));
  impl.stop = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!impl.stop) return fail(Errc::io_failure, "eventfd: " + errno_text());
  server->port_ = port_of(impl.listener.get());
  server->url_ = "http://" + (where->host.contains(':') ? "[" + where->host + "]" : where->host) +
                 ":" + std::to_string(server->port_);
  impl.thread = std::thread([&impl] { impl.run(); });
  return server;
}

HttpServer::~HttpServer() {
  if (!impl_->thread.joinable()) return;
  const std::uint64_t one = 1;
  // Fails only when the counter would overflow.
  [[maybe_unused]] const ssize_t written = ::write(impl_->stop.get(), &one, sizeof one);
  impl_->thread.join();
}

}  // namespace jitfarm::metrics
