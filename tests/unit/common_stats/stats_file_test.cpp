// Does the reader get what the agent counted, also when the agent ended in the middle?
#include "common/stats/stats_file.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "common/code/bailout.h"
#include "common/protocol/catalogue.h"

namespace jitfarm::stats {
namespace {

struct TempFile {
  std::string path = [] {
    std::string p = (std::getenv("TMPDIR") ? std::getenv("TMPDIR") : "/tmp");
    p += "/jitfarm-stats-XXXXXX";
    REQUIRE(::mkdtemp(p.data()));
    return p + "/stats";
  }();
  ~TempFile() { std::filesystem::remove_all(std::filesystem::path(path).parent_path()); }
};

TEST_CASE("stats: a process that is killed leaves everything it counted") {
  TempFile file;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto layout = claim(file.path);
    if (!layout) ::_exit(1);
    (*layout)->requested = 3;
    (*layout)->bailed_out[static_cast<std::size_t>(code::BailoutReason::monitor)] = 2;
    (*layout)->failed[static_cast<std::size_t>(Errc::deadline_passed)] = 1;
    (*layout)->sent[protocol::Hello::kRecord.id].count = 1;
    (*layout)->sent[protocol::Hello::kRecord.id].bytes = 77;
    (*layout)->available_since = 1'000;
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  auto read_back = read(file.path, 3'000'001'000);
  REQUIRE(read_back);
  CHECK(read_back->requested == 3);
  CHECK(read_back->bailed_out == std::map<std::string, std::uint64_t>{{"monitor", 2}});
  CHECK(read_back->failed == std::map<std::string, std::uint64_t>{{"deadline_passed", 1}});
  REQUIRE(read_back->messages.size() == 1);
  CHECK(read_back->messages[0].name == "hello");
  CHECK(read_back->messages[0].sent);
  CHECK(read_back->messages[0].bytes == 77);
  CHECK(read_back->available_seconds == Approx(3.0));
}

TEST_CASE("stats: a farm that was not there at the end is told, with the reason") {
  auto layout = anonymous();
  REQUIRE(layout);
  CHECK_FALSE(snapshot(**layout, 5'000'000'000).unavailable_seconds);
  (*layout)->unavailable_since = 3'000'000'000;
  std::fill(std::begin((*layout)->trouble), std::end((*layout)->trouble),
            'x');  // no end: nothing is believed
  const Snapshot s = snapshot(**layout, 5'000'000'000);
  CHECK(s.unavailable_seconds == Approx(2.0));
  CHECK(s.trouble == std::string(sizeof(Layout::trouble), 'x'));
}

TEST_CASE("stats: waves are exact, times within a bucket") {
  auto layout = anonymous();
  REQUIRE(layout);
  (*layout)->waves[0] = 1;
  (*layout)->waves[2] = 98;
  (*layout)->waves[9] = 1;
  for (std::uint64_t ns : {1'000'000u, 1'000'000u, 40'000'000u})
    (*layout)->compile_time[time_bucket(ns)].fetch_add(1);
  (*layout)->worker_queue_time[time_bucket(2'000'000)].fetch_add(1);
  (*layout)->compiler_time[time_bucket(3'000'000)].fetch_add(1);
  const Snapshot s = snapshot(**layout, 0);
  CHECK(s.round_trips.count == 100);
  CHECK(s.round_trips.mean == Approx(2.05));
  CHECK(s.round_trips.p50 == 2);
  CHECK(s.round_trips.p99 == 2);
  CHECK(s.compile_seconds.p50 == Approx(0.001).epsilon(0.13));
  CHECK(s.worker_queue_seconds.p99 == Approx(0.002).epsilon(0.13));
  CHECK(s.compiler_seconds.p99 == Approx(0.003).epsilon(0.13));
}

TEST_CASE("stats: every bucket holds the times it stands for") {
  for (std::uint64_t ns = 1000; ns < 100'000'000'000; ns += ns / 7)
    CHECK(bucket_seconds(time_bucket(ns)) ==
          Approx(static_cast<double>(ns) * 1e-9).epsilon(0.15).margin(1e-6));
  CHECK(time_bucket(~0ull) < kTimeBuckets);
}

TEST_CASE("stats: what is no statistics file is refused") {
  TempFile file;
  std::ofstream(file.path).flush();
  CHECK(read(file.path, 0).error().code == Errc::malformed_frame);
  CHECK(claim(file.path).error().code == Errc::malformed_frame);
  CHECK(read(file.path + ".none", 0).error().code == Errc::io_failure);
  std::ofstream(file.path) << std::string(sizeof(Layout), 'x');
  CHECK(read(file.path, 0).error().code == Errc::malformed_frame);
  CHECK(claim(file.path).error().code == Errc::malformed_frame);
  CHECK(std::ifstream(file.path).get() == 'x');  // and is left alone
  CHECK_FALSE(create("/nonexistent/folder/file"));
  CHECK_FALSE(claim("/nonexistent/folder/file"));
  const std::string pipe = file.path + ".pipe", link = file.path + ".link";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK_FALSE(claim(pipe));
  REQUIRE(create(file.path + ".good"));
  REQUIRE(::symlink((file.path + ".good").c_str(), link.c_str()) == 0);
  CHECK_FALSE(claim(link));
}

TEST_CASE("stats: a file of another version, or with counts of somebody's, tells nothing") {
  TempFile file;
  Layout* made = *create(file.path);
  made->version = kVersion + 1;
  CHECK(claim(file.path).error().code == Errc::version_mismatch);
  made->version = kVersion;
  made->installed = 7;
  made->longest_wait_ns = 7;
  std::memset(made->refusal, 'x', sizeof made->refusal);
  REQUIRE(claim(file.path));
  CHECK(made->installed == 0);
  CHECK(made->longest_wait_ns == 0);
  CHECK(made->refusal[0] == 0);
  CHECK(made->process == static_cast<std::uint64_t>(::getpid()));
}

/// What claim() answers in a child of this process.
Errc claimed_by_a_child(const std::string& path) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto layout = claim(path);
    if (layout) (*layout)->requested = 99;
    ::_exit(layout ? 0 : 1 + static_cast<int>(layout.error().code));
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) != 0);
  return static_cast<Errc>(WEXITSTATUS(status) - 1);
}

TEST_CASE("stats: a child that inherits the path neither counts in it nor shrinks it") {
  TempFile file;
  Layout* made = *create(file.path);
  Layout* ours = *claim(file.path);
  ours->requested = 3;
  CHECK(claimed_by_a_child(file.path) == Errc::bad_configuration);
  CHECK(ours->requested == 3);  // a file that was cut off would be a SIGBUS
  CHECK(made->requested == 3);
}

TEST_CASE("stats: a child that is quicker than the process that the file is for does not get it") {
  TempFile file;
  Layout* made = *create(file.path);
  made->owner = static_cast<std::uint64_t>(::getpid());
  CHECK(claimed_by_a_child(file.path) == Errc::bad_configuration);
  CHECK(made->process == 0);
  CHECK(claim(file.path));
}

TEST_CASE("stats: a program below the command that was started gets the file") {
  TempFile file;
  Layout* made = *create(file.path);
  const pid_t script = ::fork();  // runs another program
  REQUIRE(script >= 0);
  if (script == 0) {
    ::execl("/bin/sleep", "sleep", "60", nullptr);
    ::_exit(1);
  }
  made->owner = static_cast<std::uint64_t>(script);
  // Until the exec it is this program.
  bool claimed = false;
  for (int i = 0; i < 100'000 && !claimed; ++i) claimed = claim(file.path).has_value();
  ::kill(script, SIGKILL);
  ::waitpid(script, nullptr, 0);
  CHECK(claimed);
}

}  // namespace
}  // namespace jitfarm::stats
