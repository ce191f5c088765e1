#include "common/base/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <cstdlib>

namespace jitfarm {
namespace {

/// %* of the pattern.
class IdsFlag final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg&, const std::tm&, spdlog::memory_buf_t& out) override {
    const std::string ids = text_of(log_ids());
    out.append(ids.data(), ids.data() + ids.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<IdsFlag>();
  }
};

class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto level = spdlog::level::to_string_view(message.level);
    const std::string line = json_line(message.time, {level.data(), level.size()},
                                       {message.logger_name.data(), message.logger_name.size()},
                                       log_ids(), {message.payload.data(), message.payload.size()});
    out.append(line.data(), line.data() + line.size());
    out.push_back('\n');
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>();
  }
};

}  // namespace

void init_log(std::string_view program, std::string_view default_level, std::string_view format) {
  auto logger = spdlog::stderr_logger_mt(std::string(program));
  if (format == "json") {
    logger->set_formatter(std::make_unique<JsonFormatter>());
  } else {
    auto text = std::make_unique<spdlog::pattern_formatter>();
    text->add_flag<IdsFlag>('*').set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %n: %v%*");
    logger->set_formatter(std::move(text));
  }
  const char* wanted = std::getenv("JITFARM_LOG");
  logger->set_level(
      spdlog::level::from_str(wanted ? std::string(wanted) : std::string(default_level)));
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace jitfarm
