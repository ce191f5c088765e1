#include "cli/run/process.h"

#include <catch2/catch.hpp>

namespace jitfarm::cli {
namespace {

TEST_CASE(
    "process: an output file that cannot be opened is a failed start, not output on our streams") {
  const auto started =
      Process::start({.arguments = {"true"}, .environment = {}, .output = "/nonexistent/log"});
  REQUIRE_FALSE(started);
  CHECK(started.error().detail.find("/nonexistent/log") != std::string::npos);
}

/// The exit of a child that ends by itself.
Exit watched(ChildWatch& watch, Process& process) {
  for (;;) {
    if (auto exit = process.poll()) return *exit;
    watch.wait(std::nullopt);
  }
}

TEST_CASE("process: a watch leaves a child to be reaped by its owner, who reaps once") {
  ChildWatch watch;
  auto first = Process::start({.arguments = {"sh", "-c", "exit 7"}, .environment = {}});
  REQUIRE(first);
  CHECK(watched(watch, *first).text() == "exit code 7");
  auto second = Process::start({.arguments = {"sh", "-c", "kill -9 $$"}, .environment = {}});
  REQUIRE(second);
  CHECK(watched(watch, *second).text() == "signal 9 (Killed)");
  CHECK_FALSE(first->poll());
  CHECK_FALSE(second->poll());
}

TEST_CASE("process: a watch ends at its time although no child does") {
  ChildWatch watch;
  auto child = Process::start({.arguments = {"sleep", "1000"}, .environment = {}});
  REQUIRE(child);
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(1);
  while (std::chrono::steady_clock::now() < until) watch.wait(until);
  CHECK_FALSE(child->poll());
}

}  // namespace
}  // namespace jitfarm::cli
