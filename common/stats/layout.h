// Where do the agent's numbers lie in its statistics file?
//
// The agent maps the file and counts in it; whoever reads it afterwards finds everything that
// happened until the last instruction, also after kill -9, System.exit and halt. Fields are only
// appended; a change of meaning is a new version.
#pragma once
#include <atomic>
#include <cstdint>

namespace jitfarm::stats {

using Counter = std::atomic<std::uint64_t>;
static_assert(Counter::is_always_lock_free && sizeof(Counter) == 8);

inline constexpr std::uint64_t kMagic = 0x3154'4154'5346'464a;  // "JFFSTAT1"
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::size_t kBailoutsMax = 64;  // room for BailoutReason
inline constexpr std::size_t kErrorsMax = 64;    // room for Errc
inline constexpr std::size_t kMessagesMax = 64;  // room for message ids
inline constexpr std::size_t kWavesMax = 64;  // a compilation with more counts in the last bucket
inline constexpr std::size_t kTimeBuckets = 512;  // see time_bucket()

struct Traffic {
  Counter count, bytes;
};

enum class AgentState : std::uint64_t {
  loaded,  ///< HotSpot has the library; no request yet
  idle,    ///< no coordinator is named
  ready,
  refused,  ///< this VM or these settings are not supported: everything stays in C1
};

/// All zero at the start but the first three. Times are CLOCK_MONOTONIC nanoseconds.
struct Layout {
  std::uint64_t magic;
  std::uint32_t version;
  std::uint32_t bytes;  ///< of this structure
  Counter process;      ///< id of the JVM that counts here; 0: of none yet
  Counter loaded_at;    ///< when HotSpot first called the agent
  // methods
  Counter requested;  ///< by HotSpot, or again from the list of remembered ones
  Counter installed;
  Counter bailed_out[kBailoutsMax];  ///< by code::BailoutReason
  Counter failed[kErrorsMax];        ///< by Errc, bail_out apart
  Counter invalidated;               ///< code of ours that HotSpot threw away
  Counter remembered;                ///< put on the list of methods to compile later
  Counter deferred_installed;        ///< of `installed`, from that list
  Counter code_bytes;                ///< installed
  // messages, by id
  Traffic sent[kMessagesMax];
  Traffic received[kMessagesMax];
  // distributions over installed and bailed out compilations
  Counter waves[kWavesMax];            ///< fact queries of one compilation, exact
  Counter compile_time[kTimeBuckets];  ///< from HotSpot's request to the installed code
  // the farm
  Counter sessions;            ///< handshakes that succeeded
  Counter available_ns;        ///< with a session and a closed breaker, finished periods
  Counter available_since;     ///< of the period that lasts; 0: not available
  Counter first_available_at;  ///< 0: never
  // the agent
  Counter agent_state;  ///< AgentState
  char refusal[512];    ///< why it is refused; written before the state
  // appended
  Counter owner;            ///< id of the process that the file was made for; 0: any
  Counter longest_wait_ns;  ///< of a thread that compiles, for the farm
  Counter cancelled;        ///< compilations that the end of the VM cut off; not in `failed`
  // of compile_time, for installed ones, as the worker says
  Counter worker_queue_time[kTimeBuckets];  ///< waiting for one of its slots, all runs together
  Counter compiler_time[kTimeBuckets];      ///< in the compiler, all runs together
  Counter
      unavailable_since;  ///< 0: the farm is there, or was never asked; the end of the VM leaves it
  char trouble[512];   ///< why the farm did not serve us the last time; written by one thread at a
                       ///< time
  Counter recompiled;  ///< installed for a method whose code had been thrown away
  Counter waited_ns;   ///< of threads that compile, for the farm, all together
  Counter breaker_changes[3];  ///< by the state it came to: closed, open, half-open
  Counter busy_until;          ///< end of the last compilation
  Counter backlog_ns;  ///< from the start of the JVM until no compilation was left for two seconds,
                       ///< the first time; 0: not yet
};

/// Four buckets per doubling from 1 us: 25 % wide at most. Bucket 0: below 1 us.
constexpr std::size_t time_bucket(std::uint64_t ns) {
  const std::uint64_t us = ns / 1000;
  if (us == 0) return 0;
  const int log = 63 - __builtin_clzll(us);
  const std::uint64_t quarter = log < 2 ? (us << (2 - log)) & 3 : (us >> (log - 2)) & 3;
  const std::size_t bucket = 1 + static_cast<std::size_t>(log) * 4 + quarter;
  return bucket < kTimeBuckets ? bucket : kTimeBuckets - 1;
}
/// The middle of a bucket.
constexpr double bucket_seconds(std::size_t bucket) {
  if (bucket == 0) return 0.5e-6;
  const std::size_t log = (bucket - 1) / 4, quarter = (bucket - 1) % 4;
  const double base = static_cast<double>(std::uint64_t{1} << (log < 63 ? log : 63));
  return base * (1.0 + (static_cast<double>(quarter) + 0.5) / 4) * 1e-6;
}

}  // namespace jitfarm::stats
