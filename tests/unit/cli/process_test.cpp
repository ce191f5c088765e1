#include "cli/run/process.h"

#include <catch2/catch.hpp>

namespace jitfarm::cli {
namespace {

TEST_CASE("process: an output file that cannot be opened is a failed start, not output on our streams") {
  const auto started = Process::start({.arguments = {"true"}, .environment = {}, .output = "/nonexistent/log"});
  REQUIRE_FALSE(started);
  CHECK(started.error().detail.find("/nonexistent/log") != std::string::npos);
}

TEST_CASE("process: waiting for a child leaves it to be reaped by its owner, who reaps once") {
  auto first = Process::start({.arguments = {"sh", "-c", "exit 7"}, .environment = {}});
  REQUIRE(first);
  CHECK(wait_for_a_child() == first->pid());
  const auto exit = first->poll();
  REQUIRE(exit);
  CHECK(exit->text() == "exit code 7");
  auto second = Process::start({.arguments = {"sh", "-c", "kill -9 $$"}, .environment = {}});
  REQUIRE(second);
  CHECK(wait_for_a_child() == second->pid());
  CHECK_FALSE(first->poll());  // and does not take the other's exit
  CHECK(second->wait().text() == "signal 9 (Killed)");
  CHECK(wait_for_a_child() == -1);
}

}  // namespace
}  // namespace jitfarm::cli
