#include "vmagent/session/breaker.h"

#include <algorithm>

namespace jitfarm::vmagent::session {

bool Breaker::would_admit(TimePoint now) const {
  switch (state_) {
    case State::closed:
      return true;
    case State::open:
      return !lost_ && now >= probe_at_;
    case State::half_open:
      return !probing_ || now >= probe_at_;
  }
  return false;
}

bool Breaker::admit(TimePoint now) {
  if (!would_admit(now)) return false;
  if (state_ != State::closed) {
    state_ = State::half_open;
    probing_ = true;
    probe_at_ = now + policy_.backoff_max;
  }
  return true;
}

void Breaker::withdraw() {
  if (state_ == State::half_open) probing_ = false;
}

void Breaker::success() {
  failures_ = 0;
  // An answer to a request that went out before the breaker opened says nothing about now.
  if (state_ != State::half_open) return;
  state_ = State::closed;
  probing_ = false;
  backoff_ = {};
}

void Breaker::failure(TimePoint now) {
  if (state_ == State::open) return;
  if (state_ == State::half_open || ++failures_ >= policy_.failures_to_open) open(now, true);
}

void Breaker::connection_lost(TimePoint now) {
  if (lost_) return;
  was_closed_ = state_ == State::closed;
  open(now, false);
  lost_ = true;
}

void Breaker::connection_made(TimePoint now) {
  if (!lost_) return;
  lost_ = false;
  if (!was_closed_) {
    probe_at_ = now;
    return;
  }
  state_ = State::closed;
  backoff_ = {};
}

void Breaker::open(TimePoint now, bool grow) {
  state_ = State::open;
  probing_ = false;
  failures_ = 0;
  backoff_ = std::clamp(grow ? backoff_ * 2 : backoff_, policy_.backoff_min, policy_.backoff_max);
  // Up to a quarter later, so that the VMs that lost the same farm do not return at the same
  // moment.
  const Duration jitter =
      Duration(std::uniform_int_distribution<Duration::rep>(0, backoff_.count() / 4)(random_));
  probe_at_ = now + backoff_ + jitter;
}

}  // namespace jitfarm::vmagent::session
