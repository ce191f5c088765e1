#include "common/net/zmq_authenticator.h"

#include <cerrno>
#include <chrono>

#include "common/base/log.h"

namespace jitfarm::net {
namespace {
// ZAP request: version, request id, domain, address, routing id, mechanism, credentials.
constexpr std::size_t kZapFrames = 7;
constexpr std::size_t kCurveKeyBytes = 32;
constexpr std::chrono::seconds kReportInterval{10};  // a refused peer tries again and again
}  // namespace

Result<std::unique_ptr<ZmqContext::Authenticator>> ZmqContext::Authenticator::start(void* context) {
  void* socket = zmq_socket(context, ZMQ_REP);
  if (socket == nullptr) return fail(Errc::io_failure, last_error("authenticator socket"));
  if (auto linger = set(socket, ZMQ_LINGER, 0);
      !linger || zmq_bind(socket, "inproc://zeromq.zap.01") != 0) {
    auto error = last_error("authenticator socket");
    zmq_close(socket);
    return fail(Errc::io_failure, std::move(error));
  }
  std::unique_ptr<Authenticator> self(new Authenticator(socket));
  BlockSignals block;
  try {
    self->thread_ = std::thread([raw = self.get()] { raw->run(); });
  } catch (const std::exception& e) {
    zmq_close(socket);
    return fail(Errc::io_failure, std::string("authenticator thread: ") + e.what());
  }
  return self;
}
ZmqContext::Authenticator::~Authenticator() {
  if (thread_.joinable()) thread_.join();
}

Result<std::string> ZmqContext::Authenticator::add(const CurveServer& server) {
  Names names;
  for (const AllowedKey& client : server.clients) {
    std::uint8_t key[kCurveKeyBytes];
    if (client.public_key.size() != kCurveKeyChars ||
        zmq_z85_decode(key, client.public_key.c_str()) == nullptr)
      return fail(Errc::bad_configuration, "not a public key: " + client.public_key);
    names.emplace(std::string(reinterpret_cast<const char*>(key), sizeof key), client.name);
  }
  const std::lock_guard lock(mutex_);
  std::string domain = "jitfarm-" + std::to_string(domains_.size());
  domains_.emplace(domain, std::move(names));
  return domain;
}

void ZmqContext::Authenticator::run() {
  std::uint64_t refused = 0;
  std::chrono::steady_clock::time_point reported{};
  for (;;) {
    std::array<std::string, kZapFrames> request;
    std::size_t frames = 0;
    for (bool more = true; more;) {
      Frame frame;
      if (zmq_msg_recv(frame.raw(), socket_, 0) < 0) {
        if (errno == EINTR) continue;
        zmq_close(socket_);  // the context is shut down
        return;
      }
      more = frame.more();
      if (frames < kZapFrames) request[frames] = as_chars(frame.view());
      ++frames;
    }
    const auto& [version, id, domain, address, routing_id, mechanism, key] = request;
    std::string name;
    bool known = false;
    if (frames == kZapFrames && version == "1.0" && mechanism == "CURVE" &&
        key.size() == kCurveKeyBytes) {
      const std::lock_guard lock(mutex_);
      if (auto d = domains_.find(domain); d != domains_.end())
        if (auto k = d->second.find(key); k != d->second.end()) {
          known = true;
          name = k->second;
        }
    }
    if (!known) {
      ++refused;
      const auto now = std::chrono::steady_clock::now();
      if (now - reported >= kReportInterval) {
        spdlog::warn("a peer at {} was refused: its key is not on the list ({} refusals so far)",
                     address, refused);
        reported = now;
      }
    }
    const std::string_view reply[] = {
        "1.0", id, known ? "200" : "400", known ? "OK" : "key not on the list", name, ""};
    for (std::size_t i = 0; i < std::size(reply); ++i)
      zmq_send(socket_, reply[i].data(), reply[i].size(),
               i + 1 < std::size(reply) ? ZMQ_SNDMORE : 0);
  }
}

}  // namespace jitfarm::net
