#include "cli/run/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>

namespace jitfarm::cli {
namespace {

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
}

/// What a child that could not start tells its parent.
struct Failure {
  int error = 0;
  bool output = false;  ///< the file of the output, else the program
};

/// In the child, between fork and exec: only async-signal-safe calls. Reports a Failure through
/// `pipe`.
[[noreturn]] void become(char* const* arguments, char* const* environment, const Command& command,
                         pid_t parent, int pipe) {
  if (command.own_group) ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // the parent ended before the line above
  const auto give_up = [&](bool output) {
    const Failure failure{errno, output};
    [[maybe_unused]] auto n = ::write(pipe, &failure, sizeof failure);
    ::_exit(127);
  };
  if (command.null_input) {
    int null = ::open("/dev/null", O_RDONLY);
    if (null >= 0) ::dup2(null, STDIN_FILENO);
  }
  if (!command.output.empty()) {
    int file = ::open(command.output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (file < 0) give_up(true);
    ::dup2(file, STDOUT_FILENO);
    ::dup2(file, STDERR_FILENO);
  }
  ::execvpe(arguments[0], arguments, environment);
  give_up(false);
  ::_exit(127);
}

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> merged;
  for (char** e = environ; *e; ++e) {
    std::string entry = *e;
    if (!added.contains(entry.substr(0, entry.find('=')))) merged.push_back(std::move(entry));
  }
  for (const auto& [name, value] : added) merged.push_back(name + "=" + value);
  return merged;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> p;
  for (auto& s : strings) p.push_back(s.data());
  p.push_back(nullptr);
  return p;
}

constexpr int kForwarded[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
                              SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH};
std::atomic<pid_t> forward_to{-1};
static_assert(std::atomic<pid_t>::is_always_lock_free);

void forward(int signal, siginfo_t* info, void*) {
  // From the terminal the whole foreground group gets it, the child included.
  if (info->si_code > 0) return;
  pid_t child = forward_to.load(std::memory_order_relaxed);
  int saved = errno;
  if (child > 0) ::kill(child, signal);
  errno = saved;
}

}  // namespace

double Exit::cpu_seconds() const { return seconds(usage.ru_utime) + seconds(usage.ru_stime); }

