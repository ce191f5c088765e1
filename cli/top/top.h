// `jitfarm top`: what makes the traffic of a running farm, live?
#pragma once
#include <chrono>
#include <string>

#include "common/base/result.h"

namespace jitfarm::cli::top {

struct TopOptions {
  std::string coordinator;  ///< tcp://host:port, where agents connect
  bool once = false;        ///< print the panels and end
  std::string panel;        ///< to begin with; --once: only this one; empty: all
  std::string sort;         ///< title of a column
  std::string client;       ///< session in hexadecimal digits: the kinds are its
  std::string kind;         ///< clients are ranked by this kind
  std::chrono::milliseconds interval{1000};
  std::chrono::milliseconds timeout{2000};
};

/// Until the user quits; with `once`, one print to standard output. Errors: those of
/// StatusConnection::open, bad_configuration for a panel, column or client that is none, io_failure
/// without a terminal.
Status top(const TopOptions& options);

}  // namespace jitfarm::cli::top
