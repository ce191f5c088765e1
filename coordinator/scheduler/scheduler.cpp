#include "coordinator/scheduler/scheduler.h"

#include <algorithm>

namespace jitfarm::coordinator::scheduler {

// ---- workers ------------------------------------------------------------------------------------

void Scheduler::worker_joined(WorkerId worker, std::uint32_t slots, TimePoint now, Decisions& out) {
  workers_[worker].slots = std::max<std::uint32_t>(slots, 1);
  pump(now, out);
}

void Scheduler::worker_draining(WorkerId worker, TimePoint now, Decisions& out) {
  const auto it = workers_.find(worker);
  if (it == workers_.end() || std::exchange(it->second.draining, true)) return;
  for (auto& [id, s] : sessions_) {
    if (s.affinity.first == worker) s.affinity.first = std::exchange(s.affinity.second, {});
    if (s.affinity.second == worker) s.affinity.second = {};
  }
  if (!serves() && now >= started_ + limits_.worker_grace) answer_all_without_worker(out);
}

void Scheduler::worker_gone(WorkerId worker, bool crashed, TimePoint now, Decisions& out) {
  const auto it = workers_.find(worker);
  if (it == workers_.end()) return;
  const auto attempts = std::move(it->second.attempts);
  workers_.erase(it);
  for (auto& [id, s] : sessions_) {
    if (s.affinity.first == worker) s.affinity.first = std::exchange(s.affinity.second, {});
    if (s.affinity.second == worker) s.affinity.second = {};
    std::erase(s.visited, worker);
  }
  std::vector<JobKey> keys;
  std::vector<MethodKey> methods;
  for (const auto& [key, attempt] : attempts) {
    const bool to_blame = crashed || (attempt.ghost && now - attempt.begun >= limits_.stuck);
    ledger_.ended(attempt.method, worker,
                  to_blame ? MethodLedger::End::lost : MethodLedger::End::unknown, now);
    keys.push_back(key);
    methods.push_back(attempt.method);
  }
  std::ranges::sort(keys);
  std::ranges::sort(methods);
  for (const JobKey key : keys) {
    const auto job = jobs_.find(key);
    if (job == jobs_.end() || job->second.state != Job::State::running ||
        job->second.worker != worker)
      continue;
    --running_;
    job->second.worker = {};
    if (crashed) ++job->second.losses;
    enqueue(job->second);
    if (ledger_.verdict(job->second.method, now) == Verdict::quarantined)
      answer(key, {Errc::quarantined, "the method was at two workers that were lost"}, false, out);
    else if (job->second.losses >= limits_.losses)
      answer(key, {Errc::worker_lost, "two workers were lost under this request"}, true, out);
  }
  for (const MethodKey method : methods) release_waiters(method);
  if (!serves() && now >= started_ + limits_.worker_grace) answer_all_without_worker(out);
  pump(now, out);
}

void Scheduler::not_delivered(WorkerId worker, JobKey key, TimePoint until, TimePoint now,
                              Decisions& out) {
  const auto w = workers_.find(worker);
  if (w != workers_.end()) w->second.stalled_until = until;
  if (!runs(worker, key)) return;
  Job& job = jobs_.at(key);
  end_attempt(worker, key, MethodLedger::End::unknown, now);
  --running_;
  --job.dispatches;
  job.worker = {};
  enqueue(job);
  pump(now, out);
}

void Scheduler::worker_reports(WorkerId worker, std::span<const JobKey> in_flight, TimePoint now,
                               Decisions& out) {
  const auto w = workers_.find(worker);
  if (w == workers_.end()) return;
  const std::unordered_set<JobKey> listed(in_flight.begin(), in_flight.end());
  std::vector<JobKey> missing;
  for (const auto& [key, attempt] : w->second.attempts)
    if (!listed.contains(key) && now - attempt.since >= limits_.report_grace)
      missing.push_back(key);
  std::ranges::sort(missing);
  for (const JobKey key : missing) {
    const bool waited_for = runs(worker, key);
    end_attempt(worker, key, MethodLedger::End::unknown, now);
    if (!waited_for) continue;
    Job& job = jobs_.at(key);
    --running_;
    job.worker = {};
    enqueue(job);
    if (job.dispatches >= limits_.dispatches)
      answer(key, {Errc::worker_lost, "the request was lost on its way to workers again and again"},
             true, out);
  }
  for (const JobKey key : in_flight)
    if (!runs(worker, key)) out.emplace_back(CancelAt{worker, key});
  pump(now, out);
}

// ---- requests -----------------------------------------------------------------------------------

bool Scheduler::submit(Job job, TimePoint now, Decisions& out) {
  const JobKey key = job.key;
  if (jobs_.contains(key)) return false;
  const auto refuse = [&](Errc code, std::string why, bool retry_later) {
    out.emplace_back(Answer{key, {code, std::move(why)}, retry_later});
    return true;
  };
  if (closed_) return refuse(Errc::cancelled, "the coordinator shuts down", true);
  if (!serves() && now >= started_ + limits_.worker_grace)
    return refuse(Errc::no_worker, "no worker is connected to the coordinator", true);
  if (ledger_.verdict(job.method, now) == Verdict::quarantined)
    return refuse(Errc::quarantined, "the method was at two workers that were lost", false);
  if (queued() >= limits_.queued)
    return refuse(Errc::queue_full, std::to_string(limits_.queued) + " requests wait already",
                  true);
  if (held_bytes_ + job.bytes > limits_.held_bytes)
    return refuse(Errc::queue_full,
                  "the waiting requests hold " + std::to_string(held_bytes_) + " bytes", true);
  if (in_flight(key.session) >= limits_.queued_per_client)
    return refuse(
        Errc::queue_full,
        "this client has " + std::to_string(limits_.queued_per_client) + " requests here already",
        true);
  job.deadline = std::min(job.deadline, now + limits_.deadline_max);
  job.losses = job.dispatches = 0;
  job.worker = job.avoid = {};
  held_bytes_ += job.bytes;
  deadlines_.emplace(job.deadline, key);
  sessions_[key.session].requests.insert(key.request);
  enqueue(jobs_.emplace(key, std::move(job)).first->second);
  pump(now, out);
  return true;
}

bool Scheduler::cancel(JobKey key, TimePoint now, Decisions& out) {
  const auto it = jobs_.find(key);
  if (it == jobs_.end()) return false;
  haunt(it->second, now, out);
  answer(key, {Errc::cancelled, "by the client"}, false, out);
  pump(now, out);
  return true;
}

void Scheduler::session_closed(SessionId session, TimePoint now, Decisions& out) {
  const auto it = sessions_.find(session);
  if (it == sessions_.end()) return;
  std::vector<RequestId> requests(it->second.requests.begin(), it->second.requests.end());
  std::ranges::sort(requests);
  for (const RequestId request : requests) {
    const JobKey key{session, request};
    haunt(jobs_.at(key), now, out);
    forget(key);
  }
  sessions_.erase(session);
  pump(now, out);
}

bool Scheduler::runs(WorkerId worker, JobKey key) const {
  const Job* job = running(key);
  return job != nullptr && job->worker == worker;
}

const Job* Scheduler::running(JobKey key) const {
  const auto it = jobs_.find(key);
  return it == jobs_.end() || it->second.state != Job::State::running ? nullptr : &it->second;
}

std::optional<Job> Scheduler::finished(WorkerId worker, JobKey key, TimePoint now, Decisions& out) {
  std::optional<Job> job;
  if (runs(worker, key)) {
    job = std::move(jobs_.at(key));
    forget(key);
  }
  end_attempt(worker, key, MethodLedger::End::answered,
              now);  // also of a ghost: its slot is free, its method harmless
  pump(now, out);
  return job;
}

bool Scheduler::handed_back(WorkerId worker, JobKey key, Error error, TimePoint now,
                            Decisions& out) {
  const bool ours = runs(worker, key);
  end_attempt(worker, key, MethodLedger::End::unknown, now);
  if (ours) {
    Job& job = jobs_.at(key);
    --running_;
    job.worker = {};
    job.avoid = worker;
    enqueue(job);
    const bool another = std::ranges::any_of(
        workers_, [&](const auto& w) { return w.first != worker && !w.second.draining; });
    if (!another || job.dispatches >= limits_.losses) answer(key, std::move(error), true, out);
  }
  pump(now, out);
  return ours;
}

// ---- time ---------------------------------------------------------------------------------------

void Scheduler::tick(TimePoint now, Decisions& out) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const JobKey key = deadlines_.begin()->second;
    const Job& job = jobs_.at(key);
    const bool was_running = job.state == Job::State::running;
    haunt(job, now, out);
    answer(key, {Errc::deadline_passed, was_running ? "at a worker" : "in the queue"}, true, out);
  }
  if (!serves() && now >= started_ + limits_.worker_grace) answer_all_without_worker(out);
  pump(now, out);
}

