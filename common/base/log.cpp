#include "common/base/log.h"

#include <spdlog/sinks/stdout_sinks.h>

#include <cstdlib>

namespace jitfarm {

void init_log(std::string_view program, std::string_view default_level) {
  auto logger = spdlog::stderr_logger_mt(std::string(program));
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %n: %v");
  const char* wanted = std::getenv("JITFARM_LOG");
  logger->set_level(
      spdlog::level::from_str(wanted ? std::string(wanted) : std::string(default_level)));
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace jitfarm
