#include "cli/run/embedded_farm.h"

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
      return fail(Errc::io_failure, "the embedded coordinator ended with code " + std::to_string(exit->code()));
    if (std::ifstream in(file); in) {
      auto json = nlohmann::json::parse(in, nullptr, false);
      if (json.is_object() && json.contains("agents") && json.contains("workers") && json["agents"].is_string() &&
          json["workers"].is_string())
        return Endpoints{json["agents"], json["workers"]};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return fail(Errc::deadline_passed, "the embedded coordinator does not listen after 10 s");
}

}  // namespace

Result<EmbeddedFarm> EmbeddedFarm::start(const fs::path& programs, const FarmOptions& options) {
  JF_TRY(auto scratch, ScratchFolder::create());
  auto announce = scratch / "endpoints.json";
  Command command{.own_group = true, .null_input = true, .output = options.log_file.empty() ? "/dev/null" : options.log_file};

  EmbeddedFarm farm;
  // Keys of this one run, handed over in the environment: nobody else on the machine can connect, or serve code to the JVM.
  JF_TRY(const auto server, net::make_curve_keys());
  JF_TRY(const auto agent, net::make_curve_keys());
  JF_TRY(const auto worker_keys, net::make_curve_keys());
  const auto client_environment = [&](const net::CurveKeyPair& own) {
    return std::map<std::string, std::string>{{"JITFARM_CURVE_SERVER_KEY", server.public_key},
                                              {"JITFARM_CURVE_PUBLIC_KEY", own.public_key},
                                              {"JITFARM_CURVE_SECRET_KEY", own.secret_key}};
  };
  farm.agent_environment_ = client_environment(agent);
  command.environment = {{"JITFARM_CURVE_SERVER_SECRET_KEY", server.secret_key},
                         {"JITFARM_CURVE_CLIENTS", agent.public_key + " client jvm\n" + worker_keys.public_key + " worker embedded\n"}};
  command.arguments = {(programs / "jitfarm-coordinator").string(), "--agents", "tcp://127.0.0.1:0", "--workers", "tcp://127.0.0.1:0",
                       "--announce-file", announce.string()};
  JF_TRY(auto coordinator, Process::start(command));
  farm.processes_.push_back(std::move(coordinator));
  JF_TRY(auto endpoints, await_announcement(announce, farm.processes_.front()));
  farm.endpoint_ = endpoints.agents;

  command.environment = client_environment(worker_keys);
  command.arguments = {(programs / "jitfarm-worker").string(), "--coordinator", endpoints.workers};
  if (!options.record.empty()) command.arguments.insert(command.arguments.end(), {"--record", options.record});
  for (unsigned i = 0; i < options.workers; ++i) {
    JF_TRY(auto worker, Process::start(command));
    farm.processes_.push_back(std::move(worker));
  }
  return farm;
}

void EmbeddedFarm::stop() {
  while (!processes_.empty()) {  // workers first: they say goodbye to a living coordinator
    processes_.back().stop(kStopGrace);
    processes_.pop_back();
  }
}

}  // namespace jitfarm::cli
