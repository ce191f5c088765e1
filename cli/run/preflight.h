// Can what the user named be used? Asked before anything starts: a JVM that ran for hours must not
// lose its report, and a farm that cannot work must not look like one that had nothing to do.
#pragma once
#include <string>

#include "cli/run/run.h"
#include "common/base/result.h"

namespace jitfarm::cli {

/// The coordinator's form and the keys for it, the folder for bundles (made when it is not there),
/// the log file (made too). bad_configuration or io_failure, naming the option.
Status check_options(const RunOptions& options);

}  // namespace jitfarm::cli
