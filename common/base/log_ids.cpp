#include "common/base/log_ids.h"

#include <time.h>

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

namespace jitfarm {
namespace {

constinit thread_local LogIds ids_of_thread;

std::string hexadecimal(std::uint64_t id) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%llx", static_cast<unsigned long long>(id));
  return text.data();
}

std::string utc(std::chrono::system_clock::time_point at) {
  const auto micros =
      std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count();
  const time_t seconds = micros / 1'000'000;
  tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + size, text.size() - size, ".%06dZ",
                static_cast<int>(micros % 1'000'000));
  return text.data();
}

}  // namespace

LogIds log_ids() { return ids_of_thread; }

LogAbout::LogAbout(SessionId session, RequestId request)
    : before_(std::exchange(ids_of_thread, {session, request})) {}
LogAbout::~LogAbout() { ids_of_thread = before_; }

std::string text_of(LogIds ids) {
  std::string text;
  if (ids.session) text += " session=" + hexadecimal(ids.session.value);
  if (ids.request) text += " request=" + std::to_string(ids.request.value);
  return text;
}

std::string json_line(std::chrono::system_clock::time_point at, std::string_view level,
                      std::string_view program, LogIds ids, std::string_view message) {
  nlohmann::ordered_json line;
  line["ts"] = utc(at);
  line["level"] = level;
  line["program"] = program;
  if (ids.session) line["session"] = hexadecimal(ids.session.value);
  if (ids.request) line["request"] = ids.request.value;
  line["message"] = message;
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace jitfarm
