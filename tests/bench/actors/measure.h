// How are time and memory measured?
#pragma once
#include <cstddef>

namespace jitfarm::bench {

/// CPU time of the process: one thread works at a time in every run here, and other programs on the
/// machine do not count.
double seconds();
std::size_t resident_bytes();  ///< of this process, /proc/self/statm

/// What one runtime shows. 0: not measured.
struct Figures {
  double idle_bytes = 0;  ///< resident memory per waiting unit
  double spawn_ns = 0;    ///< until it waits for the first time
  double commstime_ns =
      0;  ///< per communication of Peter Welch's CommsTime: prefix, delta, successor, consumer
  double ring_ns = 0;  ///< per hop of one token in a ring of 1000
};

Figures measure_processes(std::size_t idle, long rounds);
Figures measure_actors(std::size_t idle, long rounds);
Figures measure_caf(std::size_t idle, long rounds);

/// Nanoseconds per communication of CommsTime while `waiting` others wait.
double process_exchange_among(std::size_t waiting, long rounds);
double actor_exchange_among(std::size_t waiting, long rounds);

/// `count` processes that wait in one FIFO channel; then a sample of them, or all, is woken.
struct Crowd {
  std::size_t count = 0;
  double create_seconds = 0;
  std::size_t resident = 0;
  double wake_seconds = 0;
  std::size_t woken = 0;
  bool correct = false;  ///< every woken process got the value that was meant for it
};
Crowd gather(std::size_t count, std::size_t wake);

}  // namespace jitfarm::bench
