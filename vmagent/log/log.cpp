#include "vmagent/log/log.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

namespace jitfarm::vmagent::log {

namespace {

struct Sink {
  Level level = Level::off;
  int fd = STDERR_FILENO;
};

Sink open_sink() {
  Sink sink;
  const char* level = std::getenv("JITFARM_LOG");
  if (!level) return sink;
  constexpr std::string_view kNames[] = {"off", "error", "warn", "info", "debug", "trace"};
  for (std::size_t i = 0; i < std::size(kNames); ++i)
    if (kNames[i] == level) sink.level = static_cast<Level>(i);
  if (const char* file = std::getenv("JITFARM_LOG_FILE"); file && *file) {
    const int fd = ::open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (fd >= 0) sink.fd = fd;
  }
  return sink;
}

const Sink& sink() {
  static const Sink kSink = open_sink();  // trivially destructible
  return kSink;
}

}  // namespace

bool enabled(Level level) { return level <= sink().level; }

void write(Level level, std::string_view text) {
  constexpr const char* kNames[] = {"off", "error", "warn", "info", "debug", "trace"};
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const std::string line =
      fmt::format("[jitfarm {}.{:03} {} {}] {}\n", now.tv_sec, now.tv_nsec / 1'000'000,
                  ::syscall(SYS_gettid), kNames[static_cast<std::size_t>(level)], text);
  [[maybe_unused]] const ssize_t written = ::write(sink().fd, line.data(), line.size());
}

}  // namespace jitfarm::vmagent::log
