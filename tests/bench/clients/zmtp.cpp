#include "tests/bench/clients/zmtp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "common/protocol/packet.h"

namespace jitfarm::bench {
namespace {

constexpr std::size_t kGreetingBytes = 64;
constexpr unsigned kMore = 1, kLong = 2, kCommand = 4;

std::string greeting() {
  std::string g(kGreetingBytes, '\0');
  g[0] = static_cast<char>(0xff);
  g[9] = 0x7f;
  g[10] = 3;  // ZMTP 3.0, mechanism NULL
  std::memcpy(g.data() + 12, "NULL", 4);
  return g;
}

std::string ready() {
  using namespace std::string_literals;
  return "\5READY\13Socket-Type\0\0\0\6DEALER\10Identity\0\0\0\0"s;
}

}  // namespace

Zmtp::~Zmtp() {
  if (fd_ >= 0) ::close(fd_);
}
Zmtp& Zmtp::operator=(Zmtp&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(greeted_, other.greeted_);
  std::swap(ready_, other.ready_);
  unread_.swap(other.unread_);
  held_.swap(other.held_);
  unsent_.swap(other.unsent_);
  frames_.swap(other.frames_);
  return *this;
}

Status Zmtp::connect(const std::string& endpoint) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const std::size_t colon = endpoint.rfind(':');
  std::uint16_t port = 0;
  std::from_chars(endpoint.data() + colon + 1, endpoint.data() + endpoint.size(), port);
  to.sin_port = htons(port);
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return fail(Errc::io_failure, std::string("socket: ") + std::strerror(errno));
  // On loopback it returns at once unless the backlog is full; then it is as well to wait.
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
    return fail(Errc::io_failure, endpoint + ": " + std::strerror(errno));
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  unsent_ = greeting();
  frame(unsent_, ready(), kCommand);
  flush();
  return {};
}

void Zmtp::frame(std::string& to, std::string_view body, unsigned flags) {
  if (body.size() > 255) {
    to.push_back(static_cast<char>(flags | kLong));
    for (int shift = 56; shift >= 0; shift -= 8)
      to.push_back(static_cast<char>(body.size() >> shift));
  } else {
    to.push_back(static_cast<char>(flags));
    to.push_back(static_cast<char>(body.size()));
  }
  to += body;
}

void Zmtp::send(const protocol::Packet& packet) {
  const std::vector<Blob> frames = protocol::to_frames(packet);
  for (std::size_t i = 0; i < frames.size(); ++i)
    frame(ready_ ? unsent_ : held_, as_chars(frames[i].view()), i + 1 < frames.size() ? kMore : 0);
  flush();
}

bool Zmtp::flush() {
  std::size_t done = 0;
  while (done < unsent_.size()) {
    const ssize_t n =
        ::send(fd_, unsent_.data() + done, unsent_.size() - done, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  unsent_.erase(0, done);
  if (unsent_.empty()) unsent_.shrink_to_fit();  // 10,000 of them
  return unsent_.empty();
}

void Zmtp::command(std::string_view body) {
  constexpr std::string_view kPing = "\4PING";
  if (body.starts_with("\5READY")) {
    ready_ = true;
    unsent_ += std::exchange(held_, {});
    flush();
  }
  if (!body.starts_with(kPing)) return;
  frame(unsent_, std::string("\4PONG").append(body.substr(kPing.size() + 2)), kCommand);
  flush();
}

Status Zmtp::consume(std::string_view data, std::size_t& used,
                     const std::function<void(protocol::Packet)>& on_packet) {
  if (!greeted_) {
    if (data.size() < kGreetingBytes) return {};
    used = kGreetingBytes;
    greeted_ = true;
  }
  for (;;) {
    const std::string_view rest = data.substr(used);
    if (rest.size() < 2) return {};
    const auto flags = static_cast<unsigned char>(rest[0]);
    const std::size_t head = (flags & kLong) != 0 ? 9 : 2;
    if (rest.size() < head) return {};
    std::uint64_t size = 0;
    for (std::size_t i = 1; i < head; ++i) size = size << 8 | static_cast<unsigned char>(rest[i]);
    if (rest.size() - head < size) return {};
    const std::string_view body = rest.substr(head, size);
    used += head + size;
    if ((flags & kCommand) != 0) {
      command(body);
      continue;
    }
    frames_.emplace_back(Bytes(body.begin(), body.end()));
    if ((flags & kMore) != 0) continue;
    auto packet = protocol::from_frames(std::exchange(frames_, {}));
    if (!packet) return std::unexpected(packet.error());
    on_packet(*std::move(packet));
  }
}

Status Zmtp::read(const std::function<void(protocol::Packet)>& on_packet) {
  std::array<char, 1 << 16> buffer;
  for (;;) {
    const ssize_t n = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return {};
    if (n <= 0) return fail(Errc::io_failure, "the coordinator hung up");
    const std::string_view fresh(buffer.data(), static_cast<std::size_t>(n));
    std::size_t used = 0;
    if (unread_.empty()) {
      JF_CHECK_OK(consume(fresh, used, on_packet));
      unread_ = fresh.substr(used);
    } else {
      unread_ += fresh;
      JF_CHECK_OK(consume(unread_, used, on_packet));
      unread_.erase(0, used);
      if (unread_.empty()) unread_.shrink_to_fit();
    }
    if (fresh.size() < buffer.size()) return {};
  }
}

}  // namespace jitfarm::bench
