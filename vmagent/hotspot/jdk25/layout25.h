// Where in metaspace is what only JDK 25 has so?
#pragma once
#include "vmagent/hotspot/configuration.h"
#include "vmagent/hotspot/metaspace/layout.h"

namespace jitfarm::vmagent::hotspot::jdk25 {

/// Fails as metaspace::Layout::from.
Result<metaspace::Layout> read_layout(const VmTables& tables, const Configuration& config);

}  // namespace jitfarm::vmagent::hotspot::jdk25
