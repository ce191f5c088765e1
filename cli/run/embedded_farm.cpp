#include "cli/run/embedded_farm.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/run/scratch_folder.h"
#include "common/net/curve.h"

namespace jitfarm::cli {
namespace {

namespace fs = std::filesystem;
constexpr std::chrono::seconds kAnnounceTimeout{10};
constexpr std::chrono::milliseconds kStopGrace{2000};

struct Endpoints {
  std::string agents, workers;
};

/// Waits until the coordinator has written where it listens.
Result<Endpoints> await_announcement(const fs::path& file, Process& coordinator) {
  auto end = std::chrono::steady_clock::now() + kAnnounceTimeout;
  while (std::chrono::steady_clock::now() < end) {
    if (auto exit = coordinator.poll())
      return fail(Errc::io_failure, "the embedded coordinator ended with " + exit->text());
    if (std::ifstream in(file); in) {
      auto json = nlohmann::json::parse(in, nullptr, false);
      if (json.is_object() && json.contains("agents") && json.contains("workers") &&
          json["agents"].is_string() && json["workers"].is_string())
        return Endpoints{json["agents"], json["workers"]};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return fail(Errc::deadline_passed, "the embedded coordinator does not listen after 10 s");
}

}  // namespace

Result<EmbeddedFarm> EmbeddedFarm::start(const fs::path& programs, const FarmOptions& options) {
  JF_TRY(auto folder, ScratchFolder::create());
  EmbeddedFarm farm(std::move(folder));
  const auto& scratch = farm.scratch_;
  auto announce = scratch / "endpoints.json";
  Command command{.own_group = true,
                  .null_input = true,
                  .output = options.log_file.empty() ? "/dev/null" : options.log_file};

  // Keys of this one run, in files that only we can read: nobody else on the machine can connect,
  // or serve code to the JVM.
  JF_TRY(const auto server, net::make_curve_keys());
  JF_TRY(const auto agent, net::make_curve_keys());
  JF_TRY(const auto worker_keys, net::make_curve_keys());
  JF_CHECK_OK(net::write_curve_secret((scratch / "coordinator.key").string(), server.secret_key));
  JF_CHECK_OK(net::write_curve_secret((scratch / "agent.key").string(), agent.secret_key));
  JF_CHECK_OK(net::write_curve_secret((scratch / "worker.key").string(), worker_keys.secret_key));
  std::ofstream(scratch / "clients") << agent.public_key << " client jvm\n"
                                     << worker_keys.public_key << " worker embedded\n";
  const auto client_environment = [&](const char* key_file) {
    return std::map<std::string, std::string>{
        {"JITFARM_CURVE_SERVER_KEY", server.public_key},
        {"JITFARM_CURVE_SECRET_KEY_FILE", (scratch / key_file).string()}};
  };
  farm.agent_environment_ = client_environment("agent.key");
  command.arguments = {(programs / "jitfarm-coordinator").string(),
                       "--agents",
                       "tcp://127.0.0.1:0",
                       "--workers",
                       "tcp://127.0.0.1:0",
                       "--announce-file",
                       announce.string(),
                       "--curve-secret-key-file",
                       (scratch / "coordinator.key").string(),
                       "--curve-clients-file",
                       (scratch / "clients").string()};
  JF_TRY(auto coordinator, Process::start(command));
  farm.coordinator_.emplace(std::move(coordinator));
  JF_TRY(auto endpoints, await_announcement(announce, *farm.coordinator_));
  farm.endpoint_ = endpoints.agents;

  command.environment = client_environment("worker.key");
  command.arguments = {(programs / "jitfarm-worker").string(), "--coordinator", endpoints.workers};
  if (!options.record.empty())
    command.arguments.insert(command.arguments.end(), {"--record", options.record});
  farm.worker_command_ = std::move(command);
  for (unsigned i = 0; i < options.workers; ++i) {
    JF_TRY(auto worker, Process::start(farm.worker_command_));
    farm.workers_.push_back(
        {.name = options.workers == 1 ? "worker" : "worker " + std::to_string(i + 1),
         .process = std::move(worker)});
  }
  return farm;
}

std::string EmbeddedFarm::what_is_left() const {
  const auto left =
      std::ranges::count_if(workers_, [](const Worker& w) { return w.process || w.due; });
  if (left == 0) return "methods stay in C1";
  return std::to_string(left) + " of " + std::to_string(workers_.size()) + " workers " +
         (left == 1 ? "is left" : "are left");
}

std::vector<std::string> EmbeddedFarm::ended(TimePoint now) {
  std::vector<std::string> sentences;
  if (const auto exit = coordinator_ ? coordinator_->poll() : std::nullopt) {
    coordinator_.reset();
    sentences.push_back("the embedded coordinator ended early with " + exit->text() +
                        ": methods stay in C1");
  }
  for (Worker& worker : workers_) {
    const auto exit = worker.process ? worker.process->poll() : std::nullopt;
    if (!exit) continue;
    worker.process.reset();
    std::string sentence = "the embedded " + worker.name + " ended early with " + exit->text();
    if (!coordinator_) {
      sentence += ", after the coordinator";
    } else if (worker.due = worker.restarts.died(now); worker.due) {
      sentence += " and is started again";
    } else {
      const RestartPolicy& policy = worker.restarts.policy();
      sentence +=
          ", the " + std::to_string(policy.deaths_max) + "th time within " +
          std::to_string(std::chrono::duration_cast<std::chrono::seconds>(policy.window).count()) +
          " s, and is not started again: " + what_is_left();
    }
    sentences.push_back(std::move(sentence));
  }
  return sentences;
}

std::vector<std::string> EmbeddedFarm::replace(TimePoint now) {
  std::vector<std::string> sentences;
  for (Worker& worker : workers_) {
    if (!worker.due || *worker.due > now) continue;
    worker.due.reset();
    if (!coordinator_) continue;
    auto started = Process::start(worker_command_);
    if (started)
      worker.process.emplace(*std::move(started));
    else
      sentences.push_back("the embedded " + worker.name + " cannot be started again: " +
                          started.error().detail + ": " + what_is_left());
  }
  return sentences;
}

std::optional<TimePoint> EmbeddedFarm::next_replacement() const {
  std::optional<TimePoint> next;
  for (const Worker& worker : workers_)
    if (worker.due && (!next || *worker.due < *next)) next = worker.due;
  return next;
}

void EmbeddedFarm::stop() {
  for (Worker& worker : workers_)  // first: they say goodbye to a living coordinator
    if (worker.process) worker.process->stop(kStopGrace);
  workers_.clear();
  if (coordinator_) coordinator_->stop(kStopGrace);
  coordinator_.reset();
}

}  // namespace jitfarm::cli
