#include "vmagent/log/log.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include "common/base/log_ids.h"

namespace jitfarm::vmagent::log {

namespace {

struct Sink {
  Level level = Level::off;
  int fd = STDERR_FILENO;
  bool json = false;
};

Sink open_sink() {
  Sink sink;
  const char* level = std::getenv("JITFARM_LOG");
  if (!level) return sink;
  constexpr std::string_view kNames[] = {"off", "error", "warn", "info", "debug", "trace"};
  for (std::size_t i = 0; i < std::size(kNames); ++i)
    if (kNames[i] == level) sink.level = static_cast<Level>(i);
  if (const char* format = std::getenv("JITFARM_LOG_FORMAT"))
    sink.json = std::string_view(format) == "json";
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
  const char* level_name = kNames[static_cast<std::size_t>(level)];
  std::string line;
  if (sink().json) {
    line = json_line(std::chrono::system_clock::now(), level_name, "jitfarm-agent", log_ids(), text);
    line += '\n';
  } else {
    timespec now;
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    line = fmt::format("[jitfarm {}.{:03} {} {}] {}{}\n", now.tv_sec, now.tv_nsec / 1'000'000,
                       ::syscall(SYS_gettid), level_name, text, text_of(log_ids()));
  }
  [[maybe_unused]] const ssize_t written = ::write(sink().fd, line.data(), line.size());
}

}  // namespace jitfarm::vmagent::log
