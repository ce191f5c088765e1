// How does a child process start, get its signals and end?
#pragma once
#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace jitfarm::cli {

struct Command {
  std::vector<std::string> arguments;  ///< arguments[0] is the program, searched on the PATH
  std::map<std::string, std::string> environment;  ///< added to ours
  bool own_group = false;   ///< not in the terminal's foreground group: Ctrl-C does not reach it
  bool null_input = false;  ///< standard input from /dev/null
  std::string output;  ///< file that standard output and error are appended to; empty: ours. Not
                       ///< writable: no start
};

/// How a process ended, and what it used.
struct Exit {
  int status = 0;  ///< as waitpid gives it
  rusage usage{};
  double cpu_seconds() const;
  std::size_t max_rss_bytes() const { return static_cast<std::size_t>(usage.ru_maxrss) * 1024; }
  /// As a shell shows it: the exit code, or 128 + signal.
  int code() const;
  /// "exit code 64", "signal 9 (Killed)"
  std::string text() const;
};

/// A child. It is killed by the kernel when we end, however we end (PR_SET_PDEATHSIG). One thread
/// uses it.
class Process {
 public:
  static Result<Process> start(const Command& command);
  Process(Process&& other) noexcept;
  Process& operator=(Process&&) = delete;
  ~Process();  ///< kills and reaps what still runs

  pid_t pid() const { return pid_; }
  std::optional<Exit> poll();  ///< nothing while it runs, and after it was reaped
  Exit wait();
  /// SIGTERM, then SIGKILL after `grace`. Nothing when it was reaped already.
  Exit stop(std::chrono::milliseconds grace);

 private:
  explicit Process(pid_t pid) : pid_(pid) {}
  pid_t pid_ = -1;  ///< -1: moved from or reaped
};

/// Notices when children of this process end; takes SIGCHLD for as long as it lives. One at a time.
/// Whoever waits asks its children first (Process::poll): what ended before the watch began is not
/// told.
class ChildWatch {
 public:
  ChildWatch();
  ~ChildWatch();
  ChildWatch(const ChildWatch&) = delete;
  /// Returns when some child has ended since the last call, or at `until`; sometimes for nothing.
  void wait(std::optional<std::chrono::steady_clock::time_point> until);
};

/// While it lives, signals that another process sends to us go to `child` instead. Those from the
/// terminal reach the child by themselves. One at a time.
class SignalForwarder {
 public:
  explicit SignalForwarder(pid_t child);
  ~SignalForwarder();
  SignalForwarder(const SignalForwarder&) = delete;
};

/// Ends this process as `exit` says the child ended: same code, or same signal.
[[noreturn]] void end_like(const Exit& exit);

}  // namespace jitfarm::cli
