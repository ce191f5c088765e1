// What is the agent made of, and when does it begin to work?
//
// Nothing is done before HotSpot's first request: the adapter reads the VM and proves itself, then
// the session dials. If any part refuses, every request is refused for ever and the JVM runs as if
// the agent were not there.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

#include "common/stats/layout.h"
#include "vmagent/agent/settings.h"
#include "vmagent/facts/answerer.h"
#include "vmagent/hotspot/adapter.h"
#include "vmagent/install/installer.h"
#include "vmagent/session/farm_session.h"

namespace jitfarm::vmagent::agent {

/// Everything that needs a proved VM. Immutable pointers; the parts lock themselves.
struct Parts {
  std::unique_ptr<hotspot::Adapter> adapter;
  std::unique_ptr<facts::Answerer> answerer;
  std::unique_ptr<install::Installer> installer;
  std::unique_ptr<session::FarmSession> session;
};

/// One per process, never destroyed: compiler threads run on while the process exits.
class Agent {
 public:
  static Agent& get();

  const Settings& settings() const { return settings_; }
  stats::Layout& stats() { return *stats_; }

  /// The parts, made by the first caller; others wait for it (5 ms). Null: refused or idle.
  Parts* parts(jvmci::Env& env);
  /// The parts if they are there.
  Parts* parts_if_ready() { return ready_.load(std::memory_order_acquire); }

  /// HotSpot will not ask again for a method that it was refused and that got its code later:
  /// whether `method` is such a one.
  void installed_unasked(MethodId method);
  bool was_installed_unasked(MethodId method);

  /// Whether a thread compiles `method` at this moment.
  void compile_begins(MethodId method);
  void compile_ends(MethodId method);
  bool is_compiling(MethodId method);

  /// HotSpot threw away code of `method`.
  void invalidated(MethodId method);
  /// Whether it did since the last call about `method`.
  bool take_invalidated(MethodId method);

  /// The compiler will never take `method`, whoever asks.
  void refused_for_good(MethodId method);
  bool was_refused_for_good(MethodId method);

  /// A runtime of HotSpot that threads of ours may use; null when there is none (any more).
  std::shared_ptr<jvmci::Runtime> runtime();

 private:
  Agent();
  Result<std::unique_ptr<Parts>> make_parts(jvmci::Env& env);
  void refuse(const std::string& why);

  const Settings settings_;
  stats::Layout* stats_;
  std::mutex mutex_;
  bool tried_ = false;
  std::atomic<Parts*> ready_{nullptr};
  std::mutex methods_mutex_;  // what follows
  std::unordered_set<MethodId> unasked_;
  std::unordered_set<MethodId> hopeless_;
  std::unordered_set<MethodId> invalidated_;
  std::unordered_multiset<MethodId> compiling_;  // one entry per compilation in flight
  static constexpr std::size_t kUnaskedMax =
      20'000;  // 1 MiB; others stay in C1 after an invalidation
  static constexpr std::size_t kInvalidatedMax =
      20'000;  // 1 MiB; others are not counted when they are compiled again
  static constexpr std::size_t kHopelessMax = 20'000;  // 1 MiB; others cost a second refusal
};

}  // namespace jitfarm::vmagent::agent
