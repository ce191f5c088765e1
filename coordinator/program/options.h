// What can an operator choose? Command line first, then the environment, then the defaults.
#pragma once
#include <expected>
#include <optional>
#include <string>

#include "common/net/curve.h"
#include "coordinator/relay/relay.h"

namespace jitfarm::coordinator::program {

struct Options {
  std::string agents = "tcp://127.0.0.1:7401";
  std::string workers = "tcp://127.0.0.1:7402";
  std::string metrics;        ///< host:port; empty: none
  std::string announce_file;  ///< gets the real endpoints as JSON
  std::string log_level = "info";
  std::string log_format = "text";
  std::optional<net::CurveServer> curve;
  relay::RelayOptions relay;
};

/// The options, or the exit code when the command line asked for help or was wrong (then it is
/// explained already).
std::expected<Options, int> parse_options(int argc, char** argv);

}  // namespace jitfarm::coordinator::program