std::optional<TimePoint> Scheduler::next_event() const {
  std::optional<TimePoint> next;
  const auto consider = [&](TimePoint at) {
    if (!next || at < *next) next = at;
  };
  if (!deadlines_.empty()) consider(deadlines_.begin()->first);
  if (queued() > 0) {
    if (!serves()) consider(started_ + limits_.worker_grace);
    for (const auto& [id, w] : workers_)
      if (!w.draining && w.stalled_until != TimePoint{} && w.attempts.size() < w.slots)
        consider(w.stalled_until);
  }
  return next;
}

void Scheduler::shut_down(Decisions& out) {
  closed_ = true;
  std::vector<JobKey> keys;
  for (const auto& [key, job] : jobs_) keys.push_back(key);
  std::ranges::sort(keys);
  for (const JobKey key : keys) {
    Job& job = jobs_.at(key);
    if (job.state == Job::State::running) out.emplace_back(CancelAt{job.worker, key});
    answer(key, {Errc::cancelled, "the coordinator shuts down"}, true, out);
  }
}

// ---- placing ------------------------------------------------------------------------------------

void Scheduler::pump(TimePoint now, Decisions& out) {
  if (closed_ || queued() == 0) return;
  const auto room = [&] {
    return std::ranges::any_of(workers_, [&](const auto& w) { return has_room(w.second, now); });
  };
  // Suspects first: they have waited longest, and a client may be waiting for the verdict.
  for (auto it = suspects_.begin(); it != suspects_.end() && room();) {
    Job& job = jobs_.at(it->second);
    ++it;  // place() removes the job from the set
    suspects_.erase(std::prev(it));
    const Placed placed = place(job, now, out);
    if (placed == Placed::done) continue;  // the job may be gone
    if (placed == Placed::no_room) enqueue(job);
    if (placed == Placed::no_room || job.state == Job::State::waits_suspect)
      break;  // every worker with room holds a suspect
  }
  while (!fair_.empty() && room()) {
    const JobKey key = *fair_.pop();
    Job& job = jobs_.at(key);
    if (place(job, now, out) == Placed::no_room) {  // the only room is at the worker that it avoids
      enqueue(job);
      break;
    }
  }
}

