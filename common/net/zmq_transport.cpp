#include "common/net/zmq_transport.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "common/net/zmq_connection.h"
#include "common/net/zmq_listener.h"

namespace jitfarm::net {
namespace {

class ZmqPoller final : public Poller {
 public:
  explicit ZmqPoller(int wake_fd) { items_.push_back({nullptr, wake_fd, ZMQ_POLLIN, 0}); }
  ~ZmqPoller() override { close(items_[0].fd); }

  Status add(Listener& listener) override {
    auto* zmq = dynamic_cast<ZmqListener*>(&listener);
    if (zmq == nullptr) return fail(Errc::bad_configuration, "not a ZeroMQ listener");
    add_socket(zmq->socket());
    return {};
  }
  Status add(Connection& connection) override {
    auto* zmq = dynamic_cast<ZmqConnection*>(&connection);
    if (zmq == nullptr) return fail(Errc::bad_configuration, "not a ZeroMQ connection");
    add_socket(zmq->socket());
    items_.push_back({nullptr, zmq->wake_fd(), ZMQ_POLLIN, 0});
    return {};
  }
  void wait(Duration timeout) override {
    zmq_poll(items_.data(), static_cast<int>(items_.size()), milliseconds(timeout));
    for (const zmq_pollitem_t& item : items_)
      if (item.socket == nullptr && (item.revents & ZMQ_POLLIN) != 0) {
        std::uint64_t ignored;
        while (read(item.fd, &ignored, sizeof ignored) > 0) {
        }
      }
  }
  void wake() override {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written =
        write(items_[0].fd, &one, sizeof one);  // EAGAIN: it is awake already
  }

 private:
  void add_socket(const Socket& socket) {
    items_.push_back({socket.raw(), 0, ZMQ_POLLIN, 0});
    items_.push_back({socket.monitor(), 0, ZMQ_POLLIN, 0});
  }
  std::vector<zmq_pollitem_t> items_;  // the first is the eventfd of wake()
};

}  // namespace

Result<std::unique_ptr<Connection>> connect(const std::string& endpoint,
                                            const ZmqOptions& options) {
  return ZmqConnection::open(endpoint, options);
}

Result<std::unique_ptr<Listener>> listen(const std::string& endpoint, const ZmqOptions& options) {
  return ZmqListener::open(endpoint, options);
}

Result<std::unique_ptr<Poller>> make_poller() {
  const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) return fail(Errc::io_failure, last_error("eventfd"));
  return std::make_unique<ZmqPoller>(fd);
}

}  // namespace jitfarm::net
