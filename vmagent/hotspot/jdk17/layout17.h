// Where in metaspace is what only JDK 17 has so? A cache of equal entries, fields of six words.
#pragma once
#include "vmagent/hotspot/metaspace/layout.h"

namespace jitfarm::vmagent::hotspot::jdk17 {

/// Fails as metaspace::Layout::from.
Result<metaspace::Layout> read_layout(const VmTables& tables);

}  // namespace jitfarm::vmagent::hotspot::jdk17
