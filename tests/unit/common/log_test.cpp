// What is in a log line, and whose line is it?
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <thread>

#include "common/base/log_ids.h"

using namespace jitfarm;

TEST_CASE("log: a thread's lines are about what its scopes say, the inner one first") {
  CHECK(text_of(log_ids()).empty());
  const LogAbout session(SessionId{0xa8});
  CHECK(text_of(log_ids()) == " session=a8");
  {
    const LogAbout request(SessionId{0xa8}, RequestId{12});
    CHECK(text_of(log_ids()) == " session=a8 request=12");
    std::string elsewhere = "not asked";
    std::thread([&] { elsewhere = text_of(log_ids()); }).join();
    CHECK(elsewhere.empty());
  }
  CHECK(text_of(log_ids()) == " session=a8");
}

TEST_CASE("log: a JSON line is one object on one line, whatever a peer wrote") {
  const auto at = std::chrono::system_clock::time_point(std::chrono::microseconds(1'500'000));
  const std::string line =
      json_line(at, "warning", "jitfarm-worker", {SessionId{0xa8}, RequestId{12}},
                "a \"name\"\nwith \xff and \x01");
  CHECK(line.find('\n') == std::string::npos);
  const auto object = nlohmann::json::parse(line);
  CHECK(object["ts"] == "1970-01-01T00:00:01.500000Z");
  CHECK(object["level"] == "warning");
  CHECK(object["program"] == "jitfarm-worker");
  CHECK(object["session"] == "a8");
  CHECK(object["request"] == 12);
  CHECK(object["message"] == "a \"name\"\nwith \xef\xbf\xbd and \x01");
  const auto plain = nlohmann::json::parse(json_line(at, "info", "p", {}, "m"));
  CHECK(!plain.contains("session"));
  CHECK(!plain.contains("request"));
}
