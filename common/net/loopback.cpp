#include "common/net/loopback.h"

#include <algorithm>
#include <deque>
#include <map>
#include <unordered_map>
#include <utility>

namespace jitfarm::net {
namespace {

class Net;

/// One direction of one line: packets under way, and those that arrived.
struct Lane {
  std::multimap<TimePoint, protocol::Packet> under_way;
  TimePoint last_arrival{};
  std::size_t size() const { return under_way.size(); }
};

/// One connection as both ends see it.
struct Line {
  Lane to_listener, to_connection;
  bool listener_alive = true, connection_alive = true;
};

class LoopListener;

class Net final : public LoopbackNet, public std::enable_shared_from_this<Net> {
 public:
  Net(ManualClock& clock, std::uint64_t seed, const LoopbackFaults& faults)
      : clock_(clock), random_(seed), faults_(faults) {}

  std::unique_ptr<LoopbackListener> listen(const std::string& endpoint) override;
  std::unique_ptr<LoopbackConnection> connect(const std::string& endpoint) override;
  std::optional<TimePoint> next_arrival() const override;

  /// Puts the packet on its way, or loses it, or doubles it.
  Status post(Lane& lane, protocol::Packet packet) {
    if (lane.size() >= faults_.queue_packets) return fail(Errc::queue_full, "loopback");
    if (chance(faults_.loss)) return {};
    const int copies = chance(faults_.duplication) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
      TimePoint at = clock_.now() + draw_delay();
      if (!faults_.reorder) at = std::max(at, lane.last_arrival);
      lane.last_arrival = std::max(lane.last_arrival, at);
      lane.under_way.emplace(at, packet);
    }
    return {};
  }
  std::optional<protocol::Packet> take(Lane& lane) {
    if (lane.under_way.empty() || lane.under_way.begin()->first > clock_.now()) return std::nullopt;
    auto node = lane.under_way.extract(lane.under_way.begin());
    return std::move(node.mapped());
  }
  ManualClock& clock() { return clock_; }

  std::map<std::string, LoopListener*> listeners_;

 private:
  bool chance(double p) { return p > 0 && std::uniform_real_distribution<>(0, 1)(random_) < p; }
  Duration draw_delay() {
    if (faults_.delay_max <= faults_.delay_min) return faults_.delay_min;
    return Duration(std::uniform_int_distribution<Duration::rep>(
        faults_.delay_min.count(), faults_.delay_max.count())(random_));
  }

  ManualClock& clock_;
  std::mt19937_64 random_;
  const LoopbackFaults faults_;
};

class LoopListener final : public LoopbackListener {
 public:
  LoopListener(std::shared_ptr<Net> net, std::string endpoint)
      : net_(std::move(net)), endpoint_(std::move(endpoint)) {}
  ~LoopListener() override {
    cut_all();
    if (const auto it = net_->listeners_.find(endpoint_);
        it != net_->listeners_.end() && it->second == this)
      net_->listeners_.erase(it);
  }

  void accept(const std::shared_ptr<Line>& line) { lines_.emplace(PeerKey{next_peer_++}, line); }

  Status send(PeerKey peer, protocol::Packet packet) override {
    const auto it = lines_.find(peer);
    if (it == lines_.end() || !it->second->connection_alive) {
      ++counters_.refused_unreachable;
      return fail(Errc::peer_unreachable, "loopback");
    }
    const std::size_t bytes = packet.size();
    auto sent = net_->post(it->second->to_connection, std::move(packet));
    if (sent) {
      ++counters_.sent;
      counters_.sent_bytes += bytes;
    } else {
      ++counters_.refused_full;
    }
    return sent;
  }
  std::optional<Incoming> receive() override {
    // The earliest arrival of all lines, so that no peer starves and the order is that of time.
    auto first = lines_.end();
    for (auto it = lines_.begin(); it != lines_.end(); ++it)
      if (const Lane& lane = it->second->to_listener;
          !lane.under_way.empty() &&
          (first == lines_.end() ||
           lane.under_way.begin()->first < first->second->to_listener.under_way.begin()->first))
        first = it;
    if (first == lines_.end()) return std::nullopt;
    auto packet = net_->take(first->second->to_listener);
    if (!packet) return std::nullopt;
    ++counters_.received;
    counters_.received_bytes += packet->size();
    return Incoming{first->first, *std::move(packet)};
  }
  void drop(PeerKey peer) override {
    if (const auto it = lines_.find(peer); it != lines_.end()) {
      it->second->listener_alive = false;
      lines_.erase(it);
    }
  }
  std::optional<PeerKey> take_lost() override {
    for (auto it = lines_.begin(); it != lines_.end(); ++it)
      if (!it->second->connection_alive && it->second->to_listener.under_way.empty()) {
        const PeerKey peer = it->first;
        lines_.erase(it);
        return peer;
      }
    return std::nullopt;
  }
  std::string endpoint() const override { return endpoint_; }
  TransportCounters counters() const override { return counters_; }
  void cut_all() override {
    for (auto& [peer, line] : lines_) line->listener_alive = false;
    lines_.clear();
  }