int Exit::code() const {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::string Exit::text() const {
  if (!WIFSIGNALED(status)) return "exit code " + std::to_string(code());
  return "signal " + std::to_string(WTERMSIG(status)) + " (" + ::strsignal(WTERMSIG(status)) + ")";
}

Result<Process> Process::start(const Command& command) {
  int report[2];
  if (::pipe2(report, O_CLOEXEC) != 0)
    return fail(Errc::io_failure, std::string("pipe: ") + std::strerror(errno));
  auto arguments = command.arguments;
  auto environment = merged_environment(command.environment);
  auto argv = pointers(arguments);
  auto envp = pointers(environment);
  pid_t parent = ::getpid();
  pid_t pid = ::fork();
  if (pid < 0) {
    int error = errno;
    ::close(report[0]);
    ::close(report[1]);
    return fail(Errc::io_failure, std::string("fork: ") + std::strerror(error));
  }
  if (pid == 0) become(argv.data(), envp.data(), command, parent, report[1]);
  ::close(report[1]);
  Failure failure;
  auto got = ::read(report[0], &failure, sizeof failure);
  ::close(report[0]);
  if (got == sizeof failure) {
    ::waitpid(pid, nullptr, 0);
    const std::string what = failure.output ? ": cannot write to " + command.output : "";
    return fail(Errc::io_failure, "cannot start " + command.arguments[0] + what + ": " +
                                      std::strerror(failure.error));
  }
  return Process(pid);
}

Process::Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

Process::~Process() {
  if (pid_ > 0) stop(std::chrono::milliseconds(0));
}

std::optional<Exit> Process::poll() {
  if (pid_ <= 0) return std::nullopt;  // wait4(-1) would take somebody else's
  Exit exit;
  pid_t got = ::wait4(pid_, &exit.status, WNOHANG, &exit.usage);
  // No child of that name: whoever started us has SIGCHLD ignored, and the kernel has reaped it.
  if (got != pid_ && !(got < 0 && errno == ECHILD)) return std::nullopt;
  pid_ = -1;
  return exit;
}

Exit Process::wait() {
  Exit exit;
  while (::wait4(pid_, &exit.status, 0, &exit.usage) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return exit;
}

Exit Process::stop(std::chrono::milliseconds grace) {
  if (pid_ <= 0) return {};  // already reaped; kill(-1) would hit everybody
  if (grace.count() > 0) {
    ::kill(pid_, SIGTERM);
    auto end = std::chrono::steady_clock::now() + grace;
    while (std::chrono::steady_clock::now() < end) {
      if (auto exit = poll()) return *exit;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  ::kill(pid_, SIGKILL);
  return wait();
}

namespace {

// Write end of the pipe that wakes ChildWatch. -1: nobody watches.
std::atomic<int> child_ended{-1};
static_assert(std::atomic<int>::is_always_lock_free);
int child_ended_reader = -1;

void on_child_ended(int) {
  const int saved = errno;
  const char one = 1;
  // A full pipe wakes as well as one more byte.
  if (const int fd = child_ended.load(std::memory_order_relaxed); fd >= 0) [[maybe_unused]]
    const auto n = ::write(fd, &one, 1);
  errno = saved;
}

}  // namespace

ChildWatch::ChildWatch() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return;  // wait() polls then
  child_ended_reader = ends[0];
  child_ended = ends[1];
  struct sigaction action{};
  action.sa_handler = on_child_ended;
  action.sa_flags = SA_RESTART | SA_NOCLDSTOP;
  ::sigaction(SIGCHLD, &action, nullptr);
  sigset_t blocked;  // perhaps, by whoever started us
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGCHLD);
  ::pthread_sigmask(SIG_UNBLOCK, &blocked, nullptr);
}

ChildWatch::~ChildWatch() {
  ::signal(SIGCHLD, SIG_DFL);
  for (const int fd : {child_ended.exchange(-1), std::exchange(child_ended_reader, -1)})
    if (fd >= 0) ::close(fd);
}

void ChildWatch::wait(std::optional<std::chrono::steady_clock::time_point> until) {
  constexpr std::chrono::milliseconds kWithoutPipe{50};
  int timeout = -1;
  if (until) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(*until - std::chrono::steady_clock::now())
            .count();
    timeout = static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
  }
  if (child_ended_reader < 0) return std::this_thread::sleep_for(kWithoutPipe);
  pollfd poll{.fd = child_ended_reader, .events = POLLIN, .revents = 0};
  if (::poll(&poll, 1, timeout) <= 0) return;
  char taken[64];
  while (::read(child_ended_reader, taken, sizeof taken) > 0) {
  }
}

SignalForwarder::SignalForwarder(pid_t child) {
  forward_to = child;
  struct sigaction action{};
  action.sa_sigaction = forward;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  for (int s : kForwarded) {
    struct sigaction old{};
    ::sigaction(s, nullptr, &old);
    if (old.sa_handler != SIG_IGN) ::sigaction(s, &action, nullptr);  // nohup stays nohup
  }
}

SignalForwarder::~SignalForwarder() {
  for (int s : kForwarded) {
    struct sigaction current{};
    ::sigaction(s, nullptr, &current);
    if (current.sa_sigaction == forward) ::signal(s, SIG_DFL);
  }
  forward_to = -1;
}

void end_like(const Exit& exit) {
  if (WIFSIGNALED(exit.status)) {
    rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);  // the JVM wrote its own
    ::signal(WTERMSIG(exit.status), SIG_DFL);
    ::raise(WTERMSIG(exit.status));
  }
  std::exit(exit.code());
}

}  // namespace jitfarm::cli
