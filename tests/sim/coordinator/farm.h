// One run: a coordinator, its peers, their faults, all from a seed.
#pragma once
#include <cstdint>
#include <string>

#include "tests/sim/coordinator/programs.h"

namespace jitfarm::sim {

/// Bugs that a run can be given on purpose: the checker must see each of them.
enum class Sabotage {
  none,
  answers_twice,     ///< now and then a result is sent again
  swallows_answers,  ///< now and then an answer is not sent
  no_quarantine,     ///< losses of workers are forgotten at once
  wrong_client,      ///< now and then a result goes to another client
};

struct RunOptions {
  std::uint64_t seed = 1;
  std::size_t clients = 20;
  std::size_t workers = 4;
  Duration length =
      std::chrono::seconds(30);  ///< of the part with faults; the calm part comes on top
  Duration pause = std::chrono::milliseconds(500);  ///< between the requests of one client
  Sabotage sabotage = Sabotage::none;
};
/// Clients, workers, faults drawn from the seed.
RunOptions drawn(std::uint64_t seed);

struct Outcome {
  std::string violation;  ///< empty: all promises were kept
  std::uint64_t requests = 0, results = 0, failures = 0, kills = 0, quarantines = 0, deadlines = 0,
                no_worker = 0, restarts = 0, events = 0;
};
Outcome run(const RunOptions& options);

}  // namespace jitfarm::sim
