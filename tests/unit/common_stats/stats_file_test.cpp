// Does the reader get what the agent counted, also when the agent ended in the middle?
#include "common/stats/stats_file.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "common/code/bailout.h"
#include "common/protocol/catalogue.h"

namespace jitfarm::stats {
namespace {

struct TempFile {
  std::string path = [] {
    std::string p = (std::getenv("TMPDIR") ? std::getenv("TMPDIR") : "/tmp");
    p += "/jitfarm-stats-XXXXXX";
    const int fd = ::mkstemp(p.data());
    REQUIRE(fd >= 0);
    ::close(fd);
    return p;
  }();
  ~TempFile() { ::unlink(path.c_str()); }
};

TEST_CASE("stats: a process that is killed leaves everything it counted") {
  TempFile file;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto layout = create(file.path);
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

TEST_CASE("stats: waves are exact, times within a bucket") {
  auto layout = create("");
  REQUIRE(layout);
  (*layout)->waves[0] = 1;
  (*layout)->waves[2] = 98;
  (*layout)->waves[9] = 1;
  for (std::uint64_t ns : {1'000'000u, 1'000'000u, 40'000'000u})
    (*layout)->compile_time[time_bucket(ns)].fetch_add(1);
  const Snapshot s = snapshot(**layout, 0);
  CHECK(s.round_trips.count == 100);
  CHECK(s.round_trips.mean == Approx(2.05));
  CHECK(s.round_trips.p50 == 2);
  CHECK(s.round_trips.p99 == 2);
  CHECK(s.compile_seconds.p50 == Approx(0.001).epsilon(0.13));
}

TEST_CASE("stats: every bucket holds the times it stands for") {
  for (std::uint64_t ns = 1000; ns < 100'000'000'000; ns += ns / 7)
    CHECK(bucket_seconds(time_bucket(ns)) ==
          Approx(static_cast<double>(ns) * 1e-9).epsilon(0.15).margin(1e-6));
  CHECK(time_bucket(~0ull) < kTimeBuckets);
}

TEST_CASE("stats: what is no statistics file is refused") {
  TempFile file;
  CHECK(read(file.path, 0).error().code == Errc::malformed_frame);
  CHECK(read(file.path + ".none", 0).error().code == Errc::io_failure);
  std::ofstream(file.path) << std::string(sizeof(Layout), 'x');
  CHECK(read(file.path, 0).error().code == Errc::malformed_frame);
  CHECK_FALSE(create("/nonexistent/folder/file"));
}

}  // namespace
}  // namespace jitfarm::stats
