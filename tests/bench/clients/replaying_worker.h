// Who answers 10,000 clients? A worker that asks and sends what the recorded one did, and compiles
// nothing.
#pragma once
#include <atomic>
#include <map>
#include <string>
#include <thread>

#include "common/net/transport.h"
#include "tests/bench/clients/recording.h"

namespace jitfarm::bench {

class ReplayingWorker {
 public:
  /// On a thread of its own. `recording` outlives it.
  static Result<std::unique_ptr<ReplayingWorker>> start(const std::string& endpoint,
                                                        const Recording& recording,
                                                        std::uint32_t slots);
  ~ReplayingWorker();
  std::uint64_t not_sent() const { return not_sent_; }  ///< packets that the socket did not take

 private:
  explicit ReplayingWorker(const Recording& recording) : recording_(recording) {}
  void run(std::uint32_t slots);
  void receive(const protocol::Packet& packet);
  void say(const protocol::Packet& recorded, const protocol::Envelope& about);
  void beat();

  struct Key {
    SessionId session;
    RequestId request;
    auto operator<=>(const Key&) const = default;
  };
  const Recording& recording_;
  std::unique_ptr<net::Connection> connection_;
  std::map<Key, std::size_t> waves_;  ///< questions that were asked, for each compilation here
  std::atomic<std::uint64_t> not_sent_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace jitfarm::bench