Scheduler::Placed Scheduler::place(Job& job, TimePoint now, Decisions& out) {
  const Verdict verdict = ledger_.verdict(job.method, now);
  switch (verdict) {
    case Verdict::quarantined: {
      // Out of every queue already; `answer` forgets it.
      job.state = Job::State::waits_method;
      answer(job.key, {Errc::quarantined, "the method was at two workers that were lost"}, false,
             out);
      return Placed::done;
    }
    case Verdict::wait:
      job.state = Job::State::waits_method;
      waiting_for_method_[job.method].insert(job.key);
      return Placed::parked;
    case Verdict::go:
    case Verdict::only_holders:
    case Verdict::alone: {
      const WorkerId worker = choose(job, verdict, now);
      if (worker) {
        dispatch(job, worker, verdict == Verdict::alone, now, out);
        return Placed::done;
      }
      if (verdict == Verdict::go) return Placed::no_room;
      job.state = verdict == Verdict::alone ? Job::State::waits_suspect : Job::State::waits_method;
      if (verdict == Verdict::alone)
        suspects_.emplace(rank_of(job.arrived, job.hotness), job.key);
      else
        waiting_for_method_[job.method].insert(job.key);
      return Placed::parked;
    }
  }
  std::unreachable();
}

WorkerId Scheduler::choose(const Job& job, Verdict verdict, TimePoint now) {
  std::vector<Candidate> candidates;
  std::uint64_t load = 0, slots = 0;
  for (const auto& [id, w] : workers_) {
    load += w.attempts.size();
    slots += w.slots;
    if (!has_room(w, now) || w.attempts.contains(job.key)) continue;
    if (id == job.avoid && workers_.size() > 1) continue;
    if (verdict == Verdict::only_holders && !ledger_.holds(job.method, id)) continue;
    if (verdict == Verdict::alone && w.suspects > 0) continue;
    candidates.push_back({id, w.slots, static_cast<std::uint32_t>(w.attempts.size())});
  }
  const std::uint64_t tie = random_();
  if (limits_.random_moves > 0 && !candidates.empty() &&
      std::uniform_real_distribution<>(0, 1)(random_) < limits_.random_moves)
    return candidates[tie % candidates.size()].worker;
  return choose_worker(candidates, sessions_[job.key.session].affinity, load, slots, tie);
}

void Scheduler::dispatch(Job& job, WorkerId worker, bool suspect, TimePoint now, Decisions& out) {
  WorkerState& w = workers_.at(worker);
  w.attempts[job.key] = {job.method, now, now, false, suspect};
  if (suspect) ++w.suspects;
  ledger_.started(job.method, worker);
  job.state = Job::State::running;
  job.worker = worker;
  ++running_;
  SessionState& s = sessions_[job.key.session];
  if (std::ranges::find(s.visited, worker) == s.visited.end()) s.visited.push_back(worker);
  out.emplace_back(Dispatch{worker, job.key, job.packet, job.deadline - now, now - job.arrived,
                            job.dispatches > 0});
  ++job.dispatches;
}

