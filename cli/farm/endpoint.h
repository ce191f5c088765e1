// Is this the address of a farm?
#pragma once
#include <string>

#include "common/base/result.h"

namespace jitfarm::cli {

/// "tcp://HOST:PORT" or "ipc://PATH". bad_configuration with a sentence; the host is not looked up.
Status check_endpoint(const std::string& endpoint);

}  // namespace jitfarm::cli
