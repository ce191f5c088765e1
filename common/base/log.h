// Where do log lines go? One line per event, to standard error, level by JITFARM_LOG.
#pragma once
#include <spdlog/spdlog.h>

#include <string_view>

#include "common/base/log_ids.h"

namespace jitfarm {

/// Call once at start. `program` stands in every line. The level comes from the environment variable
/// JITFARM_LOG (trace, debug, info, warn, error, off), else `default_level`. `format`: "text", or
/// "json" for one object per line (log_ids.h); either has the ids of LogAbout.
void init_log(std::string_view program, std::string_view default_level = "info",
              std::string_view format = "text");

}  // namespace jitfarm
