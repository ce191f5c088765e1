#include "cli/farm/endpoint.h"

#include <catch2/catch.hpp>

namespace jitfarm::cli {
namespace {

TEST_CASE(
    "endpoint: what has not the form of an address is refused with a sentence that quotes it") {
  for (const char* good :
       {"tcp://coordinator:7401", "tcp://127.0.0.1:1", "tcp://[::1]:65535", "ipc:///run/farm"}) {
    INFO(good);
    CHECK(check_endpoint(good));
  }
  for (const char* bad :
       {"nonsense", "", "tcp://", "tcp://host", "tcp://:7401", "tcp://host:", "tcp://host:0",
        "tcp://host:65536", "tcp://host:74o1", "http://host:7401", "host:7401", "ipc://"}) {
    INFO(bad);
    const auto checked = check_endpoint(bad);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == Errc::bad_configuration);
    CHECK(checked.error().detail.find("'" + std::string(bad) + "'") != std::string::npos);
  }
}

}  // namespace
}  // namespace jitfarm::cli
