#include "cli/farm/status_connection.h"

#include <fmt/format.h>
#include <unistd.h>

#include <tuple>

#include "cli/farm/endpoint.h"
#include "common/base/version.h"
#include "common/net/zmq_transport.h"
#include "common/protocol/handshake.h"
#include "common/protocol/packet.h"

namespace jitfarm::cli {
namespace {

using namespace protocol;

/// The next packet that is not a heartbeat's answer, or nothing at `end`.
std::optional<Packet> next(net::Connection& connection, std::chrono::steady_clock::time_point end) {
  while (true) {
    if (auto packet = connection.receive()) {
      if (packet->envelope.type == HeartbeatAck::kRecord.id) continue;
      return packet;
    }
    auto left = end - std::chrono::steady_clock::now();
    if (left <= Duration::zero()) return std::nullopt;
    connection.wait(left);
  }
}

/// Asks with `request` and reads an `Answer`; a refuse becomes the coordinator's own sentence.
template <class Answer, class Request>
Result<Answer> exchange(net::Connection& connection, const Request& request, Envelope envelope,
                        std::chrono::steady_clock::time_point end) {
  JF_CHECK_OK(connection.send(make_packet(request, envelope)));
  auto packet = next(connection, end);
  if (!packet)
    return fail(Errc::peer_unreachable,
                "connected, but no answer in time: is this where agents connect?");
  if (packet->envelope.type == Refuse::kRecord.id) {
    JF_TRY(auto refuse, read<Refuse>(*packet));
    return std::unexpected(refused(refuse, Spoken{}));
  }
  return read<Answer>(*packet);
}

}  // namespace

Result<StatusConnection> StatusConnection::open(const std::string& coordinator,
                                                const std::string& who,
                                                std::chrono::milliseconds timeout) {
  auto end = std::chrono::steady_clock::now() + timeout;
  net::ZmqOptions zmq;
  JF_TRY(zmq.curve_client, net::curve_client_from_environment());
  JF_CHECK_OK(check_endpoint(coordinator));
  JF_TRY(auto connection, net::connect(coordinator, zmq));
  for (auto now = std::chrono::steady_clock::now(); !connection->connected() && now < end;
       now = std::chrono::steady_clock::now())
    connection->wait(end - now);
  const std::string in_time =
      fmt::format(" within {:g} s", std::chrono::duration<double>(timeout).count());
  if (!connection->connected())
    return fail(Errc::peer_unreachable, "cannot reach " + coordinator + ": no answer" + in_time +
                                            " (is the coordinator there, and do the keys fit?)");
  Hello hello{.role = Role::operator_,
              .version_min = kVersionMin,
              .version_max = kVersionMax,
              .name = who + ", process " + std::to_string(::getpid()),
              .build = std::string(build())};
  JF_TRY(auto welcome, exchange<Welcome>(*connection, hello, {.version = kVersionMin}, end));
  JF_TRY(auto agreement, accept_welcome(welcome, Spoken{}));
  StatusConnection opened(std::move(connection), timeout);
  opened.envelope_ = {.version = agreement.version, .session = SessionId{welcome.peer}};
  return opened;
}

StatusConnection::~StatusConnection() {
  if (connection_)
    std::ignore = connection_->send(make_packet(Goodbye{"status was read"}, envelope_));
}

Result<StatusReply> StatusConnection::ask(const StatusRequest& request) {
  return exchange<StatusReply>(*connection_, request, envelope_,
                               std::chrono::steady_clock::now() + timeout_);
}

}  // namespace jitfarm::cli
