#include "coordinator/session/sessions.h"

#include <algorithm>

namespace jitfarm::coordinator::session {
namespace {

/// A permutation of the 64-bit numbers (SplitMix64's finaliser): ids of one epoch never collide,
/// ids of two epochs hardly ever.
std::uint64_t scatter(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

constexpr auto kLater = [](const auto& a, const auto& b) { return a.first > b.first; };

}  // namespace

bool SeenRequests::insert(RequestId request) {
  if (contains(request)) return false;
  if (request.value > highest_) {
    if (request.value - highest_ >= kWindow)
      seen_.reset();
    else
      for (std::uint64_t n = highest_; n != request.value; ++n) seen_.reset((n + 1) % kWindow);
    highest_ = request.value;
  }
  seen_.set(request.value % kWindow);
  return true;
}
bool SeenRequests::contains(RequestId request) const {
  if (request.value > highest_) return false;
  return highest_ - request.value >= kWindow || seen_.test(request.value % kWindow);
}

Result<Session*> Sessions::open(net::PeerKey peer, const protocol::Hello& hello,
                                protocol::Agreement agreement, TimePoint now) {
  if (sessions_.size() >= limits_.sessions)
    return fail(Errc::limit_exceeded,
                "this coordinator serves " + std::to_string(limits_.sessions) + " clients already");
  SessionId id;
  do {
    id = SessionId{scatter(epoch_ + ++opened_)};
  } while (!id || sessions_.contains(id));
  Session& s = sessions_[id];
  s.id = id;
  s.peer = peer;
  s.role = hello.role;
  s.agreement = std::move(agreement);
  s.name = hello.name;
  s.build = hello.build;
  s.vm = hello.vm;
  s.since = s.last_heard = now;
  by_peer_[peer] = id;
  due_.emplace_back(now + limits_.lease, id);
  std::ranges::push_heap(due_, kLater);
  if (s.role == protocol::Role::agent) ++agents_;
  return &s;
}

Session* Sessions::find(net::PeerKey peer) {
  const auto it = by_peer_.find(peer);
  return it == by_peer_.end() ? nullptr : find(it->second);
}
Session* Sessions::find(SessionId id) {
  const auto it = sessions_.find(id);
  return it == sessions_.end() ? nullptr : &it->second;
}

void Sessions::close(SessionId id) {
  const auto it = sessions_.find(id);
  if (it == sessions_.end()) return;
  if (it->second.role == protocol::Role::agent) --agents_;
  by_peer_.erase(it->second.peer);
  sessions_.erase(it);
}

std::vector<SessionId> Sessions::expired(TimePoint now) {
  std::vector<SessionId> silent;
  std::vector<std::pair<TimePoint, SessionId>> again;
  while (!due_.empty() && due_.front().first < now) {
    const SessionId id = due_.front().second;
    std::ranges::pop_heap(due_, kLater);
    due_.pop_back();
    const Session* s = find(id);
    if (s == nullptr) continue;
    if (now - s->last_heard > limits_.lease) silent.push_back(id);
    again.emplace_back(std::max(now, s->last_heard + limits_.lease), id);
  }
  for (const auto& next : again) {
    due_.push_back(next);
    std::ranges::push_heap(due_, kLater);
  }
  std::ranges::sort(silent);  // the order of a heap must not decide what a seed repeats
  return silent;
}

}  // namespace jitfarm::coordinator::session
