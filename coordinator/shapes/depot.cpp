// When is a client asked for a shape, and when is it waited for?
#include "coordinator/shapes/depot.h"

#include <algorithm>

namespace jitfarm::coordinator::shapes {
namespace {

constexpr std::size_t kEntryOverhead = 256;  // list node, hash node and control block, rounded up

constexpr auto kLater = [](const auto& a, const auto& b) { return a.first > b.first; };

}  // namespace

void Depot::set(Pending& pending, const Digest& digest, TimePoint until) {
  pending.until = until;
  due_.emplace_back(until, digest);
  std::ranges::push_heap(due_, kLater);
}

Answer Depot::asked(const Seeker& from, std::span<const Digest> digests, TimePoint now) {
  Answer answer{from, {}, {}};
  std::size_t bytes = 0;
  std::size_t looked_at = 0;
  for (const Digest& digest : digests) {
    if (looked_at++ >= limits_.answer_shapes || bytes >= limits_.answer_bytes) {
      answer.ask.push_back(digest);
      continue;
    }
    if (const Blob* here = shapes_.find(digest)) {
      answer.shapes.push_back({digest, *here});
      bytes += here->size();
      ++served_;
      continue;
    }
    const auto known = pending_.find(digest);
    if (waiting_ + pending_.size() >= limits_.waiting) {
      answer.ask.push_back(digest);
    } else if (known == pending_.end()) {
      set(pending_[digest], digest, now + limits_.patience);
      answer.ask.push_back(digest);
    } else if (!known->second.asked) {
      known->second.asked = true;
      set(known->second, digest, now + limits_.patience);
      answer.ask.push_back(digest);
    } else {
      known->second.waiting.push_back(from);
      ++waiting_;
    }
  }
  asked_ += answer.ask.size();
  return answer;
}

std::vector<Answer> Depot::arrived(const Blob& bytes) {
  if (pending_.empty() || bytes.empty()) return {};
  const Digest digest = digest_of(bytes.view());
  const auto found = pending_.find(digest);
  if (found == pending_.end()) return {};
  // Copied: a received frame may share its memory with others that would be kept alive unseen.
  Blob kept(Bytes(bytes.view().begin(), bytes.view().end()));
  std::vector<Answer> answers;
  for (const Seeker& seeker : found->second.waiting)
    answers.push_back({seeker, {{digest, kept}}, {}});
  passed_on_ += answers.size();
  waiting_ -= answers.size();
  pending_.erase(found);
  if (kept.size() <= limits_.shape_bytes)
    shapes_.add(digest, kept, kept.size() + kEntryOverhead);
  else
    ++too_large_;
  return answers;
}

std::vector<Answer> Depot::tick(TimePoint now) {
  std::vector<Answer> answers;
  while (!due_.empty() && due_.front().first <= now) {
    const auto [until, digest] = due_.front();
    std::ranges::pop_heap(due_, kLater);
    due_.pop_back();
    const auto found = pending_.find(digest);
    if (found == pending_.end() || found->second.until != until) continue;
    Pending& pending = found->second;
    if (!pending.waiting.empty()) {
      answers.push_back({pending.waiting.front(), {}, {digest}});
      pending.waiting.pop_front();
      --waiting_;
      ++asked_;
      set(pending, digest, now + limits_.patience);
    } else if (pending.asked) {
      pending.asked = false;
      set(pending, digest, now + limits_.linger);
    } else {
      pending_.erase(found);
    }
  }
  return answers;
}

std::optional<TimePoint> Depot::next_event() const {
  return due_.empty() ? std::nullopt : std::optional(due_.front().first);
}

Depot::Counts Depot::counts() const {
  return {.shapes = shapes_.size(),
          .bytes = shapes_.bytes(),
          .served = served_,
          .passed_on = passed_on_,
          .asked = asked_,
          .evicted = shapes_.evicted(),
          .too_large = too_large_};
}

}  // namespace jitfarm::coordinator::shapes
