// Does a compiler thread always come back in time, with an answer or a reason?
//
// These tests run real threads against a coordinator that answers inside send(); deadlines are
// short, and nothing sleeps.
#include "vmagent/session/farm_session.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "common/protocol/packet.h"
#include "common/stats/stats_file.h"

namespace jitfarm::vmagent::session {
namespace {

using namespace std::chrono_literals;

/// The farm, reduced to one function from a packet to packets.
struct Farm {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<protocol::Packet> to_agent;
  bool up = true, woken = false;
  std::uint64_t sessions = 0;
  std::map<std::uint16_t, int> received;
  std::function<void(Farm&, const protocol::Packet&)> on_packet;  // with the lock held

  void reply(protocol::Packet packet) {
    packet.envelope.session = SessionId{sessions};
    to_agent.push_back(std::move(packet));
  }
  void set_up(bool value) {
    std::lock_guard lock(mutex);
    up = value;
    if (!up) to_agent.clear();
    changed.notify_all();
  }
  int count(std::uint16_t type) {
    std::lock_guard lock(mutex);
    return received[type];
  }
};

class FarmConnection final : public net::Connection {
 public:
  explicit FarmConnection(std::shared_ptr<Farm> farm) : farm_(std::move(farm)) {}
  Status send(protocol::Packet packet) override {
    std::lock_guard lock(farm_->mutex);
    if (!farm_->up) return fail(Errc::peer_unreachable, "farm");
    ++farm_->received[packet.envelope.type];
    if (packet.envelope.type == protocol::Hello::kRecord.id) {
      ++farm_->sessions;
      farm_->reply(protocol::make_packet(protocol::Welcome{.version = protocol::kVersionMax,
                                                           .peer = farm_->sessions,
                                                           .heartbeat_ms = 1000,
                                                           .lease_ms = 10000}));
    } else if (farm_->on_packet) {
      farm_->on_packet(*farm_, packet);
    }
    return {};
  }
  std::optional<protocol::Packet> receive() override {
    std::lock_guard lock(farm_->mutex);
    if (farm_->to_agent.empty()) return std::nullopt;
    protocol::Packet packet = std::move(farm_->to_agent.front());
    farm_->to_agent.pop_front();
    return packet;
  }
  void wait(Duration timeout) override {
    std::unique_lock lock(farm_->mutex);
    farm_->changed.wait_for(lock, timeout,
                            [&] { return farm_->woken || !farm_->to_agent.empty(); });
    farm_->woken = false;
  }
  void wake() override {
    std::lock_guard lock(farm_->mutex);
    farm_->woken = true;
    farm_->changed.notify_all();
  }
  bool connected() const override {
    std::lock_guard lock(farm_->mutex);
    return farm_->up;
  }
  net::TransportCounters counters() const override { return {}; }

