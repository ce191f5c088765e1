// Where do log lines go? One line per event, to standard error, level by JITFARM_LOG.
#pragma once
#include <spdlog/spdlog.h>

#include <string_view>

namespace jitfarm {

/// Call once at start. `program` stands in every line. The level comes from the environment variable
/// JITFARM_LOG (trace, debug, info, warn, error, off), else `default_level`. Inside a JVM the agent
/// passes "off" as default: the application's standard error is its own.
void init_log(std::string_view program, std::string_view default_level = "info");

}  // namespace jitfarm
