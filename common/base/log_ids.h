// Which compilation is a log line about? Ids of the thread that logs, not arguments of every line.
//
// One grep for `session=.. request=..` follows a compilation through agent, coordinator and worker:
// the ids are those of the envelope, the same in all three.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "common/base/id.h"

namespace jitfarm {

struct LogIds {
  SessionId session;  ///< 0: of no session
  RequestId request;  ///< 0: of no compilation
};

/// Of the calling thread.
LogIds log_ids();

/// While it exists, lines of its thread are about these. It must not live across a co_await: the
/// thread does other work meanwhile.
class LogAbout {
 public:
  explicit LogAbout(SessionId session, RequestId request = {});
  ~LogAbout();
  LogAbout(const LogAbout&) = delete;
  LogAbout& operator=(const LogAbout&) = delete;

 private:
  LogIds before_;
};

/// " session=a81267935ccfd4bf request=12", as much of it as is known: ends a text line. Sessions
/// are hexadecimal, as everywhere.
std::string text_of(LogIds ids);

/// {"ts": "2026-11-22T17:00:00.123456Z", "level": "info", "program": .., "session": "a8..",
/// "request": 12, "message": ..} without a line feed; ids that are 0 are not there. Bytes that are
/// no UTF-8 are replaced.
std::string json_line(std::chrono::system_clock::time_point at, std::string_view level,
                      std::string_view program, LogIds ids, std::string_view message);

}  // namespace jitfarm