  std::optional<TimePoint> next_arrival() const {
    std::optional<TimePoint> next;
    for (const auto& [peer, line] : lines_)
      for (const Lane* lane : {&line->to_listener, &line->to_connection})
        if (!lane->under_way.empty() && (!next || lane->under_way.begin()->first < *next))
          next = lane->under_way.begin()->first;
    return next;
  }

 private:
  std::shared_ptr<Net> net_;
  std::string endpoint_;
  std::map<PeerKey, std::shared_ptr<Line>> lines_;
  std::uint64_t next_peer_ = 1;
  TransportCounters counters_;
};

class LoopConnection final : public LoopbackConnection {
 public:
  LoopConnection(std::shared_ptr<Net> net, std::string endpoint)
      : net_(std::move(net)), endpoint_(std::move(endpoint)) {
    dial();
  }
  ~LoopConnection() override { cut(); }

  Status send(protocol::Packet packet) override {
    if (!connected()) dial();
    if (!line_) {
      ++counters_.refused_unreachable;
      return fail(Errc::peer_unreachable, endpoint_);
    }
    const std::size_t bytes = packet.size();
    auto sent = net_->post(line_->to_listener, std::move(packet));
    if (sent) {
      ++counters_.sent;
      counters_.sent_bytes += bytes;
    } else {
      ++counters_.refused_full;
    }
    return sent;
  }
  std::optional<protocol::Packet> receive() override {
    if (!connected()) dial();
    if (!line_) return std::nullopt;
    auto packet = net_->take(line_->to_connection);
    if (packet) {
      ++counters_.received;
      counters_.received_bytes += packet->size();
    }
    return packet;
  }
  void wait(Duration timeout) override {
    if (std::exchange(woken_, false) || !line_) return;
    const auto& lane = line_->to_connection.under_way;
    const TimePoint end = net_->clock().now() + timeout;
    const TimePoint until = lane.empty() ? end : std::min(end, lane.begin()->first);
    if (until > net_->clock().now()) net_->clock().advance(until - net_->clock().now());
  }
  void wake() override { woken_ = true; }
  bool connected() const override { return line_ && line_->listener_alive; }
  TransportCounters counters() const override { return counters_; }
  void cut() override {
    if (line_) {
      line_->connection_alive = false;
      line_->to_listener.under_way.clear();
      line_.reset();
    }
  }

 private:
  void dial() {
    cut();
    if (const auto it = net_->listeners_.find(endpoint_); it != net_->listeners_.end()) {
      line_ = std::make_shared<Line>();
      it->second->accept(line_);
    }
  }
  std::shared_ptr<Net> net_;
  std::string endpoint_;
  std::shared_ptr<Line> line_;
  bool woken_ = false;
  TransportCounters counters_;
};

std::unique_ptr<LoopbackListener> Net::listen(const std::string& endpoint) {
  auto listener = std::make_unique<LoopListener>(shared_from_this(), endpoint);
  listeners_[endpoint] = listener.get();
  return listener;
}
std::unique_ptr<LoopbackConnection> Net::connect(const std::string& endpoint) {
  return std::make_unique<LoopConnection>(shared_from_this(), endpoint);
}

std::optional<TimePoint> Net::next_arrival() const {
  std::optional<TimePoint> next;
  for (const auto& [endpoint, listener] : listeners_)
    if (const auto at = listener->next_arrival(); at && (!next || *at < *next)) next = at;
  return next;
}

}  // namespace

std::shared_ptr<LoopbackNet> LoopbackNet::make(ManualClock& clock, std::uint64_t seed,
                                               LoopbackFaults faults) {
  return std::make_shared<Net>(clock, seed, faults);
}

}  // namespace jitfarm::net