void Scheduler::enqueue(Job& job) {
  job.state = Job::State::queued;
  fair_.push(job.key, rank_of(job.arrived, job.hotness));
}

void Scheduler::leave_queue(const Job& job) {
  const Rank rank = rank_of(job.arrived, job.hotness);
  switch (job.state) {
    case Job::State::queued:
      fair_.erase(job.key, rank);
      break;
    case Job::State::waits_suspect:
      suspects_.erase({rank, job.key});
      break;
    case Job::State::waits_method:
      if (const auto it = waiting_for_method_.find(job.method); it != waiting_for_method_.end()) {
        it->second.erase(job.key);
        if (it->second.empty()) waiting_for_method_.erase(it);
      }
      break;
    case Job::State::running:
      break;
  }
}

void Scheduler::release_waiters(MethodKey method) {
  const auto it = waiting_for_method_.find(method);
  if (it == waiting_for_method_.end()) return;
  const auto keys = std::move(it->second);
  waiting_for_method_.erase(it);
  for (const JobKey key : keys) enqueue(jobs_.at(key));
}

// ---- ends ---------------------------------------------------------------------------------------

void Scheduler::end_attempt(WorkerId worker, JobKey key, MethodLedger::End end, TimePoint now) {
  const auto w = workers_.find(worker);
  if (w == workers_.end()) return;
  const auto it = w->second.attempts.find(key);
  if (it == w->second.attempts.end()) return;
  const MethodKey method = it->second.method;
  if (it->second.suspect) --w->second.suspects;
  w->second.attempts.erase(it);
  ledger_.ended(method, worker, end, now);
  release_waiters(method);
}

/// Nobody waits for the job any more: if a worker has it, its attempt becomes a ghost and the
/// worker is told.
void Scheduler::haunt(const Job& job, TimePoint now, Decisions& out) {
  if (job.state != Job::State::running) return;
  if (const auto w = workers_.find(job.worker); w != workers_.end())
    if (const auto it = w->second.attempts.find(job.key); it != w->second.attempts.end()) {
      it->second.ghost = true;
      it->second.since = now;  // the worker may name it for one more grace
    }
  out.emplace_back(CancelAt{job.worker, job.key});
}

void Scheduler::answer(JobKey key, Error error, bool retry_later, Decisions& out) {
  forget(key);
  out.emplace_back(Answer{key, std::move(error), retry_later});
}

void Scheduler::forget(JobKey key) {
  const auto it = jobs_.find(key);
  if (it == jobs_.end()) return;
  leave_queue(it->second);
  if (it->second.state == Job::State::running) --running_;
  held_bytes_ -= it->second.bytes;
  deadlines_.erase({it->second.deadline, key});
  if (const auto s = sessions_.find(key.session); s != sessions_.end())
    s->second.requests.erase(key.request);
  jobs_.erase(it);
}

void Scheduler::answer_all_without_worker(Decisions& out) {
  if (queued() == 0) return;
  std::vector<JobKey> waiting;
  for (const auto& [key, job] : jobs_)
    if (job.state != Job::State::running) waiting.push_back(key);
  std::ranges::sort(waiting);
  for (const JobKey key : waiting)
    answer(key, {Errc::no_worker, "no worker is connected to the coordinator"}, true, out);
}

// ---- looking in ---------------------------------------------------------------------------------

std::size_t Scheduler::in_flight(SessionId session) const {
  const auto it = sessions_.find(session);
  return it == sessions_.end() ? 0 : it->second.requests.size();
}
std::size_t Scheduler::in_flight_at(WorkerId worker) const {
  const auto it = workers_.find(worker);
  return it == workers_.end() ? 0 : it->second.attempts.size();
}
std::vector<const Job*> Scheduler::running_at(WorkerId worker) const {
  std::vector<const Job*> jobs;
  const auto it = workers_.find(worker);
  if (it == workers_.end()) return jobs;
  for (const auto& [key, attempt] : it->second.attempts)
    if (runs(worker, key)) jobs.push_back(running(key));
  return jobs;
}
WorkerId Scheduler::affinity(SessionId session) const {
  const auto it = sessions_.find(session);
  return it == sessions_.end() ? WorkerId{} : it->second.affinity.first;
}
std::vector<WorkerId> Scheduler::visited(SessionId session) const {
  const auto it = sessions_.find(session);
  return it == sessions_.end() ? std::vector<WorkerId>{} : it->second.visited;
}
bool Scheduler::serves() const {
  return std::ranges::any_of(workers_, [](const auto& w) { return !w.second.draining; });
}

}  // namespace jitfarm::coordinator::scheduler
