// Where do the agent's log lines go? Off by default: the application's standard error is its own.
//
// JITFARM_LOG is the level (error, warn, info, debug, trace), JITFARM_LOG_FILE a file to append to
// instead of standard error, JITFARM_LOG_FORMAT=json makes each an object. Every line has the ids
// of LogAbout (common/base/log_ids.h). One write(2) per line, no buffers and no destructors, so that any
// thread may log until the process is gone.
#pragma once
#include <fmt/core.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace jitfarm::vmagent::log {

enum class Level : std::uint8_t { off, error, warn, info, debug, trace };

bool enabled(Level level);
void write(Level level, std::string_view text);

}  // namespace jitfarm::vmagent::log

// JF_AGENT_LOG(debug, "request {}", id): formats only when the level is on.
#define JF_AGENT_LOG(level, ...)                                                              \
  do {                                                                                        \
    if (::jitfarm::vmagent::log::enabled(::jitfarm::vmagent::log::Level::level)) [[unlikely]] \
      ::jitfarm::vmagent::log::write(::jitfarm::vmagent::log::Level::level,                   \
                                     ::fmt::format(__VA_ARGS__));                             \
  } while (false)
