// What did the interpreter and C1 count in a method? The records of its MethodData.
#pragma once
#include <vector>

#include "vmagent/hotspot/adapter.h"
#include "vmagent/hotspot/metaspace/layout.h"

namespace jitfarm::vmagent::hotspot::metaspace {

/// Rows of a record that depend on flags of the VM.
struct ProfileGeometry {
  int type_width = 0;  ///< TypeProfileWidth: classes of one receiver
  int bci_width = 0;   ///< BciProfileWidth
  int first_row = 1;   ///< cell of a receiver's first class; 2: a count of those without a row first
};

/// Of a live MethodData. `code` is canonical: records that do not lie on a branch, invoke or
/// type test of it are left out. The VM counts on while this reads; a record of a kind that is not known ends the
/// reading.
Counts read_counts(const Layout& layout, const ProfileGeometry& geometry, Address method_data,
                   ByteView code);

}  // namespace jitfarm::vmagent::hotspot::metaspace