 private:
  std::shared_ptr<Farm> farm_;
};

/// The VM, reduced to a thread.
Status start_thread(std::function<void()> body) {
  std::thread(std::move(body)).detach();
  return {};
}

struct Fixture {
  explicit Fixture(SessionOptions options = {}, DeferredThread deferred = {}) {
    session = std::make_unique<FarmSession>(std::make_unique<FarmConnection>(farm),
                                            protocol::Hello{.role = protocol::Role::agent,
                                                            .version_min = protocol::kVersionMin,
                                                            .version_max = protocol::kVersionMax},
                                            options, *stats, deferred);
  }
  Verdict compile() {
    return compile([](const protocol::FactQuery&) { return protocol::FactAnswer{}; });
  }
  Verdict compile(const Answer& answer) {
    auto ticket = session->admit();
    if (!ticket) return {.error = ticket.error(), .retry_later = true};
    Verdict v = session->compile(*std::move(ticket), {}, answer);
    if (v.kind == Verdict::Kind::image && judge) session->judged(true);
    return v;
  }
  std::shared_ptr<Farm> farm = std::make_shared<Farm>();
  stats::Layout* stats = *stats::anonymous();
  std::unique_ptr<FarmSession> session;
  bool judge = true;
};

void answer_at_once(Farm& farm, const protocol::Packet& packet) {
  if (packet.envelope.type == protocol::CompileRequest::kRecord.id)
    farm.reply(protocol::make_packet(protocol::CompileResult{.request = packet.envelope.correlation,
                                                             .image = Blob(Bytes{1, 2, 3})}));
}

TEST_CASE("farm_session: questions are answered on the thread that waits, then the image comes") {
  Fixture f;
  f.farm->on_packet = [](Farm& farm, const protocol::Packet& packet) {
    const RequestId id = packet.envelope.correlation;
    if (packet.envelope.type == protocol::CompileRequest::kRecord.id)
      farm.reply(protocol::make_packet(protocol::FactQuery{.request = id, .wave = 0}));
    if (packet.envelope.type == protocol::FactAnswer::kRecord.id)
      farm.reply(protocol::make_packet(protocol::CompileResult{
          .request = id, .image = Blob(Bytes{9}), .queue_ns = 7, .compile_ns = 11}));
  };
  const auto self = std::this_thread::get_id();
  std::thread::id answered_on;
  const Verdict v = f.compile([&](const protocol::FactQuery&) {
    answered_on = std::this_thread::get_id();
    return protocol::FactAnswer{};
  });
  CHECK(v.kind == Verdict::Kind::image);
  CHECK(v.image == Blob(Bytes{9}));
  CHECK(v.waves == 1);
  CHECK(v.queue_ns == 7);
  CHECK(v.compile_ns == 11);
  CHECK(v.request);
  CHECK(answered_on == self);
}

TEST_CASE("farm_session: a bail-out carries its reason and is no trouble of the farm") {
  Fixture f({.breaker = {.failures_to_open = 1}});
  f.farm->on_packet = [](Farm& farm, const protocol::Packet& packet) {
    if (packet.envelope.type == protocol::CompileRequest::kRecord.id)
      farm.reply(protocol::make_packet(protocol::CompileFailed{
          .request = packet.envelope.correlation, .error = "bail_out", .reason = "monitor"}));
  };
  for (int i = 0; i < 3; ++i) {
    const Verdict v = f.compile();
    CHECK(v.kind == Verdict::Kind::bailed_out);
    CHECK(v.reason == code::BailoutReason::monitor);
    CHECK_FALSE(v.retry_later);
  }
  CHECK(f.session->available());
}

TEST_CASE(
    "farm_session: no wait is longer than its deadline, and the farm is told that nobody waits") {
  Fixture f({.deadline = 50ms});
  const auto before = std::chrono::steady_clock::now();
  const Verdict v = f.compile();
  CHECK(v.error.code == Errc::deadline_passed);
  CHECK(v.retry_later);
  CHECK(std::chrono::steady_clock::now() - before < 5s);  // generous: the machine may be busy
  f.session->goodbye("flush", 5s);
  CHECK(f.farm->count(protocol::CancelCompile::kRecord.id) == 1);
}

TEST_CASE("farm_session: an absent farm costs one short wait, then nothing") {
  Fixture f({.deadline = 10s, .connect_grace = 20ms});
  f.farm->set_up(false);
  CHECK(f.compile().error.code == Errc::peer_unreachable);
  const auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) CHECK(f.compile().retry_later);
  CHECK(std::chrono::steady_clock::now() - before < 5s);
}

TEST_CASE("farm_session: a farm that fails again and again is left alone") {
  Fixture f({.breaker = {.failures_to_open = 3, .backoff_min = 1h, .backoff_max = 1h}});
  f.farm->on_packet = [](Farm& farm, const protocol::Packet& packet) {
    if (packet.envelope.type == protocol::CompileRequest::kRecord.id)
      farm.reply(protocol::make_packet(protocol::CompileFailed{
          .request = packet.envelope.correlation, .error = "no_worker", .retry_later = true}));
  };
  for (int i = 0; i < 10; ++i) CHECK(f.compile().retry_later);
  CHECK(f.farm->count(protocol::CompileRequest::kRecord.id) == 3);
  CHECK_FALSE(f.session->available());
  CHECK(f.stats->available_since.load() == 0);
  CHECK(f.stats->first_available_at.load() != 0);
  CHECK(f.stats->unavailable_since.load() != 0);
  CHECK(std::string_view(f.stats->trouble).starts_with("no_worker"));
  f.session->goodbye("the VM ends", 5s);
  CHECK(f.stats->unavailable_since.load() != 0);
}

TEST_CASE("farm_session: the end of the VM is no trouble of the farm") {
  Fixture f;
  f.farm->on_packet = answer_at_once;
  CHECK(f.compile().kind == Verdict::Kind::image);
  CHECK(f.stats->unavailable_since.load() == 0);
  f.session->goodbye("the VM ends", 5s);
  CHECK(f.stats->available_since.load() == 0);
  CHECK(f.stats->unavailable_since.load() == 0);
  CHECK(std::string_view(f.stats->trouble).empty());
}

TEST_CASE("farm_session: a probe that is not sent leaves room for the next") {
  Fixture f({.breaker = {.failures_to_open = 1, .backoff_min = 1ns, .backoff_max = 1ns}});
  f.judge = false;
  f.farm->on_packet = answer_at_once;
  CHECK(f.compile().kind == Verdict::Kind::image);
  f.session->judged(false);
  CHECK(f.session->admit());  // the ticket is dropped
  CHECK(f.compile().kind == Verdict::Kind::image);
}

TEST_CASE("farm_session: images that cannot be installed count as failures") {
  Fixture f({.breaker = {.failures_to_open = 2, .backoff_min = 1h, .backoff_max = 1h}});
  f.farm->on_packet = answer_at_once;
  f.judge = false;
  for (int i = 0; i < 2; ++i) {
    CHECK(f.compile().kind == Verdict::Kind::image);
    f.session->judged(false);
  }
  CHECK(f.compile().kind == Verdict::Kind::failed);
}

TEST_CASE("farm_session: a farm that goes away in mid-compile ends the wait") {
  Fixture f({.deadline = 60s});
  f.farm->on_packet = [](Farm& farm, const protocol::Packet& packet) {
    if (packet.envelope.type == protocol::CompileRequest::kRecord.id)
      farm.reply(protocol::make_packet(protocol::CoordinatorGoodbye{}));
  };
  const Verdict v = f.compile();
  CHECK(v.error.code == Errc::peer_unreachable);
  CHECK(v.retry_later);
}

TEST_CASE("farm_session: the longest wait is known, also one that ended without an answer") {
  Fixture f({.deadline = 30ms});
  CHECK(f.compile().error.code == Errc::deadline_passed);
  const std::uint64_t longest = f.stats->longest_wait_ns;
  CHECK(longest >= 30'000'000);
  f.farm->on_packet = answer_at_once;
  CHECK(f.compile().kind == Verdict::Kind::image);
  CHECK(f.stats->longest_wait_ns >= longest);
}

TEST_CASE(
    "farm_session: remembered methods are compiled when the farm is there, without anybody "
    "asking") {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<MethodId> compiled;
  int begun = 0, ended = 0;
  DeferredThread deferred{.start = start_thread,
                          .begin = [&]() -> Status {
                            std::lock_guard lock(mutex);
                            ++begun;
                            return {};
                          },
                          .compile =
                              [&](MethodId id) {
                                std::lock_guard lock(mutex);
                                compiled.push_back(id);
                                changed.notify_all();
                                return true;
                              },
                          .end =
                              [&] {
                                std::lock_guard lock(mutex);
                                ++ended;
                                changed.notify_all();
                              }};
  Fixture f({.link = {.backoff_min = 1ms, .backoff_max = 2ms},
             .remembered = {.interval = 1ms, .first = 1ms},
             .connect_grace = 10ms,
             .deferred_max = 1},
            deferred);
  f.farm->set_up(false);
  CHECK(f.compile().retry_later);
  for (std::uint64_t i = 1; i <= 3; ++i) CHECK(f.session->remember(MethodId{i}));
  f.farm->set_up(true);
  std::unique_lock lock(mutex);
  CHECK(changed.wait_for(lock, 20s, [&] { return compiled.size() == 3 && ended == 1; }));
  CHECK(compiled == std::vector<MethodId>{MethodId{1}, MethodId{2}, MethodId{3}});
  CHECK(begun == 1);
}

TEST_CASE(
    "farm_session: a remembered method needs no request to reach the farm, and one that "
    "waits for the farm does not hold up the next") {
  std::mutex mutex;
  std::condition_variable changed;
  int inside = 0, most = 0, done = 0;
  DeferredThread deferred{.start = start_thread,
                          .begin = []() -> Status { return {}; },
                          .compile =
                              [&](MethodId) {
                                std::unique_lock lock(mutex);
                                most = std::max(most, ++inside);
                                changed.notify_all();
                                // All wait until the limit is reached, as they would for the farm.
                                const bool full =
                                    changed.wait_for(lock, 20s, [&] { return most == 2; });
                                --inside;
                                ++done;
                                changed.notify_all();
                                return full;
                              },
                          .end = [] {}};
  Fixture f({.remembered = {.interval = 0ms, .first = 0ms}, .deferred_max = 2}, deferred);
  for (std::uint64_t i = 1; i <= 5; ++i) CHECK(f.session->remember(MethodId{i}));
  std::unique_lock lock(mutex);
  CHECK(changed.wait_for(lock, 20s, [&] { return done == 5; }));
  CHECK(most == 2);
}

TEST_CASE("farm_session: a VM that never has threads for remembered methods is asked once") {
  const Errc why = GENERATE(Errc::vm_unsupported, Errc::vm_exception);
  const bool at_start = GENERATE(true, false);
  std::atomic<int> starts{0};
  {
    DeferredThread deferred{.start = [&](std::function<void()> body) -> Status {
                              ++starts;
                              if (at_start) return fail(why, "no JVMTI");
                              std::thread(std::move(body)).join();
                              return {};
                            },
                            .begin = [&]() -> Status { return fail(why, "-Xss"); },
                            .compile = [](MethodId) { return true; },
                            .end = [] {}};
    Fixture f({.remembered = {.interval = 0ms, .first = 0ms}, .deferred_retry = 0ms}, deferred);
    f.farm->on_packet = answer_at_once;
    for (std::uint64_t i = 1; i <= 5; ++i) CHECK(f.session->remember(MethodId{i}));
    CHECK(f.compile().kind == Verdict::Kind::image);  // all else goes on
  }
  CHECK((why == Errc::vm_unsupported ? starts == 1 : starts > 4));
}

TEST_CASE("farm_session: what is remembered while the VM ends does not dial again") {
  Fixture f({}, {.start = start_thread,
                 .begin = []() -> Status { return {}; },
                 .compile = [](MethodId) { return true; },
                 .end = [] {}});
  f.farm->on_packet = answer_at_once;
  CHECK(f.compile().kind == Verdict::Kind::image);
  f.session->goodbye("the VM ends", 5s);
  CHECK(f.session->remember(MethodId{1}));
  f.session->goodbye("the session's thread has seen everything before", 5s);
  CHECK(f.farm->count(protocol::Hello::kRecord.id) == 1);
}

TEST_CASE("farm_session: a second look is no remembered method") {
  Fixture f;
  f.session->look_again(MethodId{1});
  CHECK(f.stats->remembered == 0);
  CHECK_FALSE(f.session->remember(MethodId{1}));  // waits already
}

TEST_CASE("farm_session: after a goodbye the next request opens a new session") {
  Fixture f;
  f.farm->on_packet = answer_at_once;
  CHECK(f.compile().kind == Verdict::Kind::image);
  f.session->goodbye("the runtime is idle", 5s);
  CHECK(f.farm->count(protocol::Goodbye::kRecord.id) == 1);
  CHECK_FALSE(f.session->session());
  CHECK(f.compile().kind == Verdict::Kind::image);
  CHECK(f.session->session() == SessionId{2});
}

TEST_CASE("farm_session: many compiler threads at once each get their own answer") {
  Fixture f;
  f.farm->on_packet = [](Farm& farm, const protocol::Packet& packet) {
    if (packet.envelope.type == protocol::CompileRequest::kRecord.id) {
      Bytes image(8);
      const auto id = packet.envelope.correlation.value;
      for (std::size_t i = 0; i < 8; ++i) image[i] = static_cast<std::uint8_t>(id >> (8 * i));
      farm.reply(protocol::make_packet(
          protocol::CompileResult{.request = packet.envelope.correlation, .image = Blob(image)}));
    }
  };
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const Verdict v = f.compile();
        std::uint64_t id = 0;
        for (std::size_t b = 0; b < v.image.size(); ++b)
          id |= std::uint64_t(v.image.view()[b]) << (8 * b);
        if (v.kind != Verdict::Kind::image || id != v.request.value) ++wrong;
      }
    });
  for (auto& t : threads) t.join();
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace jitfarm::vmagent::session
