// The dialling end on ZeroMQ. Internal to the room.
#pragma once
#include <memory>
#include <optional>

#include "common/net/zmq_socket.h"

namespace jitfarm::net {

class ZmqConnection final : public Connection {
 public:
  static Result<std::unique_ptr<ZmqConnection>> open(const std::string& endpoint,
                                                     const ZmqOptions& options);
  ~ZmqConnection() override;

  Status send(protocol::Packet packet) override;
  std::optional<protocol::Packet> receive() override;
  void wait(Duration timeout) override;
  void wake() override;
  bool connected() const override { return up_; }
  TransportCounters counters() const override { return counters_; }

  const Socket& socket() const { return *socket_; }
  int wake_fd() const { return wake_fd_; }

 private:
  ZmqConnection() = default;
  void take_events();

  std::unique_ptr<Socket> socket_;
  std::shared_ptr<Credit> credit_ = std::make_shared<Credit>();
  std::string endpoint_;
  std::size_t queue_bytes_ = 0;
  std::size_t frames_max_ = 0;
  int wake_fd_ = -1;
  bool up_ = false;
  bool reported_ = false;
  std::function<void(const std::string&)> on_dropped_;
  TransportCounters counters_;
};

}  // namespace jitfarm::net
